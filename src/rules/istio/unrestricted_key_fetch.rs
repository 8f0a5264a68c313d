//! istiod may fetch the keys of a `RequestAuthentication` from any address.
//!
//! # What it reports
//!
//! The input contains a `RequestAuthentication` without inline keys, and a Deployment of istiod that does not set
//! `BLOCKED_CIDRS_IN_JWKS_URIS`. The finding is a warning.
//!
//! # Why it matters
//!
//! istiod fetches `jwksUri` itself. A user who can write a `RequestAuthentication` can make it call addresses inside
//! the network, such as the instance metadata service.
//!
//! # Fix
//!
//! Set `BLOCKED_CIDRS_IN_JWKS_URIS` of istiod to the CIDR blocks that contain no issuer, such as `169.254.169.254/32`.
//!
//! Source: <https://istio.io/latest/docs/reference/config/analysis/ist0175/>

use crate::diag::Diagnostic;
use crate::rules::index::pods::called;
use crate::rules::index::{Mesh, SECURITY, items, label};
use crate::val::Data;

const SETTING: &str = "BLOCKED_CIDRS_IN_JWKS_URIS";

pub(super) fn check(mesh: &Mesh<'_>, out: &mut Vec<Diagnostic>) {
    let policies = mesh.all(SECURITY, "RequestAuthentication");
    let Some(policy) = policies.iter().find(|policy| {
        items(policy.object.body.at("spec.jwtRules"), "").any(|(_, rule)| rule.at("jwks").is_none())
    }) else {
        return;
    };
    for pods in mesh.pods.all().filter(|pods| pods.object.kind == "Deployment" && label(&pods.object.body, "app") == Some("istiod")) {
        let is_set = |(_, variable): (String, &Data)| {
            variable.at("name").and_then(Data::as_str) == Some(SETTING) && variable.at("value").and_then(Data::as_str) != Some("")
        };
        if pods.containers().any(|container| items(container.get("env"), "").any(is_set)) {
            continue;
        }
        let message = format!("{} can fetch keys from any address, because `{SETTING}` is not set", called(pods.object));
        out.push(
            mesh.model
                .warning(pods.id, "MS0852", message)
                .field(pods.field("spec.containers[0].env"))
                .note_at(format!("{} requires it to fetch keys", called(policy.object)), mesh.model.node(policy.id).at)
                .help(format!("set `{SETTING}` to the CIDR blocks that contain no issuer")),
        );
    }
}

#[cfg(test)]
mod tests {
    use crate::rules::testing::manifests::open;

    fn istiod(env: &str) -> String {
        format!(
            "apiVersion: security.istio.io/v1\nkind: RequestAuthentication\nmetadata: {{ name: jwt, namespace: istio-system }}\n\
             spec: {{ jwtRules: [{{ issuer: a, jwksUri: 'https://example.com/jwks' }}] }}\n\
             ---\napiVersion: apps/v1\nkind: Deployment\nmetadata: {{ name: istiod, namespace: istio-system, labels: {{ app: istiod }} }}\n\
             spec: {{ selector: {{ matchLabels: {{ app: istiod }} }}, template: {{ metadata: {{ labels: {{ app: istiod }} }}, \
             spec: {{ containers: [{{ name: discovery, image: 'istio/pilot:1.30.3', env: [{env}] }}] }} }} }}\n"
        )
    }

    #[test]
    fn warns_about_an_istiod_that_fetches_keys_from_anywhere() {
        assert_eq!(open(&istiod("")), ["MS0852"]);
    }

    #[test]
    fn accepts_blocked_addresses() {
        assert_eq!(open(&istiod("{ name: BLOCKED_CIDRS_IN_JWKS_URIS, value: 169.254.169.254/32 }")), [""; 0]);
    }
}
