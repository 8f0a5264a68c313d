//! The detected mistakes: for each row, a rule reports it, the compiler rejects it, or a construct prevents it.

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
    /// Its number. A number with a letter is a mistake of a published example.
    pub id: &'static str,
    /// The requirement, or the mistake.
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
    row("1", "the control plane reaches istiod's webhooks", "", &[Follows("mesh::Istio", "the_control_plane_reaches_the_webhooks_and_nothing_else_of_istio")]),
    row("2", "the control plane reaches KEDA's metrics server", "", &[Follows("addons::Keda", "the_control_plane_reaches_its_metrics_and_its_webhook")]),
    row("3", "the control plane reaches KEDA's webhook", "", &[Follows("addons::Keda", "the_control_plane_reaches_its_metrics_and_its_webhook")]),
    row("4", "the load balancer controller is reached, and knows its region and network", "", &[Follows("addons::LoadBalancerController", "the_control_plane_reaches_the_webhooks"), Follows("addons::LoadBalancerController", "it_is_told_where_it_runs_instead_of_asking_the_instance")]),
    row("5", "the control plane reaches kubelets and metrics-server", "", &[Follows("eks::Cluster", "the_control_plane_reaches_kubelets_and_metrics_server")]),
    row("6", "one security group of a node bears the cluster's tag", "", &[Follows("eks::Cluster", "one_group_bears_the_tag_of_the_cluster")]),
    row("7", "subnets are tagged for load balancers and have room", "", &[Follows("aws::Vpc", "subnets_are_tagged_for_load_balancers_and_have_room"), Rule("MS0207")]),
    row("8", "a load balancer says its scheme", "", &[Rule("MS0416")]),
    row("9", "a gateway is asked for its health on its status port", "", &[Rule("MS0819"), Follows("mesh::Istio", "the_load_balancer_says_its_scheme_and_asks_for_readiness")]),
    row("10", "a load balancer answers in every zone", "", &[Follows("mesh::Istio, cross-zone unless asked otherwise", "the_load_balancer_says_its_scheme_and_asks_for_readiness")]),
    row("11", "pods that call their own load balancer get an answer", "", &[Rule("MS0608")]),
    row("12", "no proxy protocol with instances and `Local`", "", &[Rule("MS0819")]),
    row("13", "a subset of a route is defined", "IST0101", &[Rule("MS0801")]),
    row("14", "hosts and gateways of a route are there and fit", "IST0101, IST0132", &[Rule("MS0802"), Rule("MS0803")]),
    row("15", "a route says the port where there are several", "IST0112", &[Rule("MS0804")]),
    row("16", "a gateway selects pods", "IST0101", &[Rule("MS0805")]),
    row("17", "a gateway's port is on its service", "IST0162", &[Rule("MS0805")]),
    row("18", "a TLS credential is there, where the gateway reads it", "IST0101, IST0161", &[Rule("MS0806")]),
    row("19", "one certificate is on one gateway", "IST0138", &[Rule("MS0807")]),
    row("20", "ports say their protocol", "IST0118", &[Rule("MS0808")]),
    row("21", "a subset selects pods", "IST0173", &[Rule("MS0809")]),
    row("22", "a host is routed once, a gateway's host opened once", "IST0109, IST0145", &[Rule("MS0810")]),
    row("23", "sidecars can be injected: no user 1337, no level of pod security that refuses them", "IST0144", &[Rule("MS0409"), Rule("MS0820")]),
    row("24", "locality: shares of 100, outlier detection with a failover", "", &[Rule("MS0812")]),
    row("25", "no rule about requests on a TCP port", "", &[Rule("MS0813")]),
    row("26", "no TLS upon TLS", "", &[Rule("MS0814")]),
    row("27", "the clusters of a mesh agree on ids, names and networks", "", &[Rule("MS1001"), Rule("MS1060")]),
    row("28", "the other cluster's API server is reached, by a token", "", &[Rule("MS1003"), Rule("MS1061")]),
    row("29", "a service has one shape in all clusters", "IST0170", &[Rule("MS1004"), Rule("MS1062")]),
    row("30", "long connections between networks are kept alive", "", &[Follows("mesh::Mesh", "connections_between_networks_are_kept_alive_longer_than_load_balancers_remember_them")]),
    row("31", "ambient with security groups for pods enforces loosely", "", &[Rule("MS0821")]),
    row("32", "KEDA is outside of the mesh, or its ports are", "", &[Rule("MS0901")]),
    row("33", "one autoscaler a workload, with a name of its own", "", &[Rule("MS0402"), Rule("MS0902")]),
    row("34", "no number of replicas beside an autoscaler", "", &[Rule("MS0401"), Follows("mesh::Workload", "an_autoscaled_workload_has_no_number_of_replicas")]),
    row("35", "what is measured is requested, and does not begin at zero", "", &[Rule("MS0404"), Rule("MS0903")]),
    row("36", "the autoscaler's name is not too long", "", &[Rule("MS0902")]),
    row("37", "no more consumers than partitions", "", &[Rule("MS0904"), Rule("MS0954")]),
    row("38", "a Kafka trigger logs in to MSK with IAM in full", "", &[Rule("MS0905"), Rule("MS0950")]),
    row("39", "the port of the brokers fits the login", "", &[Rule("MS0905"), Follows("mesh::Trigger", "a_kafka_trigger_logs_in_by_iam_and_sees_how_far_its_group_is")]),
    row("40", "KEDA may see topics and groups", "", &[Follows("mesh::Trigger", "a_kafka_trigger_logs_in_by_iam_and_sees_how_far_its_group_is")]),
    row("41", "the identity of a workload has a role that KEDA finds", "", &[Rule("MS0906"), Rule("MS0951")]),
    row("42", "the workload's role trusts KEDA's", "", &[Follows("mesh::Trigger", "a_trigger_under_the_workload_lets_keda_take_its_role_and_gives_keda_nothing_else")]),
    row("43", "a role of IRSA trusts one account of one cluster", "", &[Rule("MS0501"), Follows("eks::Cluster", "a_role_trusts_one_service_account_and_audience")]),
    row("44", "Pod Identity: agent, trust and association", "", &[Follows("eks::Cluster", "with_pod_identity_the_association_binds_it_instead")]),
    row("45", "a password of a cache needs encryption in transit", "", &[Follows("elasticache::ReplicationGroup", "redis_switches_its_default_user_off_and_a_password_stays_a_reference")]),
    row("46", "a login to a database with IAM is allowed for one user", "", &[Follows("rds::Database", "a_service_logs_in_as_one_user_of_one_database")]),
    row("47", "a rollout's services, routes and analyses are there, and the autoscaler is the rollout's", "", &[Rule("MS0907"), Rule("MS0908")]),
    row("48", "weights that a controller moves are not set back", "", &[Rule("MS0909")]),
    row("49", "definitions are made by Helm or by us", "", &[Rule("MS0910")]),
    row("D1", "a route to a subset that nothing defines", "IST0101", &[Rule("MS0801")]),
    row("D2", "a host, gateway, service or account that is not there", "IST0101, IST0127", &[Rule("MS0802"), Rule("MS0803"), Rule("MS0805"), Rule("MS0818")]),
    row("D3", "weights beside 100", "", &[Rule("MS0811")]),
    row("D4", "tags of telemetry in the wrong place or without a value", "", &[Rule("MS0106"), Rule("MS0815")]),
    row("D5", "annotations of the other kind of load balancer", "", &[Rule("MS0415")]),
    row("D6", "a credential in another namespace, or that nothing makes", "IST0101", &[Rule("MS0806")]),
    row("D7", "a rollout without its analysis or its services", "", &[Rule("MS0908")]),
    row("D8", "two autoscalers of one workload; a minimum above the maximum", "", &[Rule("MS0402"), Rule("MS0403")]),
    row("D9", "strict mutual TLS before callers without it; a policy that cuts a declared call", "", &[Rule("MS0816"), Rule("MS1225"), Follows("mesh::Workload: network policies add up, so none can cut what another opens", "a_call_opens_both_sides")]),
    row("D10", "a role whose trust names another namespace or account", "", &[Rule("MS0501"), Rule("MS0502")]),
    row("D11", "networks that overlap; routes that are missing on one side", "", &[Rule("MS0107"), Follows("aws::VpcPeering", "each_side_has_its_routes_in_its_own_region")]),
    row("D12", "versions that are gone or cost extra", "", &[Rule("MS0201"), Rule("MS0202"), Rule("MS0302"), Rule("MS0304"), Rule("MS0305"), Rule("MS0309")]),
    row("D13", "a secret in plain text", "", &[Rule("MS0112"), Impossible("secret_as_text"), Impossible("secret_in_text")]),
    row("D14", "API versions and ways to install that are gone", "", &[Rule("MS0209"), Rule("MS0210")]),
];

/// Formats the rows as a Markdown table.
pub(super) fn table() -> String {
    let mut out = String::from(
        "\n## What is caught, row by row\n\nMistakes between Kubernetes, Istio, KEDA and AWS that no file shows by itself, and \
         those (D) of published examples. Each has a diagnostic with its failing and its passing case, cannot be written, or \
         does not arise, as a test shows.\n\n| row | what must hold, or goes wrong | how it is caught | Istio's code |\n|---|---|---|---|\n",
    );
    for row in ROWS {
        let how: Vec<String> = row
            .how
            .iter()
            .map(|how| match how {
                Rule(code) => (*code).to_owned(),
                Impossible(case) => format!("cannot be written: `tests/types/{case}.rs`"),
                Follows(from, test) => format!("follows from `{from}`: `{test}`"),
            })
            .collect();
        let _ = writeln!(out, "| {} | {} | {} | {} |", row.id, row.what, how.join("; "), row.istio);
    }
    out
}
