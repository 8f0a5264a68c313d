//! Kubernetes objects: names, references, images and API versions.

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
    "MS0413" invalid_kubernetes_name => model;
    "MS0414" duplicate_environment_variable => model;
    "MS0418" invalid_image_name => model;
    "MS0910" duplicate_crd => mesh;
    "MS0959" missing_controller => model;
}
