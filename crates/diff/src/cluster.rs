//! The effect of applying objects to a cluster.

use anyhow::Result;
use meshsynth_assembly::{Cluster, Object};
use serde_json::Value;

use crate::diff::Diff;
use crate::rest::Rest;
use crate::side::Side;

/// An object before and after, each `None` if the object does not exist.
pub type Pairing = (Option<Value>, Option<Value>);

/// Compares the objects of one cluster while the rest of the platform is unchanged. Unchanged objects must be included,
/// because an unchanged policy may already grant the same access.
///
/// # Errors
///
/// If a document is not a Kubernetes object.
pub fn compare(app: &str, cluster: &str, objects: Vec<Pairing>, rest: Option<Rest<'_>>) -> Result<Diff> {
    let (mut base, mut head) = (side(app, cluster, rest), side(app, cluster, rest));
    for (idx, (before, after)) in objects.into_iter().enumerate() {
        let path = format!("k8s/{cluster}/objects/{idx}.json");
        for (side, document) in [(&mut base, before), (&mut head, after)] {
            let Some(document) = document else { continue };
            let object = Object { path: path.clone(), ..Object::default() };
            let of = side.manifest.clusters.iter_mut().find(|it| it.id == cluster);
            of.into_iter().for_each(|it| it.objects.push(object.clone()));
            side.add(&path, document.to_string(), document);
        }
    }
    Diff::new(&base, &head)
}

/// Returns a platform in which the cluster has no objects.
fn side(app: &str, cluster: &str, rest: Option<Rest<'_>>) -> Side {
    let mut side = rest.map_or_else(|| Side::empty(String::new(), app), |rest| rest.side());
    match side.manifest.clusters.iter_mut().find(|it| it.id == cluster) {
        Some(own) => own.objects.clear(),
        None => side.manifest.clusters.push(Cluster::called(cluster)),
    }
    side
}
