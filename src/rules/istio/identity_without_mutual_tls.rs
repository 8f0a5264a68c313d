//! An `AuthorizationPolicy` checks the identity of callers, but mutual TLS is off for its workloads.
//!
//! # What it reports
//!
//! A policy uses principals, namespaces or service accounts of callers. A `PeerAuthentication` turns off mutual TLS for
//! all its workloads, or the `DestinationRule` of all their services makes callers send plain text. Namespaces in
//! ambient mode and policies with a target reference are not checked.
//!
//! # Why it matters
//!
//! The identity of a caller comes from its certificate of mutual TLS. Without mutual TLS, no caller has an identity: an
//! `ALLOW` rule allows no caller, and a `DENY` rule denies no caller.
//!
//! # Fix
//!
//! Turn on mutual TLS: `PERMISSIVE` or `STRICT` in the `PeerAuthentication`, and no `tls` or `ISTIO_MUTUAL` in the
//! `DestinationRule`. Alternatively, match properties of plain text connections: ports, IP addresses or tokens.
//!
//! Source: <https://istio.io/latest/docs/reference/config/security/authorization-policy/#Source>,
//! <https://istio.io/latest/docs/reference/config/security/conditions/>

use crate::diag::Diagnostic;
use crate::rules::index::exports::{Exports, ROOT};
use crate::rules::index::mutual_tls::{Mode, Policies, has_ports_of_its_own, selector};
use crate::rules::index::pods::{Pods, called};
use crate::rules::index::{Item, Mesh, SECURITY, has_labels, items};
use crate::val::{Bag, Data};

const OF_CALLERS: [&str; 6] =
    ["namespaces", "notNamespaces", "notPrincipals", "notServiceAccounts", "principals", "serviceAccounts"];
const CONDITIONS: [&str; 4] = ["connection.sni", "source.namespace", "source.principal", "source.serviceAccount"];

pub(super) fn check(mesh: &Mesh<'_>, out: &mut Vec<Diagnostic>) {
    let modes = Policies::of(mesh);
    for policy in mesh.all(SECURITY, "AuthorizationPolicy") {
        let body = &policy.object.body;
        let is_attached = body.at("spec.targetRef").is_some() || body.at("spec.targetRefs").is_some();
        // The ztunnels of an ambient mesh always use mutual TLS.
        if is_attached || mesh.is_ambient(policy.place) {
            continue;
        }
        let Some((path, what)) = asked(policy) else { continue };
        let labels = selector(policy);
        let pods = labels.and_then(|labels| mesh.selected_by(policy, labels)).unwrap_or_default();
        let off = turned_off(mesh, &modes, policy, labels, &pods).or_else(|| plain_text(mesh, policy, labels, &pods));
        let Some(off) = off else { continue };
        let message = format!("{} checks `{what}`, but {} disables mutual TLS", called(policy.object), called(off.object));
        out.push(
            mesh.model
                .error(policy.id, "MS0856", message)
                .field(path)
                .note_at("mutual TLS is disabled here", mesh.model.node(off.id).at)
                .help("enable mutual TLS for these workloads, or check ports, IP addresses or tokens instead"),
        );
    }
}

/// Returns the path and name of the first condition on the caller's certificate.
fn asked(policy: &Item<'_>) -> Option<(String, String)> {
    items(policy.object.body.at("spec.rules"), "spec.rules").find_map(|(path, rule)| {
        let of_source = items(rule.at("from"), &format!("{path}.from")).find_map(|(path, from)| {
            let key = OF_CALLERS.iter().find(|key| from.at("source").and_then(|source| source.at(key)).is_some())?;
            Some((format!("{path}.source.{key}"), (*key).to_owned()))
        });
        of_source.or_else(|| {
            items(rule.at("when"), &format!("{path}.when")).find_map(|(path, when)| {
                let key = when.at("key").and_then(Data::as_str).filter(|key| CONDITIONS.contains(key))?;
                Some((format!("{path}.key"), key.to_owned()))
            })
        })
    })
}

/// Returns the `PeerAuthentication` that turns off mutual TLS for all workloads of a policy.
fn turned_off<'a>(
    mesh: &Mesh<'a>,
    modes: &Policies<'a>,
    policy: &Item<'a>,
    labels: Option<&'a Bag>,
    pods: &[&Pods<'a>],
) -> Option<Item<'a>> {
    let is_off = |(by, mode): &(Item<'a>, Mode)| *mode == Mode::Disable && !has_ports_of_its_own(by);
    if let Some((first, others)) = pods.split_first() {
        let off = modes.of_pods(mesh, first, None).filter(is_off)?;
        let is_all = others.iter().all(|pods| modes.of_pods(mesh, pods, None).as_ref().is_some_and(is_off));
        return is_all.then_some(off.0);
    }
    let (off, _) = modes.of_labels(policy.place, labels, None).filter(is_off)?;
    // Some workloads that the policy selects may have a more specific `PeerAuthentication`.
    let may_have_another = |other: &&Item<'a>| {
        let wanted = selector(other);
        let is_sure = |wanted: &Bag| labels.is_some_and(|labels| has_labels(labels, wanted));
        let may_meet = |wanted: &Bag| labels.is_none_or(|labels| may_meet(labels, wanted));
        wanted.is_some_and(|wanted| !is_sure(wanted) && may_meet(wanted))
    };
    modes.in_place(policy.place).iter().find(may_have_another).is_none().then_some(off)
}

/// Whether pods can have both sets of labels.
fn may_meet(one: &Bag, other: &Bag) -> bool {
    one.iter().all(|(key, value)| other.get(key).is_none_or(|own| own == value))
}

/// Returns the `DestinationRule` that makes callers send plain text to the workloads of a policy.
fn plain_text<'a>(mesh: &Mesh<'a>, policy: &Item<'a>, labels: Option<&'a Bag>, pods: &[&Pods<'a>]) -> Option<Item<'a>> {
    let is_before = |service: &&Item<'a>| {
        let selector = service.object.body.at("spec.selector").and_then(Data::as_map).filter(|it| !it.is_empty());
        selector.is_some_and(|selector| match pods.is_empty() {
            true => labels.is_none_or(|labels| has_labels(labels, selector)),
            false => pods.iter().any(|pods| pods.has_labels(selector)),
        })
    };
    let (target, namespace) = policy.place;
    let services: Vec<&Item<'a>> = mesh.services_in(policy.place).iter().filter(is_before).collect();
    let applied = |rule: &Item<'a>| {
        let is_near = rule.place == policy.place || rule.place == (target, ROOT);
        is_near && Exports::of(rule) == Exports::All && rule.object.body.at("spec.workloadSelector").is_none()
    };
    let is_plain = |rule: &Item<'a>| {
        let mode = rule.object.body.at("spec.trafficPolicy.tls.mode").and_then(Data::as_str);
        mode == Some("DISABLE") && !has_ports_of_its_own(rule)
    };
    let Some((first, others)) = services.split_first() else {
        return mesh.default_rules_of(namespace).find(applied).filter(is_plain);
    };
    let of_service =
        |service: &Item<'a>| mesh.rules_of(&service.object.name, namespace).find(applied).filter(is_plain);
    let found = of_service(first)?;
    others.iter().all(|service| of_service(service).is_some()).then_some(found)
}

#[cfg(test)]
mod tests {
    use crate::rules::testing::manifests::{fields, open, with_orders};

    fn policy(source: &str, more: &str) -> String {
        with_orders(&format!(
            "apiVersion: v1\nkind: ServiceAccount\nmetadata: {{ name: web }}\n---\n\
             apiVersion: security.istio.io/v1\nkind: AuthorizationPolicy\nmetadata: {{ name: orders }}\n\
             spec: {{ selector: {{ matchLabels: {{ app: orders }} }}, rules: [{{ from: [{{ source: {{ {source} }} }}] }}] }}\n---\n{more}"
        ))
    }

    fn peers(namespace: &str, spec: &str) -> String {
        format!("apiVersion: security.istio.io/v1\nkind: PeerAuthentication\nmetadata: {{ name: p, namespace: {namespace} }}\nspec: {{ {spec} }}\n")
    }

    fn rule(host: &str, mode: &str) -> String {
        format!(
            "apiVersion: networking.istio.io/v1\nkind: DestinationRule\nmetadata: {{ name: d }}\n\
             spec: {{ host: '{host}', trafficPolicy: {{ tls: {{ mode: {mode} }} }} }}\n"
        )
    }

    const WEB: &str = "principals: [cluster.local/ns/shop/sa/web]";

    #[test]
    fn reports_a_principal_without_mutual_tls() {
        let by_peers = policy(WEB, &peers("istio-system", "mtls: { mode: DISABLE }"));
        assert_eq!(open(&by_peers), ["MS0856"]);
        assert_eq!(fields(&by_peers), ["spec.rules[0].from[0].source.principals"]);
        assert_eq!(open(&policy("namespaces: [shop]", &peers("shop", "mtls: { mode: DISABLE }"))), ["MS0856"]);
        assert_eq!(open(&policy(WEB, &rule("orders", "DISABLE"))), ["MS0856"]);
        assert_eq!(open(&policy(WEB, &rule("*.shop.svc.cluster.local", "DISABLE"))), ["MS0856"]);
    }

    #[test]
    fn considers_the_workloads_own_peer_authentication() {
        let off = peers("shop", "mtls: { mode: DISABLE }");
        let on = peers("shop", "selector: { matchLabels: { app: orders } }, mtls: { mode: STRICT }").replace("name: p", "name: q");
        assert_eq!(open(&policy(WEB, &format!("{off}---\n{on}"))), [""; 0]);
        let ports = peers("shop", "mtls: { mode: DISABLE }, portLevelMtls: { 8080: { mode: STRICT } }");
        assert_eq!(open(&policy(WEB, &ports)), [""; 0]);
    }

    #[test]
    fn accepts_mutual_tls_and_plain_text_conditions() {
        assert_eq!(open(&policy(WEB, &peers("shop", "mtls: { mode: PERMISSIVE }"))), [""; 0]);
        assert_eq!(open(&policy(WEB, &rule("orders", "ISTIO_MUTUAL"))), [""; 0]);
        assert_eq!(open(&policy("ipBlocks: [10.0.0.0/8]", &peers("shop", "mtls: { mode: DISABLE }"))), [""; 0]);
    }
}
