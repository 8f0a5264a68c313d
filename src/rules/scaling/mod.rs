//! Rules for autoscalers of Kubernetes and KEDA.

use super::Rule;

rules! {
    "MS0401" replicas_with_autoscaler => model;
    "MS0402" two_autoscalers => model;
    "MS0403" minimum_above_maximum => model;
    "MS0404" autoscaler_without_requests => model;
    "MS0901" keda_in_mesh => mesh;
    "MS0902" invalid_autoscaler_name => mesh;
    "MS0903" cannot_scale_from_zero => mesh;
    "MS0904" more_replicas_than_strimzi_partitions => mesh;
    "MS0905" kafka_trigger_authentication => mesh;
    "MS0906" missing_trigger_authentication => mesh;
    "MS0907" missing_scale_target => mesh;
    "MS0911" scaler_setting_without_effect => mesh in "mesh::keda::events";
    "MS0950" invalid_scaler_metadata => model;
    "MS0951" trigger_with_pod_identity in "mesh::keda::identity";
    "MS0952" unsupported_trigger_login in "mesh::keda::identity";
    "MS0953" resource_trigger_on_job in "mesh::keda::scaled_job";
    "MS0954" more_replicas_than_msk_partitions => model;
    "MS0450" trigger_takes_role_of_existing_account in "mesh::pods::identity";
    "MS0960" trigger_after_role in "mesh::workload";
}
