//! A policy of an ambient mesh needs HTTP, but no waypoint enforces it.
//!
//! # What it reports
//!
//! In a namespace with `istio.io/dataplane-mode: ambient`, the rule reports these policies as warnings:
//!
//! - an `AuthorizationPolicy` without `targetRefs` that uses methods, paths, hosts, tokens, or the actions `CUSTOM` or
//!   `AUDIT`
//! - a `RequestAuthentication` or `WasmPlugin` without `targetRefs`, and a `Telemetry` with a selector
//! - a policy for a `Service` whose calls do not use a waypoint
//!
//! Policies that also select pods outside ambient mode are not reported.
//!
//! # Why it matters
//!
//! ztunnel processes connections, and only a waypoint processes requests. A waypoint reads only policies with a
//! `Service`, a `Gateway` or another target in `targetRefs`. It ignores policies with a selector or without a target.
//! ztunnel ignores HTTP conditions: an `ALLOW` rule then allows nothing, and a `DENY` rule denies more than intended,
//! or nothing.
//!
//! # Fix
//!
//! Specify the target in `targetRefs`, and add the label `istio.io/use-waypoint` to the service or its namespace.
//!
//! Source: <https://istio.io/latest/docs/ambient/usage/waypoint/#attach-l7-policies-to-the-waypoint-proxy>,
//! <https://istio.io/latest/docs/ambient/usage/l4-policy/>

use super::http_rule_on_tcp_port::of_http;
use super::policy_without_workload::GATEWAY_NAME;
use crate::diag::Diagnostic;
use crate::rules::index::ambient::is_outside_of_ambient;
use crate::rules::index::pods::{Pods, called, place};
use crate::rules::index::{CORE, EXTENSIONS, Item, Mesh, SECURITY, TELEMETRY, items};
use crate::val::{Bag, Data};

const POLICIES: [(&str, &str); 4] = [
    (EXTENSIONS, "WasmPlugin"),
    (SECURITY, "AuthorizationPolicy"),
    (SECURITY, "RequestAuthentication"),
    (TELEMETRY, "Telemetry"),
];

/// The condition keys that ztunnel supports.
const CONDITIONS: [&str; 5] = ["destination.ip", "destination.port", "source.ip", "source.namespace", "source.principal"];

pub(super) fn check(mesh: &Mesh<'_>, out: &mut Vec<Diagnostic>) {
    for policy in POLICIES.into_iter().flat_map(|(group, kind)| mesh.all(group, kind)) {
        if !mesh.is_ambient(policy.place) {
            continue;
        }
        let body = &policy.object.body;
        let one = body.at("spec.targetRef").map(|target| ("spec.targetRef".to_owned(), target));
        let targets: Vec<_> = items(body.at("spec.targetRefs"), "spec.targetRefs").chain(one).collect();
        match targets.is_empty() {
            true => unattached(mesh, policy, out),
            false => unread(mesh, policy, &targets, out),
        }
    }
}

/// Reports a policy without a target, which only ztunnel can enforce.
fn unattached<'a>(mesh: &Mesh<'a>, policy: &Item<'a>, out: &mut Vec<Diagnostic>) {
    let body = &policy.object.body;
    let labels = body.at("spec.selector.matchLabels").and_then(Data::as_map).filter(|labels| !labels.is_empty());
    if labels.is_some_and(|labels| labels.get(GATEWAY_NAME).is_some()) || has_others(mesh, policy, labels) {
        return;
    }
    let selector = body.at("spec.selector").map(|_| "spec.selector".to_owned());
    let (name, namespace) = (called(policy.object), policy.place.1);
    let (message, field) = match policy.object.kind.as_ref() {
        "AuthorizationPolicy" => {
            let Some((field, what)) = asked(body) else { return };
            (format!("{name} uses `{what}`, but no waypoint of the ambient namespace `{namespace}` applies it"), Some(field))
        }
        // A policy for the whole namespace also applies to its waypoints.
        "Telemetry" if labels.is_none() => return,
        _ => (format!("{name} has no effect: no waypoint of the ambient namespace `{namespace}` applies it"), selector),
    };
    let mut diagnostic = mesh.model.warning(policy.id, "MS0861", message);
    if let Some(field) = field {
        diagnostic = diagnostic.field(field);
    }
    out.push(diagnostic.help("set `targetRefs` to a `Service` or to the `Gateway` of the waypoint"));
}

/// Whether the policy also applies to pods outside ambient mode, which can enforce it.
fn has_others<'a>(mesh: &Mesh<'a>, policy: &Item<'a>, labels: Option<&'a Bag>) -> bool {
    match labels {
        Some(labels) => mesh.pods.selected(policy.place, labels).into_iter().flatten().any(is_outside_of_ambient),
        None => {
            let is_here = |pods: &&Pods<'a>| place(mesh.model, pods.id, pods.object) == policy.place;
            mesh.pods.all().filter(is_here).any(is_outside_of_ambient)
        }
    }
}

/// Returns the path and name of the first HTTP feature that a policy uses.
fn asked(body: &Bag) -> Option<(String, String)> {
    if let Some(action) = body.at("spec.action").and_then(Data::as_str).filter(|it| matches!(*it, "AUDIT" | "CUSTOM")) {
        return Some(("spec.action".to_owned(), action.to_owned()));
    }
    items(body.at("spec.rules"), "spec.rules").find_map(|(path, rule)| {
        let of_requests = of_http(rule).map(|(field, what)| (format!("{path}{field}"), what));
        of_requests.or_else(|| {
            items(rule.at("when"), &format!("{path}.when")).find_map(|(path, when)| {
                let key = when.at("key").and_then(Data::as_str).filter(|key| !CONDITIONS.contains(key))?;
                Some((format!("{path}.key"), key.to_owned()))
            })
        })
    })
}

/// Reports a policy for services whose calls do not use a waypoint.
fn unread<'a>(mesh: &Mesh<'a>, policy: &Item<'a>, targets: &[(String, &'a Data)], out: &mut Vec<Diagnostic>) {
    for (path, target) in targets {
        let text = |key: &str| target.at(key).and_then(Data::as_str);
        let is_service = text("kind") == Some("Service") && matches!(text("group"), None | Some("" | "core"));
        let Some(name) = text("name").filter(|_| is_service) else { continue };
        let Some(service) = mesh.find(CORE, "Service", policy.place, name) else { continue };
        if mesh.waypoint_of(&service).is_some() {
            continue;
        }
        let message = format!("{} applies to {}, but calls to it do not pass a waypoint", called(policy.object), called(service.object));
        out.push(
            mesh.model
                .warning(policy.id, "MS0861", message)
                .field(path.clone())
                .note_at("the service is defined here", mesh.model.node(service.id).at)
                .help("label the service or its namespace with `istio.io/use-waypoint`"),
        );
    }
}

#[cfg(test)]
mod tests {
    use crate::rules::testing::manifests::{fields, warned, with_orders};

    const NAMESPACE: &str = "apiVersion: v1\nkind: Namespace\nmetadata: { name: shop, labels: { istio.io/dataplane-mode: ambient } }\n---\n";

    fn policy(kind: &str, spec: &str) -> String {
        let group = if kind == "Telemetry" { "telemetry" } else { "security" };
        with_orders(&format!("{NAMESPACE}apiVersion: {group}.istio.io/v1\nkind: {kind}\nmetadata: {{ name: p }}\nspec: {{ {spec} }}\n"))
    }

    const ORDERS: &str = "selector: { matchLabels: { app: orders } }";
    const SERVICE: &str = "targetRefs: [{ kind: Service, group: '', name: orders }]";

    #[test]
    fn warns_about_http_policies_without_a_target() {
        let of_methods = policy("AuthorizationPolicy", &format!("{ORDERS}, rules: [{{ to: [{{ operation: {{ methods: [GET] }} }}] }}]"));
        assert_eq!(warned(&of_methods), ["MS0861"]);
        assert_eq!(fields(&of_methods), ["spec.rules[0].to[0].operation.methods"]);
        assert_eq!(warned(&policy("RequestAuthentication", ORDERS)), ["MS0861"]);
        assert_eq!(warned(&policy("Telemetry", &format!("{ORDERS}, tracing: [{{ randomSamplingPercentage: 10 }}]"))), ["MS0861"]);
    }

    #[test]
    fn warns_about_a_target_without_a_waypoint() {
        assert_eq!(warned(&policy("RequestAuthentication", SERVICE)), ["MS0861"]);
    }

    #[test]
    fn accepts_policies_that_ztunnel_enforces() {
        let of_ports = policy("AuthorizationPolicy", &format!("{ORDERS}, rules: [{{ to: [{{ operation: {{ ports: ['8080'] }} }}] }}]"));
        assert_eq!(warned(&of_ports), [""; 0]);
        assert_eq!(warned(&policy("Telemetry", "tracing: [{ randomSamplingPercentage: 10 }]")), [""; 0]);
    }

    #[test]
    fn accepts_a_target_with_a_waypoint_and_a_sidecar_mesh() {
        let enrolled = policy("RequestAuthentication", SERVICE).replace("mode: ambient", "mode: ambient, istio.io/use-waypoint: waypoint");
        assert!(!warned(&enrolled).contains(&"MS0861"));
        let sidecars = policy("RequestAuthentication", ORDERS).replace("istio.io/dataplane-mode: ambient", "istio-injection: enabled");
        assert_eq!(warned(&sidecars), [""; 0]);
    }
}
