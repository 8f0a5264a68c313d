//! The nodes of clusters: labels, taints and devices of the program's node groups.

use crate::facts::instance_types::{Device, architecture, device};
use crate::hash::FastSet;
use crate::node::Resource;
use crate::synth::Model;
use crate::tree::NodeId;
use crate::val::{Bag, Data};

/// The nodes of a cluster.
pub(in crate::rules) struct Nodes<'a> {
    /// The managed node groups.
    pub groups: Vec<Group<'a>>,
}

/// A managed node group.
pub(in crate::rules) struct Group<'a> {
    pub id: NodeId,
    props: &'a Bag,
    types: Vec<&'a str>,
}

/// A taint that repels pods.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::rules) struct Taint<'a> {
    pub key: &'a str,
    pub value: &'a str,
    /// The effect as Kubernetes writes it, such as `NoSchedule`.
    pub effect: &'static str,
}

/// Returns the nodes of each cluster whose nodes the program defines completely. Excludes existing clusters, clusters
/// that create nodes themselves (Auto Mode, Karpenter, separate Auto Scaling groups), and clusters without nodes.
pub(in crate::rules) fn known(model: &Model) -> Vec<(NodeId, Nodes<'_>)> {
    if model.is_open {
        return Vec::new();
    }
    let made_elsewhere = with_other_nodes(model);
    let mut found = Vec::new();
    for (target, it) in model.targets() {
        let is_own = |(_, cluster): &(NodeId, &Resource)| cluster.props.get("Name") == Some(&it.name);
        let Some((cluster, resource)) = model.of_type("AWS::EKS::Cluster").find(is_own) else { continue };
        if resource.props.at("ComputeConfig.Enabled").and_then(Data::as_bool) == Some(true)
            || made_elsewhere.contains(&target)
        {
            continue;
        }
        let groups = model.of_type("AWS::EKS::Nodegroup").filter(|(_, group)| {
            let name = group.props.get("ClusterName");
            name.and_then(Data::as_attr).is_some_and(|attr| attr.node == cluster) || name == resource.props.get("Name")
        });
        let groups: Vec<_> = groups.map(|(id, group)| Group::of(id, &group.props)).collect();
        // User data may set labels that are not in the template.
        if !groups.is_empty() && !groups.iter().any(|group| group.has_user_data(model)) {
            found.push((target, Nodes { groups }));
        }
    }
    found
}

/// Returns the clusters with objects or charts that create nodes, and those with self-managed instances.
fn with_other_nodes(model: &Model) -> FastSet<NodeId> {
    let objects = model.objects().filter(|(_, _, object)| object.api_version.starts_with("karpenter."));
    let releases =
        model.releases().filter(|(_, release)| ["karpenter", "cluster-api"].contains(&release.chart.as_str()));
    let ids = objects.map(|(id, ..)| id).chain(releases.map(|(id, _)| id));
    let mut found: FastSet<NodeId> = ids.filter_map(|id| model.target_of(id)).collect();
    // The rule does not determine the cluster of self-managed nodes and Fargate profiles, so this includes all
    // clusters.
    if ["AWS::AutoScaling::AutoScalingGroup", "AWS::EKS::FargateProfile"]
        .iter()
        .any(|it| model.of_type(it).next().is_some())
    {
        found.extend(model.targets().map(|(id, _)| id));
    }
    found
}

impl<'a> Group<'a> {
    fn of(id: NodeId, props: &'a Bag) -> Self {
        let types = props.get("InstanceTypes").map(Data::items).unwrap_or_default();
        Self { id, props, types: types.iter().filter_map(Data::as_str).collect() }
    }

    /// Whether its launch template has user data.
    fn has_user_data(&self, model: &Model) -> bool {
        let template = self.props.at("LaunchTemplate.Id").or_else(|| self.props.at("LaunchTemplate.Name"));
        let Some(template) = template else { return false };
        let own = template.as_attr().and_then(|attr| model.resource(attr.node));
        own.is_none_or(|own| own.props.at("LaunchTemplateData.UserData").is_some())
    }

    /// Whether its nodes have a label with one of these values. `None` means any value. Unknown values count as a
    /// match.
    pub fn has_label(&self, key: &str, values: Option<&[&str]>) -> bool {
        let is_one = |value: &str| values.is_none_or(|values| values.contains(&value));
        match key {
            "kubernetes.io/os" | "beta.kubernetes.io/os" => is_one("linux"),
            "kubernetes.io/arch" | "beta.kubernetes.io/arch" => {
                self.types.iter().any(|it| is_one(architecture(it).word()))
            }
            "node.kubernetes.io/instance-type" | "beta.kubernetes.io/instance-type" => {
                self.types.iter().any(|it| is_one(it))
            }
            "eks.amazonaws.com/capacityType" => {
                is_one(self.props.get("CapacityType").and_then(Data::as_str).unwrap_or("ON_DEMAND"))
            }
            key if OF_EVERY_NODE.contains(&key) => true,
            key => match self.props.at("Labels").and_then(Data::as_map).and_then(|labels| labels.get(key)) {
                Some(value) => value.as_str().is_none_or(is_one),
                None => false,
            },
        }
    }

    /// Returns its taints that repel pods.
    pub fn taints(&self) -> impl Iterator<Item = Taint<'a>> + use<'a> {
        let taints = self.props.get("Taints").map(Data::items).unwrap_or_default();
        taints.iter().filter_map(|taint| {
            let text = |key: &str| taint.at(key).and_then(Data::as_str);
            let effect = match text("Effect")? {
                "NO_SCHEDULE" => "NoSchedule",
                "NO_EXECUTE" => "NoExecute",
                _ => return None,
            };
            Some(Taint { key: text("Key")?, value: text("Value").unwrap_or_default(), effect })
        })
    }

    /// Whether its instances have a device. Unknown instance types count as a match.
    pub fn has_device(&self, wanted: Device) -> bool {
        self.types.is_empty() || self.types.iter().any(|it| device(it) == Some(wanted))
    }
}

/// Labels that every EKS node has, with values that are known only at run time.
///
/// Source: <https://kubernetes.io/docs/reference/labels-annotations-taints/>
const OF_EVERY_NODE: [&str; 13] = [
    "alpha.eksctl.io/nodegroup-name",
    "eks.amazonaws.com/nodegroup",
    "eks.amazonaws.com/nodegroup-image",
    "eks.amazonaws.com/sourceLaunchTemplateId",
    "eks.amazonaws.com/sourceLaunchTemplateVersion",
    "failure-domain.beta.kubernetes.io/region",
    "failure-domain.beta.kubernetes.io/zone",
    "k8s.io/cloud-provider-aws",
    "kubernetes.io/hostname",
    "topology.ebs.csi.aws.com/zone",
    "topology.k8s.aws/zone-id",
    "topology.kubernetes.io/region",
    "topology.kubernetes.io/zone",
];

/// The labels that are commonly used as topology keys.
pub(in crate::rules) const TOPOLOGIES: [&str; 3] =
    ["kubernetes.io/hostname", "topology.kubernetes.io/region", "topology.kubernetes.io/zone"];

impl Taint<'_> {
    /// Whether one of the tolerations of a pod matches this taint.
    pub fn is_tolerated(&self, pod: &Bag) -> bool {
        let tolerations = pod.get("tolerations").map(Data::items).unwrap_or_default();
        tolerations.iter().any(|it| self.is_tolerated_by(it))
    }

    /// Whether a toleration matches this taint.
    pub fn is_tolerated_by(&self, toleration: &Data) -> bool {
        let text = |key: &str| toleration.at(key).and_then(Data::as_str);
        let is_of_key = match (text("key").filter(|key| !key.is_empty()), text("operator")) {
            (None, _) => true,
            (Some(key), Some("Exists")) => key == self.key,
            (Some(key), _) => {
                key == self.key && toleration.at("value").map(Data::to_text).unwrap_or_default() == self.value
            }
        };
        is_of_key && text("effect").is_none_or(|effect| effect.is_empty() || effect == self.effect)
    }
}

impl std::fmt::Display for Taint<'_> {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let value = if self.value.is_empty() { String::new() } else { format!("={}", self.value) };
        write!(out, "{}{value}:{}", self.key, self.effect)
    }
}
