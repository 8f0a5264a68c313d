//! Request policies of waypoints. A policy refers to each Service that selects the same pods.
//!
//! A waypoint applies the policies of the Service to which a request is sent. Several Services may select the same
//! pods. Examples are the Services of versions, and the headless Service of a stateful set. Each policy refers to all
//! of them, because a Service without a policy would accept all callers.
//!
//! Source: <https://istio.io/latest/docs/ambient/usage/waypoint/#attach-l7-policies-to-the-waypoint-proxy>

use crate::kube::istio::authorization_policy::TargetRef;
use crate::tree::{Construct, Scope};

use super::super::Pods;

/// The Services that select the pods, and the policies of these pods.
#[derive(Default)]
struct Attached {
    services: Vec<String>,
    policies: Vec<Scope>,
}

impl Pods {
    /// Adds another Service of the pods to the request policies, if its requests pass the waypoint. A waypoint for the
    /// whole namespace receives all requests. A waypoint for single workloads receives only requests to labeled
    /// Services.
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

    /// Adds each Service of the pods to a request policy or token policy.
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
