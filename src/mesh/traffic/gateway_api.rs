//! Gateways of the Kubernetes Gateway API: istiod runs their pods, and routes are portable.

use crate::diag::Diagnostic;
use crate::elbv2::Scheme;
use crate::kube::gateway::{gateway as l1, grpc_route, http_route};
use crate::kube::istio::{self, authorization_policy as authz};
use crate::kube::{core, gateway};
use crate::mesh::Protocol;
use crate::prove::{self, Door, Proof};
use crate::tree::{At, Construct, Scope};
use crate::val::Data;

use super::super::{Namespace, Workload, network, objects};
use super::condition::{Condition, Field, Test, cookie_pattern, escaped};
use super::routes::{Entry, Routes};
use super::version::STABLE;
use super::{VERSION_LABEL, VERSION_OF};

/// A gateway of the Gateway API, as the alternative to an [`IngressGateway`](super::super::IngressGateway) with its
/// [`Gateway`](super::Gateway). A platform chooses one of them for each way in.
///
/// Defines a `Gateway` of class `istio`: istiod runs its pods, behind a network
/// load balancer, in a namespace of the mesh. Each workload that is exposed gets an `HTTPRoute`, or a
/// `GRPCRoute` where it speaks gRPC. Weights between versions need a `Service` for each
/// version, which is defined with the route. The routes of a workload are taken
/// as they are when it is exposed, so say them before.
///
/// # Diagnostics
///
/// - `MS1030`: the workload speaks TCP.
/// - `MS1031`: the namespace is not in a mesh.
/// - `MS1040`: a route of the workload wishes for what the Gateway API has no word for.
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
    /// Defines a gateway, which ends TLS with the certificate in a `Secret` of its namespace, if it is given one.
    #[track_caller]
    pub fn new(namespace: &Namespace, name: &str, scheme: Scheme, secret: Option<&str>) -> Self {
        let scope = namespace.scope().construct(name);
        scope.depict(scheme.depicted("network load balancer").within(namespace));
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
        for port in [80, 443, 15_021] {
            network::allow_from_cidrs(&policy, &vpc.subnet_cidrs(scheme.tier()), port);
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
        entry.scope.prove(Proof::Address(entry.door()));
        entry
    }

    /// Leads requests of a host for a path, and for all below it, to a workload.
    #[track_caller]
    pub fn expose(&self, host: &str, path: &str, workload: &Workload) -> &Self {
        workload.wants_requests("a path", At::caller());
        let routes = workload.routes();
        for entry in routes.some.iter().chain([&routes.rest]) {
            if let Some(wish) = wordless(entry) {
                let message = format!("the Gateway API has no word for {wish} of route `{}`", entry.name);
                workload.scope().report(
                    Diagnostic::error("MS1040", message)
                        .at(At::caller())
                        .help("leave the wish out, or expose the workload by `mesh::Gateway`"),
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
        self.scope.leads_to(workload, workload.port());
        network::allow_to_workload(&self.policy, workload);
        if let Some(istio) = self.namespace.mesh() {
            let principal = istio.principal(self.namespace.name(), &format!("{}-istio", self.name));
            let labels = [("gateway.networking.k8s.io/gateway-name", self.name.clone())];
            workload.admit_gateway(self.namespace.name(), &labels, principal);
        }
        if workload.protocol() != Protocol::Grpc {
            let (host, path) = (host.to_owned(), path.to_owned());
            self.scope.prove(Proof::Path { door: self.door(), host, path });
        }
        self
    }

    fn http_route(&self, id: &str, host: &str, path: &str, workload: &Workload, routes: &Routes) {
        let rules = routes.some.iter().chain([&routes.rest]).filter_map(|entry| {
            let mut rule = http_route::Rule::new().name(&entry.name).matches(matches(entry, path)?);
            let backends: Vec<_> = backends(workload, entry)
                .into_iter()
                .map(|(name, weight)| {
                    let backend = http_route::RuleBackendRef::new(name).port(i64::from(workload.port()));
                    weight.into_iter().fold(backend, http_route::RuleBackendRef::weight)
                })
                .collect();
            rule = rule.backend_refs(backends);
            if let Some(timeout) = entry.wishes.get("timeout").and_then(Data::as_str) {
                rule = rule.timeouts(http_route::RuleTimeouts::new().request(timeout));
            }
            Some(rule)
        });
        let parent = http_route::ParentRef::new(&self.name).namespace(self.namespace.name());
        let parent = if self.has_tls { parent.section_name("https") } else { parent };
        let spec = http_route::Spec::new().hostnames([host]).parent_refs([parent]).rules(rules.collect::<Vec<_>>());
        let route = gateway::HttpRoute::new(spec).define(workload.scope(), id, id);
        objects::label(route.scope(), workload.name());
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
        objects::label(route.scope(), workload.name());
    }

    /// Sends what comes in plain text on to TLS.
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

    fn door(&self) -> Door {
        let scheme = if self.has_tls { prove::Scheme::Https } else { prove::Scheme::Http };
        let name = format!("{}-istio", self.name);
        Door {
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

/// The namespaces whose routes a listener takes.
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

/// The services that a route leads to, with their weights where there are several.
fn backends(workload: &Workload, entry: &Entry) -> Vec<(String, Option<i64>)> {
    if !workload.has_versions() {
        return vec![(workload.name().to_owned(), None)];
    }
    let to = if entry.to.is_empty() { vec![(None, 100)] } else { entry.to.clone() };
    let is_one = to.len() == 1;
    to.into_iter()
        .map(|(version, weight)| {
            let version = version.unwrap_or_else(|| STABLE.to_owned());
            (service_of(workload, &version), (!is_one).then_some(i64::from(weight)))
        })
        .collect()
}

/// The `Service` of one version: the Gateway API knows no subsets.
fn service_of(workload: &Workload, version: &str) -> String {
    let name = format!("{}-{version}", workload.name());
    workload.scope().singleton(format!("service of {version}"), || {
        let port = workload.protocol().port_name();
        let port = core::ServicePort::new(workload.port()).name(port).target_port(port).app_protocol(port);
        let selector = [(VERSION_OF, workload.name().to_owned()), (VERSION_LABEL, version.to_owned())];
        let spec = core::ServiceSpec::new().type_(core::ServiceType::ClusterIp).selector(selector).ports([port]);
        let service = core::Service::new().spec(spec).define(workload.scope(), &format!("service-{version}"), &name);
        objects::label(service.scope(), workload.name());
        service.scope().clone()
    });
    name
}

/// What the Gateway API cannot say of a route.
fn wordless(entry: &Entry) -> Option<&'static str> {
    const WISHES: [(&str, &str); 6] = [
        ("corsPolicy", "a rule for other origins"),
        ("fault", "a fault"),
        ("headers", "a header that is set"),
        ("mirror", "a mirror"),
        ("retries", "retries"),
        ("rewrite", "a path that is rewritten"),
    ];
    let wish = WISHES.iter().find(|(key, _)| entry.wishes.get(key).is_some()).map(|(_, words)| *words);
    let is_absent = |it: &Condition| it.test == Test::Absent;
    wish.or_else(|| entry.blocks.iter().flatten().any(is_absent).then_some("a header that is not there"))
}

/// The matches of a route; none where it is about callers inside the mesh alone.
fn matches(entry: &Entry, path: &str) -> Option<Vec<http_route::RuleMatch>> {
    if entry.blocks.is_empty() {
        return Some(vec![rule_match(&[], path)]);
    }
    let is_inside = |block: &&Vec<Condition>| block.iter().any(|it| matches!(it.field, Field::Caller { .. }));
    let found: Vec<_> =
        entry.blocks.iter().filter(|block| !is_inside(block)).map(|block| rule_match(block, path)).collect();
    (!found.is_empty()).then_some(found)
}

fn rule_match(block: &[Condition], path: &str) -> http_route::RuleMatch {
    let at = |kind, value: &str| http_route::MatchPath::new().type_(kind).value(value);
    let (mut headers, mut queries) = (Vec::new(), Vec::new());
    let mut place = at(http_route::MatchPathType::PathPrefix, path);
    let mut found = http_route::RuleMatch::new();
    for Condition { field, test } in block {
        match field {
            Field::Uri => {
                place = match test {
                    Test::Exact(text) => at(http_route::MatchPathType::Exact, text),
                    Test::Regex(text) => at(http_route::MatchPathType::RegularExpression, text),
                    Test::Prefix(text) => at(http_route::MatchPathType::PathPrefix, text),
                    Test::Present | Test::Absent => continue,
                }
            }
            Field::Method => {
                if let Test::Exact(method) = test {
                    found = found.method(http_route::RuleMatchMethod::Other(method.clone()));
                }
            }
            Field::Header(name) => headers.push(text_match(name, test)),
            Field::Query(name) => queries.push(text_match(name, test)),
            Field::Cookie(name) => headers.push(text_match("cookie", &Test::Regex(cookie_pattern(name, test)))),
            Field::Caller { .. } => {}
        }
    }
    found = found.path(place);
    if !headers.is_empty() {
        found = found.headers(headers);
    }
    if queries.is_empty() { found } else { found.query_params(queries) }
}

fn text_match(name: &str, test: &Test) -> http_route::MatchHeader {
    let pattern = |value: String| {
        http_route::MatchHeader::new(name.to_owned(), value).type_(http_route::MatchHeaderType::RegularExpression)
    };
    match test {
        Test::Exact(text) => {
            http_route::MatchHeader::new(name.to_owned(), text.clone()).type_(http_route::MatchHeaderType::Exact)
        }
        Test::Prefix(text) => pattern(format!("{}.*", escaped(text))),
        Test::Regex(text) => pattern(text.clone()),
        Test::Present | Test::Absent => pattern(".*".to_owned()),
    }
}
