//! The location of pods in the AWS network.
//!
//! With the AWS CNI, a pod has an address in the subnet of its node. It has the security groups of the node or separate
//! groups.
//!
//! Source: <https://docs.aws.amazon.com/eks/latest/userguide/security-groups-for-pods.html>.

use std::collections::HashMap;

use meshsynth_access::kubernetes::Selector;

use crate::eks;
use crate::network::{Interface, group_key, interface, spans};
use crate::world::{Object, ResourceId, Workload, WorkloadId, World};

/// The network interfaces of the pods of all workloads.
#[derive(Debug, Default)]
pub struct Pods {
    /// The interfaces of each node group, by cluster.
    nodes: Vec<Vec<Interface>>,
    /// Whether the files define the nodes, by cluster.
    are_known: Vec<bool>,
    /// The node groups, by cluster.
    groups: Vec<Vec<ResourceId>>,
    /// The ranges that contain the addresses of the pods of each cluster; `None` if the files do not determine them.
    blocks: Vec<Option<Vec<(u128, u128)>>>,
    /// The interfaces of pods with separate security groups.
    own: HashMap<WorkloadId, Interface>,
}

impl Pods {
    /// Finds the nodes of every cluster, and the pods with separate security groups.
    pub fn new(world: &World) -> Self {
        let mut pods = Self::default();
        for objects in &world.clusters {
            let cluster = eks::resource_of(world, objects);
            let nodes = cluster.map(|id| nodes(world, id, &objects.objects)).unwrap_or_default();
            pods.blocks.push(cluster.and_then(|id| blocks(world, id, &objects.objects)));
            pods.are_known.push(nodes.1 || cluster.is_some_and(|id| is_managed(world, id)));
            pods.nodes.push(nodes.0);
            pods.groups.push(cluster.map(|id| node_groups(world, id)).unwrap_or_default());
        }
        for id in world.workload_ids() {
            let workload = world.workload(id);
            let objects = &world.clusters[workload.cluster].objects;
            let policies = objects.iter().filter(|it| it.kind == "SecurityGroupPolicy");
            let own: Vec<&Object> = policies.filter(|it| selects(it, workload, objects)).collect();
            if let Some(first) = own.first() {
                let groups = |it: &&Object| it.document["spec"]["securityGroups"]["groupIds"].as_array().cloned();
                let groups = own.iter().filter_map(groups).flatten().filter_map(|it| group_key(&it)).collect();
                let nodes = &pods.nodes[workload.cluster];
                let interface = Interface {
                    title: first.title(),
                    at: first.at.clone(),
                    subnets: nodes.iter().flat_map(|it| it.subnets.clone()).collect(),
                    addresses: Vec::new(),
                    groups,
                    field: "spec.securityGroups.groupIds".to_owned(),
                    is_public: Some(false),
                    public: None,
                    unknown: String::new(),
                    v6: nodes.first().and_then(|it| it.v6),
                    has_no_groups: false,
                    has_open_subnets: nodes.iter().any(|it| it.has_open_subnets),
                };
                pods.own.insert(id, interface);
            }
        }
        pods
    }

    /// Returns the possible interfaces of a workload's pods; empty if the files do not define the nodes.
    pub fn interfaces(&self, world: &World, id: WorkloadId) -> Vec<&Interface> {
        match self.own.get(&id) {
            Some(own) => vec![own],
            None => self.of_cluster(world.workload(id).cluster),
        }
    }

    /// Returns whether the pods of a workload have separate security groups.
    pub fn has_own_interface(&self, id: WorkloadId) -> bool {
        self.own.contains_key(&id)
    }

    /// Returns the ranges that contain the addresses of a workload's pods, or `None` if the files do not determine them.
    ///
    /// Source: <https://docs.aws.amazon.com/eks/latest/best-practices/ip-opt.html>.
    pub fn addresses(&self, world: &World, id: WorkloadId) -> Option<Vec<(u128, u128)>> {
        let workload = world.workload(id);
        if !workload.addresses.is_empty() {
            let known: Option<Vec<_>> = workload.addresses.iter().map(|it| spans(it)).collect();
            return known.map(|it| it.concat());
        }
        self.blocks.get(workload.cluster)?.clone()
    }

    /// Whether the files define the nodes of a cluster: node groups, node classes, or nodes that EKS manages.
    pub fn are_known(&self, cluster: usize) -> bool {
        self.are_known[cluster]
    }

    /// Returns the node groups of a cluster.
    pub fn node_groups(&self, cluster: usize) -> &[ResourceId] {
        &self.groups[cluster]
    }

    /// Returns the interfaces of the nodes of a cluster.
    pub fn of_cluster(&self, cluster: usize) -> Vec<&Interface> {
        self.nodes[cluster].iter().collect()
    }
}

fn node_groups(world: &World, cluster: ResourceId) -> Vec<ResourceId> {
    let groups = world.of_type("AWS::EKS::Nodegroup").iter().copied();
    groups.filter(|id| is_of(world, *id, cluster)).collect()
}

/// Whether a resource such as a node group belongs to a cluster.
fn is_of(world: &World, id: ResourceId, cluster: ResourceId) -> bool {
    eks::named(world, world.resource(id).property("ClusterName"), id) == Some(cluster)
}

/// Returns the blocks of the VPC of a cluster, or `None` if the pods have other addresses or the blocks are unknown.
///
/// A pod has an address of the subnet of its node. With custom networking, or if a subnet has a tag, it has an address
/// of another subnet of the VPC.
fn blocks(world: &World, cluster: ResourceId, objects: &[Object]) -> Option<Vec<(u128, u128)>> {
    let resource = world.resource(cluster);
    let is_overlay = |it: &Object| {
        ["operator.tigera.io", "crd.projectcalico.org", "cilium.io", "crd.antrea.io"].contains(&it.group.as_str())
            || (it.kind == "DaemonSet" && ["calico-node", "cilium", "antrea-agent"].contains(&it.name.as_str()))
    };
    let family = resource.property("KubernetesNetworkConfig.IpFamily");
    if objects.iter().any(is_overlay) || !(family.is_null() || family == "ipv4") {
        return None;
    }
    let listed = resource.property("ResourcesVpcConfig.SubnetIds").as_array()?;
    let subnet = world.named_by(listed.first()?)?;
    let vpc = world.named_by(world.resource(subnet).property("VpcId"))?;
    let nodes = node_groups(world, cluster);
    let has_other_subnets = objects.iter().any(|it| it.kind == "ENIConfig" || it.kind == "EC2NodeClass")
        || resource.property("ComputeConfig.Enabled") == true
        || world.of_type("AWS::EC2::Subnet").iter().any(|it| has_tag(world, *it, "kubernetes.io/role/cni"));
    let profiles = world.of_type("AWS::EKS::FargateProfile").iter().copied().filter(|it| is_of(world, *it, cluster));
    let hosts: Vec<ResourceId> = nodes.into_iter().chain(profiles).collect();
    let block = |id: ResourceId| spans(world.resource(id).property("CidrBlock").as_str()?);
    if hosts.is_empty() || has_other_subnets {
        return vpc_blocks(world, vpc);
    }
    let subnets = hosts.iter().flat_map(|it| world.resource(*it).property("Subnets").as_array().into_iter().flatten());
    let each: Option<Vec<_>> = subnets.map(|it| world.named_by(it).and_then(block)).collect();
    each.map(|it| it.concat()).filter(|it| !it.is_empty())
}

/// Returns all IPv4 blocks of a VPC, or `None` if a block is unknown.
fn vpc_blocks(world: &World, vpc: ResourceId) -> Option<Vec<(u128, u128)>> {
    let own = spans(world.resource(vpc).property("CidrBlock").as_str()?)?;
    let more = world.of_type("AWS::EC2::VPCCidrBlock").iter().map(|it| world.resource(*it));
    let more = more.filter(|it| world.named_by(it.property("VpcId")) == Some(vpc));
    let more = more.map(|it| it.property("CidrBlock")).filter(|it| !it.is_null());
    let more: Option<Vec<_>> = more.map(|it| spans(it.as_str()?)).collect();
    Some([own].into_iter().chain(more?).flatten().collect())
}

fn has_tag(world: &World, id: ResourceId, key: &str) -> bool {
    world.resource(id).property("Tags").as_array().into_iter().flatten().any(|it| it["Key"] == key)
}

/// Returns the interfaces of nodes, and whether the files define them.
fn nodes(world: &World, cluster: ResourceId, objects: &[Object]) -> (Vec<Interface>, bool) {
    let mut found: Vec<Interface> =
        node_groups(world, cluster).into_iter().filter_map(|id| interface(world, id)).collect();
    if found.is_empty() {
        found = objects.iter().filter_map(|it| of_class(world, cluster, it)).collect();
    }
    let are_written = !found.is_empty();
    if found.is_empty() {
        // By default, Fargate, Auto Mode and nodes started by a controller have the cluster security group.
        let resource = world.resource(cluster);
        let group = format!("${{{}/{}.ClusterSecurityGroupId}}", resource.stack_id, resource.logical);
        let mut nodes = interface(world, cluster).unwrap_or_default();
        nodes.groups = group_key(&group.into()).into_iter().collect();
        found.push(nodes);
    }
    (found, are_written)
}

/// Returns the interface of nodes that Karpenter starts for a class with specified security groups.
///
/// Source: <https://karpenter.sh/docs/concepts/nodeclasses/#specsecuritygroupselectorterms>.
fn of_class(world: &World, cluster: ResourceId, class: &Object) -> Option<Interface> {
    if !matches!(class.kind.as_str(), "EC2NodeClass" | "NodeClass") {
        return None;
    }
    let spec = &class.document["spec"];
    let ids = |key: &str| spec[key].as_array().into_iter().flatten().map(|it| &it["id"]).collect::<Vec<_>>();
    let groups: Vec<String> = ids("securityGroupSelectorTerms").into_iter().filter_map(group_key).collect();
    let mut nodes = interface(world, cluster).unwrap_or_default();
    let subnets: Vec<ResourceId> = ids("subnetSelectorTerms").into_iter().filter_map(|it| world.named_by(it)).collect();
    if !subnets.is_empty() {
        nodes.subnets = subnets;
    }
    (nodes.title, nodes.at) = (class.title(), class.at.clone());
    nodes.field = "spec.securityGroupSelectorTerms".to_owned();
    nodes.groups = groups;
    (!nodes.groups.is_empty()).then_some(nodes)
}

/// Whether EKS itself manages nodes of a cluster, with Auto Mode or Fargate.
fn is_managed(world: &World, cluster: ResourceId) -> bool {
    let resource = world.resource(cluster);
    let mut profiles = world.of_type("AWS::EKS::FargateProfile").iter();
    *resource.property("ComputeConfig.Enabled") == true || profiles.any(|id| is_of(world, *id, cluster))
}

fn selects(policy: &Object, workload: &Workload, objects: &[Object]) -> bool {
    let spec = &policy.document["spec"];
    let of_pods = spec.get("podSelector").is_some_and(|it| Selector::parse(it).selects(&workload.labels));
    let of_account = spec.get("serviceAccountSelector").is_some_and(|it| {
        let is_account = |it: &&Object| {
            it.kind == "ServiceAccount" && it.namespace == workload.namespace && it.name == workload.account
        };
        let labels = objects.iter().find(is_account).map(Object::labels).unwrap_or_default();
        Selector::parse(it).selects(&labels)
    });
    policy.namespace == workload.namespace && (of_pods || of_account)
}
