//! Launch templates of nodes.

use crate::Resource;
use crate::aws::display_name;
use crate::cfn::ec2;
use crate::cfn::ec2::launch_template::{
    BlockDeviceMapping, Ebs, HttpEndpoint, HttpTokens, LaunchTemplateData, MetadataOptions, Tag, TagSpecification,
    VolumeType,
};
use crate::cfn::ids::SecurityGroupId;
use crate::tree::Scope;
use crate::units::Gib;
use crate::val::Val;

/// The resource types that are tagged when a node starts.
const TAGGED: [&str; 3] = ["instance", "network-interface", "volume"];

/// Defines the launch template, with IMDSv2 only, an encrypted root volume, and the security group of the nodes.
///
/// Source: <https://docs.aws.amazon.com/eks/latest/userguide/launch-templates.html>
pub(super) fn define(
    scope: &Scope,
    nodes: Val<SecurityGroupId>,
    root_volume: Gib,
    pods_may_read_metadata: bool,
) -> Resource<ec2::LaunchTemplate> {
    // Responses of the metadata service need one hop more to a pod than to the node. With a hop limit of 1, pods cannot
    // read the node's credentials.
    let hops = if pods_may_read_metadata { 2 } else { 1 };
    let metadata = MetadataOptions::new()
        .http_endpoint(HttpEndpoint::Enabled)
        .http_tokens(HttpTokens::Required)
        .http_put_response_hop_limit(hops);
    let volume =
        Ebs::new().encrypted(true).volume_type(VolumeType::Gp3).volume_size(root_volume.0).delete_on_termination(true);
    let tags =
        TAGGED.map(|kind| TagSpecification::new().resource_type(kind).tags([Tag::new("Name", display_name(scope))]));
    let data = LaunchTemplateData::new()
        .block_device_mappings([BlockDeviceMapping::new().device_name("/dev/xvda").ebs(volume)])
        .metadata_options(metadata)
        .security_group_ids([nodes])
        .tag_specifications(tags);
    ec2::LaunchTemplate::new(data).define(scope, "template")
}
