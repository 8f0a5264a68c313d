//! The cluster: its control plane and what every cluster has.

use crate::aws::logs::{LogGroup, LogGroupProps};
use crate::aws::vpc::Tier;
use crate::aws::{SecurityGroup, Vpc, display_name};
use crate::cfn;
use crate::cfn::eks::cluster::{
    AccessConfig, AuthenticationMode, BlockStorage, ClusterLogging, ComputeConfig, ElasticLoadBalancing,
    EncryptionConfig, KubernetesNetworkConfig, Logging, LoggingTypeConfig, LoggingTypeConfigType, Provider,
    ResourcesVpcConfig, StorageConfig, Tag, ZonalShiftConfig,
};
use crate::cfn::ids::SecurityGroupId;
use crate::iam::{Role, RoleProps, Statement, Trust};
use crate::kms::{Key, KeyProps};
use crate::name;
use crate::node::{Kind, OnDelete, Target};
use crate::resource::Resource;
use crate::tree::{Construct, Scope};
use crate::units::Cidr;
use crate::val::{Bag, Data, Val};

use super::{AddOn, Identity, after, node_group, security, versions};

/// Where the pods of a cluster run.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Compute {
    /// On node groups that the program adds.
    #[default]
    NodeGroups,
    /// On nodes that EKS makes as pods need them, with network, volumes and load balancing built in.
    AutoMode,
}

/// Wishes for a [`Cluster`].
#[derive(Clone)]
pub struct ClusterProps {
    /// The Kubernetes version. Default: [`DEFAULT_VERSION`](super::DEFAULT_VERSION).
    pub version: String,
    /// Blocks from which the Kubernetes API is reached over the internet. Default: none; it is reached
    /// from the network alone.
    pub public_access: Vec<Cidr>,
    /// Where pods run. Default: on node groups.
    pub compute: Compute,
    /// How service accounts come by their roles. Default: IRSA.
    pub identity: Identity,
    /// The add-ons of a cluster with node groups. Default: the network of pods and of services, the
    /// Pod Identity agent, DNS, EBS volumes, metrics-server. In Auto Mode only metrics-server is installed.
    pub add_ons: Vec<AddOn>,
    /// Days that the logs of the control plane are kept. Default: 30.
    pub log_retention_days: u16,
    /// What happens to the logs when the cluster leaves the stack. Default: they are kept.
    pub logs_on_delete: OnDelete,
    /// Whether EKS refuses to delete the cluster until this is turned off. Default: yes.
    pub deletion_protection: bool,
}

impl Default for ClusterProps {
    fn default() -> Self {
        Self {
            version: versions::DEFAULT.to_owned(),
            public_access: Vec::new(),
            compute: Compute::NodeGroups,
            identity: Identity::Irsa,
            add_ons: AddOn::usual(),
            log_retention_days: 30,
            logs_on_delete: OnDelete::Retain,
            deletion_protection: true,
        }
    }
}

/// A Kubernetes cluster in the private subnets of a network.
///
/// Defines the control plane with all of its logs, a key that encrypts secrets
/// and logs, the OpenID Connect provider, the nodes' security group and role,
/// and the add-ons. Its name is `<app>-<id>`. The API is private and nobody
/// may use it until [`Cluster::add_access`] says so; pods run once
/// [`Cluster::add_node_group`] gives them nodes.
///
/// # Diagnostics
///
/// - `MS0201`: EKS does not offer the version.
/// - `MS0202`: the version is in paid extended support.
/// - `MS0205`: the network has private subnets in fewer than two zones.
///
/// # Example
///
/// ```
/// # use meshsynth::{aws, eks, testing, App};
/// # let app = App::new("shop");
/// # let run = testing::stack(&app, "cluster");
/// # let vpc = aws::Vpc::new(&run, "vpc", aws::VpcProps::default());
/// let cluster = eks::Cluster::new(&run, "main", &vpc, eks::ClusterProps::default());
/// cluster.add_access("deploy", "arn:aws:iam::111122223333:role/deploy", eks::Access::ClusterAdmin);
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
    scope: Scope,
    vpc: Vpc,
    name: String,
    version: String,
    identity: Identity,
    cluster: Resource<cfn::eks::Cluster>,
    provider: Resource<cfn::iam::OidcProvider>,
    target: Scope,
    node_role: Role,
    /// The nodes' own security group; none in Auto Mode, where nodes have that of the cluster.
    nodes: Option<SecurityGroup>,
}

impl Cluster {
    /// Defines a cluster.
    #[track_caller]
    pub fn new(scope: &impl Construct, id: &str, vpc: &Vpc, props: ClusterProps) -> Self {
        let scope = scope.scope().construct(id);
        let name = name::fit(&format!("{}-{id}", scope.app_name()).replace('.', "-"), 100);
        let key = Key::new(&scope, "key", KeyProps {
            description: format!("Secrets and logs of the cluster {name}"),
            ..KeyProps::default()
        });
        let logs = LogGroup::new(&scope, "logs", LogGroupProps {
            name: Some(format!("/aws/eks/{name}/cluster")),
            retention_days: props.log_retention_days,
            key: Some(key.clone()),
            on_delete: props.logs_on_delete,
        });
        let role = cluster_role(&scope, props.compute, &key);
        let node_role = node_group::node_role(&scope, match props.compute {
            Compute::NodeGroups => "AmazonEKSWorkerNodePolicy",
            Compute::AutoMode => "AmazonEKSWorkerNodeMinimalPolicy",
        });
        let cluster = control_plane(&scope, &name, vpc, &props, &role, &key);
        let cluster = match props.compute {
            Compute::NodeGroups => cluster,
            Compute::AutoMode => auto_mode(cluster, &node_role),
        };
        let cluster = cluster.define(&scope, "resource");
        // Otherwise EKS makes the log group itself, without an end to what it keeps.
        cluster.depends_on(logs.resource());
        if let Some(policy) = role.scope().child("policy") {
            after(cluster.scope(), &policy);
        }
        let provider = cfn::iam::OidcProvider::new()
            .url(cluster.open_id_connect_issuer_url())
            .client_id_list(["sts.amazonaws.com"])
            .define(&scope, "identity-provider");
        let target = Target { name: Data::from(name.clone()), version: props.version.clone() };
        let target = scope.define("target", Kind::Target(target));
        let nodes = (props.compute == Compute::NodeGroups).then(|| security::nodes(&scope, vpc, &name));
        let (version, identity) = (props.version, props.identity);
        let vpc = vpc.clone();
        let cluster = Self { scope, vpc, name, version, identity, cluster, provider, target, node_role, nodes };
        security::open(&cluster);
        let add_ons = match props.compute {
            Compute::NodeGroups => props.add_ons,
            Compute::AutoMode => vec![AddOn::metrics_server()],
        };
        for add_on in add_ons {
            cluster.add_add_on(add_on);
        }
        cluster
    }

    /// The name of the cluster in AWS.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The Kubernetes version.
    pub fn version(&self) -> &str {
        &self.version
    }

    /// The network that the cluster is in.
    pub fn vpc(&self) -> &Vpc {
        &self.vpc
    }

    /// How service accounts come by their roles.
    pub fn identity(&self) -> Identity {
        self.identity
    }

    /// Where manifests go; what is defined below a scope that is sent there goes to this cluster.
    pub fn target(&self) -> Scope {
        self.target.clone()
    }

    /// The security group of the nodes, and so of their pods.
    pub fn node_security_group(&self) -> Val<SecurityGroupId> {
        self.nodes.as_ref().map_or_else(|| self.control_plane_security_group(), SecurityGroup::id)
    }

    /// The security group of the control plane, which EKS makes.
    pub fn control_plane_security_group(&self) -> Val<SecurityGroupId> {
        self.cluster.cluster_security_group_id()
    }

    /// The role of the nodes.
    pub fn node_role(&self) -> Role {
        self.node_role.clone()
    }

    /// The URL of the Kubernetes API.
    pub fn endpoint(&self) -> Val<String> {
        self.cluster.endpoint()
    }

    /// The certificate authority of the Kubernetes API, in base64.
    pub fn certificate_authority(&self) -> Val<String> {
        self.cluster.certificate_authority_data()
    }

    /// The ARN of the OpenID Connect provider that IRSA trusts.
    pub fn provider_arn(&self) -> Val<String> {
        self.provider.arn()
    }

    /// The issuer of service account tokens, without `https://`, as trust policies have it.
    pub fn issuer(&self) -> Val<String> {
        self.cluster.open_id_connect_issuer_url().piece("https://", 1)
    }

    /// The name as an attribute: who reads it waits for the cluster.
    pub(super) fn reference(&self) -> Val<String> {
        self.cluster.reference()
    }

    pub(super) fn nodes(&self) -> Option<&SecurityGroup> {
        self.nodes.as_ref()
    }
}

impl Construct for Cluster {
    fn scope(&self) -> &Scope {
        &self.scope
    }
}

/// Every log of the control plane.
const LOGS: [LoggingTypeConfigType; 5] = [
    LoggingTypeConfigType::Api,
    LoggingTypeConfigType::Audit,
    LoggingTypeConfigType::Authenticator,
    LoggingTypeConfigType::ControllerManager,
    LoggingTypeConfigType::Scheduler,
];

fn control_plane(
    scope: &Scope,
    name: &str,
    vpc: &Vpc,
    props: &ClusterProps,
    role: &Role,
    key: &Key,
) -> cfn::eks::Cluster {
    let subnets: Vec<Val<String>> = vpc.subnet_ids(Tier::Private).into_iter().map(Into::into).collect();
    let mut network = ResourcesVpcConfig::new(subnets)
        .endpoint_private_access(true)
        .endpoint_public_access(!props.public_access.is_empty());
    if !props.public_access.is_empty() {
        network = network.public_access_cidrs(props.public_access.iter().map(Cidr::to_string).collect::<Vec<_>>());
    }
    let access = AccessConfig::new()
        .authentication_mode(AuthenticationMode::Api)
        // Who creates a cluster would otherwise stay its administrator, named nowhere.
        .bootstrap_cluster_creator_admin_permissions(false);
    let logs = LOGS.map(|kind| LoggingTypeConfig::new().type_(kind));
    let provider = Provider::new().key_arn(key.arn());
    cfn::eks::Cluster::new(network, role.arn())
        .name(name)
        .version(&props.version)
        .access_config(access)
        // Add-ons are resources of their own; what EKS would put in their place is in the way.
        .bootstrap_self_managed_addons(false)
        .deletion_protection(props.deletion_protection)
        .encryption_config([EncryptionConfig::new().provider(provider).resources(["secrets"])])
        .logging(Logging::new().cluster_logging(ClusterLogging::new().enabled_types(logs)))
        .zonal_shift_config(ZonalShiftConfig::new().enabled(true))
        .tags([Tag::new("Name", display_name(scope))])
}

/// EKS makes nodes, volumes and load balancers: the three are on together or not at all.
///
/// Source: <https://docs.aws.amazon.com/eks/latest/userguide/automode-get-started-cli.html>
fn auto_mode(cluster: cfn::eks::Cluster, node_role: &Role) -> cfn::eks::Cluster {
    let compute =
        ComputeConfig::new().enabled(true).node_pools(["general-purpose", "system"]).node_role_arn(node_role.arn());
    let balancing = ElasticLoadBalancing::new().enabled(true);
    cluster
        .compute_config(compute)
        .kubernetes_network_config(KubernetesNetworkConfig::new().elastic_load_balancing(balancing))
        .storage_config(StorageConfig::new().block_storage(BlockStorage::new().enabled(true)))
}

/// The role of the control plane.
///
/// Sources: <https://docs.aws.amazon.com/eks/latest/userguide/cluster-iam-role.html>,
/// <https://docs.aws.amazon.com/eks/latest/userguide/auto-cluster-iam-role.html>
fn cluster_role(scope: &Scope, compute: Compute, key: &Key) -> Role {
    let (actions, managed_policies): (&[&str], _) = match compute {
        Compute::NodeGroups => (&["sts:AssumeRole"], vec!["AmazonEKSClusterPolicy"]),
        Compute::AutoMode => (&["sts:AssumeRole", "sts:TagSession"], vec![
            "AmazonEKSBlockStoragePolicy",
            "AmazonEKSClusterPolicy",
            "AmazonEKSComputePolicy",
            "AmazonEKSLoadBalancingPolicy",
            "AmazonEKSNetworkingPolicy",
        ]),
    };
    let principal = Bag::default().with("Service", "eks.amazonaws.com");
    let statement = Statement::allow(actions.iter().copied()).into_data(Some(principal));
    let trust = Bag::default().with("Version", "2012-10-17").with("Statement", vec![statement]);
    let role = Role::new(scope, "role", Trust::Document(Val::from(trust)), RoleProps {
        description: "EKS runs the control plane.".to_owned(),
        managed_policies,
    });
    role.allow(Statement::allow(["kms:Decrypt", "kms:DescribeKey", "kms:Encrypt", "kms:ListGrants"]).on(key.arn()));
    role
}
