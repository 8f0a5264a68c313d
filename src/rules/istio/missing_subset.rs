//! A route has a subset as destination that no `DestinationRule` of its host defines.
//!
//! Istio takes the route and drops it: callers get 503 with the flag `NR`
//! (no route). Each file is valid by itself, so no other check says so. Mostly a
//! version was renamed on one side, or the `DestinationRule` was not copied with
//! the route.
//!
//! Add the subset to the `DestinationRule`, or name one that is there.
//!
//! Source: <https://istio.io/latest/docs/ops/common-problems/network-issues/#503-errors-after-setting-destination-rule>

use std::collections::BTreeSet;

use crate::diag::Diagnostic;
use crate::val::Data;
use crate::rules::index::{Host, Mesh, NETWORKING, Presence, items, named};
use crate::rules::index::pods::called;
use crate::rules::index::routes;

pub(super) fn check(mesh: &Mesh<'_>, out: &mut Vec<Diagnostic>) {
    for service in mesh.all(NETWORKING, "VirtualService") {
        let namespace = service.place.1;
        for destination in routes::destinations(service.object) {
            let Some(subset) = destination.body.get("subset").and_then(Data::as_str) else { continue };
            let rules: Vec<_> = mesh.rules_of(destination.host, namespace).collect();
            let subsets: BTreeSet<&str> = rules
                .iter()
                .flat_map(|rule| items(rule.object.body.at("spec.subsets"), ""))
                .filter_map(|(_, subset)| subset.at("name")?.as_str())
                .collect();
            // Somebody else may define a rule for a host that is not wholly known here.
            let is_known = !rules.is_empty()
                || match mesh.host(destination.host, namespace) {
                    Host::Service { namespace: of, .. } => mesh.is_whole((service.place.0, of)),
                    _ => mesh.has_host(destination.host, service.place) != Presence::Unknown,
                };
            if subsets.contains(subset) || !is_known {
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
                None => diagnostic.help(format!(
                    "define a `DestinationRule` for `{host}` with the subset `{subset}` and the labels of its pods"
                )),
            };
            out.push(diagnostic);
        }
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
    fn a_subset_that_the_rule_does_not_define_is_an_error_at_the_subset() {
        let text = with_orders(&format!("{ROUTE}---\n{}", rule("v1")));
        assert_eq!(open(&text), ["MS0801"]);
        assert_eq!(fields(&text), ["spec.http[0].route[0].destination.subset"]);
    }

    #[test]
    fn a_subset_of_a_service_without_a_rule_is_an_error() {
        assert_eq!(open(&with_orders(ROUTE)), ["MS0801"]);
    }

    #[test]
    fn a_subset_that_is_defined_is_fine() {
        assert_eq!(open(&with_orders(&format!("{ROUTE}---\n{}", rule("v2")))), [""; 0]);
    }

    #[test]
    fn a_subset_of_a_service_that_others_define_is_not_judged() {
        assert_eq!(open(ROUTE), [""; 0]);
    }
}
