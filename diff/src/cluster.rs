//! What applying objects does to a cluster, beside what is there.

use anyhow::Result;
use meshsynth_assembly::{Cluster, Object};
use serde_json::Value;

use crate::diff::Diff;
use crate::side::Side;

/// An object before and after; none where it is not there.
pub type Pairing = (Option<Value>, Option<Value>);

/// Compares the objects of one cluster. Those that stay as they are count as well: a policy that stays may grant already
/// what another one grants now.
///
/// # Errors
///
/// If a document is not a Kubernetes object.
pub fn compare(app: &str, cluster: &str, objects: Vec<Pairing>) -> Result<Diff> {
    let (mut base, mut head) = (side(app, cluster), side(app, cluster));
    for (idx, (before, after)) in objects.into_iter().enumerate() {
        let path = format!("k8s/{cluster}/objects/{idx}.json");
        for (side, document) in [(&mut base, before), (&mut head, after)] {
            let Some(document) = document else { continue };
            let object = Object { path: path.clone(), ..Object::default() };
            side.manifest.clusters[0].objects.push(object);
            side.add(&path, document.to_string(), document);
        }
    }
    Diff::new(&base, &head)
}

fn side(app: &str, cluster: &str) -> Side {
    let mut side = Side::empty(String::new(), app);
    side.manifest.clusters.push(Cluster {
        id: cluster.to_owned(),
        name: cluster.to_owned(),
        account: None,
        region: None,
        version: String::new(),
        needs: Vec::new(),
        objects: Vec::new(),
        releases: Vec::new(),
    });
    side
}
