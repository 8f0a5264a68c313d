//! Emit: for each cluster the script that proves what its constructs say of themselves.

use std::collections::{BTreeMap, BTreeSet};

use crate::prove::{Door, Proof};

use super::{Model, files};

/// The script but for its proofs: what it needs, how it asks, how it tells.
const HEAD: &str = include_str!("../../templates/smoke.sh");

/// The scripts by path; none for a cluster of which nothing is said.
pub(super) fn scripts(model: &Model) -> Vec<(String, String)> {
    let mut proofs: BTreeMap<String, BTreeSet<&Proof>> = BTreeMap::new();
    for (id, node) in model.nodes() {
        if let Some(target) = model.target_of(id).filter(|_| !node.proofs.is_empty()) {
            proofs.entry(files::cluster_folder(model, target)).or_default().extend(&node.proofs);
        }
    }
    proofs.into_iter().map(|(cluster, proofs)| (format!("smoke/{cluster}.sh"), script(&proofs))).collect()
}

fn script(proofs: &BTreeSet<&Proof>) -> String {
    let lines: String = proofs.iter().map(|proof| line(proof)).collect();
    format!("{HEAD}\n{lines}\nfinish\n")
}

fn line(proof: &Proof) -> String {
    match proof {
        Proof::Pods { namespace, selector, containers } => {
            format!("pods {} {} {containers}\n", quoted(namespace), quoted(selector))
        }
        Proof::Address(door) => format!("address {} {}\n", quoted(&door.namespace), quoted(&door.service)),
        Proof::Path { door, host, path } => {
            let Door { namespace, service, deployment, container, port, outside, inside } = door;
            let (namespace, host, path) = (quoted(namespace), quoted(host), quoted(path));
            let pods = format!("{} {}", quoted(&format!("deployment/{deployment}")), quoted(container));
            let service = quoted(service);
            format!(
                "inside {namespace} {pods} {} {host} {port} {path}\noutside {namespace} {service} {} {host} {port} {path}\n",
                inside.word(),
                outside.word()
            )
        }
    }
}

/// A word that a shell takes as it is.
fn quoted(text: &str) -> String {
    let is_plain = |letter: char| letter.is_ascii_alphanumeric() || "-_./=:,".contains(letter);
    match !text.is_empty() && text.chars().all(is_plain) {
        true => text.to_owned(),
        false => format!("'{}'", text.replace('\'', r"'\''")),
    }
}

#[cfg(test)]
mod tests {
    use super::quoted;

    #[test]
    fn a_shell_takes_words_as_they_are() {
        assert_eq!(quoted("/api/v1/orders"), "/api/v1/orders");
        assert_eq!(quoted("*.example.com"), "'*.example.com'");
        assert_eq!(quoted("it's $HOME"), r"'it'\''s $HOME'");
    }
}
