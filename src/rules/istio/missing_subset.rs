//! A route uses a subset that no `DestinationRule` of its host defines.
//!
//! # What it reports
//!
//! A destination of a `VirtualService` has a `subset` that is not in the `DestinationRule` of the host. If there is no
//! rule for the host, the finding is an error in a completely known namespace. In manifests, it is otherwise a note, if
//! they contain other rules. If the host is missing, `MS0802` is reported instead.
//!
//! # Why it matters
//!
//! Istio accepts the route and does not apply it: callers get status 503 with the response flag `NR` (no route). Each
//! file is valid, so no other check reports it. Usually, a version was renamed in one file, or the `DestinationRule`
//! was not copied with the route.
//!
//! # Fix
//!
//! Add the subset to the `DestinationRule`, or use a subset that it defines. A short host in a `DestinationRule` is a
//! service of the namespace of that rule.
//!
//! Source: <https://istio.io/latest/docs/ops/common-problems/network-issues/#503-errors-after-setting-destination-rule>

use std::collections::BTreeSet;

use crate::diag::Diagnostic;
use crate::val::Data;
use crate::rules::index::{Host, Item, Mesh, NETWORKING, Presence, items, named};
use crate::rules::index::pods::called;
use crate::rules::index::routes;

pub(super) fn check(mesh: &Mesh<'_>, out: &mut Vec<Diagnostic>) {
    for service in mesh.all(NETWORKING, "VirtualService") {
        let namespace = service.place.1;
        for destination in routes::destinations(service.object) {
            let Some(subset) = destination.body.get("subset").and_then(Data::as_str) else { continue };
            // Another rule reports a missing host.
            if mesh.has_host(destination.host, service.place) == Presence::Missing {
                continue;
            }
            let rules: Vec<_> = mesh.rules_of(destination.host, namespace).collect();
            let subsets: BTreeSet<&str> = rules
                .iter()
                .flat_map(|rule| items(rule.object.body.at("spec.subsets"), ""))
                .filter_map(|(_, subset)| subset.at("name")?.as_str())
                .collect();
            // Another tool may define a rule for a host in a namespace that is not completely known.
            let is_known = !rules.is_empty()
                || match mesh.host(destination.host, namespace) {
                    Host::Service { namespace: of, .. } => mesh.is_whole((service.place.0, of)),
                    _ => mesh.has_host(destination.host, service.place) != Presence::Unknown,
                };
            if subsets.contains(subset) || !is_known && !is_open(mesh, service, destination.host) {
                continue;
            }
            let host = destination.host;
            let message = format!("{} routes to subset `{subset}` of `{host}`, which is not defined", called(service.object));
            let mut diagnostic = mesh.model.error(service.id, "MS0801", message).field(format!("{}.subset", destination.path));
            diagnostic = match rules.first() {
                Some(rule) => diagnostic
                    .note_at(format!("{} defines the subsets of this host", called(rule.object)), mesh.model.node(rule.id).at)
                    .help(match subsets.is_empty() {
                        true => format!("add the subset `{subset}`, with the labels of its pods, to the `DestinationRule`"),
                        false => format!("add the subset, or route to one that is defined: {}", named(subsets)),
                    }),
                None if !is_known => mesh.unresolved(diagnostic, None),
                None => diagnostic.help(format!(
                    "define a `DestinationRule` for `{host}` with the subset `{subset}` and the labels of its pods"
                )),
            };
            out.push(diagnostic);
        }
    }
}

/// Whether the rule of a host may be missing in the input, which contains rules of other hosts.
fn is_open(mesh: &Mesh<'_>, service: &Item<'_>, host: &str) -> bool {
    if mesh.all(NETWORKING, "DestinationRule").is_empty() {
        return false;
    }
    match mesh.host(host, service.place.1) {
        Host::Service { namespace, .. } => mesh.is_open_at((service.place.0, namespace)),
        Host::Outside(_) | Host::Wild(_) => mesh.is_open_at(service.place),
    }
}

#[cfg(test)]
mod tests {
    use crate::rules::testing::manifests::{fields, open, with_orders};

    const ROUTE: &str = "
apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: { name: orders }
spec: { hosts: [orders], http: [{ route: [{ destination: { host: orders, subset: v2 } }] }] }
";

    fn rule(subset: &str) -> String {
        format!(
            "apiVersion: networking.istio.io/v1\nkind: DestinationRule\nmetadata: {{ name: orders }}\n\
             spec: {{ host: orders.shop.svc.cluster.local, subsets: [{{ name: {subset}, labels: {{ version: {subset} }} }}] }}\n"
        )
    }

    #[test]
    fn finds_a_rule_defined_before_the_namespace_of_its_host() {
        let rule = "apiVersion: networking.istio.io/v1\nkind: DestinationRule\nmetadata: { name: orders, namespace: platform }\n\
            spec: { host: orders.shop, subsets: [{ name: v1, labels: { version: v1 } }] }\n---\n";
        let route = "apiVersion: networking.istio.io/v1\nkind: VirtualService\nmetadata: { name: orders }\n\
            spec: { hosts: [orders], http: [{ route: [{ destination: { host: orders, subset: v1 } }] }] }\n";
        assert_eq!(open(&format!("{rule}{}", with_orders(route))), [""; 0]);
    }

    #[test]
    fn reports_an_undefined_subset_at_its_field() {
        let text = with_orders(&format!("{ROUTE}---\n{}", rule("v1")));
        assert_eq!(open(&text), ["MS0801"]);
        assert_eq!(fields(&text), ["spec.http[0].route[0].destination.subset"]);
    }

    #[test]
    fn reports_a_subset_of_a_service_without_a_rule() {
        assert_eq!(open(&with_orders(ROUTE)), ["MS0801"]);
    }

    #[test]
    fn accepts_a_subset_that_is_defined() {
        assert_eq!(open(&with_orders(&format!("{ROUTE}---\n{}", rule("v2")))), [""; 0]);
    }

    #[test]
    fn accepts_a_subset_that_another_tool_may_define() {
        assert_eq!(open(ROUTE), [""; 0]);
    }
}
