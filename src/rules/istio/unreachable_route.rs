//! A route never applies because previous routes match all its requests.
//!
//! # What it reports
//!
//! A route in a `VirtualService` comes after a route without a match, or each of its matches is covered by a match of a
//! previous route. The finding is a warning.
//!
//! # Why it matters
//!
//! Istio uses the first route that matches. A route without a match applies to all requests, so the following routes
//! have no effect.
//!
//! # Fix
//!
//! Move the more specific route to the front, or remove it.
//!
//! Source: <https://istio.io/latest/docs/reference/config/analysis/ist0130/>

use crate::diag::Diagnostic;
use crate::rules::index::matches::{Rule, rules};
use crate::rules::index::pods::called;
use crate::rules::index::{Mesh, NETWORKING};

pub(super) fn check(mesh: &Mesh<'_>, out: &mut Vec<Diagnostic>) {
    for service in mesh.all(NETWORKING, "VirtualService") {
        for rules in rules(service.object) {
            for (idx, rule) in rules.iter().enumerate() {
                let Some(earlier) = covering(&rules[..idx], rule) else { continue };
                let message = format!("a route of {} is unreachable: the earlier route `{}` matches all its requests", called(service.object), earlier.path);
                out.push(
                    mesh.model
                        .warning(service.id, "MS0829", message)
                        .field(rule.path.clone())
                        .help(format!("move the route before `{}`, or remove it", earlier.path)),
                );
            }
        }
    }
}

/// Returns the earlier rule that matches all requests of a rule. If several do together, returns the first.
pub(super) fn covering<'r, 'a>(earlier: &'r [Rule<'a>], rule: &Rule<'a>) -> Option<&'r Rule<'a>> {
    if let Some(everything) = earlier.iter().find(|it| it.matches.is_empty()) {
        return Some(everything);
    }
    let mut takers = rule.matches.iter().map(|it| earlier.iter().find(|other| other.matches.iter().any(|wider| wider.covers(it))));
    let first = takers.next()??;
    takers.all(|taker| taker.is_some()).then_some(first)
}

#[cfg(test)]
mod tests {
    use crate::rules::testing::manifests::{fields, open, with_orders};

    fn routes(first: &str, second: &str) -> String {
        let route = "route: [{ destination: { host: orders } }]";
        with_orders(&format!(
            "apiVersion: networking.istio.io/v1\nkind: VirtualService\nmetadata: {{ name: orders }}\n\
             spec: {{ hosts: [orders], http: [{{ {first} {route} }}, {{ {second} {route} }}] }}\n"
        ))
    }

    #[test]
    fn warns_about_a_route_after_a_route_without_a_match() {
        assert_eq!(open(&routes("", "")), ["MS0829"]);
        assert_eq!(open(&routes("", "match: [{ uri: { prefix: /a } }],")), ["MS0829"]);
        assert_eq!(fields(&routes("", "")), ["spec.http[1]"]);
    }

    #[test]
    fn warns_about_a_route_whose_matches_are_covered() {
        assert_eq!(open(&routes("match: [{ uri: { prefix: /a } }],", "match: [{ uri: { exact: /a/b }, method: { exact: GET } }],")), ["MS0829"]);
    }

    #[test]
    fn accepts_a_narrower_route_before_a_broader_one() {
        assert_eq!(open(&routes("match: [{ uri: { prefix: /a/b } }],", "match: [{ uri: { prefix: /a } }],")), [""; 0]);
        assert_eq!(open(&routes("match: [{ method: { exact: GET } }],", "match: [{ method: { exact: POST } }],")), [""; 0]);
        assert_eq!(open(&routes("match: [{ uri: { prefix: /a }, ignoreUriCase: false }],", "match: [{ uri: { regex: /a.* } }],")), [""; 0]);
    }
}
