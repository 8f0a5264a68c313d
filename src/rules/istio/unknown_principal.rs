//! An `AuthorizationPolicy` refers to a service account that is not defined, or selects no pods.
//!
//! A principal `cluster.local/ns/<namespace>/sa/<account>` that nobody has never
//! matches: the caller is refused although the policy seems to allow it. A policy
//! whose selector finds no pods protects nothing.
//!
//! Name the service account that the caller's pods run as; without one it is
//! `default`, which is better replaced by one of its own.
//!
//! Source: <https://istio.io/latest/docs/reference/config/security/authorization-policy/#Source>

use crate::diag::Diagnostic;
use crate::val::Data;
use crate::rules::index::{CORE, GATEWAY_API, Item, Mesh, Presence, SECURITY, items};
use crate::rules::index::pods::{Place, called};

pub(super) fn check(mesh: &Mesh<'_>, out: &mut Vec<Diagnostic>) {
    for policy in mesh.all(SECURITY, "AuthorizationPolicy") {
        unselected(mesh, policy, out);
        for (path, rule) in items(policy.object.body.at("spec.rules"), "spec.rules") {
            for (path, from) in items(rule.at("from"), &format!("{path}.from")) {
                let path = format!("{path}.source.principals");
                for (path, principal) in items(from.at("source.principals"), &path) {
                    let Some((namespace, account)) = principal.as_str().and_then(parts) else { continue };
                    let place = (policy.place.0, namespace);
                    let is_made =
                        mesh.model.targets().count() > 1 || account == "default" || of_gateway(mesh, place, account);
                    if is_made || mesh.has(CORE, "ServiceAccount", place, account) != Presence::Missing {
                        continue;
                    }
                    let message = format!(
                        "{} refers to the service account `{account}` of namespace `{namespace}`, which is not defined",
                        called(policy.object)
                    );
                    let diagnostic = mesh
                        .model
                        .error(policy.id, "MS0818", message)
                        .field(path)
                        .help("use the service account of the caller's pods, or define it");
                    out.push(mesh.unresolved(diagnostic, mesh.near(CORE, "ServiceAccount", place, account)));
                }
            }
        }
    }
}

/// Whether istiod makes the account, for the pods that it runs for a `Gateway`.
fn of_gateway(mesh: &Mesh<'_>, place: Place<'_>, account: &str) -> bool {
    mesh.all(GATEWAY_API, "Gateway").iter().filter(|gateway| gateway.place == place).any(|gateway| {
        let name = gateway.object.name.as_str();
        account == name || account.strip_suffix("-istio") == Some(name)
    })
}

fn unselected<'a>(mesh: &Mesh<'a>, policy: &Item<'a>, out: &mut Vec<Diagnostic>) {
    let Some(labels) = policy.object.body.at("spec.selector.matchLabels").and_then(Data::as_map) else { return };
    let is_known = mesh.has_all_pods(policy.place);
    if is_known && mesh.pods.selected(policy.place, labels).is_some_and(|found| found.is_empty()) {
        let message = format!("{} selects no pods of namespace `{}`", called(policy.object), policy.place.1);
        out.push(
            mesh.model
                .error(policy.id, "MS0818", message)
                .field("spec.selector.matchLabels")
                .help("use labels of a pod template in the same namespace"),
        );
    }
}

/// The namespace and the account of a principal without patterns.
fn parts(principal: &str) -> Option<(&str, &str)> {
    let (namespace, account) = principal.split_once("/ns/")?.1.split_once("/sa/")?;
    (!principal.contains('*')).then_some((namespace, account))
}

#[cfg(test)]
mod tests {
    use crate::rules::testing::manifests::{open, with_orders};

    fn policy(principal: &str, app: &str) -> String {
        with_orders(&format!(
            "apiVersion: v1\nkind: ServiceAccount\nmetadata: {{ name: web }}\n\
             ---\napiVersion: security.istio.io/v1\nkind: AuthorizationPolicy\nmetadata: {{ name: orders }}\n\
             spec: {{ selector: {{ matchLabels: {{ app: {app} }} }}, rules: [{{ from: [{{ source: {{ principals: [{principal}] }} }}] }}] }}\n"
        ))
    }

    #[test]
    fn an_account_that_is_not_there_is_an_error() {
        assert_eq!(open(&policy("cluster.local/ns/shop/sa/wep", "orders")), ["MS0818"]);
        assert_eq!(open(&policy("cluster.local/ns/shop/sa/web", "orders")), [""; 0]);
        assert_eq!(open(&policy("cluster.local/ns/other/sa/wep", "orders")), [""; 0]);
    }

    #[test]
    fn a_policy_of_no_pods_is_an_error() {
        assert_eq!(open(&policy("cluster.local/ns/shop/sa/web", "order")), ["MS0818"]);
    }
}
