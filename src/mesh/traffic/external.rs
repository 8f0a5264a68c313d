//! Hosts outside of the cluster: their registration in the mesh, and the workloads that may connect to them.

use crate::diagram::DiagramNode;
use crate::kube::istio::{self, service_entry as l1, workload_entry, workload_group};
use crate::node::{Edge, EdgeKind};
use crate::tree::{At, Construct, Scope};
use crate::units::Cidr;

use super::super::{Namespace, Runs, network};

/// The protocol of an external port.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum ExternalProtocol {
    /// TLS from the client. The mesh sees only the host name.
    #[default]
    Tls,
    /// HTTP without TLS.
    Http,
    /// gRPC without TLS.
    Grpc,
    /// Any protocol over TCP.
    Tcp,
}

impl ExternalProtocol {
    fn words(self) -> (&'static str, &'static str) {
        match self {
            ExternalProtocol::Tls => ("tls", "TLS"),
            ExternalProtocol::Http => ("http", "HTTP"),
            ExternalProtocol::Grpc => ("grpc", "GRPC"),
            ExternalProtocol::Tcp => ("tcp", "TCP"),
        }
    }
}

/// An endpoint of a host.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Endpoint {
    /// Its address or DNS name.
    pub address: String,
    /// The network of the endpoint, by which a mesh with several networks selects its gateway. It applies only to
    /// addresses, not to DNS names. Default: the network of the cluster.
    pub network: Option<String>,
    /// The locality, such as `ap-northeast-3`. Default: unknown.
    pub locality: Option<String>,
    /// Its share of the requests, relative to other endpoints. Default: equal shares.
    pub weight: Option<u32>,
    /// The port. Default: the port of the host.
    pub port: Option<u16>,
    /// The service account of its proxy, for mutual TLS from callers. Endpoints in other networks require it. Without a
    /// service account, callers use plain text. Default: none.
    pub service_account: Option<String>,
}

impl Endpoint {
    /// Returns an endpoint with an address or a DNS name.
    pub fn at(address: impl Into<String>) -> Self {
        Self { address: address.into(), ..Self::default() }
    }

    fn to_l1(&self, port_name: &str) -> l1::Endpoint {
        let mut endpoint = l1::Endpoint::new().address(&self.address);
        if let Some(network) = &self.network {
            endpoint = endpoint.network(network);
        }
        if let Some(locality) = &self.locality {
            endpoint = endpoint.locality(locality);
        }
        if let Some(weight) = self.weight {
            endpoint = endpoint.weight(i64::from(weight));
        }
        if let Some(account) = &self.service_account {
            endpoint = endpoint.service_account(account);
        }
        match self.port {
            Some(port) => endpoint.ports(vec![(port_name.to_owned(), i64::from(port))]),
            None => endpoint,
        }
    }
}

/// Properties of an [`External`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ExternalProps {
    /// The port. Default: 443.
    pub port: u16,
    /// The protocol of the port. Default: `Tls`.
    pub protocol: ExternalProtocol,
    /// Whether the endpoints have mesh identities. Examples are services of another cluster, and machines with a proxy.
    /// Default: `false`.
    pub internal: bool,
    /// The endpoints of the host. Default: its DNS records.
    pub endpoints: Vec<Endpoint>,
    /// The CIDR blocks of the host, for network policies. Default: all addresses.
    pub cidrs: Vec<Cidr>,
}

impl Default for ExternalProps {
    fn default() -> Self {
        Self {
            port: 443,
            protocol: ExternalProtocol::default(),
            internal: false,
            endpoints: Vec::new(),
            cidrs: vec![Cidr::new("0.0.0.0/0")],
        }
    }
}

/// A host outside of the cluster in the mesh registry: a `ServiceEntry`.
///
/// Only workloads with access use it: their sidecars contain the host, and their network policies allow the
/// connections. If the endpoints are DNS names, proxies resolve them. If all endpoints are addresses, proxies use them
/// unchanged. If the host has explicit endpoints or is internal, it does not need a DNS record, because proxies resolve
/// its name.
///
/// The gateways between the networks of a [`Mesh`](crate::mesh::Mesh) forward only hosts that end with `.local`. A host
/// with endpoints in several networks therefore needs such a name. The gateways forward to addresses, not to DNS names.
///
/// # Diagnostics
///
/// - `MS0822`: an endpoint of another network has no service account or is a name, or no gateway forwards the host.
/// - `MS1031`: the namespace is not in a mesh.
///
/// # Example
///
/// ```
/// # use meshsynth::{testing, mesh, App};
/// # let app = App::new("shop");
/// # let payments = testing::mesh_workload(&app);
/// use meshsynth::mesh::traffic::{Endpoint, External, ExternalProps, ExternalProtocol};
///
/// let bank = External::new(payments.namespace(), "bank", "api.bank.example", ExternalProps::default());
/// bank.allow_from(&payments);
///
/// External::new(payments.namespace(), "ledger", "ledger.mesh.local", ExternalProps {
///     port: 8080,
///     protocol: ExternalProtocol::Http,
///     internal: true,
///     endpoints: vec![
///         Endpoint { locality: Some("ap-northeast-1".to_owned()), weight: Some(70), ..Endpoint::at("10.0.8.10") },
///         Endpoint { locality: Some("ap-northeast-3".to_owned()), weight: Some(30), ..Endpoint::at("10.1.8.10") },
///     ],
///     ..Default::default()
/// });
/// ```
///
/// Source: <https://istio.io/latest/docs/reference/config/networking/service-entry/>
#[derive(Clone)]
pub struct External {
    scope: Scope,
    namespace: Namespace,
    host: String,
    port: u16,
    cidrs: Vec<Cidr>,
}

impl External {
    /// Registers a host in the mesh. The object's name is the construct's id.
    #[track_caller]
    pub fn new(namespace: &Namespace, name: &str, host: &str, props: ExternalProps) -> Self {
        let scope = namespace.scope().construct(name);
        let name = &*scope.id();
        namespace.wants_mesh(&scope, "a host outside", At::caller());
        scope.diagram(DiagramNode::quiet("host").label(host).detail("outside"));
        let (port_name, protocol) = props.protocol.words();
        let location = if props.internal { l1::Location::MeshInternal } else { l1::Location::MeshExternal };
        let has_addresses = !props.endpoints.is_empty() && props.endpoints.iter().all(|it| is_address(&it.address));
        let resolution = if has_addresses { l1::Resolution::Static } else { l1::Resolution::Dns };
        let mut spec = l1::Spec::new([host]).location(location).resolution(resolution).ports([l1::Port::new(
            port_name,
            i64::from(props.port),
        )
        .protocol(protocol)]);
        if let Some(istio) = namespace.mesh().filter(|_| props.internal || !props.endpoints.is_empty()) {
            istio.answer_names();
        }
        if !props.endpoints.is_empty() {
            spec = spec.endpoints(props.endpoints.iter().map(|it| it.to_l1(port_name)).collect::<Vec<_>>());
        }
        istio::ServiceEntry::new(spec).define(&scope, "host", name);
        let (host, namespace) = (host.to_owned(), namespace.clone());
        Self { scope, namespace, host, port: props.port, cidrs: props.cidrs }
    }

    /// Allows a workload to connect to the host.
    #[track_caller]
    pub fn allow_from(&self, workload: &impl Runs) -> &Self {
        let at = self.scope.user_line(At::caller());
        let (from, to) = (workload.scope().node(), self.scope.node());
        self.scope.edge(Edge { from, to, kind: EdgeKind::Call, port: Some(self.port), at });
        network::allow_to_cidrs(workload.pods().policy(), &self.cidrs, self.port);
        workload.pods().sees(self.namespace.name(), &self.host);
        self
    }

    /// Returns the host name.
    pub fn host(&self) -> &str {
        &self.host
    }
}

impl Construct for External {
    fn scope(&self) -> &Scope {
        &self.scope
    }
}

fn is_address(text: &str) -> bool {
    text.parse::<std::net::IpAddr>().is_ok()
}

/// Machines outside of Kubernetes with a proxy, which form one service of the mesh.
///
/// Defines the `WorkloadGroup` that the machines join, a `ServiceEntry` for callers, and a `WorkloadEntry` for each
/// machine with a known address.
///
/// # Example
///
/// ```
/// # use meshsynth::{testing, mesh, App};
/// # let app = App::new("shop");
/// # let orders = testing::mesh_workload(&app);
/// use meshsynth::mesh::traffic::{ExternalProtocol, Machines};
///
/// let stock = Machines::new(orders.namespace(), "stock", 8080, ExternalProtocol::Http);
/// stock.add("10.0.4.17");
/// stock.allow_from(&orders);
/// assert_eq!(stock.host(), "stock.shop.mesh.internal");
/// ```
///
/// Source: <https://istio.io/latest/docs/setup/install/virtual-machine/>
#[derive(Clone)]
pub struct Machines {
    external: External,
    name: String,
    port: u16,
}

impl Machines {
    /// Registers machines that run with the service account of this name.
    #[track_caller]
    pub fn new(namespace: &Namespace, name: &str, port: u16, protocol: ExternalProtocol) -> Self {
        let host = format!("{name}.{}.mesh.internal", namespace.name());
        let scope = namespace.scope().construct(name);
        let name = &*scope.id();
        namespace.wants_mesh(&scope, "a group of machines", At::caller());
        scope.diagram(DiagramNode::quiet("workload").detail("machines").within(namespace));
        if let Some(istio) = namespace.mesh() {
            istio.answer_names();
        }
        crate::kube::core::ServiceAccount::new()
            .automount_service_account_token(false)
            .define(&scope, "identity", name);
        let (port_name, protocol) = protocol.words();
        let labels = [(super::VERSION_OF, name.to_owned())];
        let template = workload_group::Template::new()
            .service_account(name)
            .network(namespace.mesh().map(|istio| istio.network().to_owned()).unwrap_or_default())
            .ports([(port_name, i64::from(port))]);
        let spec =
            workload_group::Spec::new(template).metadata(workload_group::Metadata::new().labels(labels.to_vec()));
        istio::WorkloadGroup::new(spec).define(&scope, "group", name);
        let spec = l1::Spec::new([host.clone()])
            .location(l1::Location::MeshInternal)
            .resolution(l1::Resolution::Static)
            .ports([l1::Port::new(port_name, i64::from(port)).protocol(protocol)])
            .workload_selector(l1::WorkloadSelector::new().labels(labels.to_vec()));
        istio::ServiceEntry::new(spec).define(&scope, "host", name);
        let cidrs = vec![namespace.cluster().vpc().cidr()];
        let external = External { scope, namespace: namespace.clone(), host, port, cidrs };
        Self { external, name: name.to_owned(), port }
    }

    /// Adds a machine by its address, if it does not join automatically.
    #[track_caller]
    pub fn add(&self, address: &str) -> &Self {
        let name = format!("{}-{}", self.name, address.replace(['.', ':'], "-"));
        let mut spec = workload_entry::Spec::new()
            .address(address)
            .labels([(super::VERSION_OF, self.name.clone())])
            .service_account(&self.name);
        if let Some(istio) = self.external.namespace.mesh() {
            spec = spec.network(istio.network());
        }
        istio::WorkloadEntry::new(spec).define(self.external.scope(), &name, &name);
        self
    }

    /// Allows a workload to connect to the machines.
    #[track_caller]
    pub fn allow_from(&self, workload: &impl Runs) -> &Self {
        self.external.allow_from(workload);
        self
    }

    /// Returns the host name for callers.
    pub fn host(&self) -> &str {
        &self.external.host
    }

    /// Returns the port of the machines.
    pub fn port(&self) -> u16 {
        self.port
    }
}

impl Construct for Machines {
    fn scope(&self) -> &Scope {
        self.external.scope()
    }
}
