//! A name or a label is not valid in Kubernetes.
//!
//! # What it reports
//!
//! The rule checks these names:
//!
//! - Object names have lower-case letters, digits and `-`, and begin and end with a letter or digit. A `Service` or
//!   `Namespace` has at most 63 characters and no dots. A `StatefulSet`, `Job` or `ScaledObject` has at most 63
//!   characters, a `CronJob` at most 52, and other objects at most 253.
//! - Container names have at most 63 characters.
//! - Port names have at most 15 characters, with at least one letter.
//! - Label values have at most 63 characters, and may also contain `_`, dots and upper-case letters.
//!
//! RBAC objects and names with placeholders are not checked.
//!
//! # Why it matters
//!
//! The API server rejects the object. Names become parts of DNS names and labels.
//!
//! # Fix
//!
//! Shorten the name, or use `meshsynth::name::fit`.
//!
//! Source: <https://kubernetes.io/docs/concepts/overview/working-with-objects/names/>

use crate::diag::Diagnostic;
use crate::manifest::is_open_name;
use crate::node::Object;
use crate::synth::{Link, Model};
use crate::val::{Bag, Data};
use crate::rules::index::items;
use crate::rules::index::pods::{self, called};

pub(super) fn check(model: &Model, _: &Link, out: &mut Vec<Diagnostic>) {
    for (id, _, object) in model.objects() {
        if object.api_version.starts_with("rbac.authorization.k8s.io/") || is_open_name(&object.name) {
            continue;
        }
        let labels = || object.body.at("metadata.labels").and_then(Data::as_map);
        let wrong = wrong_name(object)
            .map(|wrong| (wrong, "metadata.name".to_owned()))
            .or_else(|| wrong_label(labels()?, "metadata.labels"))
            .or_else(|| wrong_target_port(object));
        if let Some(((what, help), field)) = wrong {
            let message = format!("{}: {what}", called(object));
            out.push(model.error(id, "MS0413", message).field(field).help(help));
        }
    }
    for pods in pods::all(model) {
        let of_labels = || wrong_label(pods.labels?, &pods.field("metadata.labels"));
        let wrong = of_labels().or_else(|| pods.numbered().find_map(|(path, it)| wrong_container(&path, it)));
        if let Some(((what, help), field)) = wrong {
            let message = format!("pods of {}: {what}", called(pods.object));
            out.push(model.error(pods.id, "MS0413", message).field(field).help(help));
        }
    }
}

/// The problem and the help text.
type Wrong = (String, &'static str);

/// The problem, the help text and the field.
type At = (Wrong, String);

fn wrong_name(object: &Object) -> Option<Wrong> {
    let name = object.name.as_str();
    let max = match object.kind.as_ref() {
        "CronJob" => 52,
        "Service" | "Namespace" | "StatefulSet" | "Job" | "ScaledObject" => 63,
        _ => 253,
    };
    let is_label = matches!(object.kind.as_ref(), "Service" | "Namespace");
    let is_word = |word: &str| {
        !word.is_empty()
            && word.starts_with(plain)
            && word.ends_with(plain)
            && word.chars().all(|c| plain(c) || c == '-')
    };
    let is_good = match is_label {
        true => is_word(name) && (object.kind == "Namespace" || name.starts_with(|c: char| c.is_ascii_lowercase())),
        false => name.split('.').all(is_word),
    };
    match (name.len() > max, is_good) {
        (true, _) => Some((format!("the name has {} characters; the maximum is {max}", name.len()), "shorten the name")),
        (_, false) => Some((
            "the name is not a valid DNS name".to_owned(),
            "use lower-case letters, digits and `-`, beginning and ending with a letter or digit",
        )),
        _ => None,
    }
}

fn wrong_container(path: &str, container: &Bag) -> Option<At> {
    let name = container.get("name").and_then(Data::as_str)?;
    if name.len() > 63 {
        let message = format!("the container name `{name}` has more than the maximum of 63 characters");
        return Some(((message, "shorten the name"), format!("{path}.name")));
    }
    wrong_port(container.get("ports"), &format!("{path}.ports"), "name")
}

fn wrong_target_port(object: &Object) -> Option<At> {
    let is_service = object.kind == "Service" && object.api_version == "v1";
    wrong_port(object.body.at("spec.ports").filter(|_| is_service), "spec.ports", "targetPort")
}

/// Returns the first port with an invalid name in the field `key`.
fn wrong_port(ports: Option<&Data>, path: &str, key: &str) -> Option<At> {
    let is_good = |name: &str| {
        name.len() <= 15
            && name.chars().any(|c| c.is_ascii_lowercase())
            && name.chars().all(|c| plain(c) || c == '-')
            && !name.starts_with('-')
            && !name.ends_with('-')
            && !name.contains("--")
    };
    let mut names = items(ports, path).filter_map(|(path, port)| Some((path, port.at(key)?.as_str()?)));
    let (path, name) = names.find(|(_, name)| !is_good(name))?;
    let help = "use at most 15 lower-case letters, digits and `-`, including a letter";
    Some(((format!("`{name}` is not a valid port name"), help), format!("{path}.{key}")))
}

fn wrong_label(labels: &Bag, path: &str) -> Option<At> {
    let is_good = |value: &str| {
        let end = |c: char| c.is_ascii_alphanumeric();
        value.is_empty()
            || value.len() <= 63
                && value.starts_with(end)
                && value.ends_with(end)
                && value.chars().all(|c| end(c) || matches!(c, '-' | '_' | '.'))
    };
    let (key, value) =
        labels.iter().filter_map(|(key, value)| Some((key, value.as_str()?))).find(|(_, value)| !is_good(value))?;
    let help = "use at most 63 letters, digits, `-`, `_` and `.`, beginning and ending with a letter or digit";
    Some(((format!("`{value}` is not a valid value of label `{key}`"), help), format!("{path}.{key}")))
}

fn plain(c: char) -> bool {
    c.is_ascii_lowercase() || c.is_ascii_digit()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use crate::rules::testing::pods::codes_of;

    fn codes(kind: &str, name: &str, label: &str) -> Vec<&'static str> {
        let metadata = json!({ "name": name, "labels": { "team": label } });
        codes_of([json!({ "apiVersion": "v1", "kind": kind, "metadata": metadata })])
    }

    #[test]
    fn reports_names_beyond_the_limits() {
        assert_eq!(codes("Service", &"a".repeat(64), "shop"), ["MS0413"]);
        assert_eq!(codes("ConfigMap", "Orders", "shop"), ["MS0413"]);
        assert_eq!(codes("ConfigMap", "orders", "two words"), ["MS0413"]);
    }

    #[test]
    fn accepts_names_within_the_limits() {
        assert_eq!(codes("ConfigMap", &format!("{}.v1", "a".repeat(100)), "Shop_1.0"), [""; 0]);
    }
}
