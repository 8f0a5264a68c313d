//! The gateways between the clusters of a mesh, with one in each cluster.

use crate::aws::Vpc;
use crate::diagram::DiagramNode;
use crate::elbv2::Scheme;
use crate::kube::istio::gateway::{Server, ServerPort, ServerTls, ServerTlsMode, Spec};
use crate::kube::{gateway, istio};
use crate::mesh::Mode;
use crate::mesh::istio::{Istio, gateway_values, nlb};
use crate::tree::{Construct, Scope};
use crate::units::Cidr;
use crate::val::{Bag, Data};

use super::super::{Chart, HelmRelease, HelmReleaseProps};
use super::control_plane;

/// The name of the gateway, its release and its service.
const NAME: &str = "istio-eastwestgateway";
/// The label of its pods.
const LABEL: &str = "eastwestgateway";
/// The host name of the gateway in the registries of all clusters.
pub(super) const SERVICE_HOST: &str = "istio-eastwestgateway.istio-system.svc.cluster.local";
/// The port for traffic between networks, in sidecar mode.
pub(super) const CROSS_NETWORK: u16 = 15_443;
/// The port for traffic between networks, in ambient mode.
pub(super) const HBONE: u16 = 15_008;
/// The class from which istiod creates the gateways in ambient mode.
const CLASS: &str = "istio-east-west";

/// Properties of the gateways between clusters.
#[derive(Clone, Debug)]
pub struct EastWestProps {
    /// The minimum and maximum number of pods of each gateway, scaled by CPU. Default: 2 and 5.
    pub replicas: (u32, u32),
    /// Whether cross-zone load balancing is enabled: the load balancer's address in a zone forwards to pods in every
    /// zone. Default: `true`.
    pub cross_zone: bool,
    /// Additional values of the chart `gateway`, which override other values. They apply only in sidecar mode. Default:
    /// none.
    pub values: Bag,
}

impl Default for EastWestProps {
    fn default() -> Self {
        Self { replicas: (2, 5), cross_zone: true, values: Bag::default() }
    }
}

/// The gateway through which other clusters call the services of this cluster, behind an internal load balancer.
///
/// In sidecar mode, it is a Helm release of the chart `gateway`. It forwards TLS connections on port 15443 by their
/// server name, without decrypting them. In ambient mode, it is a `Gateway` of class `istio-east-west`, for which
/// istiod creates the pods and the load balancer. Its protocol is then HBONE on port 15008.
///
/// Only the networks of the other clusters may connect.
///
/// # Example
///
/// ```
/// # use meshsynth::{App, Cidr, Env, Stack, aws, eks, mesh};
/// # use mesh::addons::ExternalSecrets;
/// # let app = App::new("shop");
/// # let cluster = |region, cidr| {
/// #     let stack = Stack::new(&app, &format!("run-{region}"), Env::region(region));
/// #     let vpc = aws::Vpc::new(&stack, "vpc", aws::VpcProps { cidr, ..Default::default() });
/// #     let cluster = eks::Cluster::new(&stack, "cluster", &vpc, eks::ClusterProps::default());
/// #     let keys = Stack::new(&app, &format!("keys-{region}"), Env::region(region));
/// #     let name = Some(format!("cluster-{region}"));
/// #     let istio = mesh::Istio::new(&stack, "istio", &cluster, mesh::IstioProps { cluster_name: name, ..Default::default() });
/// #     let secrets = ExternalSecrets::new(&stack, "external-secrets", &cluster);
/// #     (vpc, istio, secrets, mesh::ClusterCredentials::new(&keys, "mesh", Default::default()))
/// # };
/// # let tokyo = cluster("ap-northeast-1", Cidr::new("10.0.0.0/16"));
/// # let osaka = cluster("ap-northeast-3", Cidr::new("10.1.0.0/16"));
/// # let link = |region: &str| Stack::new(&app, &format!("link-{region}"), Env::region(region));
/// # aws::vpc::Peering::new(&link("ap-northeast-1"), "osaka", &tokyo.0, &osaka.0, Default::default())
/// #     .accept(&link("ap-northeast-3"), "tokyo");
/// # let members = [&tokyo, &osaka].map(|(_, istio, external_secrets, credentials)| {
/// #     mesh::Member { istio, external_secrets, credentials }
/// # });
/// let mesh = mesh::Mesh::new(&members, mesh::MeshProps::default());
/// let ports: Vec<u16> = mesh.gateways().iter().map(|gateway| gateway.port()).collect();
/// ```
///
/// Source: <https://istio.io/latest/docs/setup/install/multicluster/multi-primary_multi-network/#install-the-east-west-gateway-in-cluster1>
#[derive(Clone)]
pub struct EastWestGateway {
    scope: Scope,
    istio: Istio,
}

impl EastWestGateway {
    #[track_caller]
    pub(super) fn new(
        scope: &Scope,
        istio: &Istio,
        clients: &[Vpc],
        followers: &[String],
        props: &EastWestProps,
    ) -> Self {
        let scope = scope.construct("east-west");
        scope.diagram(DiagramNode::gateway("east-west gateway").within(istio.cluster()));
        let balancer = nlb::NetworkLoadBalancer {
            scheme: Scheme::Internal,
            certificate: None,
            clients: clients.iter().map(Vpc::cidr).collect(),
            cross_zone: props.cross_zone,
            preserve_client: false,
            drain: nlb::DRAIN,
        };
        match istio.mode() {
            Mode::Sidecar => {
                let records = control_plane::expose(&scope, followers, LABEL);
                with_sidecars(&scope, istio, &balancer, &records, props);
            }
            Mode::Ambient => in_ambient(&scope, istio, &balancer, props),
        }
        Self { scope, istio: istio.clone() }
    }

    /// Returns the port for connections from other networks.
    pub fn port(&self) -> u16 {
        match self.istio.mode() {
            Mode::Sidecar => CROSS_NETWORK,
            Mode::Ambient => HBONE,
        }
    }

    /// Returns the subnet CIDR blocks of its load balancer.
    pub fn cidrs(&self) -> Vec<Cidr> {
        self.istio.cluster().vpc().balancer_blocks(Scheme::Internal.tier())
    }

    /// Returns the Istio installation of the gateway.
    pub fn istio(&self) -> &Istio {
        &self.istio
    }

    /// Returns the labels of its pods, which are in the namespace of the control plane.
    pub fn labels(&self) -> [(&'static str, String); 1] {
        match self.istio.mode() {
            Mode::Sidecar => [("istio", LABEL.to_owned())],
            Mode::Ambient => [("gateway.networking.k8s.io/gateway-name", NAME.to_owned())],
        }
    }
}

impl Construct for EastWestGateway {
    fn scope(&self) -> &Scope {
        &self.scope
    }
}

fn with_sidecars(
    scope: &Scope,
    istio: &Istio,
    balancer: &nlb::NetworkLoadBalancer<'_>,
    records: &Bag,
    props: &EastWestProps,
) {
    let (cluster, namespace) = (istio.cluster(), istio.namespace());
    let values = gateway_values(istio, LABEL, props.replicas)
        .with("networkGateway", istio.network().to_owned())
        .with("service", balancer.service(cluster.vpc()))
        .merged(&Bag::default().with("labels", Bag::default().with("app", NAME)))
        .merged(records)
        .merged(&props.values);
    let release = HelmRelease::new(
        scope,
        NAME,
        cluster,
        Chart::new(crate::mesh::istio::REPOSITORY, "gateway", crate::mesh::istio::ISTIO_VERSION),
        HelmReleaseProps { namespace: namespace.name().to_owned(), values },
    );
    release.depends_on(istio.istiod()).diagram_within(namespace);
    // The gateway reads the destination from the TLS server name, and does not decrypt the connection.
    let server = Server::new(["*.local"], ServerPort::new("tls", i64::from(CROSS_NETWORK), "TLS"))
        .tls(ServerTls::new().mode(ServerTlsMode::AutoPassthrough));
    let spec = Spec::new().selector([("istio", LABEL)]).servers([server]);
    istio::Gateway::new().spec(spec).define(scope, "cross-network", "cross-network-gateway");
}

fn in_ambient(scope: &Scope, istio: &Istio, balancer: &nlb::NetworkLoadBalancer<'_>, props: &EastWestProps) {
    use gateway::gateway::{Listener, ListenerTls, ListenerTlsMode, Spec};
    let tls = ListenerTls::new()
        .mode(ListenerTlsMode::Terminate)
        .options([("gateway.istio.io/tls-terminate-mode", "ISTIO_MUTUAL")]);
    let listener = Listener::new("mesh", i64::from(HBONE), "HBONE").tls(tls);
    let object = gateway::Gateway::new(Spec::new(CLASS, [listener])).define(scope, "gateway", NAME);
    object.label("topology.istio.io/network", istio.network().to_owned());
    // istiod applies these overlays to the Service, the autoscaler and the disruption budget of each gateway of this
    // class.
    let (min, max) = props.replicas;
    let mut service = balancer.service(istio.cluster().vpc());
    let annotations = service.remove("annotations").unwrap_or_default();
    let spec = |spec: Bag| Data::from(Bag::default().with("spec", spec));
    let overlays = Bag::default()
        .with(
            "service",
            Bag::default().with("metadata", Bag::default().with("annotations", annotations)).with("spec", service),
        )
        .with("horizontalPodAutoscaler", spec(Bag::default().with("minReplicas", min).with("maxReplicas", max)))
        .with("podDisruptionBudget", spec(Bag::default().with("maxUnavailable", 1)));
    istio.istiod().value::<Bag>("gatewayClasses", CLASS, overlays);
}
