//! A policy selects the pods of a Gateway API `Gateway` by their labels.
//!
//! # What it reports
//!
//! The selector of an `AuthorizationPolicy`, `RequestAuthentication`, `Telemetry` or `WasmPlugin` contains the label
//! `gateway.networking.k8s.io/gateway-name`, and the policy has no `targetRefs`. The finding is a warning.
//!
//! # Why it matters
//!
//! istiod creates these pods, and policies with a selector do not apply to them. Istio accepts the policy, but it
//! protects nothing.
//!
//! # Fix
//!
//! Replace the selector by `targetRefs: [{ group: gateway.networking.k8s.io, kind: Gateway, name: … }]`.
//!
//! Source: <https://istio.io/latest/docs/reference/config/analysis/ist0166/>

use super::policy_without_workload::GATEWAY_NAME;
use crate::diag::Diagnostic;
use crate::rules::index::pods::called;
use crate::rules::index::{EXTENSIONS, Mesh, SECURITY, TELEMETRY};
use crate::val::Data;

const ATTACHED: [(&str, &str); 4] = [
    (EXTENSIONS, "WasmPlugin"),
    (SECURITY, "AuthorizationPolicy"),
    (SECURITY, "RequestAuthentication"),
    (TELEMETRY, "Telemetry"),
];

pub(super) fn check(mesh: &Mesh<'_>, out: &mut Vec<Diagnostic>) {
    for policy in ATTACHED.into_iter().flat_map(|(group, kind)| mesh.all(group, kind)) {
        let body = &policy.object.body;
        let is_attached = body.at("spec.targetRef").is_some() || body.at("spec.targetRefs").is_some();
        let labels = body.at("spec.selector.matchLabels").and_then(Data::as_map);
        let Some(gateway) = labels.and_then(|labels| labels.get(GATEWAY_NAME)).filter(|_| !is_attached) else { continue };
        let message = format!("the selector of {} has no effect on Gateway `{}`", called(policy.object), gateway.to_text());
        out.push(
            mesh.model
                .warning(policy.id, "MS0840", message)
                .field("spec.selector")
                .help("use `targetRefs` instead of the selector"),
        );
    }
}

#[cfg(test)]
mod tests {
    use crate::rules::testing::manifests::{fields, open};

    fn policy(target: &str) -> String {
        format!(
            "apiVersion: security.istio.io/v1\nkind: RequestAuthentication\nmetadata: {{ name: jwt }}\nspec: {{ {target}, jwtRules: [{{ issuer: a }}] }}\n"
        )
    }

    #[test]
    fn warns_about_a_selector_of_the_gateways_pods() {
        let selector = "selector: { matchLabels: { gateway.networking.k8s.io/gateway-name: public } }";
        assert_eq!(open(&policy(selector)), ["MS0840"]);
        assert_eq!(fields(&policy(selector)), ["spec.selector"]);
    }

    #[test]
    fn accepts_a_reference_to_the_gateway() {
        let target = "targetRefs: [{ group: gateway.networking.k8s.io, kind: Gateway, name: public }]";
        assert_eq!(open(&policy(target)), [""; 0]);
    }
}
