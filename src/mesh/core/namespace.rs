//! A namespace that denies traffic unless a relation allows it.

use crate::Object;
use crate::aws::existing::{self, NameForm};
use crate::diag::Diagnostic;
use crate::diagram::DiagramNode;
use crate::eks;
use crate::kube::networking::{NetworkPolicyPortProtocol, PolicyType};
use crate::kube::{core, meta, networking};
use crate::node::Kind;
use crate::tree::{At, Construct, IdRule, Scope};

use super::mtls::{self, Mtls};
use super::{Membership, Mode, Waypoint, network};

/// The pod security level of a namespace.
///
/// Source: <https://kubernetes.io/docs/concepts/security/pod-security-standards/>
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum PodSecurity {
    /// Pods without privileges outside their containers.
    #[default]
    Restricted,
    /// Pods without known privilege escalations.
    Baseline,
    /// Any pod.
    Privileged,
}

impl PodSecurity {
    fn word(self) -> &'static str {
        match self {
            PodSecurity::Restricted => "restricted",
            PodSecurity::Baseline => "baseline",
            PodSecurity::Privileged => "privileged",
        }
    }
}

/// Properties of a [`Namespace`].
#[derive(Clone, Debug)]
pub struct NamespaceProps {
    /// The pod security level. Default: `Restricted`.
    pub pod_security: PodSecurity,
    /// Whether only declared traffic to and from pods is allowed. Default: `true`.
    pub deny_by_default: bool,
    /// The mesh that its pods are part of: [`Istio::membership`](crate::mesh::Istio::membership). Default: none.
    pub mesh: Option<Membership>,
    /// Whether the proxies in the namespace require identities from callers. Default: `Strict`.
    pub mtls: Mtls,
    /// The waypoint for all requests to its services, in an ambient mesh. Default: a waypoint if a workload needs it.
    pub waypoint: Option<Waypoint>,
    /// Additional labels. Default: none.
    pub labels: Vec<(&'static str, String)>,
}

impl Default for NamespaceProps {
    fn default() -> Self {
        Self {
            pod_security: PodSecurity::default(),
            deny_by_default: true,
            mesh: None,
            mtls: Mtls::default(),
            waypoint: None,
            labels: Vec::new(),
        }
    }
}

/// An existing namespace.
#[derive(Clone)]
pub struct ExistingNamespace {
    /// Its name.
    pub name: String,
    /// The cluster of the namespace.
    pub cluster: eks::Cluster,
    /// The mesh that its pods are part of. `ExistingNamespace::named` leaves the field empty.
    pub mesh: Option<Membership>,
}

impl ExistingNamespace {
    /// Returns the namespace of this name, outside of a mesh.
    pub fn named(name: &str, cluster: &eks::Cluster) -> Self {
        Self { name: name.to_owned(), cluster: cluster.clone(), mesh: None }
    }
}

/// A Kubernetes namespace.
///
/// It accepts only restricted pods. It denies all network traffic except name resolution by the cluster's DNS. Each
/// [`Workload`](crate::mesh::Workload) allows the traffic that its relations need. The Amazon VPC CNI
/// (`enableNetworkPolicy`) enforces the policies, and does not block the kubelet's probes.
///
/// In a mesh it requires an identity from every caller (mutual TLS), and rejects requests of identities that no
/// relation allows.
///
/// # Diagnostics
///
/// - `MS0879`: it has a waypoint, but is not in an ambient mesh.
///
/// # Example
///
/// ```
/// # use meshsynth::{App, Env, Stack, aws, eks, mesh};
/// # let app = App::new("shop");
/// # let stack = Stack::new(&app, "run", Env::region("eu-west-1"));
/// # let vpc = aws::Vpc::new(&stack, "vpc", aws::VpcProps::default());
/// # let cluster = eks::Cluster::new(&stack, "cluster", &vpc, eks::ClusterProps::default());
/// let shop = mesh::Namespace::new(&stack, "shop", &cluster, mesh::NamespaceProps::default());
/// ```
///
/// Source: <https://docs.aws.amazon.com/eks/latest/userguide/cni-network-policy.html>
#[derive(Clone)]
pub struct Namespace {
    scope: Scope,
    name: String,
    cluster: eks::Cluster,
    mesh: Option<Membership>,
    waypoint: Option<Waypoint>,
    /// Whether this handle is for bare pods, which have only the mesh objects that the program adds.
    is_of_bare: bool,
}

/// The id of the object below the namespace.
const OBJECT: &str = "namespace";

/// The naming rule of namespaces.
const NAME: NameForm = NameForm::label("namespace", "shop");

impl Namespace {
    /// Defines a namespace of a cluster. Its name is the construct's id.
    #[track_caller]
    pub fn new(scope: &impl Construct, name: &str, cluster: &eks::Cluster, props: NamespaceProps) -> Self {
        let scope = scope.scope().construct_as(name, IdRule::NAMESPACE);
        let name = &*scope.id();
        scope.on_target(&cluster.target()).in_namespace(name);
        scope.diagram(DiagramNode::group("namespace").within(cluster));
        let object = core::Namespace::new().define(&scope, OBJECT, name);
        for mode in ["audit", "enforce", "warn"] {
            object.label(format!("pod-security.kubernetes.io/{mode}"), props.pod_security.word());
            object.label(format!("pod-security.kubernetes.io/{mode}-version"), format!("v{}", cluster.version()));
        }
        if let Some((key, value)) = props.mesh.as_ref().map(Membership::enrolment) {
            object.label(key, value);
        }
        for (key, value) in props.labels {
            object.label(key, value);
        }
        if props.deny_by_default {
            deny_all(&scope);
            allow_dns(&scope);
        }
        if props.mesh.is_some() {
            mtls::close(&scope, props.mtls, props.deny_by_default);
        }
        if props.waypoint.is_some() && props.mesh.as_ref().is_none_or(|mesh| mesh.mode() != Mode::Ambient) {
            report_waypoint(&scope, name, At::caller());
        }
        let (name, cluster) = (name.to_owned(), cluster.clone());
        Self { scope, name, cluster, mesh: props.mesh, waypoint: props.waypoint, is_of_bare: false }
    }

    /// Refers to an existing namespace. Objects are defined in it, and the namespace itself is not applied.
    ///
    /// The policies with which the owner denies traffic stay in effect. The policies of the program's workloads allow
    /// the traffic of their relations.
    ///
    /// # Example
    ///
    /// ```
    /// # use meshsynth::{mesh, testing, App};
    /// # let app = App::new("shop");
    /// # let cluster = testing::namespace(&app).cluster().clone();
    /// # let run = testing::stack(&app, "more");
    /// use meshsynth::mesh::ExistingNamespace;
    ///
    /// let shared = mesh::Namespace::import(&run, "shared", ExistingNamespace::named("shared", &cluster));
    /// mesh::Workload::new(&shared, "orders", "registry.example/orders:1.4.0", Default::default());
    /// ```
    #[track_caller]
    pub fn import(scope: &impl Construct, id: &str, existing: ExistingNamespace) -> Self {
        let ExistingNamespace { name, cluster, mesh } = existing;
        let scope = scope.scope().construct(id);
        NAME.check_label(&scope, &name);
        scope.on_target(&cluster.target()).in_namespace(&name);
        scope.diagram(DiagramNode::group("namespace").label(&name).detail("exists already").within(&cluster));
        provide(&cluster, &name);
        Self { scope, name, cluster, mesh, waypoint: None, is_of_bare: false }
    }

    /// Defines a namespace that consists only of its object. It does not join a mesh, and does not deny traffic.
    ///
    /// # Example
    ///
    /// ```
    /// # use meshsynth::{kube, mesh, testing, App};
    /// # let app = App::new("shop");
    /// # let cluster = testing::namespace(&app).cluster().clone();
    /// # let run = testing::stack(&app, "more");
    /// let legacy = mesh::Namespace::bare(&run, "legacy", &cluster, kube::core::Namespace::new());
    /// legacy.object().label("team", "shop");
    /// ```
    #[track_caller]
    pub fn bare(scope: &impl Construct, name: &str, cluster: &eks::Cluster, object: core::Namespace) -> Self {
        let scope = scope.scope().construct_as(name, IdRule::NAMESPACE);
        let name = scope.id();
        scope.on_target(&cluster.target()).in_namespace(&name);
        scope.diagram(DiagramNode::group("namespace").within(cluster));
        object.define(&scope, OBJECT, &name);
        Self { scope, name, cluster: cluster.clone(), mesh: None, waypoint: None, is_of_bare: false }
    }

    /// Returns the object, for example to set a field for which the props have no property. Reports `MS0318` for an
    /// existing namespace.
    #[track_caller]
    pub fn object(&self) -> Object<core::Namespace> {
        let object = self.scope.child(OBJECT);
        Object::at(object.unwrap_or_else(|| {
            let help =
                "define the namespace with `Namespace::new` or `Namespace::bare`, or let its owner make the change";
            existing::no_object(&self.scope, "object", help);
            self.scope.clone()
        }))
    }

    /// Returns the same namespace for bare pods, which have only the mesh objects that the program adds.
    pub(in crate::mesh) fn of_bare(&self) -> Self {
        Self { mesh: None, waypoint: None, is_of_bare: true, ..self.clone() }
    }

    /// Whether this handle is for bare pods.
    pub(in crate::mesh) fn is_of_bare(&self) -> bool {
        self.is_of_bare
    }

    /// Returns the name of the namespace.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Returns the cluster of the namespace.
    pub fn cluster(&self) -> &eks::Cluster {
        &self.cluster
    }

    /// Returns the waypoint for all requests to its services, if it has one.
    pub(in crate::mesh) fn waypoint(&self) -> Option<&Waypoint> {
        self.waypoint.as_ref()
    }

    /// Returns the mesh that its pods are part of.
    pub fn mesh(&self) -> Option<&Membership> {
        self.mesh.as_ref()
    }
}

impl Construct for Namespace {
    fn scope(&self) -> &Scope {
        &self.scope
    }
}

/// Records that another owner defines a namespace of the cluster. The namespace may contain objects that the program
/// does not define.
fn provide(cluster: &eks::Cluster, namespace: &str) {
    cluster.target().change(|node| {
        if let Kind::Target(target) = &mut node.kind {
            target.known_in_part.push(namespace.to_owned());
        }
    });
}

/// Reports a waypoint in a namespace that is not part of an ambient mesh. With sidecars, the sidecars process requests.
fn report_waypoint(scope: &Scope, name: &str, at: At) {
    let message = format!("namespace `{name}` has a waypoint, but is not in an ambient mesh");
    let help = "remove the waypoint, or use a mesh of `Mode::Ambient`";
    scope.report(Diagnostic::error("MS0879", message).at(at).help(help));
}

fn deny_all(scope: &Scope) {
    let spec = networking::NetworkPolicySpec::new()
        .pod_selector(meta::LabelSelector::new())
        .policy_types([PolicyType::Egress, PolicyType::Ingress]);
    networking::NetworkPolicy::new().spec(spec).define(scope, "deny-all", "deny-all");
}

/// Allows DNS, because all calls need name resolution.
fn allow_dns(scope: &Scope) {
    let dns = networking::NetworkPolicyPeer::new()
        .namespace_selector(network::in_namespace("kube-system"))
        .pod_selector(meta::LabelSelector::new().match_labels([("k8s-app", "kube-dns")]));
    let port = |protocol| networking::NetworkPolicyPort::new().port(53).protocol(protocol);
    let egress = networking::NetworkPolicyEgressRule::new()
        .to([dns])
        .ports([port(NetworkPolicyPortProtocol::Tcp), port(NetworkPolicyPortProtocol::Udp)]);
    let spec = networking::NetworkPolicySpec::new()
        .pod_selector(meta::LabelSelector::new())
        .policy_types([PolicyType::Egress])
        .egress([egress]);
    networking::NetworkPolicy::new().spec(spec).define(scope, "allow-dns", "allow-dns");
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::mesh::{Workload, WorkloadProps};
    use crate::testing::{self, Platform};

    #[test]
    fn defines_workload_in_existing_namespace() {
        let platform = Platform::synth("shop", |app| {
            let cluster = testing::namespace(app).cluster().clone();
            let existing = ExistingNamespace::named("shared", &cluster);
            let shared = Namespace::import(&cluster.scope().stack(), "shared-namespace", existing);
            let orders = Workload::new(&shared, "orders", "registry.example/orders:1.4.0", WorkloadProps::default());
            let mails = crate::sqs::Queue::new(&shared.scope().stack(), "mails", Default::default());
            mails.grant_send(&orders);
        });
        assert!(platform.manifest("deployment-orders").contains("namespace: shared"));
        assert!(platform.assembly.files.keys().all(|path| !path.ends_with("namespace-shared.yaml")));
        let roles = platform.resources("AWS::IAM::Role").iter().map(|it| it.props.to_string()).collect::<String>();
        assert!(roles.contains("system:serviceaccount:shared:orders"), "{roles}");
    }
}
