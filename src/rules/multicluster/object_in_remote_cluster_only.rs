//! An Istio object is in a remote cluster but not in the primary cluster, where istiod reads it.
//!
//! # What it reports
//!
//! An object of an Istio API group is in a cluster whose istiod release has `global.remotePilotAddress`. No other
//! cluster has an object of the same kind, namespace and name.
//!
//! # Why it matters
//!
//! istiod reads routes, policies and sidecars only in its own cluster. In a remote cluster, they have no effect: an
//! authorization policy that only the remote cluster has denies nothing.
//!
//! # Fix
//!
//! Define the workload in the primary cluster, too, with the same name and in a namespace with the same name, as for
//! every shared service. Alternatively, install istiod in the cluster: `ControlPlane::Local`.
//!
//! Source: <https://istio.io/latest/docs/ops/configuration/mesh/config-resource-ready/>,
//! <https://istio.io/latest/docs/ops/deployment/deployment-models/#control-plane-models>

use std::collections::BTreeSet;

use crate::diag::Diagnostic;
use crate::node::Object;
use crate::synth::{Link, Model};
use crate::tree::NodeId;

/// The API groups of objects that istiod reads.
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
            let message = format!("the {} `{namespace}/{}` is in a remote cluster, which istiod does not read", object.kind, object.name);
            out.push(
                model
                    .error(*id, "MS1006", message)
                    .help("define the same object in the primary cluster, or install istiod in the cluster"),
            );
        }
    }
}
