//! Istio in a cluster: its releases, and the identity of a cluster in a mesh.

mod gateway;
mod mode;
pub(super) mod nlb;
mod revision;
mod values;

use std::fmt;
use std::rc::Rc;

use crate::eks;
use crate::tree::{Construct, Scope};
use crate::val::Bag;

use super::{
    Chart, HelmRelease, HelmReleaseProps, Membership, Mode, Namespace, NamespaceProps, PodSecurity, Resources, Tracing,
};

pub(super) use gateway::values as gateway_values;
pub use gateway::{GatewayPort, GatewayProps, GatewayService, IngressGateway};
pub use mode::{AccessLog, ControlPlane, OutboundTraffic};
pub use revision::RevisionProps;

/// The version of Istio: of its charts, its images and its schemas.
///
/// Source: <https://istio.io/latest/news/releases/1.30.x/announcing-1.30.3/>
pub const ISTIO_VERSION: &str = "1.30.3";
/// The namespace of the control plane.
pub(super) const SYSTEM: &str = "istio-system";
/// The revision without a suffix.
const DEFAULT_REVISION: &str = "default";
pub(super) const REPOSITORY: &str = "https://istio-release.storage.googleapis.com/charts";
/// The port of istiod's webhooks, behind port 443 of its service.
const WEBHOOK: u16 = 15_017;

/// Properties of an [`Istio`].
#[derive(Clone, Debug)]
pub struct IstioProps {
    /// The data plane mode. Default: sidecars.
    pub mode: Mode,
    /// The istiod that configures the proxies. Default: the istiod of this cluster.
    pub control_plane: ControlPlane,
    /// The revision name of this installation, by which namespaces select it. Default: `default`.
    pub revision: String,
    /// The name of the mesh. All clusters of a mesh have the same name. Default: the name of the app.
    pub mesh_id: Option<String>,
    /// The name of the cluster within the mesh. Default: its name in EKS.
    pub cluster_name: Option<String>,
    /// The name of the network of its pods. Pods of one network connect to each other directly. Default:
    /// `network-<region>`.
    pub network: Option<String>,
    /// The trust domain of all identities. All clusters of a mesh have the same trust domain. Default: `cluster.local`.
    pub trust_domain: String,
    /// The access log of proxies. Default: none.
    pub access_log: AccessLog,
    /// The collector to which proxies send spans. Default: none.
    pub tracing: Option<Tracing>,
    /// Whether pods may connect to hosts that are not in the mesh registry. Default: allowed.
    pub outbound_traffic: OutboundTraffic,
    /// Pairs of regions: a failed region, and the region that then receives its requests. Failover requires outlier
    /// detection in a destination rule. Default: the nearest healthy endpoints.
    pub region_failover: Vec<(String, String)>,
    /// The resources of each istiod pod. There are two to five pods. Default: 500 millicores, 2 GiB.
    pub resources: Resources,
    /// Additional values of the charts `base`, `istiod`, `cni` and `ztunnel`, which override other values. Default:
    /// none.
    pub values: Vec<(&'static str, Bag)>,
}

impl Default for IstioProps {
    fn default() -> Self {
        Self {
            mode: Mode::default(),
            control_plane: ControlPlane::default(),
            revision: DEFAULT_REVISION.to_owned(),
            mesh_id: None,
            cluster_name: None,
            network: None,
            trust_domain: "cluster.local".to_owned(),
            access_log: AccessLog::default(),
            tracing: None,
            outbound_traffic: OutboundTraffic::default(),
            region_failover: Vec::new(),
            resources: values::istiod_resources(),
            values: Vec::new(),
        }
    }
}

/// Istio in a cluster, installed with its official charts.
///
/// Defines the namespace `istio-system`, and the releases of the custom resource definitions (`istio-base`), istiod,
/// the CNI plugin and, in ambient mode, ztunnel. The releases own Istio's custom resource definitions. The Kubernetes
/// control plane may call istiod's webhooks. The failure policy of the validation webhooks is `Fail` from the start, so
/// Kubernetes rejects objects while istiod is not ready to validate them.
///
/// [`NamespaceProps::mesh`](super::NamespaceProps::mesh) adds a namespace to the mesh.
///
/// # Example
///
/// ```
/// # use meshsynth::{App, Env, Stack, aws, eks, mesh};
/// # let app = App::new("shop");
/// # let run = Stack::new(&app, "run", Env::region("eu-west-1"));
/// # let vpc = aws::Vpc::new(&run, "vpc", aws::VpcProps::default());
/// # let cluster = eks::Cluster::new(&run, "cluster", &vpc, eks::ClusterProps::default());
/// let istio = mesh::Istio::new(&run, "istio", &cluster, mesh::IstioProps {
///     mesh_id: Some("mesh1".to_owned()),
///     access_log: mesh::AccessLog::Json,
///     ..Default::default()
/// });
/// istio.add_gateway("ingress", mesh::GatewayProps::default());
/// let shop = mesh::Namespace::new(&run, "shop", &cluster, mesh::NamespaceProps {
///     mesh: Some(istio.membership()),
///     ..Default::default()
/// });
/// assert!(shop.mesh().is_some());
/// ```
///
/// Source: <https://istio.io/latest/docs/setup/install/helm/>
#[derive(Clone)]
pub struct Istio {
    inner: Rc<Inner>,
}

struct Inner {
    scope: Scope,
    props: IstioProps,
    namespace: Namespace,
    membership: Membership,
    control_plane: ControlPlane,
    mesh_id: String,
    cluster_name: String,
    istiod: HelmRelease,
}

impl Istio {
    /// Installs Istio in a cluster.
    #[track_caller]
    pub fn new(scope: &impl Construct, id: &str, cluster: &eks::Cluster, props: IstioProps) -> Self {
        let scope = scope.scope().construct(id);
        let facts = values::Facts {
            mesh_id: props.mesh_id.clone().unwrap_or_else(|| scope.app_name()),
            cluster_name: props.cluster_name.clone().unwrap_or_else(|| cluster.name().to_owned()),
            network: props.network.clone().unwrap_or_else(|| format!("network-{}", scope.region())),
        };
        let system = NamespaceProps {
            pod_security: PodSecurity::Privileged,
            deny_by_default: false,
            labels: vec![("topology.istio.io/network", facts.network.clone())],
            ..NamespaceProps::default()
        };
        let namespace = Namespace::new(&scope, SYSTEM, cluster, system);
        let mut releases = Vec::new();
        for (chart, values) in values::all(&props, &facts) {
            let more = props.values.iter().filter(|(name, _)| *name == chart).map(|(_, more)| more);
            let values = more.fold(values, |values, more| values.merged(more));
            let name = release_name(chart, &props.revision);
            let release = HelmRelease::new(
                &namespace,
                &name,
                cluster,
                Chart::new(REPOSITORY, chart, ISTIO_VERSION),
                HelmReleaseProps { namespace: SYSTEM.to_owned(), values },
            );
            release.diagram_within(&namespace);
            releases.last().into_iter().for_each(|before: &HelmRelease| {
                release.depends_on(before);
            });
            releases.push(release);
        }
        cluster.open_node_port(WEBHOOK, "webhooks of istiod");
        let istiod = releases.swap_remove(values::ISTIOD);
        let membership = Membership {
            mode: props.mode,
            revision: props.revision.clone(),
            network: facts.network,
            trust_domain: props.trust_domain.clone(),
            tracing: props.tracing.clone(),
            is_closed: props.outbound_traffic == OutboundTraffic::RegistryOnly && props.mode == Mode::Sidecar,
            system: SYSTEM.to_owned(),
            istiod: istiod.scope().clone(),
        };
        let inner = Inner {
            namespace,
            membership,
            control_plane: props.control_plane.clone(),
            props,
            mesh_id: facts.mesh_id,
            cluster_name: facts.cluster_name,
            istiod,
            scope,
        };
        Self { inner: Rc::new(inner) }
    }

    /// Returns the cluster of the installation.
    pub fn cluster(&self) -> &eks::Cluster {
        self.inner.namespace.cluster()
    }

    /// Returns the namespace of the control plane.
    pub fn namespace(&self) -> &Namespace {
        &self.inner.namespace
    }

    /// Returns the data plane mode.
    pub fn mode(&self) -> Mode {
        self.inner.membership.mode()
    }

    /// Returns the istiod that configures the proxies.
    pub fn control_plane(&self) -> &ControlPlane {
        &self.inner.control_plane
    }

    /// Returns the revision name of this installation.
    pub fn revision(&self) -> &str {
        &self.inner.membership.revision
    }

    /// Returns the name of the mesh.
    pub fn mesh_id(&self) -> &str {
        &self.inner.mesh_id
    }

    /// Returns the name of the cluster within the mesh.
    pub fn cluster_name(&self) -> &str {
        &self.inner.cluster_name
    }

    /// Returns the name of the network of its pods.
    pub fn network(&self) -> &str {
        self.inner.membership.network()
    }

    /// Returns the trust domain of all identities.
    pub fn trust_domain(&self) -> &str {
        self.inner.membership.trust_domain()
    }

    /// Returns the collector of spans, if there is one.
    pub fn tracing(&self) -> Option<&Tracing> {
        self.inner.membership.tracing()
    }

    /// Returns the principal of a service account of this mesh, for authorization policies.
    pub fn principal(&self, namespace: &str, service_account: &str) -> String {
        self.inner.membership.principal(namespace, service_account)
    }

    /// Returns the release of istiod, for dependencies and changes of its values.
    pub fn istiod(&self) -> &HelmRelease {
        &self.inner.istiod
    }

    /// Enables DNS in proxies, for mesh host names that no DNS server contains.
    #[track_caller]
    pub(super) fn answer_names(&self) {
        self.inner.membership.answer_names();
    }

    /// Returns the membership for [`NamespaceProps::mesh`](super::NamespaceProps::mesh).
    pub fn membership(&self) -> Membership {
        self.inner.membership.clone()
    }
}

impl Construct for Istio {
    fn scope(&self) -> &Scope {
        &self.inner.scope
    }
}

impl fmt::Debug for Istio {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "Istio({})", self.inner.scope.path())
    }
}

/// Returns the name of a chart's release. Cluster-wide charts have one release. The chart of istiod has one release for
/// each revision.
fn release_name(chart: &str, revision: &str) -> String {
    match (chart, revision) {
        ("istiod", DEFAULT_REVISION) | ("ztunnel", _) => chart.to_owned(),
        ("istiod", revision) => format!("istiod-{revision}"),
        (chart, _) => format!("istio-{chart}"),
    }
}

#[cfg(test)]
mod tests {
    use super::{Istio, IstioProps, Mode};
    use crate::App;
    use crate::mesh::{Namespace, NamespaceProps};
    use crate::testing::{Platform, cluster};
    use crate::val::Bag;

    fn shop(app: &App, props: IstioProps) {
        let cluster = cluster(app);
        let istio = Istio::new(&cluster, "istio", &cluster, props);
        Namespace::new(
            &cluster,
            "shop",
            &cluster,
            NamespaceProps { mesh: Some(istio.membership()), ..Default::default() },
        );
    }

    fn with(props: IstioProps) -> Platform {
        Platform::synth("shop", |app| shop(app, props))
    }

    fn values<'a>(platform: &'a Platform, release: &str) -> &'a str {
        let end = format!("/{release}.values.yaml");
        let found = platform.assembly.files.iter().find(|(path, _)| path.ends_with(&end));
        found.unwrap_or_else(|| panic!("no values of {release}")).1
    }

    #[test]
    fn selects_installation_by_revision() {
        let platform = with(IstioProps::default());
        assert!(platform.manifest("namespace-shop").contains("istio.io/rev: default"));
        let platform = with(IstioProps { revision: "1-30".to_owned(), ..Default::default() });
        assert!(platform.manifest("namespace-shop").contains("istio.io/rev: 1-30"));
        assert!(values(&platform, "istiod-1-30").contains("revision: 1-30"));
        assert!(values(&platform, "istio-base").contains("defaultRevision: 1-30"));
    }

    #[test]
    fn installs_ztunnel_only_in_ambient_mode() {
        let platform = with(IstioProps { mode: Mode::Ambient, ..Default::default() });
        let namespace = platform.manifest("namespace-shop");
        assert!(namespace.contains("istio.io/dataplane-mode: ambient") && !namespace.contains("istio.io/rev"));
        assert!(values(&platform, "ztunnel").contains("clusterName: shop-cluster"));
        assert!(values(&platform, "istio-cni").contains("profile: ambient"));
        let platform = with(IstioProps::default());
        assert!(!platform.assembly.files.keys().any(|path| path.contains("ztunnel")));
    }

    #[test]
    fn allows_control_plane_to_reach_only_istiod_webhooks() {
        let opened = |platform: &Platform| {
            let rules = platform.resources("AWS::EC2::SecurityGroupIngress").into_iter();
            rules.filter_map(|rule| rule.props["FromPort"].as_u64()).filter(|port| *port > 15_000).collect::<Vec<_>>()
        };
        assert_eq!(opened(&with(IstioProps::default())), [15_017]);
        assert_eq!(opened(&with(IstioProps { mode: Mode::Ambient, ..Default::default() })), [15_017]);
    }

    #[test]
    fn applies_user_values_and_sets_webhook_failure_policy() {
        let more = Bag::default().with("meshConfig", Bag::default().with("enablePrometheusMerge", false));
        let platform = with(IstioProps { values: vec![("istiod", more)], ..Default::default() });
        let istiod = values(&platform, "istiod");
        assert!(istiod.contains("enablePrometheusMerge: false") && istiod.contains("trustDomain: cluster.local"));
        assert!(values(&platform, "istio-base").contains("validationFailurePolicy: Fail"));
    }
}
