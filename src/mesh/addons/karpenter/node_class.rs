//! The launch configuration of a pool's instances: image, network, volume.

use crate::Object;
use crate::aws::vpc::Tier;
use crate::kube::karpenter::{self, ec2_node_class as l1};
use crate::tree::{Construct, Scope};
use crate::units::Gib;
use crate::val::Val;

use super::Karpenter;

/// The image of nodes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum NodeImage {
    /// Amazon Linux 2023, in a version such as `v20261015`, or `latest`. With `latest`, Karpenter replaces nodes when a
    /// newer version exists.
    Al2023(String),
    /// Bottlerocket, in a version such as `v1.50.0` or `latest`.
    Bottlerocket(String),
    /// A custom image based on Amazon Linux 2023, by its id. It does not follow the Kubernetes version.
    Id(String),
}

impl NodeImage {
    fn to_l1(&self) -> l1::AmiSelectorTerm {
        let term = l1::AmiSelectorTerm::new();
        match self {
            NodeImage::Al2023(version) => term.alias(format!("al2023@{version}")),
            NodeImage::Bottlerocket(version) => term.alias(format!("bottlerocket@{version}")),
            NodeImage::Id(id) => term.id(id.clone()),
        }
    }
}

/// Properties of a [`NodeClass`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NodeClassProps {
    /// The image. Default: the newest Amazon Linux 2023 for the Kubernetes version.
    pub image: NodeImage,
    /// The size of the root volume. Default: 50 GiB.
    pub root_volume: Gib,
    /// Tags of instances and volumes, in addition to the tags that Karpenter sets. Default: the app.
    pub tags: Vec<(String, String)>,
    /// Whether pods can read the instance metadata, and thereby the node's credentials. Default: no.
    pub pods_may_read_instance_metadata: bool,
}

impl Default for NodeClassProps {
    fn default() -> Self {
        Self {
            image: NodeImage::Al2023("latest".to_owned()),
            root_volume: Gib(50),
            tags: Vec::new(),
            pods_may_read_instance_metadata: false,
        }
    }
}

/// The launch configuration of the instances of a [`NodePool`](super::NodePool): an `EC2NodeClass`.
///
/// Instances start in the private subnets of the cluster with the node security group. The object refers to subnets and
/// group by ID. Instances require IMDSv2 tokens, and have an encrypted gp3 volume.
///
/// # Diagnostics
///
/// - `MS0215`: the image is identified by its id, so it does not follow the Kubernetes version.
///
/// # Example
///
/// ```
/// # use meshsynth::{testing, mesh, App, Gib};
/// # let app = App::new("shop");
/// # let cluster = testing::cluster(&app);
/// # let run = testing::stack(&app, "platform-nodes");
/// use meshsynth::mesh::addons::{Karpenter, NodeClass, NodeClassProps, NodeImage};
///
/// cluster.add_node_group("system", Default::default());
/// let karpenter = Karpenter::new(&run, "karpenter", &cluster);
/// NodeClass::new(&karpenter, "default", NodeClassProps {
///     image: NodeImage::Al2023("v20261015".to_owned()),
///     root_volume: Gib(100),
///     ..Default::default()
/// });
/// ```
///
/// Source: <https://karpenter.sh/docs/concepts/nodeclasses/>
#[derive(Clone)]
pub struct NodeClass {
    scope: Scope,
    name: String,
    class: Object<karpenter::Ec2NodeClass>,
}

impl NodeClass {
    /// Defines a launch configuration. The object's name is the construct's id.
    #[track_caller]
    pub fn new(karpenter: &Karpenter, name: &str, props: NodeClassProps) -> Self {
        let scope = karpenter.scope().construct(&format!("class-{name}"));
        let cluster = karpenter.cluster();
        scope.on_target(&cluster.target());
        let subnets = cluster.vpc().subnet_ids(Tier::Private).into_iter();
        let subnets: Vec<_> = subnets.map(|id| l1::SubnetSelectorTerm::new().id(Val::<String>::from(id))).collect();
        let group = l1::SecurityGroupSelectorTerm::new().id(Val::<String>::from(cluster.node_security_group()));
        let volume = l1::BlockDeviceMappingEbs::new()
            .encrypted(true)
            .volume_type(l1::VolumeType::Gp3)
            .volume_size(format!("{}Gi", props.root_volume.0))
            .delete_on_termination(true);
        // Responses of the metadata service need one network hop more to a pod than to its node.
        let hops = if props.pods_may_read_instance_metadata { 2 } else { 1 };
        let metadata = l1::MetadataOptions::new()
            .http_endpoint(l1::HttpEndpoint::Enabled)
            .http_tokens(l1::HttpTokens::Required)
            .http_put_response_hop_limit(hops);
        let mut tags = vec![("meshsynth:app".to_owned(), scope.app_name())];
        tags.extend(props.tags);
        let spec = l1::Spec::new([props.image.to_l1()], [group], subnets)
            .instance_profile(karpenter.profile())
            .block_device_mappings([l1::BlockDeviceMapping::new()
                .device_name(match props.image {
                    NodeImage::Bottlerocket(_) => "/dev/xvdb",
                    _ => "/dev/xvda",
                })
                .ebs(volume)])
            .metadata_options(metadata)
            .tags(tags);
        let spec = match props.image {
            NodeImage::Id(_) => spec.ami_family(l1::AmiFamily::Al2023),
            _ => spec,
        };
        let class = karpenter::Ec2NodeClass::new().spec(spec).define(&scope, "class", name);
        Self { scope, name: name.to_owned(), class }
    }

    /// Returns its name, for use in pools.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Returns the `EC2NodeClass`, for example to set a field for which the props have no property.
    pub fn object(&self) -> &Object<karpenter::Ec2NodeClass> {
        &self.class
    }
}

impl Construct for NodeClass {
    fn scope(&self) -> &Scope {
        &self.scope
    }
}
