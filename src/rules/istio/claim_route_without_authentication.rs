//! A route matches a claim of a token, but no token is validated at its gateway.
//!
//! # What it reports
//!
//! An HTTP route of a `VirtualService` matches a header `@request.auth.claims.…`, and no `RequestAuthentication`
//! applies to the pods of its gateway. In manifests without any `RequestAuthentication`, the finding is a warning.
//!
//! # Why it matters
//!
//! The headers `@request.auth.claims.…` contain the claims that a `RequestAuthentication` has validated. Without a
//! `RequestAuthentication` for the pods of the gateway, the claim does not exist, and the route never matches.
//!
//! # Fix
//!
//! Define a `RequestAuthentication` in the namespace of the gateway's pods. Its selector contains labels of these pods,
//! or it has no selector.
//!
//! Source: <https://istio.io/latest/docs/reference/config/analysis/ist0149/>

use crate::diag::{Diagnostic, Severity};
use crate::rules::index::exports::ROOT;
use crate::rules::index::pods::{called, place};
use crate::rules::index::{Item, Mesh, NETWORKING, SECURITY, has_labels, items};
use crate::val::{Bag, Data};

/// The prefix of headers that represent a claim.
const CLAIMS: &str = "@request.auth.claims";

pub(super) fn check(mesh: &Mesh<'_>, out: &mut Vec<Diagnostic>) {
    for service in mesh.all(NETWORKING, "VirtualService") {
        let Some((path, claim)) = claim(service) else { continue };
        for (_, gateway) in items(service.object.body.at("spec.gateways"), "") {
            let Some(gateway) = gateway.as_str().filter(|name| *name != "mesh") else { continue };
            let (namespace, name) = gateway.split_once('/').unwrap_or((service.place.1, gateway));
            let Some(found) = mesh.find(NETWORKING, "Gateway", (service.place.0, namespace), name) else { continue };
            let labels = found.object.body.at("spec.selector").and_then(Data::as_map);
            if labels.is_none_or(|labels| is_authenticated(mesh, &found, labels)) {
                continue;
            }
            let message = format!("{} matches the claim `{claim}`, but no `RequestAuthentication` applies to {}", called(service.object), called(found.object));
            let diagnostic = mesh
                .model
                .error(service.id, "MS0835", message)
                .field(path.clone())
                .note_at("the gateway is defined here", mesh.model.node(found.id).at)
                .help("define a `RequestAuthentication` in the namespace of the gateway's pods");
            // Manifests without any policy may be incomplete.
            let is_told = !mesh.model.is_open || !mesh.all(SECURITY, "RequestAuthentication").is_empty();
            out.push(if is_told { diagnostic } else { diagnostic.severity(Severity::Warning) });
            break;
        }
    }
}

/// Returns the first claim that a route matches, with its path.
fn claim<'a>(service: &Item<'a>) -> Option<(String, &'a str)> {
    items(service.object.body.at("spec.http"), "spec.http").find_map(|(path, rule)| {
        items(rule.at("match"), &format!("{path}.match")).find_map(|(path, it)| {
            ["headers", "withoutHeaders"].into_iter().find_map(|field| {
                let headers = it.at(field).and_then(Data::as_map)?;
                let (name, _) = headers.iter().find(|(name, _)| name.starts_with(CLAIMS))?;
                Some((format!("{path}.{field}"), name))
            })
        })
    })
}

/// Whether a policy applies to the pods of a gateway, or to its labels if the pods are unknown.
fn is_authenticated<'a>(mesh: &Mesh<'a>, gateway: &Item<'a>, selector: &'a Bag) -> bool {
    let pods = mesh.pods.selected_anywhere(gateway.place.0, selector).unwrap_or_default();
    let policies = mesh.all(SECURITY, "RequestAuthentication").iter().filter(|policy| policy.place.0 == gateway.place.0);
    policies.into_iter().any(|policy| {
        let labels = policy.object.body.at("spec.selector.matchLabels").and_then(Data::as_map);
        let is_for = |namespace: &str| policy.place.1 == ROOT || policy.place.1 == namespace;
        match pods.is_empty() {
            true => labels.is_none_or(|labels| has_labels(selector, labels)),
            false => pods.iter().any(|pods| {
                is_for(place(mesh.model, pods.id, pods.object).1) && labels.is_none_or(|labels| pods.has_labels(labels))
            }),
        }
    })
}

#[cfg(test)]
mod tests {
    use crate::rules::testing::manifests::{fields, open, with_gateway};

    fn route(policy: &str) -> String {
        with_gateway(&format!(
            "apiVersion: networking.istio.io/v1\nkind: Gateway\nmetadata: {{ name: public }}\n\
             spec: {{ selector: {{ istio: ingress }}, servers: [{{ port: {{ number: 80, name: http, protocol: HTTP }}, hosts: ['*'] }}] }}\n\
             ---\napiVersion: networking.istio.io/v1\nkind: VirtualService\nmetadata: {{ name: orders }}\n\
             spec: {{ hosts: [shop.example.com], gateways: [public], http: [{{ match: [{{ headers: {{ '@request.auth.claims.group': {{ exact: a }} }} }}], \
             route: [{{ destination: {{ host: orders }} }}] }}] }}\n\
             ---\napiVersion: security.istio.io/v1\nkind: RequestAuthentication\nmetadata: {{ name: jwt, namespace: {policy} }}\nspec: {{ jwtRules: [{{ issuer: a }}] }}\n"
        ))
    }

    #[test]
    fn reports_a_claim_without_authentication_at_the_gateway() {
        assert_eq!(open(&route("shop")), ["MS0835"]);
        assert_eq!(fields(&route("shop")), ["spec.http[0].match[0].headers"]);
    }

    #[test]
    fn accepts_a_policy_for_the_pods_of_the_gateway() {
        assert_eq!(open(&route("istio-ingress")), [""; 0]);
        assert_eq!(open(&route("istio-system")), [""; 0]);
    }
}
