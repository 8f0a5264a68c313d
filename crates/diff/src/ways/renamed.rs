//! Detection of renamed workloads, which differ only in names.

use std::collections::BTreeSet;
use std::fmt;

use meshsynth_access::kubernetes::Labels;
use meshsynth_reach::World;
use meshsynth_reach::world::WorkloadId;
use serde_json::Value;

use super::ends::{Key, Renames, workloads};

/// A workload with another name on the new side.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Renamed {
    /// The old name.
    pub from: String,
    /// The new name.
    pub to: String,
}

impl fmt::Display for Renamed {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            out,
            "`{}` is now named `{}`: containers, labels, ports and service account are the same",
            self.from, self.to
        )
    }
}

/// Labels that identify the release of pods, not the workload.
const RELEASE: [&str; 3] = ["app.kubernetes.io/version", "helm.sh/chart", "pod-template-hash"];

/// Adds the old and new keys of each renamed workload, unless one of them is already known.
pub fn add(worlds: [&World; 2], renames: &mut Renames) {
    for (from, to) in find(worlds) {
        let is_known = renames.contains_key(&from) || renames.values().any(|it| *it == to);
        if !is_known {
            renames.insert(from, to);
        }
    }
}

/// Returns the old and new keys of each renamed workload. A workload with several candidates is omitted.
fn find(worlds: [&World; 2]) -> Vec<(Key, Key)> {
    let [old, new] = worlds.map(workloads);
    let keys = |all: &[(Key, WorkloadId)]| all.iter().map(|it| it.0.clone()).collect::<BTreeSet<_>>();
    let (before, after) = (keys(&old), keys(&new));
    let gone: Vec<&(Key, WorkloadId)> = old.iter().filter(|it| !after.contains(&it.0)).collect();
    let come: Vec<&(Key, WorkloadId)> = new.iter().filter(|it| !before.contains(&it.0)).collect();
    let fits: Vec<(usize, usize)> = (0..gone.len())
        .flat_map(|a| (0..come.len()).map(move |b| (a, b)))
        .filter(|(a, b)| is_same([(worlds[0], gone[*a].1), (worlds[1], come[*b].1)]))
        .collect();
    let is_only = |(a, b): &&(usize, usize)| {
        fits.iter().filter(|it| it.0 == *a).count() == 1 && fits.iter().filter(|it| it.1 == *b).count() == 1
    };
    fits.iter().filter(is_only).map(|(a, b)| (gone[*a].0.clone(), come[*b].0.clone())).collect()
}

/// Whether two workloads of one cluster have the same containers, labels, ports and account, except for their names.
fn is_same(sides: [(&World, WorkloadId); 2]) -> bool {
    let [old, new] = sides.map(|(world, id)| world.workload(id));
    let cluster = sides.map(|(world, id)| &world.clusters[world.workload(id).cluster].id);
    let is_one_name = old.name == new.name || old.namespace == new.namespace;
    if cluster[0] != cluster[1] || old.kind != new.kind || !is_one_name {
        return false;
    }
    let names = Names { old: &old.name, new: &new.name };
    let [before, after] = sides.map(|(world, id)| pod(&world.object_of(id).document));
    let (Some(before), Some(after)) = (before, after) else { return false };
    old.ports == new.ports
        && old.is_on_host == new.is_on_host
        && names.are_alike(&old.account, &new.account)
        && names.are_labels(&old.labels, &new.labels)
        && names.are_containers(before, after)
}

/// Returns the pod specification, or `None` if an object has no containers.
fn pod(document: &Value) -> Option<&Value> {
    let spec = &document["spec"];
    let all = [&spec["template"]["spec"], &spec["jobTemplate"]["spec"]["template"]["spec"], spec];
    all.into_iter().find(|it| it["containers"].as_array().is_some_and(|it| !it.is_empty()))
}

/// The old and the new name of a possibly renamed workload.
struct Names<'a> {
    old: &'a str,
    new: &'a str,
}

impl Names<'_> {
    /// Whether two texts are equal, or equal after the old name is replaced by the new one.
    fn are_alike(&self, old: &str, new: &str) -> bool {
        old == new || old.replace(self.old, self.new) == new
    }

    fn are_labels(&self, old: &Labels, new: &Labels) -> bool {
        let kept = |all: &Labels| -> Vec<(String, String)> {
            let is_kept = |key: &&String| !RELEASE.contains(&key.as_str());
            all.keys().filter(is_kept).map(|key| (key.clone(), all[key].clone())).collect()
        };
        let (old, new) = (kept(old), kept(new));
        old.len() == new.len() && old.iter().zip(&new).all(|(a, b)| a.0 == b.0 && self.are_alike(&a.1, &b.1))
    }

    fn are_containers(&self, old: &Value, new: &Value) -> bool {
        ["containers", "initContainers"].into_iter().all(|list| {
            let [old, new] = [old, new].map(|it| it[list].as_array().map(Vec::as_slice).unwrap_or_default());
            old.len() == new.len() && old.iter().zip(new).all(|(a, b)| self.is_container(a, b))
        })
    }

    fn is_container(&self, old: &Value, new: &Value) -> bool {
        let text = |of: &Value, key: &str| of[key].as_str().unwrap_or_default().to_owned();
        let images = [text(old, "image"), text(new, "image")];
        let is_image = self.are_alike(repository(&images[0]), repository(&images[1]));
        is_image
            && ["command", "args"].into_iter().all(|key| self.are_alike(&old[key].to_string(), &new[key].to_string()))
    }
}

/// Returns an image without its tag and digest.
fn repository(image: &str) -> &str {
    let name = image.split('@').next().unwrap_or_default();
    match name.rsplit_once(':') {
        Some((name, tag)) if !tag.contains('/') => name,
        _ => name,
    }
}

#[cfg(test)]
mod tests {
    use super::repository;

    #[test]
    fn repository_omits_tag_and_digest() {
        assert_eq!(repository("registry.example:5000/shop/orders:2.0.1"), "registry.example:5000/shop/orders");
        assert_eq!(repository("registry.example:5000/shop/orders"), "registry.example:5000/shop/orders");
        assert_eq!(repository("orders@sha256:0a"), "orders");
    }
}
