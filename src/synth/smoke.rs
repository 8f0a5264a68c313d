//! Emits the smoke test of each cluster: a script with the checks of its constructs.

use std::collections::{BTreeMap, BTreeSet};

use crate::smoke_test::{Entrypoint, SmokeCheck};

use super::{Model, files};

/// The functions that the checks of a script call.
const HEAD: &str = include_str!("smoke.sh");

/// Returns the scripts by path. Clusters without checks have no script.
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

/// Quotes a word for a shell, if necessary.
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
    fn quotes_words_for_shell() {
        assert_eq!(quoted("/api/v1/orders"), "/api/v1/orders");
        assert_eq!(quoted("*.example.com"), "'*.example.com'");
        assert_eq!(quoted("it's $HOME"), r"'it'\''s $HOME'");
    }
}
