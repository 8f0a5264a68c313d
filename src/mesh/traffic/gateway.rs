//! Gateways: hosts and paths that expose workloads.

use std::cmp::Reverse;

use crate::diag::Diagnostic;
use crate::kube::istio::gateway as l1;
use crate::kube::istio::{self, virtual_service};
use crate::smoke_test::{Entrypoint, Scheme, SmokeCheck};
use crate::tree::{At, Construct, Scope};
use crate::val::Data;

use super::super::addons::Issuer;
use super::super::{GatewayService, IngressGateway, Workload};
use super::routes::{Callee, Routes};

/// The component that terminates TLS, and its certificate.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Tls {
    /// At the load balancer, with an ACM certificate. The gateway must be [added](super::super::Istio::add_gateway)
    /// with the same certificate.
    AtBalancer,
    /// At the gateway, with one certificate for all of its hosts. cert-manager requests it from an issuer and renews
    /// it.
    Issued(Issuer),
    /// At the gateway, with the certificate in an existing `Secret` of its namespace.
    Secret(String),
    /// No TLS: requests use plain text.
    Off,
}

/// The hosts and paths of an [`IngressGateway`], and the workloads behind them.
///
/// Defines an Istio `Gateway` and a `VirtualService` for each host. The `Gateway` listens on port 443, and redirects
/// port 80 to port 443. Longer paths precede shorter paths, regardless of the order in the program. A path matches
/// whole segments: `/api/v1/orders` matches `/api/v1/orders/7`, but not `/api/v1/ordersold`.
///
/// The [routes](super::Route) of the workload apply behind a path, with their versions, weights and timeouts. The
/// network policies and the authorization policies allow the connections from the gateway to the workload.
///
/// # Diagnostics
///
/// - `MS1030`: the protocol of the workload is TCP, which has no paths.
/// - `MS1037`: both the load balancer and the gateway terminate TLS, or neither does.
/// - `MS1038`: a path does not begin with `/`, or is a duplicate.
///
/// # Example
///
/// ```
/// # use meshsynth::{testing, mesh, App};
/// # let app = App::new("shop");
/// # let (orders, istio) = testing::workload_and_mesh(&app);
/// let ingress = istio.add_gateway("ingress", mesh::GatewayProps::default());
/// let entry = mesh::Gateway::new(&ingress, "entry", mesh::Tls::Secret("api-example-com".to_owned()));
/// entry.expose("api.example.com", "/api/v1/orders", &orders).rewrite("/orders");
/// ```
///
/// Source: <https://istio.io/latest/docs/reference/config/networking/gateway/>
#[derive(Clone)]
pub struct Gateway {
    scope: Scope,
    ingress: IngressGateway,
    gateway: Scope,
    certificate: Option<Scope>,
    tls: Tls,
}

impl Gateway {
    /// Defines the hosts and paths of a gateway. The name in Kubernetes is the construct's id.
    #[track_caller]
    pub fn new(ingress: &IngressGateway, name: &str, tls: Tls) -> Self {
        let scope = ingress.namespace().scope().construct(name);
        let name = &*scope.id();
        let is_behind_its_own = ingress.service() == GatewayService::NetworkLoadBalancer;
        if is_behind_its_own && (tls == Tls::AtBalancer) != ingress.tls_at_balancer() {
            scope.report(tls_twice(ingress, &tls).at(At::caller()));
        }
        let port =
            |number, name: &str, protocol: &str| l1::ServerPort::new(name.to_owned(), number, protocol.to_owned());
        let server = |port| l1::Server::new(Vec::<String>::new(), port);
        let plain = server(port(80, "http", "HTTP"));
        let served = match &tls {
            Tls::Off => vec![plain],
            Tls::AtBalancer => vec![redirecting(plain), server(port(443, "http-behind-tls", "HTTP"))],
            Tls::Issued(_) | Tls::Secret(_) => {
                let secret = match &tls {
                    Tls::Secret(secret) => secret.clone(),
                    _ => format!("{name}-tls"),
                };
                let tls = l1::ServerTls::new()
                    .mode(l1::ServerTlsMode::Simple)
                    .credential_name(secret)
                    .min_protocol_version(l1::MinProtocolVersion::Tlsv1_2);
                vec![redirecting(plain), server(port(443, "https", "HTTPS")).tls(tls)]
            }
        };
        let spec = l1::Spec::new().selector(ingress.labels().to_vec()).servers(served);
        let gateway = istio::Gateway::new().spec(spec).define(&scope, "gateway", name).scope().clone();
        let certificate = match &tls {
            Tls::Issued(issuer) => Some(issuer.certificate(&scope, &format!("{name}-tls"))),
            _ => None,
        };
        let entry = Self { scope, ingress: ingress.clone(), gateway, certificate, tls };
        if is_behind_its_own {
            entry.scope.smoke_test(SmokeCheck::Address(entry.entrypoint()));
        }
        entry
    }

    /// Sends requests for a host and path prefix to a workload.
    #[track_caller]
    pub fn expose(&self, host: &str, path: &str, workload: &Workload) -> Exposure {
        workload.wants_requests("a path", At::caller());
        let routes = self.host(host);
        let exposure = Exposure { host: routes.clone(), path: path.to_owned(), workload: workload.clone() };
        let is_new = routes.keep(|hosted: &mut Hosted| hosted.insert(path, workload.name()));
        if !path.starts_with('/') || (path.len() > 1 && path.ends_with('/')) || !is_new {
            self.scope.report(bad_path(host, path, is_new).at(At::caller()));
            return exposure;
        }
        workload.scope().keep(|known: &mut Routes| known.exposed.push((routes.node(), path.to_owned())));
        write(&routes, path, workload);
        self.ingress.leads_to(workload);
        // If another construct defines the load balancer, the gateway's service has no load balancer address.
        if !host.contains('*') && self.ingress.service() == GatewayService::NetworkLoadBalancer {
            let (host, path) = (host.to_owned(), path.to_owned());
            self.scope.smoke_test(SmokeCheck::Path { entrypoint: self.entrypoint(), host, path });
        }
        exposure
    }

    /// Returns the component that terminates TLS.
    pub fn tls(&self) -> &Tls {
        &self.tls
    }

    /// Returns the port for requests.
    pub fn port(&self) -> u16 {
        if self.tls == Tls::Off { 80 } else { 443 }
    }

    /// Returns the gateway of these hosts.
    pub fn ingress(&self) -> &IngressGateway {
        &self.ingress
    }

    /// Returns the entry point for smoke tests.
    fn entrypoint(&self) -> Entrypoint {
        let (inside, outside) = match self.tls {
            Tls::AtBalancer => (Scheme::Http, Scheme::Https),
            Tls::Issued(_) | Tls::Secret(_) => (Scheme::Https, Scheme::Https),
            Tls::Off => (Scheme::Http, Scheme::Http),
        };
        Entrypoint {
            namespace: self.ingress.namespace().name().to_owned(),
            service: self.ingress.name().to_owned(),
            deployment: self.ingress.name().to_owned(),
            container: "istio-proxy".to_owned(),
            port: self.port(),
            outside,
            inside,
        }
    }

    /// Returns the `VirtualService` of a host.
    #[track_caller]
    fn host(&self, host: &str) -> Scope {
        self.scope.singleton(format!("host {host}"), || {
            let servers = if self.tls == Tls::Off { 1 } else { 2 };
            // A load balancer that encrypts requests again does not send a server name (SNI) to the gateway.
            // Source: https://istio.io/latest/docs/ops/common-problems/network-issues/#configuring-sni-routing-when-not-sending-sni
            let is_encrypted_anew = self.ingress.service() == GatewayService::ClusterIp
                && matches!(self.tls, Tls::Issued(_) | Tls::Secret(_));
            let second = if is_encrypted_anew { "*" } else { host };
            let hosts = [("spec.servers.0.hosts", host), ("spec.servers.1.hosts", second)];
            hosts.into_iter().take(servers).for_each(|(path, host)| self.gateway.add(path, host.to_owned()));
            if let Some(certificate) = &self.certificate {
                certificate.add("spec.dnsNames", host.to_owned());
            }
            let name = self.scope.id();
            let gateway = format!("{}/{name}", self.ingress.namespace().name());
            let spec = virtual_service::Spec::new().hosts([host]).gateways([gateway]);
            let id = host.replace('*', "any");
            // Argo Rollouts treats the text after a dot as a namespace.
            let name = format!("{name}-{}", id.replace('.', "-"));
            istio::VirtualService::new().spec(spec).define(&self.scope, &id, &name).scope().clone()
        })
    }
}

impl Construct for Gateway {
    fn scope(&self) -> &Scope {
        &self.scope
    }
}

/// A path of a host, and the workload that receives its requests.
pub struct Exposure {
    host: Scope,
    path: String,
    workload: Workload,
}

impl Exposure {
    /// Replaces the exposed path in requests to the workload, such as `/api/v1/orders` with `/`.
    pub fn rewrite(self, inner: &str) -> Self {
        self.host.keep(|hosted: &mut Hosted| {
            if let Ok(idx) = hosted.find(&self.path) {
                hosted.0[idx].inner = Some(inner.to_owned());
            }
        });
        write(&self.host, &self.path, &self.workload);
        self
    }
}

/// The paths of a host, the longest first.
#[derive(Default)]
struct Hosted(Vec<Place>);

struct Place {
    path: String,
    name: String,
    inner: Option<String>,
    /// The number of its routes in the `VirtualService`.
    n_routes: usize,
}

impl Hosted {
    fn find(&self, path: &str) -> Result<usize, usize> {
        self.0.binary_search_by(|place| {
            (Reverse(place.path.len()), place.path.as_str()).cmp(&(Reverse(path.len()), path))
        })
    }

    fn insert(&mut self, path: &str, name: &str) -> bool {
        let Err(idx) = self.find(path) else { return false };
        let place = Place { path: path.to_owned(), name: name.to_owned(), inner: None, n_routes: 0 };
        self.0.insert(idx, place);
        true
    }
}

/// Writes the routes of a path again.
pub(super) fn write(host: &Scope, path: &str, workload: &Workload) {
    let place = host.keep(|hosted: &mut Hosted| {
        let idx = hosted.find(path).ok()?;
        let before = hosted.0[..idx].iter().map(|place| place.n_routes).sum::<usize>();
        Some((idx, before, hosted.0[idx].n_routes, hosted.0[idx].name.clone(), hosted.0[idx].inner.clone()))
    });
    let Some((idx, before, n_old, name, inner)) = place else { return };
    let routes = workload.routes().outside(&Callee::of(workload), &name, path, inner.as_deref());
    host.keep(|hosted: &mut Hosted| hosted.0[idx].n_routes = routes.len());
    host.change(|node| {
        let Some(body) = node.kind.body_mut() else { return };
        let place = body.place("spec.http");
        if !matches!(place, Data::List(_)) {
            *place = Data::List(Vec::new());
        }
        if let Data::List(http) = place {
            http.splice(before..before + n_old, routes);
        }
    });
    workload.props().release.follow(workload, host, &format!("{name}-default"));
}

fn redirecting(server: l1::Server) -> l1::Server {
    server.tls(l1::ServerTls::new().https_redirect(true))
}

fn tls_twice(ingress: &IngressGateway, tls: &Tls) -> Diagnostic {
    let name = ingress.name();
    match tls {
        Tls::AtBalancer => Diagnostic::error(
            "MS1037",
            format!("the load balancer of gateway `{name}` must terminate TLS, but has no certificate"),
        )
        .help("set the certificate: `GatewayProps { certificate: Some(certificate.clone()), ..Default::default() }`"),
        _ => Diagnostic::error("MS1037", format!("the load balancer of gateway `{name}` already terminates TLS"))
            .help("use `Tls::AtBalancer`, or remove the certificate of the load balancer"),
    }
}

fn bad_path(host: &str, path: &str, is_new: bool) -> Diagnostic {
    match is_new {
        false => Diagnostic::error("MS1038", format!("two workloads are exposed at path `{path}` of host `{host}`"))
            .help("expose one workload at each path; a longer path takes precedence"),
        true => Diagnostic::error("MS1038", format!("`{path}` is not a valid path to expose"))
            .help("begin the path with `/`, and do not end it with `/`"),
    }
}
