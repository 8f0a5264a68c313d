//! The control plane of a cluster and its role.

use crate::aws::vpc::Tier;
use crate::aws::{Vpc, display_name};
use crate::cfn;
use crate::cfn::eks::cluster::{
    AccessConfig, AuthenticationMode, BlockStorage, ClusterLogging, ComputeConfig, ElasticLoadBalancing,
    EncryptionConfig, KubernetesNetworkConfig, Logging, LoggingTypeConfig, LoggingTypeConfigType, Provider,
    ResourcesVpcConfig, StorageConfig, Tag, ZonalShiftConfig,
};
use crate::iam::{Role, RoleProps, Statement, Trust};
use crate::kms::Key;
use crate::tree::Scope;
use crate::units::Cidr;
use crate::val::{Bag, Val};

use super::{ClusterProps, Compute};

/// All log types of the control plane.
const LOGS: [LoggingTypeConfigType; 5] = [
    LoggingTypeConfigType::Api,
    LoggingTypeConfigType::Audit,
    LoggingTypeConfigType::Authenticator,
    LoggingTypeConfigType::ControllerManager,
    LoggingTypeConfigType::Scheduler,
];

/// Returns the properties of the control plane.
pub(super) fn properties(
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
        .bootstrap_cluster_creator_admin_permissions(props.creator_is_admin);
    let logs = LOGS.map(|kind| LoggingTypeConfig::new().type_(kind));
    let provider = Provider::new().key_arn(key.arn());
    cfn::eks::Cluster::new(network, role.arn())
        .name(name)
        .version(&props.version)
        .access_config(access)
        // The program defines add-ons as separate resources. They would conflict with the self-managed add-ons that EKS
        // installs by default.
        .bootstrap_self_managed_addons(false)
        .deletion_protection(props.deletion_protection)
        // Since version 1.28, the key encrypts all API data, so `Resources` is deprecated.
        // Source: https://docs.aws.amazon.com/eks/latest/userguide/envelope-encryption.html
        .encryption_config([EncryptionConfig::new().provider(provider)])
        .logging(Logging::new().cluster_logging(ClusterLogging::new().enabled_types(logs)))
        .zonal_shift_config(ZonalShiftConfig::new().enabled(true))
        .tags([Tag::new("Name", display_name(scope))])
}

/// Enables Auto Mode. Nodes, volumes and load balancers must be enabled together.
///
/// Source: <https://docs.aws.amazon.com/eks/latest/userguide/automode-get-started-cli.html>
pub(super) fn in_auto_mode(cluster: cfn::eks::Cluster, node_role: &Role) -> cfn::eks::Cluster {
    let compute =
        ComputeConfig::new().enabled(true).node_pools(["general-purpose", "system"]).node_role_arn(node_role.arn());
    let balancing = ElasticLoadBalancing::new().enabled(true);
    cluster
        .compute_config(compute)
        .kubernetes_network_config(KubernetesNetworkConfig::new().elastic_load_balancing(balancing))
        .storage_config(StorageConfig::new().block_storage(BlockStorage::new().enabled(true)))
}

/// Returns the role of the control plane.
///
/// Sources: <https://docs.aws.amazon.com/eks/latest/userguide/cluster-iam-role.html>,
/// <https://docs.aws.amazon.com/eks/latest/userguide/auto-cluster-iam-role.html>
pub(super) fn role(scope: &Scope, compute: Compute, key: &Key) -> Role {
    let (actions, managed_policies): (&[&str], _) = match compute {
        Compute::NodeGroups => (&["sts:AssumeRole"], vec!["AmazonEKSClusterPolicy"]),
        Compute::AutoMode => (
            &["sts:AssumeRole", "sts:TagSession"],
            vec![
                "AmazonEKSBlockStoragePolicy",
                "AmazonEKSClusterPolicy",
                "AmazonEKSComputePolicy",
                "AmazonEKSLoadBalancingPolicy",
                "AmazonEKSNetworkingPolicy",
            ],
        ),
    };
    let principal = Bag::default().with("Service", "eks.amazonaws.com");
    let statement = Statement::allow(actions.iter().copied()).into_data(Some(principal));
    let trust = Bag::default().with("Version", "2012-10-17").with("Statement", vec![statement]);
    let role = Role::new(
        scope,
        "role",
        Trust::Document(Val::from(trust)),
        RoleProps { description: "EKS runs the control plane.".to_owned(), managed_policies },
    );
    role.allow(Statement::allow(["kms:Decrypt", "kms:DescribeKey", "kms:Encrypt", "kms:ListGrants"]).on(key.arn()));
    role
}
