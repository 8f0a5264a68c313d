//! A table of mistakes. A rule reports each mistake, the compiler rejects it, or a construct prevents it.

use std::fmt::Write;

/// How a mistake is prevented.
#[derive(Clone, Copy, Debug)]
pub enum How {
    /// A rule reports it in programs and in manifests. Contains the code of the rule.
    Rule(&'static str),
    /// It does not compile. Contains the test case in `tests/types`.
    Impossible(&'static str),
    /// A construct prevents it. Contains the construct and its test.
    Follows(&'static str, &'static str),
}

/// A mistake that is not visible in a single file.
#[derive(Clone, Copy, Debug)]
pub struct Row {
    /// Its number. A number with a letter identifies a mistake in a published example.
    pub id: &'static str,
    /// The mistake.
    pub what: &'static str,
    /// The code of Istio's analyzer, or an empty text.
    pub istio: &'static str,
    /// How it is prevented.
    pub how: &'static [How],
}

use How::{Follows, Impossible, Rule};

const fn row(id: &'static str, what: &'static str, istio: &'static str, how: &'static [How]) -> Row {
    Row { id, what, istio, how }
}

/// Every row, in order.
#[rustfmt::skip]
pub const ROWS: &[Row] = &[
    row("1", "the control plane cannot reach istiod's webhooks", "", &[Follows("mesh::Istio", "allows_control_plane_to_reach_only_istiod_webhooks")]),
    row("2", "the control plane cannot reach KEDA's metrics server", "", &[Follows("addons::Keda", "allows_control_plane_to_reach_metrics_server_and_webhook")]),
    row("3", "the control plane cannot reach KEDA's webhook", "", &[Follows("addons::Keda", "allows_control_plane_to_reach_metrics_server_and_webhook")]),
    row("4", "the control plane cannot reach the load balancer controller, or the controller has no region or VPC", "", &[Follows("addons::LoadBalancerController", "allows_control_plane_to_reach_webhooks"), Follows("addons::LoadBalancerController", "sets_region_and_vpc_of_controller")]),
    row("5", "the control plane cannot reach kubelets and metrics-server", "", &[Follows("eks::Cluster", "allows_control_plane_to_reach_kubelets_and_metrics_server")]),
    row("6", "several security groups of a node have the cluster's tag, or none has it", "", &[Follows("eks::Cluster", "tags_one_node_security_group_with_cluster")]),
    row("7", "subnets have no tags for load balancers, or too few addresses", "", &[Follows("aws::Vpc", "tags_subnets_for_load_balancers_and_reserves_addresses"), Rule("MS0207")]),
    row("8", "a load balancer has no scheme", "", &[Rule("MS0416")]),
    row("9", "the health check of a gateway does not use its status port", "", &[Rule("MS0819"), Follows("mesh::Istio", "sets_load_balancer_scheme_and_readiness_health_check")]),
    row("10", "a load balancer does not serve every zone", "", &[Follows("mesh::Istio, cross-zone by default", "sets_load_balancer_scheme_and_readiness_health_check")]),
    row("11", "pods cannot call their own load balancer", "", &[Rule("MS0608")]),
    row("12", "proxy protocol with targets of type `instance` and `Local`", "", &[Rule("MS0819")]),
    row("13", "a route refers to an undefined subset", "IST0101", &[Rule("MS0801")]),
    row("14", "hosts or gateways of a route are undefined or do not match", "IST0101, IST0132", &[Rule("MS0802"), Rule("MS0803")]),
    row("15", "a route without a port refers to a service with several ports", "IST0112", &[Rule("MS0804")]),
    row("16", "a gateway selects no pods", "IST0101", &[Rule("MS0805")]),
    row("17", "the service of a gateway does not have the gateway's port", "IST0162", &[Rule("MS0805")]),
    row("18", "a TLS credential is missing in the namespace of the gateway", "IST0101, IST0161", &[Rule("MS0806")]),
    row("19", "two gateways serve one certificate", "IST0138", &[Rule("MS0807")]),
    row("20", "ports do not declare their protocol", "IST0118", &[Rule("MS0808")]),
    row("21", "a subset selects no pods", "IST0173", &[Rule("MS0809")]),
    row("22", "two objects route one host, or two gateways serve it", "IST0109, IST0145", &[Rule("MS0810")]),
    row("23", "sidecars cannot be injected: user 1337, or a pod security level that rejects them", "IST0144", &[Rule("MS0409"), Rule("MS0820")]),
    row("24", "locality weights do not add up to 100, or a failover has no outlier detection", "", &[Rule("MS0812")]),
    row("25", "a rule about HTTP requests applies to a TCP port", "", &[Rule("MS0813")]),
    row("26", "TLS is added to TLS traffic", "", &[Rule("MS0814")]),
    row("27", "clusters of a mesh have inconsistent ids, names or networks", "", &[Rule("MS1001"), Rule("MS1060")]),
    row("28", "a cluster cannot reach the API server of another cluster, or has no token for it", "", &[Rule("MS1003"), Rule("MS1061")]),
    row("29", "a service differs between clusters", "IST0170", &[Rule("MS1004"), Rule("MS1062")]),
    row("30", "long connections between networks end at an idle timeout", "", &[Follows("mesh::Mesh", "keeps_connections_between_networks_alive_beyond_idle_timeout")]),
    row("31", "security groups for pods are strict in ambient mode", "", &[Rule("MS0821")]),
    row("32", "KEDA runs in the mesh without excluded ports", "", &[Rule("MS0901")]),
    row("33", "two autoscalers scale one workload or have the same name", "", &[Rule("MS0402"), Rule("MS0902")]),
    row("34", "a workload with an autoscaler sets `replicas`", "", &[Rule("MS0401"), Follows("mesh::Workload", "omits_replicas_of_autoscaled_workload")]),
    row("35", "an autoscaler measures an unrequested resource, or scales from zero on CPU or memory", "", &[Rule("MS0404"), Rule("MS0903")]),
    row("36", "the name of the autoscaler is too long", "", &[Rule("MS0902")]),
    row("37", "a workload has more consumers than partitions", "", &[Rule("MS0904"), Rule("MS0954")]),
    row("38", "a Kafka trigger has incomplete IAM authentication for MSK", "", &[Rule("MS0905"), Rule("MS0950")]),
    row("39", "the broker port does not match the authentication", "", &[Rule("MS0905"), Follows("mesh::Trigger", "authenticates_kafka_trigger_with_iam_and_grants_access_to_lag")]),
    row("40", "KEDA has no permission to read topics and groups", "", &[Follows("mesh::Trigger", "authenticates_kafka_trigger_with_iam_and_grants_access_to_lag")]),
    row("41", "KEDA finds no role for the identity of a workload", "", &[Rule("MS0906"), Rule("MS0951")]),
    row("42", "the workload's role does not trust KEDA's role", "", &[Follows("mesh::Trigger", "allows_keda_to_assume_only_the_workload_role")]),
    row("43", "an IRSA role trusts more than one service account of one cluster", "", &[Rule("MS0501"), Follows("eks::Cluster", "limits_role_trust_to_one_service_account_and_audience")]),
    row("44", "the agent, trust policy or association of Pod Identity is missing", "", &[Follows("eks::Cluster", "binds_role_with_pod_identity_association")]),
    row("45", "a cache has a password without encryption in transit", "", &[Follows("elasticache::ReplicationGroup", "disables_default_redis_user_and_keeps_password_reference")]),
    row("46", "IAM authentication for a database is allowed for every user", "", &[Follows("rds::Database", "grants_login_as_one_user_of_one_database")]),
    row("47", "services, routes or analyses of a rollout are undefined, or the autoscaler scales another object", "", &[Rule("MS0907"), Rule("MS0908")]),
    row("48", "a manifest resets weights that a controller changes", "", &[Rule("MS0909")]),
    row("49", "Helm and manifests define the same CustomResourceDefinition", "", &[Rule("MS0910")]),
    row("D1", "a route refers to an undefined subset", "IST0101", &[Rule("MS0801")]),
    row("D2", "a reference to an undefined host, gateway, service or account", "IST0101, IST0127", &[Rule("MS0802"), Rule("MS0803"), Rule("MS0805"), Rule("MS0818")]),
    row("D3", "route weights do not add up to 100", "", &[Rule("MS0811")]),
    row("D4", "telemetry tags are in the wrong field or have no value", "", &[Rule("MS0106"), Rule("MS0815")]),
    row("D5", "annotations belong to the other type of load balancer", "", &[Rule("MS0415")]),
    row("D6", "a credential is in another namespace, or is undefined", "IST0101", &[Rule("MS0806")]),
    row("D7", "the analysis or the services of a rollout are undefined", "", &[Rule("MS0908")]),
    row("D8", "a workload has two autoscalers, or a minimum above the maximum", "", &[Rule("MS0402"), Rule("MS0403")]),
    row("D9", "strict mutual TLS for callers without it, or a policy that blocks a declared call", "", &[Rule("MS0816"), Rule("MS1225"), Follows("mesh::Workload, because network policies only add permissions", "opens_egress_and_ingress_for_call")]),
    row("D10", "a role trusts another namespace or service account", "", &[Rule("MS0501"), Rule("MS0502")]),
    row("D11", "networks overlap, or one side has no routes", "", &[Rule("MS0107"), Follows("aws::VpcPeering", "defines_peering_routes_in_region_of_each_side")]),
    row("D12", "a version has no support, or only paid extended support", "", &[Rule("MS0201"), Rule("MS0202"), Rule("MS0223"), Rule("MS0224"), Rule("MS0302"), Rule("MS0304"), Rule("MS0305"), Rule("MS0309")]),
    row("D13", "a secret is in plain text", "", &[Rule("MS0112"), Impossible("secret_as_text"), Impossible("secret_in_text")]),
    row("D14", "API versions or installation methods that were removed", "", &[Rule("MS0209"), Rule("MS0210")]),
];

/// Formats the rows as a Markdown table.
pub(super) fn table() -> String {
    let mut out = String::from(
        "\n## Detected mistakes\n\nMistakes in Kubernetes, Istio, KEDA and AWS that are not visible in a single file. Rows D1 to D14 are from published \
         examples. Each mistake has a diagnostic, does not compile, or is prevented by a construct. Each row has a test.\n\n\
         | row | mistake | caught by | Istio's code |\n|---|---|---|---|\n",
    );
    for row in ROWS {
        let how: Vec<String> = row
            .how
            .iter()
            .map(|how| match how {
                Rule(code) => (*code).to_owned(),
                Impossible(case) => format!("the compiler: `tests/types/{case}.rs`"),
                Follows(from, test) => format!("`{from}`: `{test}`"),
            })
            .collect();
        let _ = writeln!(out, "| {} | {} | {} | {} |", row.id, row.what, how.join("; "), row.istio);
    }
    out
}
