//! Istio: routes, gateways, mutual TLS and authorization.

use super::Rule;

rules! {
    "MS0210" removed_installation_method => mesh;
    "MS0409" container_with_proxy_user_id => mesh;
    "MS0801" missing_subset => mesh;
    "MS0802" missing_host => mesh;
    "MS0803" missing_gateway => mesh;
    "MS0804" missing_route_port => mesh;
    "MS0805" gateway_without_workload => mesh;
    "MS0806" missing_gateway_credential => mesh;
    "MS0807" certificate_on_two_gateways => mesh;
    "MS0808" port_without_protocol => mesh;
    "MS0809" subset_without_pods => mesh;
    "MS0810" conflicting_hosts => mesh;
    "MS0811" invalid_route_weights => mesh;
    "MS0812" invalid_locality_settings => mesh;
    "MS0813" http_rule_on_tcp_port => mesh;
    "MS0814" double_tls => mesh;
    "MS0816" plain_text_call_to_strict_mtls => mesh;
    "MS0817" call_denied_by_policy => mesh;
    "MS0818" unknown_principal => mesh;
    "MS0819" invalid_gateway_health_check => mesh;
    "MS0820" sidecar_denied_by_pod_security => mesh;
    "MS0821" strict_pod_security_groups_in_ambient => mesh;
    "MS1030" http_setting_on_tcp_workload in "mesh::traffic::route";
    "MS1031" setting_without_mesh in "mesh::traffic::calls";
    "MS1032" duplicate_route_condition in "mesh::traffic::route";
    "MS1033" route_to_another_workload in "mesh::traffic::route";
    "MS1034" percentage_above_100 in "mesh::traffic::route";
    "MS1035" reserved_version_name in "mesh::traffic::version";
    "MS1036" per_caller_setting_in_ambient in "mesh::traffic::calls";
    "MS1037" invalid_tls_termination in "mesh::traffic::gateway";
    "MS1038" invalid_exposed_path in "mesh::traffic::gateway";
    "MS1040" route_unsupported_by_gateway_api in "mesh::traffic::gateway_api";
}
