//! Rules for Kubernetes objects: names, references, images and API versions.

use super::Rule;

rules! {
    "MS0209" removed_api_version => model;
    "MS0405" selector_without_pods => mesh;
    "MS0406" missing_object => mesh;
    "MS0407" missing_namespace => model;
    "MS0408" duplicate_object => model;
    "MS0410" disruption_budget_blocks_eviction => model;
    "MS0411" port_without_container => mesh;
    "MS0412" image_without_version => model;
    "MS0413" invalid_kubernetes_name => model in "app";
    "MS0414" duplicate_environment_variable => model;
    "MS0418" invalid_image_name => model;
    "MS0419" selector_without_template_labels => model;
    "MS0420" volume_mount_without_volume => model;
    "MS0421" limit_below_request => model;
    "MS0422" duplicate_container_name => model;
    "MS0423" service_port_without_name => model;
    "MS0424" unsupported_restart_policy => model;
    "MS0425" port_out_of_range => model;
    "MS0426" missing_ingress_backend => mesh;
    "MS0427" route_without_reference_grant => mesh;
    "MS0428" invalid_quantity => model;
    "MS0429" unsupported_listener_protocol => mesh;
    "MS0430" missing_key => mesh;
    "MS0431" missing_monitored_port => mesh;
    "MS0440" duplicate_port in "mesh::pods::checks";
    "MS0441" unknown_port in "mesh::callable";
    "MS0442" call_setting_without_routes in "mesh::traffic::calls";
    "MS0443" circular_order in "mesh::pods::order";
    "MS0444" callee_without_port in "mesh::callee";
    "MS0445" partition_above_replicas => model;
    "MS0446" starting_deadline_too_short => model;
    "MS0447" pod_denied_by_pod_security => mesh;
    "MS0448" call_to_later_workload => model;
    "MS0449" service_account_of_another_namespace in "mesh::core::service_account";
    "MS0451" invalid_variable_name in "mesh::variables";
    "MS0452" invalid_volume in "mesh::pods::checks";
    "MS0453" defined_and_imported => model;
    "MS0454" invalid_topology_spread => mesh;
    "MS0455" repeated_port => mesh;
    "MS0436" missing_storage_class => mesh;
    "MS0437" stateful_set_without_service => mesh;
    "MS0438" unknown_priority_class => mesh;
    "MS0439" unknown_topology_key => mesh;
    "MS0910" duplicate_crd => mesh;
    "MS0959" missing_controller => model;
}
