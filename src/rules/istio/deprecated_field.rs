//! An Istio object uses a deprecated or removed field or kind.
//!
//! # What it reports
//!
//! The finding is a warning for:
//!
//! - `fault.delay.percent` and `fault.abort.percent` of a `VirtualService`, which `percentage` replaces
//! - `outboundTrafficPolicy.egressProxy` of a `Sidecar`, which Istio ignores
//! - the kinds of `rbac.istio.io` (`ServiceRole`, `ServiceRoleBinding`, `RbacConfig`, `ClusterRbacConfig`), which Istio
//!   removed in version 1.6
//!
//! # Why it matters
//!
//! Istio ignores the field or object, or a later version removes it. Workloads that only a kind of `rbac.istio.io`
//! protects are not protected.
//!
//! # Fix
//!
//! Use the replacement field. Replace objects of `rbac.istio.io` by an `AuthorizationPolicy`.
//!
//! Source: <https://istio.io/latest/docs/reference/config/analysis/ist0002/>

use crate::diag::Diagnostic;
use crate::rules::index::pods::called;
use crate::rules::index::{Item, Mesh, NETWORKING, group, items};

const RBAC: &str = "rbac.istio.io";
const REMOVED: [&str; 4] = ["ClusterRbacConfig", "RbacConfig", "ServiceRole", "ServiceRoleBinding"];

pub(super) fn check(mesh: &Mesh<'_>, out: &mut Vec<Diagnostic>) {
    let mut warn = |item: &Item<'_>, message: String, field: String, help: &str| {
        out.push(mesh.model.warning(item.id, "MS0851", message).field(field).help(help));
    };
    for service in mesh.all(NETWORKING, "VirtualService") {
        for (path, rule) in items(service.object.body.at("spec.http"), "spec.http") {
            for fault in ["delay", "abort"] {
                if rule.at(&format!("fault.{fault}.percent")).is_some() {
                    let message = format!("{} uses `fault.{fault}.percent`, which is deprecated", called(service.object));
                    warn(service, message, format!("{path}.fault.{fault}.percent"), "write `percentage: { value: … }`");
                }
            }
        }
    }
    for sidecar in mesh.all(NETWORKING, "Sidecar") {
        let path = "spec.outboundTrafficPolicy.egressProxy";
        if sidecar.object.body.at(path).is_some() {
            let message = format!("{} sets `egressProxy`, but Istio ignores this field", called(sidecar.object));
            warn(sidecar, message, path.to_owned(), "remove `egressProxy`, and route the traffic to an egress gateway with a `VirtualService`");
        }
    }
    for kind in REMOVED {
        for item in mesh.all(RBAC, kind) {
            let message = format!("{} has no effect: Istio removed the kinds of `{}` in version 1.6", called(item.object), group(item.object));
            warn(item, message, "apiVersion".to_owned(), "define an `AuthorizationPolicy` instead");
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::rules::testing::manifests::{fields, open, with_orders};

    fn route(delay: &str) -> String {
        with_orders(&format!(
            "apiVersion: networking.istio.io/v1\nkind: VirtualService\nmetadata: {{ name: orders }}\n\
             spec: {{ hosts: [orders], http: [{{ fault: {{ delay: {{ fixedDelay: 1s, {delay} }} }}, route: [{{ destination: {{ host: orders }} }}] }}] }}\n"
        ))
    }

    #[test]
    fn warns_about_a_deprecated_field() {
        assert_eq!(open(&route("percent: 10")), ["MS0851"]);
        assert_eq!(fields(&route("percent: 10")), ["spec.http[0].fault.delay.percent"]);
    }

    #[test]
    fn warns_about_a_removed_kind() {
        let role = "apiVersion: rbac.istio.io/v1alpha1\nkind: ServiceRole\nmetadata: { name: a }\nspec: { rules: [] }\n";
        assert_eq!(open(role), ["MS0851"]);
    }

    #[test]
    fn accepts_the_field_that_replaces_it() {
        assert_eq!(open(&route("percentage: { value: 10 }")), [""; 0]);
    }
}
