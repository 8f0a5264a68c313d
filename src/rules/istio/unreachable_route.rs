//! A route is never taken, since the routes before it take all of its requests.
//!
//! Istio takes the first route that matches. A route without a match takes
//! everything, so those after it are dead; and a route each of whose matches is
//! covered by a match of an earlier one is dead as well.
//!
//! Move the narrower route before the wider one, or remove it.
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
                let message = format!("a route of {} is never taken: `{}` takes its requests", called(service.object), earlier.path);
                out.push(
                    mesh.model
                        .warning(service.id, "MS0829", message)
                        .field(rule.path.clone())
                        .help(format!("move it before `{}`, or remove it", earlier.path)),
                );
            }
        }
    }
}

/// The earlier rule that takes the requests of a rule; of several that do so together, the first.
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
    fn a_route_after_one_that_takes_everything_is_a_warning() {
        assert_eq!(open(&routes("", "")), ["MS0829"]);
        assert_eq!(open(&routes("", "match: [{ uri: { prefix: /a } }],")), ["MS0829"]);
        assert_eq!(fields(&routes("", "")), ["spec.http[1]"]);
    }

    #[test]
    fn a_route_whose_matches_are_covered_is_a_warning() {
        assert_eq!(open(&routes("match: [{ uri: { prefix: /a } }],", "match: [{ uri: { exact: /a/b }, method: { exact: GET } }],")), ["MS0829"]);
    }

    #[test]
    fn a_narrower_route_first_is_fine() {
        assert_eq!(open(&routes("match: [{ uri: { prefix: /a/b } }],", "match: [{ uri: { prefix: /a } }],")), [""; 0]);
        assert_eq!(open(&routes("match: [{ method: { exact: GET } }],", "match: [{ method: { exact: POST } }],")), [""; 0]);
        assert_eq!(open(&routes("match: [{ uri: { prefix: /a }, ignoreUriCase: false }],", "match: [{ uri: { regex: /a.* } }],")), [""; 0]);
    }
}
