//! A match of a route has no effect because an earlier match covers it.
//!
//! # What it reports
//!
//! A match of an HTTP route in a `VirtualService` is covered by an earlier match of the same or a previous route. The
//! finding is a note. If all matches of a route are covered, `MS0829` is reported instead.
//!
//! # Why it matters
//!
//! The match never applies, although other matches of the route do. Usually, a prefix was added that a shorter prefix
//! already covers, or the first match lacks a method.
//!
//! # Fix
//!
//! Remove the match, or move the more specific match to the front.
//!
//! Source: <https://istio.io/latest/docs/reference/config/analysis/ist0131/>

use super::unreachable_route::covering;
use crate::diag::{Diagnostic, Severity};
use crate::rules::index::matches::rules;
use crate::rules::index::pods::called;
use crate::rules::index::{Mesh, NETWORKING};

pub(super) fn check(mesh: &Mesh<'_>, out: &mut Vec<Diagnostic>) {
    for service in mesh.all(NETWORKING, "VirtualService") {
        for rules in rules(service.object) {
            for (idx, rule) in rules.iter().enumerate() {
                // Another rule reports a route that never matches.
                if covering(&rules[..idx], rule).is_some() {
                    continue;
                }
                for (at, it) in rule.matches.iter().enumerate() {
                    let earlier = rules[..idx].iter().flat_map(|rule| &rule.matches).chain(&rule.matches[..at]);
                    let Some(wider) = earlier.clone().find(|wider| wider.covers(it)) else { continue };
                    let message = format!("a match of {} has no effect: the earlier match `{}` covers all its requests", called(service.object), wider.path);
                    out.push(
                        mesh.model
                            .warning(service.id, "MS0830", message)
                            .severity(Severity::Note)
                            .field(it.path.clone())
                            .help("remove the match, or move it before the earlier one"),
                    );
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::rules::testing::manifests::{fields, noted, with_orders};

    fn matches(second: &str) -> String {
        with_orders(&format!(
            "apiVersion: networking.istio.io/v1\nkind: VirtualService\nmetadata: {{ name: orders }}\n\
             spec: {{ hosts: [orders], http: [{{ match: [{{ uri: {{ prefix: /a }} }}, {{ {second} }}], route: [{{ destination: {{ host: orders }} }}] }}] }}\n"
        ))
    }

    #[test]
    fn notes_a_match_that_an_earlier_one_covers() {
        assert_eq!(noted(&matches("uri: { prefix: /ab }")), ["MS0830"]);
        assert_eq!(fields(&matches("uri: { prefix: /ab }")), ["spec.http[0].match[1]"]);
    }

    #[test]
    fn accepts_other_matches() {
        assert_eq!(noted(&matches("uri: { prefix: /b }")), [""; 0]);
        assert_eq!(noted(&matches("headers: { x-a: { exact: b } }")), [""; 0]);
    }
}
