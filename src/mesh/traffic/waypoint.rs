//! Waypoints: the proxies that process requests in ambient mode, if a namespace needs them.

use serde_json::json;

use crate::kube::istio::{self, authorization_policy as authz};
use crate::kube::{core, gateway, networking};
use crate::tree::{Construct, Scope};

use super::super::{Mode, Namespace, Pods, Waypoint, labels, network, peers};
use super::HBONE;

/// The name of a namespace's waypoint, and of its service account.
const WAYPOINT: &str = "waypoint";

impl Pods {
    /// Sends requests through a waypoint in an ambient mesh, because ztunnel processes only connections.
    pub(super) fn needs_waypoint(&self) {
        let Some(istio) = self.namespace().mesh().filter(|istio| istio.mode() == Mode::Ambient) else { return };
        self.scope().singleton("waypoint", || {
            let waypoint = of_namespace(self.namespace());
            if let Some(service) = self.service_scope() {
                service.put("metadata.labels", "istio.io/use-waypoint", WAYPOINT);
            }
            let spec = authz::Spec::new().action(authz::Action::Allow);
            let name = format!("{}-requests", self.name());
            let policy = istio::AuthorizationPolicy::new().spec(spec).define(self.scope(), "requests", &name);
            labels::add(policy.scope(), self.name());
            self.attach_to_services(policy.scope());
            // Allows the existing callers at the waypoint, because it now receives their requests.
            let callers = self.known_callers();
            let pods = self.callers_policy();
            pods.change(|node| node.additions.retain(|(_, known)| !callers.iter().any(|(_, rule)| rule == known)));
            self.admit(istio.principal(self.namespace().name(), WAYPOINT));
            network::allow_from_gateway(self.policy(), HBONE, self.namespace().name(), WAYPOINT);
            peers::allow_to_pods(&waypoint, HBONE, self);
            for (caller, rule) in callers {
                network::allow_to_gateway(&caller, HBONE, self.namespace().name(), WAYPOINT);
                policy.scope().add("spec.rules", rule);
            }
            policy.scope().clone()
        });
    }
}

/// Returns the policy of requests to pods with a waypoint.
pub(super) fn policy_of(pods: &Pods) -> Option<Scope> {
    pods.scope().child("requests")
}

/// Allows a caller to connect to the waypoint of pods.
pub(super) fn open_way(pods: &Pods, caller: &Scope) {
    network::allow_to_gateway(caller, HBONE, pods.namespace().name(), WAYPOINT);
}

/// Defines the waypoint of a namespace, and returns its network policy.
fn of_namespace(namespace: &Namespace) -> Scope {
    namespace.scope().singleton("waypoint", || {
        let scope = namespace.scope().construct(WAYPOINT);
        let same = gateway::gateway::AllowedRoutesNamespacesFrom::Same;
        let from = gateway::gateway::AllowedRoutesNamespaces::new().from_(same);
        let listener = gateway::gateway::Listener::new("mesh", i64::from(HBONE), "HBONE")
            .allowed_routes(gateway::gateway::ListenerAllowedRoutes::new().namespaces(from));
        let mut spec = gateway::gateway::Spec::new("istio-waypoint", [listener]);
        if let Some(chosen) = namespace.waypoint() {
            let made = define_size(&scope, chosen);
            let parameters = gateway::gateway::InfrastructureParametersRef::new("", "ConfigMap", made);
            spec = spec.infrastructure(gateway::gateway::Infrastructure::new().parameters_ref(parameters));
            if let Some(object) = namespace.scope().child("namespace") {
                object.put("metadata.labels", "istio.io/use-waypoint", WAYPOINT);
            }
        }
        let object = gateway::Gateway::new(spec).define(&scope, "gateway", WAYPOINT);
        object.label("istio.io/waypoint-for", "service");
        let policy = network::for_gateway(&scope, WAYPOINT);
        let anyone = networking::NetworkPolicyPeer::new().namespace_selector(crate::kube::meta::LabelSelector::new());
        let ingress = networking::NetworkPolicyIngressRule::new().from_([anyone]).ports([network::tcp(HBONE)]);
        policy.add("spec.ingress", ingress);
        network::allow_to_namespace(&policy, super::super::istio::SYSTEM, &[15_012]);
        policy
    })
}

/// Defines patches for the objects that istiod creates for the waypoint, one patch for each kind.
///
/// Source: <https://istio.io/latest/docs/tasks/traffic-management/ingress/gateway-api/#automated-deployment>
fn define_size(scope: &Scope, waypoint: &Waypoint) -> &'static str {
    const NAME: &str = "waypoint-size";
    let ((min, max), resources) = (waypoint.replicas, &waypoint.resources);
    let mut limits = json!({ "memory": format!("{}Mi", resources.memory.0) });
    if let Some(cpu) = resources.cpu_limit {
        limits["cpu"] = format!("{}m", cpu.0).into();
    }
    let requests = json!({ "cpu": format!("{}m", resources.cpu.0), "memory": format!("{}Mi", resources.memory.0) });
    let container = json!({ "name": "istio-proxy", "resources": { "requests": requests, "limits": limits } });
    let pods = json!({ "spec": { "template": { "spec": { "containers": [container] } } } });
    let utilization = json!({ "type": "Utilization", "averageUtilization": 80 });
    let metric = json!({ "type": "Resource", "resource": { "name": "cpu", "target": utilization } });
    let scaler = json!({ "spec": { "minReplicas": min, "maxReplicas": max, "metrics": [metric] } });
    let budget = json!({ "spec": { "maxUnavailable": 1 } });
    let patches = [("deployment", pods), ("horizontalPodAutoscaler", scaler), ("podDisruptionBudget", budget)];
    let data = patches.map(|(kind, patch)| (kind, crate::yaml::to_text(&patch)));
    core::ConfigMap::new().data(data).define(scope, "size", NAME);
    NAME
}
