//! Emit: the smoke test of each cluster, a script made of the checks of its constructs.

use std::collections::{BTreeMap, BTreeSet};

use crate::smoke_test::{Entrypoint, SmokeCheck};

use super::{Model, files};

/// The script without its checks: the functions that they call.
const HEAD: &str = include_str!("smoke.sh");

/// The scripts by path; none for a cluster without checks.
pub(super) fn scripts(model: &Model) -> Vec<(String, String)> {
    let mut checks: BTreeMap<String, BTreeSet<&SmokeCheck>> = BTreeMap::new();
    for (id, node) in model.nodes() {
        if let Some(target) = model.target_of(id).filter(|_| !node.smoke_checks.is_empty()) {
            checks.entry(files::cluster_folder(model, target)).or_default().extend(&node.smoke_checks);
        }
    }
    checks.into_iter().map(|(cluster, checks)| (format!("smoke/{cluster}.sh"), script(&checks))).collect()
}

fn script(checks: &BTreeSet<&SmokeCheck>) -> String {
    let lines: String = checks.iter().map(|check| line(check)).collect();
    format!("{HEAD}\n{lines}\nfinish\n")
}

fn line(check: &SmokeCheck) -> String {
    match check {
        SmokeCheck::Pods { namespace, selector, containers } => {
            format!("pods {} {} {containers}\n", quoted(namespace), quoted(selector))
        }
        SmokeCheck::Job { namespace, selector } => format!("job {} {}\n", quoted(namespace), quoted(selector)),
        SmokeCheck::CronJob { namespace, name } => format!("cron_job {} {}\n", quoted(namespace), quoted(name)),
        SmokeCheck::Address(entrypoint) => {
            format!("address {} {}\n", quoted(&entrypoint.namespace), quoted(&entrypoint.service))
        }
        SmokeCheck::Path { entrypoint, host, path } => {
            let Entrypoint { namespace, service, deployment, container, port, outside, inside } = entrypoint;
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
