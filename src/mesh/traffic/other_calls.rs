//! Calls to existing services of the cluster.

use crate::kube::istio::authorization_policy as authz;
use crate::kube::{self, istio, meta, networking};
use crate::node::{Edge, EdgeKind};
use crate::owner_task::OwnerTask;
use crate::tree::{At, Construct};
use crate::val::{Bag, Data, Value};

use super::super::network::{self, Direction};
use super::super::{Callee, Mode, Pods, Port};
use super::CallProps;

impl Pods {
    /// Allows a call in the policies of the caller, and records tasks for the owner of the callee.
    pub(super) fn call_other(&self, callee: &Callee, port: &Port, props: &CallProps, at: At) {
        let (from, to) = (self.scope().node(), callee.scope().node());
        self.scope().edge(Edge { from, to, kind: EdgeKind::Call, port: Some(port.port), at });
        if *props != CallProps::default() {
            self.report_without_routes(&callee.scope().id(), "a property", at);
        }
        let known = callee.known();
        let selector = meta::LabelSelector::new().match_labels(known.pods.clone());
        let mut peer = networking::NetworkPolicyPeer::new().namespace_selector(network::in_namespace(&known.namespace));
        if !known.pods.is_empty() {
            peer = peer.pod_selector(selector.clone());
        }
        let ports: Vec<_> = callee.pod_ports(port.port).into_iter().map(network::tcp).collect();
        let egress = networking::NetworkPolicyEgressRule::new().to([peer]).ports(ports.clone());
        network::open(self.policy(), Direction::Egress, egress);
        if self.namespace().mesh().is_some_and(|istio| istio.mode() == Mode::Sidecar) {
            self.sees(&known.namespace, &callee.host());
        }
        if known.is_closed {
            let from =
                networking::NetworkPolicyIngressRule::new().from_([super::super::peers::peer(self)]).ports(ports);
            let spec = networking::NetworkPolicySpec::new()
                .pod_selector(selector)
                .policy_types([networking::PolicyType::Ingress])
                .ingress([from]);
            let what = "allow the caller in the network policy".to_owned();
            self.ask(callee, what, self.manifest::<networking::NetworkPolicy>(callee, spec.into_data()));
        }
        if let (Some(_), Some(istio)) = (&known.mesh, self.namespace().mesh()) {
            let principal = istio.principal(self.namespace().name(), self.account());
            let operation = authz::Operation::new().ports([callee.pod_port(port.port).to_string()]);
            let rule = authz::Rule::new()
                .from_([authz::RuleFrom::new().source(authz::Source::new().principals([principal]))])
                .to([authz::RuleTo::new().operation(operation)]);
            let mut spec = authz::Spec::new().action(authz::Action::Allow).rules([rule]);
            if !known.pods.is_empty() {
                spec = spec.selector(authz::Selector::new().match_labels(known.pods.clone()));
            }
            let what =
                "allow the identity of the caller in the authorization policy, if the namespace has one".to_owned();
            self.ask(callee, what, self.manifest::<istio::AuthorizationPolicy>(callee, spec.into_data()));
        }
    }

    /// Records a task for the owner of the callee.
    fn ask(&self, callee: &Callee, what: String, document: Data) {
        self.scope().owner_task(OwnerTask { owner: callee.host().into(), what, document: Some(document) });
    }

    /// Returns an object for the callee's namespace, named after the caller.
    fn manifest<T: kube::Kind>(&self, callee: &Callee, spec: Data) -> Data {
        let name = format!("{}-from-{}-{}", callee.known().service, self.namespace().name(), self.name());
        let metadata = Bag::default().with("name", name).with("namespace", callee.known().namespace.clone());
        let object = Bag::default()
            .with("apiVersion", T::API_VERSION)
            .with("kind", T::KIND)
            .with("metadata", metadata)
            .with("spec", spec);
        Data::Map(object)
    }
}
