//! Gateways of the Kubernetes Gateway API: istiod runs their pods, and their routes are portable.

use crate::diag::Diagnostic;
use crate::elbv2::Scheme;
use crate::kube::gateway;
use crate::kube::gateway::{gateway as l1, grpc_route, http_route};
use crate::kube::istio::{self, authorization_policy as authz};
use crate::mesh::Protocol;
use crate::smoke_test::{self, Entrypoint, SmokeCheck};
use crate::tree::{At, Construct, Scope};

use super::super::{Namespace, Workload, labels, network, peers};
use super::http_rules::{self, backends, unsupported_feature};
use super::routes::Routes;

/// A gateway of the Gateway API, as an alternative to an [`IngressGateway`](super::super::IngressGateway) with its
/// [`Gateway`](super::Gateway). Use one of these two constructs for each entry point.
///
/// Defines a `Gateway` of class `istio`. istiod runs its pods behind a network load balancer, in a namespace of the
/// mesh. Each exposed workload gets an `HTTPRoute`, or a `GRPCRoute` for gRPC. Weights between versions need a
/// `Service` for each version, which the route defines. Exposing a workload copies its current routes, so define the
/// routes before the call.
///
/// # Diagnostics
///
/// - `MS1030`: the protocol of the workload is TCP.
/// - `MS1031`: the namespace is not in a mesh.
/// - `MS1040`: a route of the workload uses a feature that the Gateway API does not have.
///
/// # Example
///
/// ```
/// # use meshsynth::{testing, mesh, elbv2, App};
/// # let app = App::new("shop");
/// # let orders = testing::mesh_workload(&app);
/// let entry = mesh::traffic::GatewayApi::new(orders.namespace(), "entry", elbv2::Scheme::Internal, None);
/// entry.expose("api.example.com", "/orders", &orders);
/// ```
///
/// Source: <https://istio.io/latest/docs/tasks/traffic-management/ingress/gateway-api/>
#[derive(Clone)]
pub struct GatewayApi {
    scope: Scope,
    namespace: Namespace,
    name: String,
    gateway: Scope,
    policy: Scope,
    has_tls: bool,
}

impl GatewayApi {
    /// Defines a gateway. If a secret is given, the gateway terminates TLS with the certificate in this `Secret` of its
    /// namespace.
    #[track_caller]
    pub fn new(namespace: &Namespace, name: &str, scheme: Scheme, secret: Option<&str>) -> Self {
        let scope = namespace.scope().construct(name);
        let name = &*scope.id();
        scope.diagram(scheme.diagram_node("network load balancer").within(namespace));
        namespace.wants_mesh(&scope, "a gateway", At::caller());
        let listener = |name: &str, port: u16, protocol: &str| {
            l1::Listener::new(name.to_owned(), i64::from(port), protocol.to_owned()).allowed_routes(nearby())
        };
        let mut listeners = vec![listener("http", 80, "HTTP")];
        if let Some(secret) = secret {
            let tls = l1::ListenerTls::new()
                .mode(l1::ListenerTlsMode::Terminate)
                .certificate_refs([l1::TlsCertificateRef::new(secret)]);
            listeners.push(listener("https", 443, "HTTPS").tls(tls));
        }
        let infrastructure = l1::Infrastructure::new().annotations(annotations(scheme));
        let spec = l1::Spec::new("istio", listeners).infrastructure(infrastructure);
        let gateway = gateway::Gateway::new(spec).define(&scope, "gateway", name).scope().clone();
        let vpc = namespace.cluster().vpc();
        let policy = network::for_gateway(&scope, name);
        let blocks = vpc.balancer_blocks(scheme.tier());
        for port in [80, 443, 15_021] {
            network::allow_from_cidrs(&policy, &blocks, port);
        }
        network::allow_to_namespace(&policy, super::super::istio::SYSTEM, &[15_012]);
        let target = authz::TargetRef::new("Gateway", name).group("gateway.networking.k8s.io");
        let anyone = authz::Spec::new().target_refs([target]).action(authz::Action::Allow).rules([authz::Rule::new()]);
        istio::AuthorizationPolicy::new().spec(anyone).define(&scope, "anyone", name);
        let has_tls = secret.is_some();
        let entry = Self { scope, namespace: namespace.clone(), name: name.to_owned(), gateway, policy, has_tls };
        if has_tls {
            entry.redirect();
        }
        entry.scope.smoke_test(SmokeCheck::Address(entry.entrypoint()));
        entry
    }

    /// Sends requests for a host and path prefix to a workload.
    #[track_caller]
    pub fn expose(&self, host: &str, path: &str, workload: &Workload) -> &Self {
        workload.wants_requests("a path", At::caller());
        let routes = workload.routes();
        for entry in routes.some.iter().chain([&routes.rest]) {
            if let Some(feature) = unsupported_feature(entry) {
                let message = format!("route `{}` uses {feature}, which the Gateway API does not support", entry.name);
                workload.scope().report(
                    Diagnostic::error("MS1040", message)
                        .at(At::caller())
                        .help("remove the feature from the route, or expose the workload with `mesh::Gateway`"),
                );
            }
        }
        let id = format!("{}-{}", self.name, workload.name());
        match workload.protocol() {
            Protocol::Grpc => self.grpc_route(&id, host, workload, &routes),
            _ => self.http_route(&id, host, path, workload, &routes),
        }
        let namespace = workload.namespace().name().to_owned();
        self.gateway.add(NAMESPACES[0], namespace.clone());
        if self.has_tls {
            self.gateway.add(NAMESPACES[1], namespace);
        }
        self.scope.leads_to(workload, workload.pod_port(workload.port()));
        peers::allow_to(&self.policy, workload, workload.port());
        if let Some(istio) = self.namespace.mesh() {
            let principal = istio.principal(self.namespace.name(), &format!("{}-istio", self.name));
            let labels = [("gateway.networking.k8s.io/gateway-name", self.name.clone())];
            workload.admit_gateway(self.namespace.name(), &labels, principal);
        }
        if workload.protocol() != Protocol::Grpc {
            let (host, path) = (host.to_owned(), path.to_owned());
            self.scope.smoke_test(SmokeCheck::Path { entrypoint: self.entrypoint(), host, path });
        }
        self
    }

    fn http_route(&self, id: &str, host: &str, path: &str, workload: &Workload, routes: &Routes) {
        let rules = http_rules::of(workload, routes, path);
        let parent = http_route::ParentRef::new(&self.name).namespace(self.namespace.name());
        let parent = if self.has_tls { parent.section_name("https") } else { parent };
        let spec = http_route::Spec::new().hostnames([host]).parent_refs([parent]).rules(rules);
        let route = gateway::HttpRoute::new(spec).define(workload.scope(), id, id);
        labels::add(route.scope(), workload.name());
    }

    fn grpc_route(&self, id: &str, host: &str, workload: &Workload, routes: &Routes) {
        let backends: Vec<_> = backends(workload, &routes.rest)
            .into_iter()
            .map(|(name, weight)| {
                let backend = grpc_route::RuleBackendRef::new(name).port(i64::from(workload.port()));
                weight.into_iter().fold(backend, grpc_route::RuleBackendRef::weight)
            })
            .collect();
        let parent = grpc_route::ParentRef::new(&self.name).namespace(self.namespace.name());
        let parent = if self.has_tls { parent.section_name("https") } else { parent };
        let rule = grpc_route::Rule::new().backend_refs(backends);
        let spec = grpc_route::Spec::new().hostnames([host]).parent_refs([parent]).rules([rule]);
        let route = gateway::GrpcRoute::new(spec).define(workload.scope(), id, id);
        labels::add(route.scope(), workload.name());
    }

    /// Redirects plain text requests to TLS.
    fn redirect(&self) {
        let redirect = http_route::FilterRequestRedirect::new()
            .scheme(http_route::FilterRequestRedirectScheme::Https)
            .status_code(301);
        let filter = http_route::Filter::new(http_route::FilterType::RequestRedirect).request_redirect(redirect);
        let parent = http_route::ParentRef::new(&self.name).section_name("http");
        let rule = http_route::Rule::new().filters([filter]);
        let spec = http_route::Spec::new().parent_refs([parent]).rules([rule]);
        let name = format!("{}-redirect", self.name);
        gateway::HttpRoute::new(spec).define(&self.scope, "redirect", &name);
        self.gateway.add(NAMESPACES[0], self.namespace.name().to_owned());
    }

    fn entrypoint(&self) -> Entrypoint {
        let scheme = if self.has_tls { smoke_test::Scheme::Https } else { smoke_test::Scheme::Http };
        let name = format!("{}-istio", self.name);
        Entrypoint {
            namespace: self.namespace.name().to_owned(),
            service: name.clone(),
            deployment: name,
            container: "istio-proxy".to_owned(),
            port: if self.has_tls { 443 } else { 80 },
            outside: scheme,
            inside: scheme,
        }
    }
}

impl Construct for GatewayApi {
    fn scope(&self) -> &Scope {
        &self.scope
    }
}

/// The paths of the namespaces whose routes a listener accepts.
const NAMESPACES: [&str; 2] = [
    "spec.listeners.0.allowedRoutes.namespaces.selector.matchExpressions.0.values",
    "spec.listeners.1.allowedRoutes.namespaces.selector.matchExpressions.0.values",
];

fn nearby() -> l1::ListenerAllowedRoutes {
    let named = crate::kube::meta::LabelSelectorRequirement::new("kubernetes.io/metadata.name", "In");
    let selector = crate::kube::meta::LabelSelector::new().match_expressions([named]);
    let from = l1::AllowedRoutesNamespaces::new().from_(l1::AllowedRoutesNamespacesFrom::Selector).selector(selector);
    l1::ListenerAllowedRoutes::new().namespaces(from)
}

/// Source: <https://kubernetes-sigs.github.io/aws-load-balancer-controller/latest/guide/service/annotations/>
fn annotations(scheme: Scheme) -> Vec<(String, &'static str)> {
    let rows = [
        ("type", "external"),
        ("scheme", scheme.word()),
        ("nlb-target-type", "ip"),
        ("attributes", "load_balancing.cross_zone.enabled=true"),
        ("target-group-attributes", "preserve_client_ip.enabled=false"),
        ("healthcheck-protocol", "http"),
        ("healthcheck-port", "15021"),
        ("healthcheck-path", "/healthz/ready"),
    ];
    rows.map(|(key, value)| (format!("service.beta.kubernetes.io/aws-load-balancer-{key}"), value)).to_vec()
}
