//! Defines clusters: the control plane and the parts that every cluster has.

use crate::aws::Vpc;
use crate::aws::logs::{LogGroup, LogGroupProps};
use crate::cfn;
use crate::diagram::DiagramNode;
use crate::kms::{Key, KeyProps};
use crate::name;
use crate::node::{Kind, Target};
use crate::tree::Construct;
use crate::val::Data;

use super::cluster::ControlPlane;
use super::{AddOn, Cluster, ClusterProps, Compute, after, control_plane, node_group, security};

impl Cluster {
    /// Defines a cluster.
    #[track_caller]
    pub fn new(scope: &impl Construct, id: &str, vpc: &Vpc, props: ClusterProps) -> Self {
        let scope = scope.scope().construct(id);
        let name = name::fit(&format!("{}-{}", scope.app_name(), scope.id()).replace('.', "-"), 100);
        let key = Key::new(
            &scope,
            "key",
            KeyProps { description: format!("Secrets and logs of the cluster {name}"), ..KeyProps::default() },
        );
        let logs = LogGroup::new(
            &scope,
            "logs",
            LogGroupProps {
                name: Some(format!("/aws/eks/{name}/cluster")),
                retention_days: props.log_retention_days,
                key: Some(key.clone()),
                on_delete: props.logs_on_delete,
            },
        );
        let role = control_plane::role(&scope, props.compute, &key);
        let node_role = node_group::node_role(
            &scope,
            match props.compute {
                Compute::NodeGroups => "AmazonEKSWorkerNodePolicy",
                Compute::AutoMode => "AmazonEKSWorkerNodeMinimalPolicy",
            },
        );
        vpc.open_ways_of(&node_role);
        let cluster = control_plane::properties(&scope, &name, vpc, &props, &role, &key);
        let cluster = match props.compute {
            Compute::NodeGroups => cluster,
            Compute::AutoMode => control_plane::in_auto_mode(cluster, &node_role),
        };
        let cluster = cluster.define(&scope, "resource");
        // Without this dependency, EKS creates the log group first, with unlimited retention.
        logs.before(&cluster);
        if let Some(policy) = role.scope().child("policy") {
            after(cluster.scope(), &policy);
        }
        let provider = cfn::iam::OidcProvider::new()
            .url(cluster.open_id_connect_issuer_url())
            .client_id_list(["sts.amazonaws.com"])
            .define(&scope, "identity-provider");
        let target = Target { name: Data::from(name.clone()), version: props.version.clone(), ..Target::default() };
        let target = scope.define("target", Kind::Target(target));
        scope.on_target(&target);
        let nodes = (props.compute == Compute::NodeGroups).then(|| security::nodes(&scope, vpc, &name));
        let (version, identity, is_private) = (props.version, props.identity, props.public_access.is_empty());
        scope.diagram(DiagramNode::group("cluster").label(&name).detail(format!("EKS {version}")).within(vpc));
        let control_plane = ControlPlane {
            reference: cluster.reference(),
            endpoint: Some(cluster.endpoint()),
            certificate_authority: Some(cluster.certificate_authority_data()),
            issuer: cluster.open_id_connect_issuer_url().piece("https://", 1),
            provider_arn: Some(provider.arn()),
            security_group: cluster.cluster_security_group_id(),
        };
        let (vpc, compute, node_role) = (vpc.clone(), props.compute, Some(node_role));
        let unknown = Vec::new();
        let cluster = Self {
            scope,
            vpc,
            name,
            version,
            identity,
            compute,
            control_plane: Some(control_plane),
            target,
            node_role,
            is_private,
            nodes,
            unknown,
        };
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
}
