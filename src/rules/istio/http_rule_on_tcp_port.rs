//! An `AuthorizationPolicy` matches HTTP fields on a port whose protocol is not HTTP.
//!
//! # What it reports
//!
//! A rule of a policy with a selector uses methods, paths, hosts, request principals or `request.*` conditions. All
//! ports that it applies to, in the Services of the selected pods, have a protocol other than HTTP.
//!
//! # Why it matters
//!
//! TCP connections have no methods, paths, hosts, headers or tokens. An `ALLOW` rule with these fields never matches,
//! so every connection is denied. A `DENY` rule ignores these fields and denies more than intended.
//!
//! # Fix
//!
//! Match ports, namespaces and principals instead. If the port carries HTTP, begin its name with the protocol.
//!
//! Source: <https://istio.io/latest/docs/ops/common-problems/security-issues/#make-sure-you-are-not-using-http-only-fields-on-tcp-ports>

use crate::diag::Diagnostic;
use crate::val::{Bag, Data};
use crate::rules::index::{Item, Mesh, SECURITY, has_labels, items};
use crate::rules::index::pods::called;
use crate::rules::index::routes::{self, is_http, protocol};

const OF_REQUESTS: [&str; 6] = ["hosts", "methods", "notHosts", "notMethods", "notPaths", "paths"];
const OF_TOKENS: [&str; 2] = ["notRequestPrincipals", "requestPrincipals"];

pub(super) fn check(mesh: &Mesh<'_>, out: &mut Vec<Diagnostic>) {
    for policy in mesh.all(SECURITY, "AuthorizationPolicy") {
        let Some(labels) = policy.object.body.at("spec.selector.matchLabels").and_then(Data::as_map) else { continue };
        let ports = ports_of(mesh, policy, labels);
        if ports.is_empty() {
            continue;
        }
        for (path, rule) in items(policy.object.body.at("spec.rules"), "spec.rules") {
            let Some((field, what)) = of_http(rule) else { continue };
            let asked: Vec<&str> = items(rule.at("to"), "")
                .flat_map(|(_, to)| to.at("operation.ports").map(Data::items).unwrap_or_default())
                .filter_map(Data::as_str)
                .collect();
            // The policy is evaluated with the container port, but users often write the service port.
            let meant = |port: &&Data| {
                let is = |key: &str| port.at(key).and_then(Data::as_int).is_some_and(|it| asked.contains(&it.to_string().as_str()));
                asked.is_empty() || is("port") || is("targetPort")
            };
            let meant: Vec<&Data> = ports.iter().copied().filter(meant).collect();
            let is_tcp = |port: &&Data| protocol(port).is_some_and(|word| !is_http(word));
            if meant.is_empty() || !meant.iter().all(is_tcp) {
                continue;
            }
            let number = meant[0].at("port").map(Data::to_text).unwrap_or_default();
            let word = protocol(meant[0]).unwrap_or("tcp");
            let message = format!("{} matches `{what}` on port {number}, whose protocol is `{word}`", called(policy.object));
            out.push(
                mesh.model
                    .error(policy.id, "MS0813", message)
                    .field(format!("{path}{field}"))
                    .help("match ports, namespaces or principals instead, or set the protocol of the port to HTTP"),
            );
        }
    }
}

/// Returns the ports of the services that select the pods of a policy.
fn ports_of<'a>(mesh: &Mesh<'a>, policy: &Item<'a>, labels: &'a Bag) -> Vec<&'a Data> {
    let is_before = |service: &&Item<'a>| {
        let selector = service.object.body.at("spec.selector").and_then(Data::as_map);
        service.place == policy.place
            && selector.is_some_and(|it| !it.is_empty() && has_labels(labels, it))
    };
    mesh.services_in(policy.place)
        .iter()
        .filter(is_before)
        .filter(|service| service.object.body.at("spec.type").and_then(Data::as_str) != Some("ExternalName"))
        .flat_map(|service| routes::ports(service.object))
        .collect()
}

/// Returns the path below the rule and the name of the first HTTP field that a rule uses.
pub(super) fn of_http(rule: &Data) -> Option<(String, String)> {
    for (path, to) in items(rule.at("to"), ".to") {
        if let Some(key) = OF_REQUESTS.iter().find(|key| to.at("operation").and_then(|it| it.at(key)).is_some()) {
            return Some((format!("{path}.operation.{key}"), (*key).to_owned()));
        }
    }
    for (path, from) in items(rule.at("from"), ".from") {
        if let Some(key) = OF_TOKENS.iter().find(|key| from.at("source").and_then(|it| it.at(key)).is_some()) {
            return Some((format!("{path}.source.{key}"), (*key).to_owned()));
        }
    }
    items(rule.at("when"), ".when").find_map(|(path, when)| {
        let key = when.at("key").and_then(Data::as_str)?;
        key.starts_with("request.").then(|| (format!("{path}.key"), key.to_owned()))
    })
}

#[cfg(test)]
mod tests {
    use crate::rules::testing::manifests::{fields, open};

    fn policy(port: &str, rule: &str) -> String {
        format!(
            "apiVersion: v1\nkind: Service\nmetadata: {{ name: db }}\nspec: {{ selector: {{ app: db }}, ports: [{port}] }}\n\
             ---\napiVersion: security.istio.io/v1\nkind: AuthorizationPolicy\nmetadata: {{ name: db }}\n\
             spec: {{ selector: {{ matchLabels: {{ app: db }} }}, action: ALLOW, rules: [{rule}] }}\n"
        )
    }

    const TCP: &str = "{ name: tcp-postgres, port: 5432 }";
    const METHODS: &str = "{ to: [{ operation: { methods: [GET] } }] }";

    #[test]
    fn reports_methods_on_a_tcp_port() {
        assert_eq!(open(&policy(TCP, METHODS)), ["MS0813"]);
        assert_eq!(fields(&policy(TCP, METHODS))[0], "spec.rules[0].to[0].operation.methods");
        assert_eq!(open(&policy(TCP, "{ when: [{ key: 'request.headers[x]', values: [a] }] }")), ["MS0813"]);
    }

    #[test]
    fn accepts_methods_on_http_ports_and_port_rules_on_tcp_ports() {
        assert_eq!(open(&policy("{ name: http, port: 80 }", METHODS)), [""; 0]);
        assert_eq!(open(&policy(TCP, "{ to: [{ operation: { ports: ['5432'] } }] }")), [""; 0]);
        assert_eq!(open(&policy(&format!("{TCP}, {{ name: http, port: 80 }}"), METHODS)), [""; 0]);
    }
}
