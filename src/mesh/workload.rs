//! A service: its pods, how they are reached and scaled, and who they are.

use std::panic::Location;

use crate::aws::{Client, Endpoint, Grantee};
use crate::cfn::ids::SecurityGroupId;
use crate::eks::Identity;
use crate::iam::Role;
use crate::kube::{apps, core, meta, networking, policy};
use crate::node::{Edge, EdgeKind};
use crate::object::Object;
use crate::tree::{Construct, Scope};
use crate::units::{Cidr, Duration};
use crate::val::{Secret, Val};

use super::{NAME, Namespace, Placement, Probes, Resources, Scale, network, pod, secret_store};

/// What a workload speaks on its port.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Protocol {
    /// HTTP/1.1.
    #[default]
    Http,
    /// HTTP/2 without TLS.
    Http2,
    /// gRPC.
    Grpc,
    /// Anything over TCP.
    Tcp,
}

impl Protocol {
    /// The name of the port, from which a mesh knows the protocol.
    pub(super) fn port_name(self) -> &'static str {
        match self {
            Protocol::Http => "http",
            Protocol::Http2 => "http2",
            Protocol::Grpc => "grpc",
            Protocol::Tcp => "tcp",
        }
    }
}

/// Wishes for a [`Workload`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WorkloadProps {
    /// The port it listens on, which is the port of its `Service` too. Default: 8080.
    pub port: u16,
    /// What it speaks there. Default: `Http`.
    pub protocol: Protocol,
    /// How many pods it has. Default: 2 to 10, by processor and memory.
    pub scale: Scale,
    /// What its container gets. Default: 250 millicores, 512 MiB.
    pub resources: Resources,
    /// What its container is asked. Default: `/livez` and `/readyz`.
    pub probes: Probes,
    /// Which nodes it runs on. Default: any without taints.
    pub placement: Placement,
    /// Arguments of the container. Default: those of the image.
    pub args: Vec<String>,
    /// The version, for the label `app.kubernetes.io/version`. Default: no label.
    pub version: Option<String>,
    /// The user and group it runs as. Default: 10001.
    pub user: u32,
    /// How long a pod that goes still serves, until every client knows. Default: 10 seconds.
    pub drain: Duration,
    /// How long a pod has to stop, the drain included. Default: 45 seconds.
    pub grace: Duration,
}

impl Default for WorkloadProps {
    fn default() -> Self {
        Self {
            port: 8080,
            protocol: Protocol::default(),
            scale: Scale::default(),
            resources: Resources::default(),
            probes: Probes::default(),
            placement: Placement::default(),
            args: Vec::new(),
            version: None,
            user: 10_001,
            drain: Duration::seconds(10),
            grace: Duration::seconds(45),
        }
    }
}

/// A service of the platform.
///
/// Defines its `Deployment` (confined, spread over zones and nodes), `Service`,
/// `ServiceAccount`, `PodDisruptionBudget`, autoscaler and `NetworkPolicy`. The
/// policy allows nothing until a relation opens it. Configuration and secrets
/// come with the first [`env`](Workload::env) and [`env_secret`](Workload::env_secret),
/// an IAM role with the first grant.
///
/// The port of the `Service` is the port of the container, as the network
/// policies of the Amazon VPC CNI want it. The kubelet's probes pass these
/// policies by themselves.
///
/// # Diagnostics
///
/// - `MS0403`: the minimum of pods is above the maximum.
/// - `MS0409`: it runs as user 1337, which belongs to Istio's proxy.
/// - `MS0412`: the image names no version.
///
/// # Example
///
/// ```
/// # use meshsynth::{App, Env, Stack, aws, eks, mesh};
/// # let app = App::new("shop");
/// # let stack = Stack::new(&app, "run", Env::region("eu-west-1"));
/// # let vpc = aws::Vpc::new(&stack, "vpc", aws::VpcProps::default());
/// # let cluster = eks::Cluster::new(&stack, "cluster", &vpc, eks::ClusterProps::default());
/// # let shop = mesh::Namespace::new(&stack, "shop", &cluster, mesh::NamespaceProps::default());
/// let payments = mesh::Workload::new(&shop, "payments", "registry.example/payments:2.1.0", Default::default());
/// let orders = mesh::Workload::new(&shop, "orders", "registry.example/orders:1.4.0", mesh::WorkloadProps {
///     scale: mesh::Scale::Auto(mesh::Autoscale::between(3, 20)),
///     ..Default::default()
/// });
/// orders.calls(&payments);
/// orders.env("PAYMENTS_URL", payments.url());
/// ```
///
/// Source: <https://kubernetes.io/docs/concepts/workloads/controllers/deployment/>
#[derive(Clone)]
pub struct Workload {
    scope: Scope,
    namespace: Namespace,
    name: String,
    port: u16,
    deployment: Object<apps::Deployment>,
    service_account: Object<core::ServiceAccount>,
    policy: Object<networking::NetworkPolicy>,
}

impl Workload {
    /// Defines a service that runs `image`. Its name in Kubernetes is the construct's id.
    #[track_caller]
    pub fn new(namespace: &Namespace, name: &str, image: impl Into<Val<String>>, props: WorkloadProps) -> Self {
        let scope = namespace.scope().construct(name);
        let labels = labels(&scope, name, &props);
        let service_account = core::ServiceAccount::new().automount_service_account_token(false);
        let service_account = service_account.define(&scope, "identity", name);
        let deployment = deployment(&scope, name, image.into(), &labels, &props);
        let service = service(&scope, name, &props);
        let budget = budget(&scope, name);
        let policy = network::define(&scope, name);
        if let Scale::Auto(autoscale) = &props.scale {
            autoscale.define(&scope, name);
        }
        for (key, value) in &labels {
            service_account.label(*key, value);
            deployment.label(*key, value);
            service.label(*key, value);
            budget.label(*key, value);
            policy.label(*key, value);
        }
        let (name, port) = (name.to_owned(), props.port);
        Self { scope, namespace: namespace.clone(), name, port, deployment, service_account, policy }
    }

    /// The name of the workload and of its objects.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The port it listens on.
    pub fn port(&self) -> u16 {
        self.port
    }

    /// The namespace it lies in.
    pub fn namespace(&self) -> &Namespace {
        &self.namespace
    }

    /// The name it is reached by, such as `orders.shop.svc.cluster.local`.
    pub fn service_host(&self) -> String {
        format!("{}.{}.svc.cluster.local", self.name, self.namespace.name())
    }

    /// The URL it is reached by, such as `http://orders.shop.svc.cluster.local:8080`.
    pub fn url(&self) -> String {
        format!("http://{}:{}", self.service_host(), self.port)
    }

    /// Sets an environment variable. A change restarts the pods.
    ///
    /// The value may come from AWS: it is filled in when the platform is deployed.
    #[track_caller]
    pub fn env(&self, key: &str, value: impl Into<Val<String>>) -> &Self {
        let config = self.scope.singleton("config", || self.define_config());
        config.put("data", key.to_owned(), value.into());
        self
    }

    /// Sets an environment variable to a secret, which stays in AWS Secrets Manager
    /// and in the cluster's own `Secret`. It is read again every hour; running pods
    /// keep what they started with.
    #[track_caller]
    pub fn env_secret(&self, key: &str, secret: &Secret) -> &Self {
        let name = format!("{}-secrets", self.name);
        let external = self.scope.singleton("secrets", || secret_store::external_secret(&self.scope, &name));
        external.add("spec.data", secret_store::entry(key, secret));
        secret_store::allow(&self.namespace, secret);
        let reference = core::SecretKeySelector::new(key).name(name);
        let variable = core::EnvVar::new(key).value_from(core::EnvVarSource::new().secret_key_ref(reference));
        self.deployment.scope().add("spec.template.spec.containers.0.env", variable);
        self
    }

    /// Lets this workload call another one of its cluster.
    #[track_caller]
    pub fn calls(&self, other: &Workload) -> &Self {
        let at = self.scope.user_line(Location::caller());
        let (from, to, port) = (self.scope.node(), other.scope.node(), other.port);
        self.scope.edge(Edge { from, to, kind: EdgeKind::Call, port: Some(port), at });
        network::allow_to_workload(self.policy.scope(), other);
        network::allow_from_workload(other.policy.scope(), other.port, self);
        self
    }

    /// Lets this workload connect to a port in a block of addresses.
    #[track_caller]
    pub fn allow_to(&self, cidr: Cidr, port: u16) -> &Self {
        network::allow_to_cidrs(self.policy.scope(), &[cidr], port);
        self
    }

    /// The workload's `Deployment`, for what the typed wishes do not say.
    pub fn deployment(&self) -> &Object<apps::Deployment> {
        &self.deployment
    }

    fn define_config(&self) -> Scope {
        let name = format!("{}-config", self.name);
        let config = core::ConfigMap::new().define(&self.scope, "config", &name);
        let source = core::EnvFromSource::new().config_map_ref(core::ConfigMapEnvSource::new().name(name));
        self.deployment.scope().add("spec.template.spec.containers.0.envFrom", source);
        self.deployment.scope().put("spec.template.metadata.annotations", "meshsynth/config", config.digest());
        config.scope().clone()
    }
}

impl Construct for Workload {
    fn scope(&self) -> &Scope {
        &self.scope
    }
}

impl Grantee for Workload {
    fn role(&self) -> Role {
        if let Some(role) = self.scope.child("role").and_then(Role::at) {
            return role;
        }
        let cluster = self.namespace.cluster();
        let role = cluster.service_account_role(&self.scope, "role", self.namespace.name(), &self.name);
        match cluster.identity() {
            Identity::Irsa => {
                self.service_account.annotate("eks.amazonaws.com/role-arn", role.arn());
            }
            Identity::PodIdentity => network::allow_to_cidrs(self.policy.scope(), &[POD_IDENTITY_AGENT], 80),
        }
        // The way to AWS: the interface endpoints of the VPC, STS among them.
        network::allow_to_cidrs(self.policy.scope(), &[cluster.vpc().cidr()], 443);
        role
    }
}

impl Client for Workload {
    fn security_group(&self) -> Val<SecurityGroupId> {
        self.namespace.cluster().security_group()
    }

    fn security_group_owner(&self) -> Scope {
        self.namespace.cluster().security_group_owner()
    }

    fn on_connect(&self, endpoint: &Endpoint) {
        network::allow_to_cidrs(self.policy.scope(), &endpoint.cidrs, endpoint.port);
    }
}

/// Where the agent of EKS Pod Identity answers on each node.
///
/// Source: <https://docs.aws.amazon.com/eks/latest/userguide/pod-id-how-it-works.html>
const POD_IDENTITY_AGENT: Cidr = Cidr::new("169.254.170.23/32");

fn labels(scope: &Scope, name: &str, props: &WorkloadProps) -> Vec<(&'static str, String)> {
    let mut labels = vec![
        (NAME, name.to_owned()),
        ("app.kubernetes.io/part-of", scope.app_name()),
        ("app.kubernetes.io/managed-by", "meshsynth".to_owned()),
    ];
    labels.extend(props.version.clone().map(|version| ("app.kubernetes.io/version", version)));
    labels
}

fn selector(name: &str) -> meta::LabelSelector {
    meta::LabelSelector::new().match_labels([(NAME, name)])
}

fn deployment(
    scope: &Scope,
    name: &str,
    image: Val<String>,
    labels: &[(&'static str, String)],
    props: &WorkloadProps,
) -> Object<apps::Deployment> {
    let template = core::PodTemplateSpec::new()
        .metadata(meta::ObjectMeta::new().labels(labels.to_vec()))
        .spec(pod::spec(name, image, props));
    let rolling = apps::RollingUpdateDeployment::new().max_surge("25%").max_unavailable(0);
    let mut spec = apps::DeploymentSpec::new(selector(name), template)
        .revision_history_limit(3)
        .strategy(apps::DeploymentStrategy::new().type_(apps::DeploymentStrategyType::RollingUpdate).rolling_update(rolling));
    if let Scale::Fixed(n) = props.scale {
        spec = spec.replicas(n);
    }
    apps::Deployment::new().spec(spec).define(scope, "deployment", name)
}

fn service(scope: &Scope, name: &str, props: &WorkloadProps) -> Object<core::Service> {
    let port = props.protocol.port_name();
    let app_protocol = match props.protocol {
        Protocol::Http2 => "kubernetes.io/h2c",
        _ => port,
    };
    let port = core::ServicePort::new(props.port).name(port).target_port(port).protocol(core::Protocol::Tcp).app_protocol(app_protocol);
    let spec = core::ServiceSpec::new().type_(core::ServiceType::ClusterIp).selector([(NAME, name)]).ports([port]);
    core::Service::new().spec(spec).define(scope, "service", name)
}

/// A budget lets nodes be drained a pod at a time; pods that are broken anyway do not hold them up.
fn budget(scope: &Scope, name: &str) -> Object<policy::PodDisruptionBudget> {
    let spec = policy::PodDisruptionBudgetSpec::new()
        .selector(selector(name))
        .max_unavailable(1)
        .unhealthy_pod_eviction_policy(policy::UnhealthyPodEvictionPolicy::AlwaysAllow);
    policy::PodDisruptionBudget::new().spec(spec).define(scope, "budget", name)
}
