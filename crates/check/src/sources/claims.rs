//! Persistent volume claims of stateful sets. A controller creates one for each pod, without an owner reference.

use std::collections::BTreeSet;

use crate::yaml::Marked;

/// Returns the indices of claims that a stateful set in the same listing creates.
///
/// Source: <https://kubernetes.io/docs/concepts/workloads/controllers/statefulset/#stable-storage>
pub fn made(listed: &[(usize, &Marked)]) -> BTreeSet<usize> {
    let mut begins: BTreeSet<(&str, String)> = BTreeSet::new();
    for (_, set) in listed.iter().filter(|(_, it)| it.text("kind") == Some("StatefulSet")) {
        let templates = set.get("spec").map(|it| it.items_of("volumeClaimTemplates")).unwrap_or_default();
        for template in templates.iter().filter_map(|it| it.get("metadata")?.text("name")) {
            begins.insert((of(set, "namespace"), format!("{template}-{}-", of(set, "name"))));
        }
    }
    let is_made = |it: &Marked| {
        let (own, name) = (of(it, "namespace"), of(it, "name"));
        let is_of = |(namespace, start): &(&str, String)| {
            *namespace == own && name.strip_prefix(start.as_str()).is_some_and(|number| number.parse::<u32>().is_ok())
        };
        it.text("kind") == Some("PersistentVolumeClaim") && begins.iter().any(is_of)
    };
    listed.iter().filter(|(_, it)| is_made(it)).map(|(at, _)| *at).collect()
}

/// The reason for skipping them.
pub const WHY: &str = "`PersistentVolumeClaim`: its `StatefulSet` creates it";

/// Returns a text in the metadata of an object.
fn of<'a>(object: &'a Marked, key: &str) -> &'a str {
    object.get("metadata").and_then(|it| it.text(key)).unwrap_or_default()
}
