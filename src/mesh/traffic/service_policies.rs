//! Policies of requests that waypoints hold: each Service of the same pods is named by them.
//!
//! A waypoint looks at the policies of the Service that a request is for. Pods that are selected by several Services (those of
//! versions, the headless one of a stateful set) have one policy, which names all of them: a Service that it leaves out
//! would be open to everybody.
//!
//! Source: <https://istio.io/latest/docs/ambient/usage/waypoint/#attach-l7-policies-to-the-waypoint-proxy>

use crate::kube::istio::authorization_policy::TargetRef;
use crate::tree::{Construct, Scope};

use super::super::Pods;

/// What is known of the Services and of the policies of pods.
#[derive(Default)]
struct Attached {
    services: Vec<String>,
    policies: Vec<Scope>,
}

impl Pods {
    /// Has the policies of requests name a further Service of the pods, where requests to it go through the waypoint: all do
    /// where that is the namespace's, and otherwise those to the Service alone that is labelled with it.
    pub(in crate::mesh) fn also_served_as(&self, service: &str) {
        if self.namespace().waypoint().is_none() {
            return;
        }
        let policies = self.scope().keep(|attached: &mut Attached| {
            attached.services.push(service.to_owned());
            attached.policies.clone()
        });
        policies.iter().for_each(|policy| name(policy, service));
    }

    /// Has a policy of requests, or of their tokens, name each Service of the pods.
    pub(super) fn attach_to_services(&self, policy: &Scope) {
        name(policy, self.name());
        let services = self.scope().keep(|attached: &mut Attached| {
            attached.policies.push(policy.clone());
            attached.services.clone()
        });
        services.iter().for_each(|service| name(policy, service));
    }
}

fn name(policy: &Scope, service: &str) {
    policy.add("spec.targetRefs", TargetRef::new("Service", service).group(""));
}
