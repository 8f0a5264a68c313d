//! EKS clusters: the control plane and the parts that every cluster has.

use crate::aws::{SecurityGroup, Vpc, existing};
use crate::cfn::ids::SecurityGroupId;
use crate::facts::versions::eks;
use crate::iam::{ExistingRole, Role};
use crate::node::{Kind, OnDelete};
use crate::tree::{Construct, Scope};
use crate::units::Cidr;
use crate::val::Val;

use super::add_on::AddOn;

/// The mechanism by which a service account gets its role.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Identity {
    /// IAM roles for service accounts (IRSA): STS exchanges the service account token for credentials. All tools
    /// support it.
    #[default]
    Irsa,
    /// EKS Pod Identity: an agent on the node provides credentials. The trust policy of the role contains no
    /// cluster-specific issuer. With Pod Identity, KEDA triggers cannot assume the role of a workload.
    PodIdentity,
}

/// The compute capacity for the pods of a cluster.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Compute {
    /// Node groups that the program adds.
    #[default]
    NodeGroups,
    /// EKS Auto Mode: EKS creates nodes on demand, with built-in networking, volumes and load balancing.
    AutoMode,
}

/// Properties of a [`Cluster`].
#[derive(Clone)]
pub struct ClusterProps {
    /// The Kubernetes version. Default: [`DEFAULT_VERSION`](super::DEFAULT_VERSION).
    pub version: String,
    /// CIDR blocks that can reach the Kubernetes API over the internet. Default: none, the API is reachable only from
    /// the VPC.
    pub public_access: Vec<Cidr>,
    /// The compute capacity for pods. Default: node groups.
    pub compute: Compute,
    /// The mechanism by which service accounts get their roles. Default: IRSA.
    pub identity: Identity,
    /// Whether the principal that creates the cluster stays its administrator. It cannot be changed later.
    /// Default: no, only [`Cluster::add_access`] grants access.
    pub creator_is_admin: bool,
    /// The add-ons of a cluster with node groups. Auto Mode installs only metrics-server. Default: the pod and service
    /// networks, the Pod Identity agent, DNS, EBS volumes and metrics-server.
    pub add_ons: Vec<AddOn>,
    /// The retention of the control plane logs in days. Default: 30.
    pub log_retention_days: u16,
    /// The deletion policy of the log group. Default: the log group is kept.
    pub logs_on_delete: OnDelete,
    /// Whether deletion protection is enabled, so that EKS rejects the deletion of the cluster. Default: yes.
    pub deletion_protection: bool,
}

impl Default for ClusterProps {
    fn default() -> Self {
        Self {
            version: eks::DEFAULT.to_owned(),
            public_access: Vec::new(),
            compute: Compute::NodeGroups,
            identity: Identity::Irsa,
            creator_is_admin: false,
            add_ons: AddOn::usual(),
            log_retention_days: 30,
            logs_on_delete: OnDelete::Retain,
            deletion_protection: true,
        }
    }
}

/// A Kubernetes cluster in the private subnets of a VPC.
///
/// Defines the control plane with all log types, the OpenID Connect provider, the add-ons, and the security group and
/// role of the nodes. A key encrypts secrets and logs. The name of the cluster is `<app>-<id>`.
///
/// The API endpoint is private, and only principals that [`Cluster::add_access`] adds can use it. Pods cannot run until
/// [`Cluster::add_node_group`] adds nodes.
///
/// # Diagnostics
///
/// - `MS0201`: EKS does not support the version.
/// - `MS0202`: the version is in paid extended support.
/// - `MS0205`: the VPC has private subnets in fewer than two zones.
///
/// # Example
///
/// ```
/// # use meshsynth::{aws, eks, testing, App};
/// # let app = App::new("shop");
/// # let run = testing::stack(&app, "cluster");
/// # let vpc = aws::Vpc::new(&run, "vpc", aws::VpcProps::default());
/// let cluster = eks::Cluster::new(&run, "main", &vpc, eks::ClusterProps::default());
/// cluster.add_access("deploy", "role/deploy", eks::Access::ClusterAdmin);
/// cluster.add_node_group("spot", eks::NodeGroupProps {
///     capacity: eks::Capacity::Spot,
///     ..eks::NodeGroupProps::default()
/// });
/// assert_eq!(cluster.name(), "shop-main");
/// ```
///
/// Source: <https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-eks-cluster.html>
#[derive(Clone)]
pub struct Cluster {
    pub(super) scope: Scope,
    pub(super) vpc: Vpc,
    pub(super) name: String,
    pub(super) version: String,
    pub(super) identity: Identity,
    pub(super) compute: Compute,
    /// The control plane, or `None` for a cluster whose AWS attributes are unknown.
    pub(super) control_plane: Option<ControlPlane>,
    pub(super) target: Scope,
    pub(super) node_role: Option<Role>,
    pub(super) is_private: bool,
    /// The security group of the nodes, or `None` if they have the cluster security group, as in Auto Mode.
    pub(super) nodes: Option<SecurityGroup>,
    /// The unknown fields of a bare cluster, which have placeholder values: `network`, `name`, `version`.
    pub(super) unknown: Vec<&'static str>,
}

/// The identifiers of the control plane.
#[derive(Clone)]
pub(super) struct ControlPlane {
    /// The cluster name as an attribute, so that its readers depend on the cluster.
    pub reference: Val<String>,
    /// The URL of the API, or `None` if the import does not specify it.
    pub endpoint: Option<Val<String>>,
    /// The certificate authority of the API, or `None` if the import does not specify it.
    pub certificate_authority: Option<Val<String>>,
    /// The issuer of tokens, without `https://`.
    pub issuer: Val<String>,
    /// The OpenID Connect provider for these tokens, or `None` if the provider of a bare cluster is unknown.
    pub provider_arn: Option<Val<String>>,
    pub security_group: Val<SecurityGroupId>,
}

/// The provider that was added to a bare cluster.
#[derive(Default)]
pub(super) struct AddedProvider(pub Option<Val<String>>);

/// The placeholder for an unknown node role.
#[derive(Default)]
struct UnknownRole(Option<Role>);

impl Cluster {
    /// Returns the name of the cluster in AWS. It reports `MS0318` if the name of a bare cluster is unknown.
    #[track_caller]
    pub fn name(&self) -> &str {
        self.check_known("name");
        &self.name
    }

    /// Returns the Kubernetes version. It reports `MS0318` if the version of a bare cluster is unknown.
    #[track_caller]
    pub fn version(&self) -> &str {
        self.check_known("version");
        &self.version
    }

    /// Returns the VPC of the cluster. It reports `MS0318` if the VPC of a bare cluster is unknown.
    #[track_caller]
    pub fn vpc(&self) -> &Vpc {
        self.check_is_in_aws();
        self.check_known("network");
        &self.vpc
    }

    /// Returns the mechanism by which service accounts get their roles.
    pub fn identity(&self) -> Identity {
        self.identity
    }

    /// Returns whether the Kubernetes API is reachable only from the VPC. Its DNS name then also resolves to private
    /// addresses in connected networks.
    pub fn is_private(&self) -> bool {
        self.is_private
    }

    /// Returns the deployment target of manifests. Objects below a scope with this target are deployed to this
    /// cluster.
    pub fn target(&self) -> Scope {
        self.target.clone()
    }

    /// Returns the security group that the nodes and their pods share.
    #[track_caller]
    pub fn node_security_group(&self) -> Val<SecurityGroupId> {
        match &self.nodes {
            Some(group) => group.id(),
            None => self.control_plane_security_group(),
        }
    }

    /// Returns the cluster security group, which EKS creates for the control plane.
    #[track_caller]
    pub fn control_plane_security_group(&self) -> Val<SecurityGroupId> {
        self.control_plane().map_or_else(|| Val::from(SecurityGroupId::new("sg-0")), |it| it.security_group.clone())
    }

    /// Returns the compute capacity for its pods.
    pub fn compute(&self) -> Compute {
        self.compute
    }

    /// Returns the node role. It reports `MS0132` if an import does not specify it, and `MS0318` if the role of a bare
    /// cluster is unknown.
    #[track_caller]
    pub fn node_role(&self) -> Role {
        match (&self.node_role, self.is_bare()) {
            (Some(_), _) => {}
            (None, true) => existing::incomplete(&self.scope, "node_role"),
            (None, false) => {
                self.lacks("the node role of the imported cluster is required here, but unknown", "node_role")
            }
        }
        self.node_role.clone().unwrap_or_else(|| {
            self.scope.keep(|role: &mut UnknownRole| role.0.clone()).unwrap_or_else(|| {
                let unknown = ExistingRole::arn("arn:aws:iam::123456789012:role/unknown");
                let role = Role::import(&self.scope, "unknown-node-role", unknown);
                self.scope.keep(|known: &mut UnknownRole| known.0 = Some(role.clone()));
                role
            })
        })
    }

    /// Returns the URL of the Kubernetes API. It reports `MS0132` if an import does not specify it.
    #[track_caller]
    pub fn endpoint(&self) -> Val<String> {
        self.control_plane().and_then(|it| it.endpoint.clone()).unwrap_or_else(|| {
            self.lacks("the API URL of the imported cluster is required here, but unknown", "endpoint");
            Val::from("https://unknown.example")
        })
    }

    /// Returns the certificate authority of the Kubernetes API, in base64. It reports `MS0132` if an import does not
    /// specify it.
    #[track_caller]
    pub fn certificate_authority(&self) -> Val<String> {
        self.control_plane().and_then(|it| it.certificate_authority.clone()).unwrap_or_else(|| {
            self.lacks(
                "the certificate authority of the imported cluster is required here, but unknown",
                "certificate_authority",
            );
            Val::from("unknown")
        })
    }

    /// Returns the ARN of the OpenID Connect provider for IRSA. It reports `MS0318` if the provider of a bare cluster
    /// is unknown.
    #[track_caller]
    pub fn provider_arn(&self) -> Val<String> {
        let added = || self.scope.keep(|added: &mut AddedProvider| added.0.clone());
        let plane = self.control_plane();
        if let Some(arn) = plane.and_then(|it| it.provider_arn.clone()).or_else(added) {
            return arn;
        }
        if plane.is_some() {
            existing::incomplete(&self.scope, "provider");
        }
        Val::from("arn:aws:iam::123456789012:oidc-provider/unknown")
    }

    /// Returns the issuer of service account tokens without `https://`, as in trust policies.
    #[track_caller]
    pub fn issuer(&self) -> Val<String> {
        self.control_plane().map_or_else(|| Val::from("unknown"), |it| it.issuer.clone())
    }

    /// Returns the cluster name as an attribute, so that its readers depend on the cluster.
    #[track_caller]
    pub fn reference(&self) -> Val<String> {
        self.control_plane().map_or_else(|| Val::from(self.name.as_str()), |it| it.reference.clone())
    }

    /// Returns the identifiers of the control plane. It reports an error if they are unknown.
    #[track_caller]
    fn control_plane(&self) -> Option<&ControlPlane> {
        self.check_is_in_aws();
        self.control_plane.as_ref()
    }

    pub(super) fn nodes(&self) -> Option<&SecurityGroup> {
        self.nodes.as_ref()
    }

    /// Returns whether the cluster is bare.
    pub(super) fn is_bare(&self) -> bool {
        self.target.read(|tree| matches!(&tree.nodes[self.target.node()].kind, Kind::Target(it) if it.is_bare))
    }

    #[track_caller]
    fn check_known(&self, field: &'static str) {
        if self.unknown.contains(&field) {
            existing::incomplete(&self.scope, field);
        }
    }
}

impl Construct for Cluster {
    fn scope(&self) -> &Scope {
        &self.scope
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::aws::VpcProps;
    use crate::eks::{Access, NodeGroupProps};
    use crate::testing::{Platform, stack};

    fn with(props: ClusterProps) -> Platform {
        Platform::synth("shop", |app| {
            let run = stack(app, "run");
            let vpc = Vpc::new(&run, "vpc", VpcProps::default());
            let cluster = Cluster::new(&run, "main", &vpc, props);
            cluster.add_access("deploy", "role/deploy", Access::ClusterAdmin);
            if cluster.nodes().is_some() {
                cluster.add_node_group("main", NodeGroupProps::default());
            }
            cluster.open_node_port(9443, "a webhook").open_node_port(9443, "another webhook");
        })
    }

    #[test]
    fn network_add_ons_precede_nodes_and_nodes_precede_other_add_ons() {
        let platform = with(ClusterProps::default());
        let group = platform.resource("AWS::EKS::Nodegroup");
        let before = group.entry["DependsOn"].to_string();
        assert!(before.contains("VpcCni") && before.contains("KubeProxy") && !before.contains("Coredns"), "{before}");
        let add_ons = platform.resources("AWS::EKS::Addon").into_iter();
        let after = add_ons.filter(|it| it.entry["DependsOn"].to_string().contains(group.logical_id));
        let mut after: Vec<_> = after.map(|it| it.props["AddonName"].to_string()).collect();
        after.sort();
        assert_eq!(after, [r#""aws-ebs-csi-driver""#, r#""coredns""#, r#""metrics-server""#]);
    }

    #[test]
    fn tags_one_node_security_group_with_cluster() {
        let platform = with(ClusterProps::default());
        let groups = platform.resources("AWS::EC2::SecurityGroup").into_iter();
        assert_eq!(
            groups.filter(|it| it.props["Tags"].to_string().contains("kubernetes.io/cluster/shop-main")).count(),
            1
        );
    }

    #[test]
    fn allows_control_plane_to_reach_kubelets_and_metrics_server() {
        let platform = with(ClusterProps::default());
        let rules = platform.resources("AWS::EC2::SecurityGroupIngress").into_iter();
        let open: Vec<_> = rules.map(|it| it.props["FromPort"].to_string()).collect();
        assert!(["10250", "10251"].iter().all(|port| open.iter().any(|it| it == port)), "{open:?}");
    }

    #[test]
    fn opening_a_port_twice_adds_one_rule() {
        let platform = with(ClusterProps::default());
        let rules = platform.resources("AWS::EC2::SecurityGroupIngress").into_iter();
        assert_eq!(rules.filter(|it| it.props["FromPort"] == 9443).count(), 1);
    }

    #[test]
    fn auto_mode_cluster_has_no_node_groups_or_node_security_group_rules() {
        let platform = with(ClusterProps { compute: Compute::AutoMode, ..ClusterProps::default() });
        assert!(platform.resources("AWS::EKS::Nodegroup").is_empty());
        assert_eq!(platform.resources("AWS::EKS::Addon").len(), 1);
        assert_eq!(platform.resource("AWS::EC2::SecurityGroupIngress").props["FromPort"], 443, "that of the endpoints");
    }
}
