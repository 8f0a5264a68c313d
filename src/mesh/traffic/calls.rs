//! Calls between workloads. One declaration defines the authorization policy of proxies and the network policies.

use crate::diag::Diagnostic;
use crate::kube::istio::{self, authorization_policy as authz, peer_authentication as mtls, sidecar};
use crate::node::{Edge, EdgeKind};
use crate::smoke_test::SmokeCheck;
use crate::tree::{At, Construct, NodeId, Scope};
use crate::units::{Cidr, Duration};
use crate::val::{Bag, Data};

use super::super::callable::{Called, Whom};
use super::super::core::labels::NAME;
use super::super::{Membership, Mode, Namespace, Pods, Port, Workload, labels, monitoring, network, peers};
use super::condition::caller;
use super::retries::Retries;
use super::routes::CallerSettings;
use super::{HBONE, VERSION_OF, waypoint};

/// The port of istiod for configuration and certificates of proxies.
const DISCOVERY: u16 = 15_012;
/// The metrics ports of a sidecar. The first port also serves the metrics of the workload.
const METRICS: [u16; 2] = [15_020, 15_090];
/// The source address of the kubelet's probes in ambient mode.
///
/// Source: <https://istio.io/latest/docs/ambient/usage/networkpolicy/>
const PROBES: Cidr = Cidr::new("169.254.7.127/32");

/// Properties of a call to a workload or to one of its ports: [`Workload::calls_with`].
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct CallProps {
    /// The maximum duration of a request, including its retries. Default: the timeout of the callee's routes.
    pub timeout: Option<Duration>,
    /// The retries of a request. Default: the retries of the callee's routes.
    pub retries: Option<Retries>,
    /// The methods that the caller may use. Default: all methods.
    pub methods: Vec<String>,
    /// The paths that the caller may use. A `*` at the start or at the end matches any text. Default: all paths.
    pub paths: Vec<String>,
}

impl CallProps {
    fn looks_at_requests(&self) -> bool {
        self.sees_paths() || self.timeout.is_some() || self.retries.is_some()
    }

    fn sees_paths(&self) -> bool {
        !self.methods.is_empty() || !self.paths.is_empty()
    }

    fn operation(&self, port: u16) -> authz::Operation {
        let mut operation = authz::Operation::new().ports([port.to_string()]);
        if !self.methods.is_empty() {
            operation = operation.methods(self.methods.clone());
        }
        match self.paths.is_empty() {
            true => operation,
            false => operation.paths(self.paths.clone()),
        }
    }
}

impl Pods {
    /// Implements [`Pods::calls_with`].
    #[track_caller]
    pub(in crate::mesh) fn define_call(&self, called: Called, props: CallProps) {
        let at = self.scope().user_line(At::caller());
        match called.whom {
            Whom::Ours(other, routed) => self.call_ours(&other, &called.port, routed.as_deref(), props, at),
            Whom::Other(callee) => self.call_other(&callee, &called.port, &props, at),
        }
    }

    fn call_ours(&self, other: &Pods, port: &Port, routed: Option<&Workload>, props: CallProps, at: At) {
        let (from, to) = (self.scope().node(), other.scope().node());
        // Network policies and authorization policies apply to the pod port.
        self.scope().edge(Edge { from, to, kind: EdgeKind::Call, port: Some(other.pod_port(port.port)), at });
        peers::allow_to(self.policy(), other, port.port);
        peers::allow_from(other, self, port.port);
        if props.looks_at_requests() {
            other.wants_requests_at(port.protocol, "a property of the call", at);
        }
        if other.namespace().mesh().is_none() {
            return;
        }
        monitoring::calls::show(self, other, port.protocol);
        if props.sees_paths() {
            other.needs_waypoint();
        }
        other.admit_through_waypoint(self, port.port, &props);
        let mut settings = Bag::default();
        if let Some(timeout) = props.timeout {
            settings.set("timeout", crate::Val::<String>::from(timeout));
        }
        if let Some(retries) = &props.retries {
            settings.set("retries", retries.to_l1());
        }
        if settings.is_empty() || !other.tells_callers_apart("a timeout or a retry policy for one caller", at) {
            return;
        }
        let Some(routed) = routed else {
            return self.report_without_routes(other.name(), "a timeout or a retry policy", at);
        };
        let is_near = self.namespace().name() == other.namespace().name();
        let name = match is_near {
            true => self.name().to_owned(),
            false => format!("{}-{}", self.namespace().name(), self.name()),
        };
        let conditions = vec![caller(self)];
        routed.keep_routes(|routes| {
            routes.callers.retain(|known| known.name != name || known.port != port.port);
            routes.callers.push(CallerSettings { port: port.port, conditions, name, settings });
        });
    }

    pub(super) fn report_without_routes(&self, callee: &str, what: &str, at: At) {
        let message = format!("{what} of a call requires the routes of a `Workload`, but `{callee}` has no routes");
        let help = "configure the client instead, or call a `Workload`";
        self.scope().report(Diagnostic::error("MS0442", message).at(at).help(help));
    }

    /// Reports a setting that applies to only one caller in an ambient mesh. Waypoints do not receive the labels of
    /// callers.
    #[track_caller]
    pub(super) fn tells_callers_apart(&self, what: &str, at: crate::tree::At) -> bool {
        let is_ambient = self.namespace().mesh().is_some_and(|istio| istio.mode() == Mode::Ambient);
        if is_ambient {
            self.scope().report(
                Diagnostic::error(
                    "MS1036",
                    format!("{what} requires sidecars, but the mesh of `{}` is ambient", self.name()),
                )
                .at(at)
                .help("set it for all callers with `default_route()`, or use a mesh with sidecars"),
            );
        }
        !is_ambient
    }

    /// Allows the pods of a gateway to connect to the workload.
    pub(in crate::mesh) fn admit_gateway(&self, namespace: &str, labels: &[(&'static str, String)], principal: String) {
        network::allow_from_pods(self.policy(), self.pod_port(self.port()), namespace, labels);
        match self.namespace().mesh().map(Membership::mode) {
            None => return,
            Some(Mode::Ambient) => network::allow_from_pods(self.policy(), HBONE, namespace, labels),
            Some(Mode::Sidecar) => {}
        }
        self.admit(principal);
    }

    /// Allows an identity to connect to the workload, through its waypoint if there is one.
    pub(in crate::mesh) fn admit(&self, principal: String) {
        let source = authz::Source::new().principals([principal]);
        let operation = authz::Operation::new().ports([self.port().to_string()]);
        self.callers_policy().add("spec.rules", rule(source, operation));
    }

    /// Allows CIDR blocks to connect to a port of the pods in plain text, because load balancers have no mesh identity.
    /// If the list of blocks is empty, no rule is added.
    pub(in crate::mesh) fn admit_addresses(&self, cidrs: &[Cidr], port: u16) {
        if cidrs.is_empty() {
            return;
        }
        network::allow_from_cidrs(self.policy(), cidrs, port);
        if self.namespace().mesh().is_none() {
            return;
        }
        let blocks: Vec<_> = cidrs.iter().map(Cidr::to_string).collect();
        let operation = authz::Operation::new().ports([port.to_string()]);
        self.callers_policy().add("spec.rules", rule(authz::Source::new().ip_blocks(blocks), operation));
        let plain = self.scope().singleton("plain text", || {
            let selector = mtls::Selector::new().match_labels([(VERSION_OF, self.name())]);
            let strict = mtls::Mtls::new().mode(mtls::MtlsMode::Strict);
            let spec = mtls::Spec::new().selector(selector).mtls(strict);
            let policy = istio::PeerAuthentication::new().spec(spec).define(self.scope(), "plain-text", self.name());
            labels::add(policy.scope(), self.name());
            policy.scope().clone()
        });
        let permissive = mtls::Mtls::new().mode(mtls::MtlsMode::Permissive);
        plain.put("spec.portLevelMtls", port.to_string(), permissive);
    }

    fn admit_through_waypoint(&self, caller: &Pods, port: u16, props: &CallProps) {
        let Some(istio) = caller.namespace().mesh().or(self.namespace().mesh()) else { return };
        let principal = istio.principal(caller.namespace().name(), caller.account());
        let rule = rule(authz::Source::new().principals([principal]), props.operation(port));
        let (policy, kept) = (caller.policy().node(), Data::from(rule.clone()));
        self.scope().keep(|callers: &mut Callers| callers.0.push((policy, kept)));
        match waypoint::policy_of(self) {
            Some(policy) => {
                waypoint::open_way(self, caller.policy());
                policy.add("spec.rules", rule);
            }
            None => self.callers_policy().add("spec.rules", rule),
        }
        if caller.namespace().mesh().is_some_and(|istio| istio.mode() == Mode::Sidecar) {
            caller.sees(self.namespace().name(), &self.service_host());
        }
    }

    /// Adds a host of a namespace to the egress hosts of the workload's sidecar.
    pub(in crate::mesh) fn sees(&self, namespace: &str, host: &str) {
        if let Some(sidecar) = self.scope().child("sidecar") {
            sidecar.add("spec.egress.0.hosts", format!("{namespace}/{host}"));
        }
    }

    /// Returns the known callers: their network policies, and the rules that allow their requests.
    pub(super) fn known_callers(&self) -> Vec<(Scope, Data)> {
        let callers = self.scope().keep(|callers: &mut Callers| callers.0.clone());
        callers.into_iter().map(|(policy, rule)| (self.scope().at_node(policy), rule)).collect()
    }

    /// Returns the authorization policy of the pods' callers.
    pub(super) fn callers_policy(&self) -> Scope {
        self.scope().singleton("callers", || {
            let selector = authz::Selector::new().match_labels([(VERSION_OF, self.name())]);
            let spec = authz::Spec::new().action(authz::Action::Allow).selector(selector);
            let policy = istio::AuthorizationPolicy::new().spec(spec).define(self.scope(), "callers", self.name());
            labels::add(policy.scope(), self.name());
            policy.scope().clone()
        })
    }
}

/// The callers of a workload: their network policies, and the rules that allow their requests.
#[derive(Default)]
struct Callers(Vec<(NodeId, Data)>);

fn rule(source: authz::Source, operation: authz::Operation) -> authz::Rule {
    authz::Rule::new().from_([authz::RuleFrom::new().source(source)]).to([authz::RuleTo::new().operation(operation)])
}

/// Adds pods to the mesh: allows the connection to istiod, and defines the `Sidecar` object with their hosts.
pub(in crate::mesh) fn join(workload: &Pods, mesh: &Membership, stays: bool) {
    let (scope, policy) = (workload.scope(), workload.policy());
    let containers = workload.n_containers() + u32::from(mesh.mode() == Mode::Sidecar);
    let (namespace, selector) = (workload.namespace().name().to_owned(), format!("{VERSION_OF}={}", workload.name()));
    if stays {
        scope.smoke_test(SmokeCheck::Pods { namespace, selector, containers });
    }
    let system = mesh.system.as_str();
    match mesh.mode() {
        Mode::Ambient => {
            if workload.port() > 0 {
                network::allow_from_cidrs(policy, &[PROBES], workload.port());
                if workload.namespace().waypoint().is_some() {
                    workload.needs_waypoint();
                }
            }
        }
        Mode::Sidecar => {
            network::allow_to_namespace(policy, system, &[DISCOVERY]);
            let selector = sidecar::WorkloadSelector::new().labels([(VERSION_OF, workload.name())]);
            let egress = sidecar::Egress::new([format!("{system}/*")]);
            let spec = sidecar::Spec::new().workload_selector(selector).egress([egress]);
            let sidecar = istio::Sidecar::new().spec(spec).define(scope, "sidecar", workload.name());
            labels::add(sidecar.scope(), workload.name());
        }
    }
    if let Some(tracing) = mesh.tracing() {
        let namespace = tracing.host.split('.').nth(1).unwrap_or_default();
        network::allow_to_namespace(policy, namespace, &[tracing.port]);
        workload.sees(namespace, &tracing.host);
    }
    workload.run_as();
}

/// Adds pods to the mesh of their namespace, if any. The smoke test always checks pods that keep running.
pub(in crate::mesh) fn take_part(pods: &Pods, stays: bool) {
    match pods.namespace().mesh() {
        Some(mesh) => join(pods, mesh, stays),
        None if stays => {
            let (namespace, selector) = (pods.namespace().name().to_owned(), format!("{NAME}={}", pods.name()));
            pods.scope().smoke_test(SmokeCheck::Pods { namespace, selector, containers: pods.n_containers() });
        }
        None => {}
    }
}

/// The mesh settings of a namespace, including the access of Prometheus to its proxies.
///
/// Source: <https://istio.io/latest/docs/ops/integrations/prometheus/>
impl Namespace {
    /// Reports a setting that needs a mesh if the namespace is not in one.
    pub(super) fn wants_mesh(&self, scope: &Scope, what: &str, at: crate::tree::At) {
        if self.is_of_bare() {
            let message =
                format!("{what} requires mesh objects, which the bare workload `{}` does not define", scope.id());
            let help = "add the Istio object with `add`, or define the workload with `new`";
            return scope.report(Diagnostic::error("MS1031", message).at(at).help(help));
        }
        if self.mesh().is_none() {
            let name = self.name();
            scope.report(
                Diagnostic::error("MS1031", format!("{what} requires a mesh, but namespace `{name}` is not in a mesh"))
                    .at(at)
                    .help("add the namespace to a mesh: `NamespaceProps { mesh: Some(istio.membership()), ..Default::default() }`"),
            );
        }
    }

    /// Allows the pods of another namespace, such as the pods of Prometheus, to read the metrics of all proxies in this
    /// namespace. These metrics include the metrics of the workloads.
    #[track_caller]
    pub fn metrics_for(&self, namespace: &str) -> &Self {
        let policy = self.scope().singleton("metrics", || network::for_all(self.scope(), "allow-metrics"));
        METRICS.iter().for_each(|port| network::allow_from_namespace(&policy, namespace, *port));
        self
    }
}
