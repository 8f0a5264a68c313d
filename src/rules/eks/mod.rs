//! Amazon EKS: versions of clusters, and node groups.

use super::Rule;

rules! {
    "MS0201" unsupported_kubernetes_version => model;
    "MS0202" kubernetes_extended_support => model;
    "MS0203" invalid_node_group_size => platform;
    "MS0204" mixed_architectures => model;
    "MS0206" unknown_instance_type => model;
    "MS0208" node_group_in_auto_mode in "aws::eks::node_group";
}
