//! An `AuthorizationPolicy` contains an HTTP method that clients do not send.
//!
//! # What it reports
//!
//! An entry of `methods` or `notMethods` is not a registered HTTP method. If a similar method exists, or the entry is a
//! gRPC method, the finding is an error. Otherwise, it is a warning, because a client may use its own method.
//!
//! # Why it matters
//!
//! `methods` is compared with the method of the request, and case matters: `get` is not `GET`. The method of a gRPC
//! request is always `POST`. An `ALLOW` rule with a wrong method allows nothing, and a `DENY` rule denies nothing.
//!
//! # Fix
//!
//! Write the method in upper case. Write the service and method of gRPC into `paths`, as `/package.Service/Method`.
//!
//! Source: <https://istio.io/latest/docs/reference/config/security/authorization-policy/#Operation>,
//! <https://www.iana.org/assignments/http-methods/http-methods.xhtml>

use crate::diag::Diagnostic;
use crate::facts;
use crate::rules::index::pods::called;
use crate::rules::index::{Mesh, SECURITY, items};

pub(super) fn check(mesh: &Mesh<'_>, out: &mut Vec<Diagnostic>) {
    for policy in mesh.all(SECURITY, "AuthorizationPolicy") {
        for (path, rule) in items(policy.object.body.at("spec.rules"), "spec.rules") {
            for (path, to) in items(rule.at("to"), &format!("{path}.to")) {
                for key in ["methods", "notMethods"] {
                    let methods = to.at("operation").and_then(|it| it.at(key));
                    for (path, method) in items(methods, &format!("{path}.operation.{key}")) {
                        let Some(method) = method.as_str().filter(|method| !fits(method)) else { continue };
                        let message = format!("{} matches the method `{method}`, which is not an HTTP method", called(policy.object));
                        let diagnostic = match help(method) {
                            Some(help) => mesh.model.error(policy.id, "MS0854", message).help(help),
                            // A client may use its own method.
                            None => mesh.model.warning(policy.id, "MS0854", message).help("use a registered HTTP method"),
                        };
                        out.push(diagnostic.field(path));
                    }
                }
            }
        }
    }
}

/// Whether a method, or a pattern with `*` at its beginning or end, matches a registered method.
fn fits(method: &str) -> bool {
    match (method.strip_prefix('*'), method.strip_suffix('*')) {
        (Some(end), _) => facts::http_methods().iter().any(|known| known.ends_with(end)),
        (None, Some(begin)) => facts::http_methods().iter().any(|known| known.starts_with(begin)),
        (None, None) => facts::http_methods().contains(&method),
    }
}

/// Returns the help text for a method that is certainly wrong.
fn help(method: &str) -> Option<String> {
    if method.contains('/') {
        return Some("match the gRPC method in `paths`; the HTTP method of gRPC is `POST`".to_owned());
    }
    let capital = method.to_uppercase();
    if fits(&capital) {
        return Some(format!("use `{capital}`: the comparison is case-sensitive"));
    }
    facts::nearest(&capital, facts::http_methods().iter().copied()).map(|near| format!("did you mean `{near}`?"))
}

#[cfg(test)]
mod tests {
    use crate::rules::testing::manifests::{fields, open, warned, with_orders};

    fn policy(methods: &str) -> String {
        with_orders(&format!(
            "apiVersion: security.istio.io/v1\nkind: AuthorizationPolicy\nmetadata: {{ name: orders }}\n\
             spec: {{ selector: {{ matchLabels: {{ app: orders }} }}, rules: [{{ to: [{{ operation: {{ methods: [{methods}] }} }}] }}] }}\n"
        ))
    }

    #[test]
    fn reports_a_method_that_clients_do_not_send() {
        assert_eq!(open(&policy("get")), ["MS0854"]);
        assert_eq!(open(&policy("GET, PSOT, /shop.Orders/Get")), ["MS0854", "MS0854"]);
        assert_eq!(fields(&policy("GET, get")), ["spec.rules[0].to[0].operation.methods[1]"]);
    }

    #[test]
    fn warns_about_a_method_that_is_not_registered() {
        assert_eq!(warned(&policy("FLUSH-CACHES")), ["MS0854"]);
    }

    #[test]
    fn accepts_methods_and_patterns() {
        assert_eq!(open(&policy("GET, PROPFIND, '*', 'P*', '*ET'")), [""; 0]);
    }
}
