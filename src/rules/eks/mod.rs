//! Rules for Amazon EKS: cluster versions, node groups and Karpenter.

use super::Rule;

rules! {
    "MS0201" unsupported_kubernetes_version => model;
    "MS0202" kubernetes_extended_support => model;
    "MS0203" invalid_node_group_size => platform;
    "MS0204" mixed_architectures => model;
    "MS0206" unknown_instance_type => model;
    "MS0208" node_group_in_auto_mode in "aws::eks::node_group";
    "MS0211" karpenter_in_auto_mode in "mesh::addons::karpenter";
    "MS0212" karpenter_without_node_group => model;
    "MS0213" node_pool_blocks_disruption => model;
    "MS0214" node_pool_without_limits => model;
    "MS0215" node_image_by_id => model;
    "MS0216" unsatisfiable_node_requirements => model;
    "MS0217" node_pools_of_one_weight => model;
    "MS0218" node_held_up_by_pods => model;
    "MS0219" missing_node_class => model;
    "MS0223" amazon_linux_2_image => model;
    "MS0224" component_outside_tested_range => model;
    "MS0432" pods_without_nodes => model;
    "MS0433" untolerated_taint => model;
    "MS0434" idle_node_group in "rules::eks::untolerated_taint";
}
