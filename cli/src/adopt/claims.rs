//! The claims of stateful sets: a controller makes one for each pod, and nothing in a claim says so.

use std::collections::BTreeSet;

use meshsynth::val::Data;
use meshsynth_adopt::Object;

/// Takes out the claims that stateful sets among the objects make; answers a line for each.
///
/// Source: <https://kubernetes.io/docs/concepts/workloads/controllers/statefulset/#stable-storage>
pub fn without(objects: &mut Vec<Object>) -> Vec<String> {
    let mut begins: BTreeSet<(String, String)> = BTreeSet::new();
    for set in objects.iter().filter(|it| text(it, "kind") == "StatefulSet") {
        let Some(Data::List(templates)) = set.data.at("spec.volumeClaimTemplates") else { continue };
        for template in templates.iter().filter_map(|it| it.at("metadata.name")?.as_str()) {
            begins.insert((namespace(set), format!("{template}-{}-", text(set, "metadata.name"))));
        }
    }
    let mut lines = Vec::new();
    objects.retain(|it| {
        let (own, name) = (namespace(it), text(it, "metadata.name"));
        let is_of = |(namespace, start): &(String, String)| {
            *namespace == own && name.strip_prefix(start.as_str()).is_some_and(|number| number.parse::<u32>().is_ok())
        };
        let is_made = text(it, "kind") == "PersistentVolumeClaim" && begins.iter().any(is_of);
        if is_made {
            lines.push(format!("{}: `PersistentVolumeClaim` `{name}`: its `StatefulSet` makes it", it.file));
        }
        !is_made
    });
    lines
}

fn text<'a>(object: &'a Object, path: &str) -> &'a str {
    object.data.at(path).and_then(Data::as_str).unwrap_or_default()
}

fn namespace(object: &Object) -> String {
    match text(object, "metadata.namespace") {
        "" => object.namespace.clone(),
        own => own.to_owned(),
    }
}
