//! A pod reads a key that its `ConfigMap` or `Secret` does not have.
//!
//! # What it reports
//!
//! An environment variable or a volume item refers to a key that is missing in a `ConfigMap` or `Secret` of the input.
//! References that are `optional` are not reported. Objects without any key are not checked, because another tool
//! writes their keys.
//!
//! # Why it matters
//!
//! With an environment variable, the container never starts (`CreateContainerConfigError`). With a volume item, the pod
//! remains in `ContainerCreating`. The object exists, so only the events of the pod show the reason.
//!
//! # Fix
//!
//! Add the key, correct its name, or mark the reference `optional`.
//!
//! Source: <https://kubernetes.io/docs/tasks/configure-pod-container/configure-pod-configmap/>

use std::collections::BTreeSet;

use crate::diag::Diagnostic;
use crate::facts;
use crate::rules::index::pods::{self, called};
use crate::rules::index::{CORE, Item, Mesh, items, named};
use crate::val::{Bag, Data};

pub(super) fn check(mesh: &Mesh<'_>, out: &mut Vec<Diagnostic>) {
    for pods in mesh.pods.all() {
        let place = pods::place(mesh.model, pods.id, pods.object);
        for read in reads(pods) {
            let Some(source) = mesh.find(CORE, read.kind, place, read.name) else { continue };
            let keys = keys(&source);
            if keys.is_empty() || keys.contains(read.key) {
                continue;
            }
            let message = format!(
                "{} reads the key `{}` of {}, which does not have this key",
                called(pods.object),
                read.key,
                called(source.object)
            );
            let help = match facts::nearest(read.key, keys.iter().copied()) {
                Some(near) => format!("did you mean `{near}`?"),
                None => format!("use one of {}", named(keys)),
            };
            let diagnostic = mesh.model.error(pods.id, "MS0430", message).field(read.path);
            out.push(diagnostic.note_at("the keys are defined here", mesh.model.node(source.id).at).help(help));
        }
    }
}

/// A key that pods require to start.
struct Read<'a> {
    kind: &'static str,
    name: &'a str,
    key: &'a str,
    /// The path of the key in the object.
    path: String,
}

fn reads<'a>(pods: &pods::Pods<'a>) -> Vec<Read<'a>> {
    let mut found = Vec::new();
    let is_optional = |data: &Data| data.at("optional").and_then(Data::as_bool) == Some(true);
    for (path, container) in pods.numbered() {
        for (path, variable) in items(container.get("env"), &format!("{path}.env")) {
            for (kind, way) in [("ConfigMap", "configMapKeyRef"), ("Secret", "secretKeyRef")] {
                let Some(from) = variable.at(&format!("valueFrom.{way}")).filter(|from| !is_optional(from)) else { continue };
                let text = |key: &str| from.at(key).and_then(Data::as_str);
                if let (Some(name), Some(key)) = (text("name"), text("key")) {
                    found.push(Read { kind, name, key, path: format!("{path}.valueFrom.{way}.key") });
                }
            }
        }
    }
    let mut of_volume = |kind: &'static str, name: &str, path: String, source: Option<&'a Data>| {
        let Some(source) = source.filter(|source| !is_optional(source)) else { return };
        let Some(name) = source.at(name).and_then(Data::as_str) else { return };
        for (path, item) in items(source.at("items"), &format!("{path}.items")) {
            if let Some(key) = item.at("key").and_then(Data::as_str) {
                found.push(Read { kind, name, key, path: format!("{path}.key") });
            }
        }
    };
    for (path, volume) in items(pods.spec.get("volumes"), &pods.field("spec.volumes")) {
        of_volume("ConfigMap", "name", format!("{path}.configMap"), volume.at("configMap"));
        of_volume("Secret", "secretName", format!("{path}.secret"), volume.at("secret"));
        for (path, source) in items(volume.at("projected.sources"), &format!("{path}.projected.sources")) {
            of_volume("ConfigMap", "name", format!("{path}.configMap"), source.at("configMap"));
            of_volume("Secret", "name", format!("{path}.secret"), source.at("secret"));
        }
    }
    found
}

/// Returns the keys of a `ConfigMap` or `Secret`, or an empty set if another tool writes them.
fn keys<'a>(source: &Item<'a>) -> BTreeSet<&'a str> {
    // The control plane writes the token of a service account.
    if source.object.body.at("type").and_then(Data::as_str) == Some("kubernetes.io/service-account-token") {
        return BTreeSet::new();
    }
    let bags = ["data", "binaryData", "stringData"].map(|path| source.object.body.at(path).and_then(Data::as_map));
    bags.into_iter().flatten().flat_map(Bag::iter).map(|(key, _)| key).collect()
}

#[cfg(test)]
mod tests {
    use crate::rules::testing::manifests::{fields, open};

    fn reading(container: &str, volumes: &str) -> String {
        format!(
            "apiVersion: v1\nkind: ConfigMap\nmetadata: {{ name: settings }}\ndata: {{ currency: EUR }}\n---\n\
             apiVersion: v1\nkind: Secret\nmetadata: {{ name: later }}\n---\n\
             apiVersion: v1\nkind: Pod\nmetadata: {{ name: orders }}\n\
             spec: {{ containers: [{{ name: orders, image: 'orders:1.0', {container} }}], volumes: [{volumes}] }}\n"
        )
    }

    fn variable(source: &str, key: &str) -> String {
        reading(&format!("env: [{{ name: A, valueFrom: {{ {source}, {key} }} }}]"), "")
            .replace("}, key", ", key")
    }

    #[test]
    fn reports_a_missing_key() {
        let text = variable("configMapKeyRef: { name: settings }", "key: curency }");
        assert_eq!(open(&text), ["MS0430"]);
        assert_eq!(fields(&text), ["spec.containers[0].env[0].valueFrom.configMapKeyRef.key"]);
        let volume = "{ name: a, configMap: { name: settings, items: [{ key: rates, path: rates }] } }";
        assert_eq!(open(&reading("", volume)), ["MS0430"]);
    }

    #[test]
    fn accepts_existing_and_optional_keys_and_unknown_secrets() {
        assert_eq!(open(&variable("configMapKeyRef: { name: settings }", "key: currency }")), [""; 0]);
        assert_eq!(open(&variable("configMapKeyRef: { name: settings }", "key: rates, optional: true }")), [""; 0]);
        assert_eq!(open(&variable("secretKeyRef: { name: later }", "key: password }")), [""; 0]);
    }
}
