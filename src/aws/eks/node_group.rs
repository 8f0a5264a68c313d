//! Managed node groups.

use crate::Resource;
use crate::aws::display_name;
use crate::aws::vpc::Tier;
use crate::cfn;
use crate::cfn::eks::nodegroup::{
    AmiType, Effect, LaunchTemplateSpecification, ScalingConfig, Taint as TaintRecord, UpdateConfig,
};
use crate::diag::Diagnostic;
use crate::facts::instance_types::{Architecture, Device, architecture, device};
use crate::iam::{Role, RoleProps, Trust};
use crate::tree::{Construct, Scope};
use crate::units::Gib;

use super::addons::waits_for_nodes;
use super::{Cluster, Compute, after, launch_template, resources_below};

/// The purchase option of instances.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Capacity {
    /// On-Demand Instances.
    #[default]
    OnDemand,
    /// Spot Instances, which are cheaper and are interrupted with two minutes' notice. Use several instance types.
    Spot,
}

/// A taint, which repels pods without a matching toleration.
#[derive(Clone, Debug, PartialEq)]
pub struct Taint {
    /// Its key.
    pub key: String,
    /// Its value. May be empty.
    pub value: String,
    /// The effect on pods that do not tolerate the taint.
    pub effect: Effect,
}

/// Properties of a node group.
#[derive(Clone, Debug)]
pub struct NodeGroupProps {
    /// The instance types, the preferred one first. All must have the same processor architecture.
    /// Default: `m7i.large`, `m6i.large`, `m5.large`.
    pub instance_types: Vec<String>,
    /// The purchase option. Default: on demand.
    pub capacity: Capacity,
    /// The minimum number of nodes. Default: 1.
    pub min_nodes: u32,
    /// The initial number of nodes. Default: 2.
    pub desired_nodes: u32,
    /// The maximum number of nodes. Default: 10.
    pub max_nodes: u32,
    /// The labels of its nodes: key, value. Default: none.
    pub labels: Vec<(String, String)>,
    /// The taints of its nodes. Default: none.
    pub taints: Vec<Taint>,
    /// The size of the root volume. Default: 50 GiB.
    pub root_volume: Gib,
    /// Whether pods can reach the instance metadata, and thus the node's credentials. Some controllers need it to
    /// detect their region and VPC. Default: no.
    pub pods_may_read_instance_metadata: bool,
}

impl Default for NodeGroupProps {
    fn default() -> Self {
        Self {
            instance_types: ["m7i.large", "m6i.large", "m5.large"].map(str::to_owned).to_vec(),
            capacity: Capacity::OnDemand,
            min_nodes: 1,
            desired_nodes: 2,
            max_nodes: 10,
            labels: Vec::new(),
            taints: Vec::new(),
            root_volume: Gib(50),
            pods_may_read_instance_metadata: false,
        }
    }
}

/// A managed node group of a [`Cluster`].
///
/// Its nodes run the EKS image of the Kubernetes version, with an encrypted root volume and version 2 of the instance
/// metadata service. A cluster without Auto Mode needs at least one group.
///
/// # Example
///
/// ```
/// # use meshsynth::{App, Env, Stack, aws, eks};
/// # let app = App::new("shop");
/// # let stack = Stack::new(&app, "run", Env::region("eu-west-1"));
/// # let vpc = aws::Vpc::new(&stack, "vpc", aws::VpcProps::default());
/// # let cluster = eks::Cluster::new(&stack, "cluster", &vpc, eks::ClusterProps::default());
/// cluster.add_node_group("spot", eks::NodeGroupProps {
///     capacity: eks::Capacity::Spot,
///     min_nodes: 0,
///     ..Default::default()
/// });
/// ```
///
/// Source: <https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-eks-nodegroup.html>
#[derive(Clone)]
pub struct NodeGroup {
    scope: Scope,
    group: Resource<cfn::eks::Nodegroup>,
}

impl NodeGroup {
    /// Returns the resource of the node group, for example to set a property that the props do not contain.
    pub fn resource(&self) -> &Resource<cfn::eks::Nodegroup> {
        &self.group
    }
}

impl Construct for NodeGroup {
    fn scope(&self) -> &Scope {
        &self.scope
    }
}

impl Cluster {
    /// Adds a managed node group in the private subnets. Updates keep at least one node in service.
    ///
    /// Nodes run Amazon Linux 2023 for the processor architecture of the first instance type, with the drivers of its
    /// GPUs or accelerators. They use IMDSv2, an encrypted gp3 volume, and only the security group of the nodes.
    ///
    /// # Diagnostics
    ///
    /// - `MS0203`: the node numbers are not in ascending order.
    /// - `MS0204`: the instance types have different processor architectures.
    /// - `MS0206`: the family of an instance type is unknown.
    /// - `MS0208`: the cluster uses EKS Auto Mode, which manages its own nodes.
    ///
    /// Source: <https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-eks-nodegroup.html>
    #[track_caller]
    pub fn add_node_group(&self, id: &str, props: NodeGroupProps) -> NodeGroup {
        let scope = self.scope().construct(&format!("nodes-{id}"));
        if self.compute() == Compute::AutoMode {
            scope.report(
                Diagnostic::error(
                    "MS0208",
                    "a node group is added to a cluster in EKS Auto Mode, which manages nodes itself",
                )
                .help("remove the node group, or use `Compute::NodeGroups`"),
            );
        }
        let template = launch_template::define(
            &scope,
            self.node_security_group(),
            props.root_volume,
            props.pods_may_read_instance_metadata,
        );
        let template = LaunchTemplateSpecification::new()
            .id(template.launch_template_id())
            .version(template.latest_version_number());
        let first = props.instance_types.first().map(String::as_str).unwrap_or_default();
        let ami_type = match (architecture(first), device(first)) {
            (Architecture::Arm, Some(Device::NvidiaGpu)) => AmiType::Al2023Arm64Nvidia,
            (Architecture::Arm, _) => AmiType::Al2023Arm64Standard,
            (Architecture::X86, Some(Device::NvidiaGpu)) => AmiType::Al2023X86_64Nvidia,
            (Architecture::X86, Some(Device::Neuron)) => AmiType::Al2023X86_64Neuron,
            (Architecture::X86, _) => AmiType::Al2023X86_64Standard,
        };
        let capacity = match props.capacity {
            Capacity::OnDemand => "ON_DEMAND",
            Capacity::Spot => "SPOT",
        };
        let scaling =
            ScalingConfig::new().min_size(props.min_nodes).desired_size(props.desired_nodes).max_size(props.max_nodes);
        let mut group =
            cfn::eks::Nodegroup::new(self.reference(), self.node_role().arn(), self.vpc().subnet_ids(Tier::Private))
                .ami_type(ami_type)
                .capacity_type(capacity)
                .instance_types(props.instance_types)
                .launch_template(template)
                .scaling_config(scaling)
                // The schema accepts any number here, but EKS requires an integer from 1 to 100.
                .update_config(UpdateConfig::new().raw("MaxUnavailablePercentage", 33))
                .tags([("Name", display_name(&scope))]);
        if !props.labels.is_empty() {
            group = group.labels(props.labels);
        }
        if !props.taints.is_empty() {
            group = group.taints(props.taints.into_iter().map(taint).collect::<Vec<_>>());
        }
        let group = group.define(&scope, "resource");
        self.order(group.scope());
        NodeGroup { scope, group }
    }

    /// Orders network add-ons before the group, and add-ons that run as pods after it.
    fn order(&self, group: &Scope) {
        for add_on in resources_below(self.scope(), "AWS::EKS::Addon") {
            match waits_for_nodes(&add_on) {
                true => after(&add_on, group),
                false => after(group, &add_on),
            }
        }
    }
}

fn taint(taint: Taint) -> TaintRecord {
    let record = TaintRecord::new().key(taint.key).effect(taint.effect);
    match taint.value.is_empty() {
        true => record,
        false => record.value(taint.value),
    }
}

/// Defines the role of all nodes, which allows them to join the cluster and to pull images.
///
/// Source: <https://docs.aws.amazon.com/eks/latest/userguide/create-node-role.html>
pub(super) fn node_role(scope: &Scope, worker_policy: &'static str) -> Role {
    Role::new(
        scope,
        "node-role",
        Trust::Service("ec2.amazonaws.com"),
        RoleProps {
            description: "Nodes join the cluster and pull images.".to_owned(),
            managed_policies: vec![worker_policy, "AmazonEC2ContainerRegistryPullOnly"],
        },
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::aws::{Vpc, VpcProps};
    use crate::eks::ClusterProps;
    use crate::testing::{Platform, stack};

    #[test]
    fn selects_image_with_accelerator_drivers() {
        let image = |instance_type: &str| {
            let platform = Platform::synth("shop", |app| {
                let run = stack(app, "run");
                let vpc = Vpc::new(&run, "vpc", VpcProps::default());
                let cluster = Cluster::new(&run, "cluster", &vpc, ClusterProps::default());
                let instance_types = vec![instance_type.to_owned()];
                cluster.add_node_group("models", NodeGroupProps { instance_types, ..Default::default() });
            });
            platform.resource("AWS::EKS::Nodegroup").props["AmiType"].as_str().unwrap_or_default().to_owned()
        };
        assert_eq!(image("g5.xlarge"), "AL2023_x86_64_NVIDIA");
        assert_eq!(image("g5g.xlarge"), "AL2023_ARM_64_NVIDIA");
        assert_eq!(image("inf2.xlarge"), "AL2023_x86_64_NEURON");
    }

    #[test]
    fn spot_nodes_require_imdsv2_with_a_hop_limit_of_1() {
        let platform = Platform::synth("shop", |app| {
            let run = stack(app, "run");
            let vpc = Vpc::new(&run, "vpc", VpcProps::default());
            let cluster = Cluster::new(&run, "cluster", &vpc, ClusterProps::default());
            let instance_types = ["m7g.large", "m6g.large"].map(str::to_owned).to_vec();
            let props = NodeGroupProps { capacity: Capacity::Spot, instance_types, ..Default::default() };
            cluster.add_node_group("spot", props);
        });
        let group = platform.resource("AWS::EKS::Nodegroup").props;
        assert_eq!((&group["CapacityType"], &group["AmiType"]), (&"SPOT".into(), &"AL2023_ARM_64_STANDARD".into()));
        assert_eq!(group["ScalingConfig"]["MaxSize"], 10);
        let template = &platform.resource("AWS::EC2::LaunchTemplate").props["LaunchTemplateData"];
        assert_eq!(template["MetadataOptions"]["HttpTokens"], "required");
        assert_eq!(template["MetadataOptions"]["HttpPutResponseHopLimit"], 1);
        assert_eq!(template["BlockDeviceMappings"][0]["Ebs"]["Encrypted"], true);
    }
}
