//! An ingress gateway: Envoy at the edge of a cluster, behind a network load balancer.

use crate::acm::Certificate;
use crate::diagram::DiagramNode;
use crate::elbv2::Scheme;
use crate::mesh::addons::resources;
use crate::mesh::network;
use crate::tree::{Construct, IdRule, Scope};
use crate::units::Cidr;
use crate::val::{Bag, Data};

use super::super::{Chart, HelmRelease, HelmReleaseProps, Namespace, NamespaceProps, Workload, peers};
use super::nlb::{DRAIN, NetworkLoadBalancer, STATUS};
use super::{DEFAULT_REVISION, ISTIO_VERSION, Istio, REPOSITORY, SYSTEM};

/// The port of istiod for proxies.
pub(super) const DISCOVERY: u16 = 15_012;

/// A port of a gateway. Its service and its pods use the same number.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GatewayPort {
    /// The port name, which begins with its protocol, such as `http2` or `https`.
    pub name: String,
    /// The port number.
    pub port: u16,
}

impl GatewayPort {
    /// Returns a port with this name and number.
    pub fn new(name: &str, port: u16) -> Self {
        Self { name: name.to_owned(), port }
    }
}

/// The service type of a gateway.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum GatewayService {
    /// A network load balancer for this gateway.
    #[default]
    NetworkLoadBalancer,
    /// A cluster address, for the application load balancer of an [`Ingress`](crate::mesh::Ingress::to_gateway) or of a
    /// [`TargetGroupBinding`](crate::mesh::TargetGroupBinding::to_gateway), which can have a web ACL.
    ClusterIp,
}

/// Properties of an [`IngressGateway`].
#[derive(Clone)]
pub struct GatewayProps {
    /// The type of its service. Default: a network load balancer for this gateway, configured by the properties up to
    /// `preserve_client`, except `ports`.
    pub service: GatewayService,
    /// The scheme of the load balancer, which is always written explicitly. Default: `Internal`, as in the controller.
    pub scheme: Scheme,
    /// The ports of its listeners. Default: `http2` 80 and `https` 443.
    pub ports: Vec<GatewayPort>,
    /// The certificate with which the load balancer terminates TLS on the port `https`. The gateway then uses plain
    /// HTTP on that port. Without a certificate, the load balancer forwards connections unchanged, and the gateway
    /// terminates TLS. Default: none.
    pub certificate: Option<Certificate>,
    /// The host names for which [`ExternalDns`](crate::mesh::addons::ExternalDns) creates records of the load balancer.
    /// If clusters of several regions have the same names, Route 53 returns the load balancer in the nearest region to
    /// each client. Default: none.
    pub hosts: Vec<String>,
    /// The CIDR blocks that may connect. Default: all addresses for an internet-facing load balancer, otherwise the
    /// VPC.
    pub clients: Vec<Cidr>,
    /// Whether cross-zone load balancing is enabled: the load balancer's address in a zone forwards to pods in every
    /// zone. Default: `true`.
    pub cross_zone: bool,
    /// Whether the gateway sees the client address. If so, a pod cannot connect to itself through its load balancer.
    /// Default: `false`.
    pub preserve_client: bool,
    /// The minimum and maximum number of pods, scaled by CPU. Default: 2 and 5.
    pub replicas: (u32, u32),
    /// Additional values of the chart `gateway`, which override other values. Default: none.
    pub values: Bag,
}

impl Default for GatewayProps {
    fn default() -> Self {
        Self {
            service: GatewayService::NetworkLoadBalancer,
            scheme: Scheme::Internal,
            ports: vec![GatewayPort::new("http2", 80), GatewayPort::new("https", 443)],
            certificate: None,
            hosts: Vec::new(),
            clients: Vec::new(),
            cross_zone: true,
            preserve_client: false,
            replicas: (2, 5),
            values: Bag::default(),
        }
    }
}

/// An Istio ingress gateway behind a network load balancer. Traffic enters the mesh through it.
///
/// Its namespace, `istio-<id>`, also contains the TLS secrets of its listeners. The namespace allows traffic only with
/// the load balancer, istiod, and the workloads that the gateway [forwards to](IngressGateway::leads_to). Istio
/// `Gateway` objects with the selector [`IngressGateway::labels`] define its hosts.
///
/// The [`LoadBalancerController`](crate::mesh::addons::LoadBalancerController) creates the load balancer. It checks the
/// health of pods on port 15021, and connects to them by their addresses.
///
/// # Example
///
/// ```
/// # use meshsynth::{App, elbv2, mesh, testing};
/// # let app = App::new("shop");
/// # let cluster = testing::cluster(&app);
/// let istio = mesh::Istio::new(&cluster, "istio", &cluster, mesh::IstioProps::default());
/// let ingress = istio.add_gateway("ingress", mesh::GatewayProps {
///     scheme: elbv2::Scheme::InternetFacing,
///     ..Default::default()
/// });
/// assert_eq!(ingress.namespace().name(), "istio-ingress");
/// assert_eq!(ingress.labels(), [("istio", "ingress".to_owned())]);
/// ```
///
/// Source: <https://istio.io/latest/docs/setup/additional-setup/gateway/>
#[derive(Clone)]
pub struct IngressGateway {
    scope: Scope,
    istio: Istio,
    namespace: Namespace,
    name: String,
    ports: Vec<GatewayPort>,
    service: GatewayService,
    tls_at_balancer: bool,
    policy: Scope,
    release: HelmRelease,
}

impl Istio {
    /// Adds a gateway. Its release, service and service account have the name `id`.
    #[track_caller]
    pub fn add_gateway(&self, id: &str, props: GatewayProps) -> IngressGateway {
        let scope = self.scope().construct_as(id, IdRule::SERVICE.after("istio-".len()));
        let id = &*scope.id();
        let (cluster, vpc) = (self.cluster(), self.cluster().vpc());
        scope.diagram(match props.service {
            GatewayService::NetworkLoadBalancer => props.scheme.diagram_node("network load balancer").within(cluster),
            GatewayService::ClusterIp => DiagramNode::gateway("gateway").within(cluster),
        });
        let ready = vec![("elbv2.k8s.aws/pod-readiness-gate-inject", "enabled".to_owned())];
        let namespace = NamespaceProps { labels: ready, ..NamespaceProps::default() };
        let namespace = Namespace::new(&scope, &format!("istio-{id}"), cluster, namespace);
        let balancer = NetworkLoadBalancer {
            scheme: props.scheme,
            certificate: props.certificate.as_ref(),
            clients: props.clients,
            cross_zone: props.cross_zone,
            preserve_client: props.preserve_client,
            drain: DRAIN,
        };
        let ports = [GatewayPort::new("status-port", STATUS)].iter().chain(&props.ports).map(service_port).collect();
        let service = match props.service {
            GatewayService::NetworkLoadBalancer => balancer.service(vpc),
            GatewayService::ClusterIp => Bag::default().with("type", "ClusterIP"),
        };
        let service = service.with("ports", Data::List(ports));
        let values = values(self, id, props.replicas)
            .with("service", service)
            .merged(&proxies(props.service))
            .merged(&records(self, &props.hosts))
            .merged(&props.values);
        let release = HelmRelease::new(
            &namespace,
            id,
            cluster,
            Chart::new(REPOSITORY, "gateway", ISTIO_VERSION),
            HelmReleaseProps { namespace: namespace.name().to_owned(), values },
        );
        release.depends_on(self.istiod()).diagram_within(&namespace);
        let policy = network::for_labels(namespace.scope(), id, &labels(id));
        let sources = match props.service {
            GatewayService::NetworkLoadBalancer => balancer.sources(vpc),
            GatewayService::ClusterIp => Vec::new(),
        };
        let listens = props.ports.iter().map(|it| it.port);
        let ports = [STATUS].into_iter().chain(listens).filter(|_| !sources.is_empty());
        ports.for_each(|port| network::allow_from_cidrs(&policy, &sources, port));
        network::allow_to_namespace(&policy, SYSTEM, &[DISCOVERY]);
        IngressGateway {
            istio: self.clone(),
            namespace,
            name: id.to_owned(),
            ports: props.ports,
            service: props.service,
            tls_at_balancer: props.certificate.is_some(),
            policy,
            release,
            scope,
        }
    }
}

impl IngressGateway {
    /// Returns the name of the release, the service and the service account.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Returns the Istio installation of the gateway.
    pub fn istio(&self) -> &Istio {
        &self.istio
    }

    /// Returns its namespace, which also contains the TLS secrets of its listeners.
    pub fn namespace(&self) -> &Namespace {
        &self.namespace
    }

    /// Returns the labels that select it in `Gateway` objects.
    pub fn labels(&self) -> [(&'static str, String); 1] {
        labels(&self.name)
    }

    /// Returns the ports of its listeners.
    pub fn ports(&self) -> &[GatewayPort] {
        &self.ports
    }

    /// Whether the load balancer terminates TLS, so that the gateway uses plain HTTP on its port `https`.
    pub fn tls_at_balancer(&self) -> bool {
        self.tls_at_balancer
    }

    /// Returns the type of its service.
    pub fn service(&self) -> GatewayService {
        self.service
    }

    /// Allows a load balancer in the CIDR blocks to connect to a port, and to check readiness on port 15021.
    pub(in crate::mesh) fn admit_balancer(&self, cidrs: &[Cidr], port: u16) {
        [STATUS, port].into_iter().for_each(|port| network::allow_from_cidrs(&self.policy, cidrs, port));
    }

    /// Returns its principal, for authorization policies of workloads.
    pub fn principal(&self) -> String {
        self.istio.principal(self.namespace.name(), &self.name)
    }

    /// Returns its release, for dependencies and changes of its values.
    pub fn release(&self) -> &HelmRelease {
        &self.release
    }

    /// Allows the gateway to connect to a workload, in the policies of the gateway and of the workload.
    #[track_caller]
    pub fn leads_to(&self, workload: &Workload) -> &Self {
        self.scope.leads_to(workload, workload.pod_port(workload.port()));
        peers::allow_to(&self.policy, workload, workload.port());
        workload.admit_gateway(self.namespace.name(), &self.labels(), self.principal());
        self
    }
}

impl Construct for IngressGateway {
    fn scope(&self) -> &Scope {
        &self.scope
    }
}

/// Returns the label that the chart derives from the release name for its pods.
fn labels(name: &str) -> [(&'static str, String); 1] {
    [("istio", name.to_owned())]
}

/// A proxy in front of the gateway sends the client address in `x-forwarded-for`. Source:
/// <https://istio.io/latest/docs/ops/configuration/traffic-management/network-topologies/>
fn proxies(service: GatewayService) -> Bag {
    match service {
        GatewayService::NetworkLoadBalancer => Bag::default(),
        GatewayService::ClusterIp => {
            let config = format!(
                "gatewayTopology:\n  numTrustedProxies: 1\nterminationDrainDuration: {}s",
                DRAIN.as_seconds() + 5
            );
            Bag::default().with("podAnnotations", Bag::default().with("proxy.istio.io/config", config))
        }
    }
}

/// Returns the service annotations for ExternalDNS: the host names, and an identifier that distinguishes this cluster
/// from clusters with the same host names.
///
/// Source: <https://kubernetes-sigs.github.io/external-dns/latest/docs/annotations/annotations/>
fn records(istio: &Istio, hosts: &[String]) -> Bag {
    if hosts.is_empty() {
        return Bag::default();
    }
    let annotations = Bag::default()
        .with("external-dns.alpha.kubernetes.io/hostname", hosts.join(","))
        .with("external-dns.alpha.kubernetes.io/set-identifier", istio.cluster_name().to_owned())
        .with("external-dns.alpha.kubernetes.io/aws-region", istio.scope().region());
    Bag::default().with("service", Bag::default().with("annotations", annotations))
}

fn service_port(port: &GatewayPort) -> Data {
    let bag = Bag::default().with("name", port.name.clone()).with("port", port.port).with("protocol", "TCP");
    Data::from(bag.with("targetPort", port.port))
}

/// Returns the values of a gateway, without its service.
pub(in crate::mesh) fn values(istio: &Istio, name: &str, (min, max): (u32, u32)) -> Bag {
    let zone = Bag::default()
        .with("maxSkew", 1)
        .with("topologyKey", "topology.kubernetes.io/zone")
        .with("whenUnsatisfiable", "ScheduleAnyway")
        .with("labelSelector", Bag::default().with("matchLabels", Bag::default().with("istio", name.to_owned())));
    // The default security context of the chart, with the seccomp profile that a restricted namespace requires.
    let unprivileged = Bag::default().with("name", "net.ipv4.ip_unprivileged_port_start").with("value", "0");
    let security = Bag::default()
        .with("seccompProfile", Bag::default().with("type", "RuntimeDefault"))
        .with("sysctls", vec![unprivileged]);
    let drain = format!("terminationDrainDuration: {}s", DRAIN.as_seconds() + 5);
    let mut values = Bag::default()
        .with("labels", Bag::default().with("istio", name.to_owned()))
        .with("autoscaling", Bag::default().with("minReplicas", min).with("maxReplicas", max))
        .with("podDisruptionBudget", Bag::default().with("maxUnavailable", 1))
        .with("podAnnotations", Bag::default().with("proxy.istio.io/config", drain))
        .with("resources", resources("100m", "256Mi"))
        .with("securityContext", security)
        .with("terminationGracePeriodSeconds", 60)
        .with("topologySpreadConstraints", vec![zone]);
    if istio.revision() != DEFAULT_REVISION {
        values.set("revision", istio.revision().to_owned());
    }
    values
}

#[cfg(test)]
mod tests {
    use super::{GatewayProps, Istio};
    use crate::elbv2::Scheme;
    use crate::mesh::{IstioProps, Namespace, NamespaceProps, Workload};
    use crate::testing::{Platform, cluster};

    fn platform() -> Platform {
        Platform::synth("shop", |app| {
            let cluster = cluster(app);
            let istio = Istio::new(&cluster, "istio", &cluster, IstioProps::default());
            let hosts = vec!["api.example.com".to_owned()];
            let props = GatewayProps { scheme: Scheme::InternetFacing, hosts, ..Default::default() };
            let ingress = istio.add_gateway("ingress", props);
            let props = NamespaceProps { mesh: Some(istio.membership()), ..Default::default() };
            let shop = Namespace::new(&cluster, "shop", &cluster, props);
            ingress.leads_to(&Workload::new(&shop, "orders", "registry.example/orders:1.0.0", Default::default()));
        })
    }

    #[test]
    fn sets_load_balancer_scheme_and_readiness_health_check() {
        let platform = platform();
        let values = &platform.assembly.files["helm/platform-cluster/ingress.values.yaml"];
        for text in [
            "loadBalancerClass: service.k8s.aws/nlb",
            "aws-load-balancer-scheme: internet-facing",
            "aws-load-balancer-nlb-target-type: ip",
            "healthcheck-port: \"15021\"",
            "healthcheck-path: /healthz/ready",
            "cross_zone.enabled=true",
            "external-dns.alpha.kubernetes.io/hostname: api.example.com",
            "external-dns.alpha.kubernetes.io/aws-region: ap-northeast-1",
        ] {
            assert!(values.contains(text), "{text} is not in {values}");
        }
    }

    #[test]
    fn gateway_may_connect_to_istiod_and_workload() {
        let platform = platform();
        let (gateway, orders) = (platform.manifest("networkpolicy-ingress"), platform.manifest("networkpolicy-orders"));
        assert!(gateway.contains("port: 15012") && gateway.contains("orders"), "{gateway}");
        assert!(orders.contains("kubernetes.io/metadata.name: istio-ingress"), "{orders}");
        assert!(platform.assembly.files["graph.json"].contains("\"kind\": \"entry\""));
    }

    #[test]
    fn gateway_is_installed_after_istiod() {
        let platform = platform();
        let manifest: serde_json::Value = serde_json::from_str(&platform.assembly.files["manifest.json"]).unwrap();
        let text = manifest.to_string();
        assert!(text.contains(r#""after":["platform/cluster/istio/istio-system/istiod"]"#), "{text}");
    }
}
