//! An object of Istio is in a remote cluster and not in the primary cluster, where istiod would read it.
//!
//! istiod reads routes, policies and sidecars in its own cluster alone. In a
//! remote cluster they are text: an authorization policy that only the remote
//! cluster has denies nothing.
//!
//! Define the workload in the primary cluster too, under the same name and in
//! a namespace of the same name, as a service that clusters share has to be; or
//! give the cluster an istiod of its own: `ControlPlane::Local`.
//!
//! Source: <https://istio.io/latest/docs/ops/configuration/mesh/config-resource-ready/>,
//! <https://istio.io/latest/docs/ops/deployment/deployment-models/#control-plane-models>

use std::collections::BTreeSet;

use crate::diag::Diagnostic;
use crate::node::Object;
use crate::synth::{Link, Model};
use crate::tree::NodeId;

/// The groups of what istiod reads.
const GROUPS: [&str; 4] = ["extensions.istio.io/", "networking.istio.io/", "security.istio.io/", "telemetry.istio.io/"];

pub(super) fn check(model: &Model, _: &Link, out: &mut Vec<Diagnostic>) {
    let remote: BTreeSet<NodeId> = model
        .releases()
        .filter(|(_, release)| release.chart == "istiod" && release.values.at("global.remotePilotAddress").is_some())
        .filter_map(|(id, _)| model.target_of(id))
        .collect();
    if remote.is_empty() {
        return;
    }
    let is_istio = |object: &Object| GROUPS.iter().any(|group| object.api_version.starts_with(group));
    let objects: Vec<_> = model.objects().filter(|(.., object)| is_istio(object)).collect();
    let is_remote = |id: NodeId| model.target_of(id).is_some_and(|target| remote.contains(&target));
    let key = |object: &Object| (object.kind.to_string(), object.namespace.clone(), object.name.clone());
    let read: BTreeSet<_> = objects.iter().filter(|(id, ..)| !is_remote(*id)).map(|(.., it)| key(it)).collect();
    for (id, _, object) in objects.iter().filter(|(id, ..)| is_remote(*id)) {
        if !read.contains(&key(object)) {
            let namespace = object.namespace.as_deref().unwrap_or_default();
            let message = format!("the {} `{namespace}/{}` is in a remote cluster, where no istiod reads it", object.kind, object.name);
            out.push(
                model
                    .error(*id, "MS1006", message)
                    .help("define the same object in the primary cluster, or install istiod in the cluster"),
            );
        }
    }
}
