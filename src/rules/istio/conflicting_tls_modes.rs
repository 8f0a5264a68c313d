//! A `DestinationRule` and the `PeerAuthentication` of its hosts have contradictory TLS modes.
//!
//! # What it reports
//!
//! The rule reports two combinations:
//!
//! - the `DestinationRule` has the mode `DISABLE`, and the workloads require mutual TLS (`STRICT`)
//! - the `DestinationRule` has the mode `ISTIO_MUTUAL`, and the workloads turn off mutual TLS (`DISABLE`)
//!
//! Objects with settings for single ports, namespaces in ambient mode, and pods outside the mesh are not checked.
//!
//! # Why it matters
//!
//! The `DestinationRule` specifies how callers connect, and the `PeerAuthentication` which connections workloads
//! accept. Workloads reset connections in the other mode.
//!
//! # Fix
//!
//! Remove `tls` from the `DestinationRule`, so that callers use the mode that the workload accepts. During a migration
//! into the mesh, `PERMISSIVE` accepts both modes.
//!
//! Source: <https://istio.io/latest/docs/ops/common-problems/network-issues/#503-error-after-setting-destination-rule>,
//! <https://kiali.io/docs/features/validations/#kia0207---peerauthentication-with-tls-strict-mode-found-it-should-be-permissive>

use crate::hash::FastSet;
use crate::diag::Diagnostic;
use crate::rules::index::exports::ROOT;
use crate::rules::index::mutual_tls::{Mode, Policies, has_ports_of_its_own, selector};
use crate::rules::index::pods::called;
use crate::rules::index::{Host, Item, Mesh, NETWORKING, SECURITY};
use crate::val::Data;

/// Patterns that match every service of the mesh.
const EVERYTHING: [&str; 4] = ["*", "*.cluster.local", "*.local", "*.svc.cluster.local"];

/// A rule, and a policy that contradicts it.
struct Conflict<'a> {
    rule: Item<'a>,
    policy: Item<'a>,
    /// The mode that the workloads accept.
    taken: Mode,
}

pub(super) fn check(mesh: &Mesh<'_>, out: &mut Vec<Diagnostic>) {
    let policies = Policies::of(mesh);
    if policies.is_empty() {
        return;
    }
    let of_rules = mesh.all(NETWORKING, "DestinationRule").iter().filter_map(|rule| of_rule(mesh, &policies, rule));
    let of_policies = mesh.all(SECURITY, "PeerAuthentication").iter().filter_map(|policy| of_policy(mesh, policy));
    let mut told = FastSet::default();
    for conflict in of_rules.chain(of_policies) {
        if told.insert((conflict.rule.id, conflict.policy.id)) {
            out.push(diagnostic(mesh, &conflict));
        }
    }
}

/// Returns the mode of workloads that contradicts the mode of a rule for all ports.
fn contradicted(rule: &Item<'_>) -> Option<Mode> {
    let mode = rule.object.body.at("spec.trafficPolicy.tls.mode").and_then(Data::as_str)?;
    let refused = match mode {
        "DISABLE" => Mode::Strict,
        "ISTIO_MUTUAL" => Mode::Disable,
        _ => return None,
    };
    (!has_ports_of_its_own(rule)).then_some(refused)
}

/// Returns the policy for the hosts of a rule that contradicts the rule.
fn of_rule<'a>(mesh: &Mesh<'a>, policies: &Policies<'a>, rule: &Item<'a>) -> Option<Conflict<'a>> {
    let refused = contradicted(rule)?;
    let target = rule.place.0;
    let host = rule.object.body.at("spec.host").and_then(Data::as_str)?;
    let (policy, taken) = match mesh.host(host, rule.place.1) {
        Host::Wild(host) if EVERYTHING.contains(&host) => policies.of_labels((target, ROOT), None, None)?,
        Host::Wild(host) => {
            let namespace = host.strip_prefix("*.")?.strip_suffix(".svc.cluster.local")?;
            if mesh.is_ambient((target, namespace)) {
                return None;
            }
            policies.of_labels((target, namespace), None, None)?
        }
        Host::Outside(_) => return None,
        Host::Service { namespace, name } => {
            let service = mesh.services(namespace, name).iter().find(|service| service.place.0 == target)?;
            let labels = service.object.body.at("spec.selector").and_then(Data::as_map)?;
            let pods = mesh.pods.selected(service.place, labels).unwrap_or_default();
            let is_outside = pods.iter().any(|pods| mesh.in_mesh(pods) == Some(false));
            if is_outside || mesh.is_ambient(service.place) {
                return None;
            }
            match pods.first() {
                None => policies.of_labels(service.place, Some(labels), None)?,
                Some(first) => {
                    let is_refused = |(_, mode): (Item<'_>, Mode)| mode == refused;
                    let is_all = pods.iter().all(|pods| policies.of_pods(mesh, pods, None).is_some_and(is_refused));
                    policies.of_pods(mesh, first, None).filter(|_| is_all)?
                }
            }
        }
    };
    (taken == refused && !has_ports_of_its_own(&policy)).then_some(Conflict { rule: *rule, policy, taken })
}

/// Returns the default rule for services of a policy's namespace, if it contradicts the policy.
fn of_policy<'a>(mesh: &Mesh<'a>, policy: &Item<'a>) -> Option<Conflict<'a>> {
    let is_for_its_namespace = policy.place.1 != ROOT && selector(policy).is_none();
    if !is_for_its_namespace || has_ports_of_its_own(policy) || mesh.is_ambient(policy.place) {
        return None;
    }
    let taken = match policy.object.body.at("spec.mtls.mode").and_then(Data::as_str)? {
        "STRICT" => Mode::Strict,
        "DISABLE" => Mode::Disable,
        _ => return None,
    };
    let is_near = |rule: &Item<'a>| rule.place == policy.place || rule.place == (policy.place.0, ROOT);
    let rule = mesh.default_rules_of(policy.place.1).find(is_near)?;
    (contradicted(&rule) == Some(taken)).then_some(Conflict { rule, policy: *policy, taken })
}

fn diagnostic(mesh: &Mesh<'_>, conflict: &Conflict<'_>) -> Diagnostic {
    let Conflict { rule, policy, taken } = conflict;
    let (rule_name, policy_name) = (called(rule.object), called(policy.object));
    let at = |item: &Item<'_>| mesh.model.node(item.id).at;
    let found = if *taken == Mode::Strict {
        let message = format!("{rule_name} configures callers to send plain text, but {policy_name} requires mutual TLS");
        let found = mesh.model.error(rule.id, "MS0857", message).field("spec.trafficPolicy.tls.mode");
        found.note_at("mutual TLS is required here", at(policy))
    } else {
        let message = format!("{policy_name} disables mutual TLS, but {rule_name} configures callers to use it");
        let found = mesh.model.error(policy.id, "MS0857", message).field("spec.mtls.mode");
        found.note_at("callers are configured here", at(rule))
    };
    found.help("remove `tls` from the `DestinationRule`, so that callers use the mode of the workload")
}

#[cfg(test)]
mod tests {
    use crate::rules::testing::manifests::{fields, open, with_orders};

    fn pair(host: &str, sent: &str, namespace: &str, taken: &str) -> String {
        with_orders(&format!(
            "apiVersion: networking.istio.io/v1\nkind: DestinationRule\nmetadata: {{ name: d }}\n\
             spec: {{ host: '{host}', trafficPolicy: {{ tls: {{ mode: {sent} }} }} }}\n---\n\
             apiVersion: security.istio.io/v1\nkind: PeerAuthentication\nmetadata: {{ name: p, namespace: {namespace} }}\n\
             spec: {{ mtls: {{ mode: {taken} }} }}\n"
        ))
    }

    #[test]
    fn reports_a_rule_that_sends_plain_text_to_strict_workloads() {
        let own = pair("orders", "DISABLE", "shop", "STRICT");
        assert_eq!(open(&own), ["MS0857"]);
        assert_eq!(fields(&own), ["spec.trafficPolicy.tls.mode"]);
        assert_eq!(open(&pair("*.shop.svc.cluster.local", "DISABLE", "istio-system", "STRICT")), ["MS0857"]);
        assert_eq!(open(&pair("*.local", "DISABLE", "istio-system", "STRICT")), ["MS0857"]);
        assert_eq!(open(&pair("*.local", "DISABLE", "shop", "STRICT")), ["MS0857"]);
    }

    #[test]
    fn reports_a_policy_that_disables_the_mutual_tls_of_a_rule() {
        let own = pair("*.shop.svc.cluster.local", "ISTIO_MUTUAL", "shop", "DISABLE");
        assert_eq!(open(&own), ["MS0857"]);
        assert_eq!(fields(&own), ["spec.mtls.mode"]);
    }

    #[test]
    fn accepts_modes_that_agree() {
        assert_eq!(open(&pair("orders", "ISTIO_MUTUAL", "shop", "STRICT")), [""; 0]);
        assert_eq!(open(&pair("orders", "DISABLE", "shop", "PERMISSIVE")), [""; 0]);
        assert_eq!(open(&pair("*.other.svc.cluster.local", "DISABLE", "shop", "STRICT")), [""; 0]);
    }
}
