//! An `AuthorizationPolicy` refers to an undefined service account or namespace, or selects no pods.
//!
//! # What it reports
//!
//! The rule checks:
//!
//! - `principals` of the form `cluster.local/ns/<namespace>/sa/<account>`: the account must be defined. Other trust
//!   domains are checked only in programs, because `cluster.local` represents the trust domain of the mesh.
//! - `namespaces` and `notNamespaces`, in manifests: a namespace must match.
//! - The selector of the policy, or its namespace: at least one pod must exist.
//!
//! In manifests that may be incomplete, the finding is a note, unless a similar name exists.
//!
//! # Why it matters
//!
//! If no workload uses the service account of a principal, the principal never matches. The caller is denied, although
//! the policy seems to allow it. A policy that selects no pods protects nothing.
//!
//! # Fix
//!
//! Use the service account of the caller's pods. Without one, it is `default`. Preferably, define a separate service
//! account for the caller.
//!
//! Source: <https://istio.io/latest/docs/reference/config/security/authorization-policy/#Source>,
//! <https://istio.io/latest/docs/reference/config/analysis/ist0127/>

use super::policy_without_workload::GATEWAY_NAME;
use crate::diag::Diagnostic;
use crate::facts;
use crate::rules::index::exports::ROOT;
use crate::val::Data;
use crate::rules::index::{CORE, GATEWAY_API, Item, Mesh, Presence, SECURITY, items};
use crate::rules::index::pods::{Place, called, place};

pub(super) fn check(mesh: &Mesh<'_>, out: &mut Vec<Diagnostic>) {
    for policy in mesh.all(SECURITY, "AuthorizationPolicy") {
        unselected(mesh, policy, out);
        for (path, rule) in items(policy.object.body.at("spec.rules"), "spec.rules") {
            for (path, from) in items(rule.at("from"), &format!("{path}.from")) {
                namespaces(mesh, policy, from, &path, out);
                let path = format!("{path}.source.principals");
                for (path, principal) in items(from.at("source.principals"), &path) {
                    let Some((domain, namespace, account)) = principal.as_str().and_then(parts) else { continue };
                    // Manifests do not contain the service accounts of other trust domains. In a program, meshsynth
                    // generates the principals, so every principal is checked.
                    if domain != LOCAL && !mesh.is_program() {
                        continue;
                    }
                    let place = (policy.place.0, namespace);
                    let is_made =
                        mesh.model.targets().count() > 1 || account == "default" || of_gateway(mesh, place, account);
                    if is_made || !mesh.may_be_missing(CORE, "ServiceAccount", place, account) {
                        continue;
                    }
                    // A similar name is meaningful only if the namespace is completely known.
                    let is_known = mesh.has(CORE, "ServiceAccount", place, account) == Presence::Missing;
                    let near = mesh.near(CORE, "ServiceAccount", place, account).filter(|_| is_known);
                    let message = format!(
                        "{} refers to the service account `{account}` of namespace `{namespace}`, which is not defined",
                        called(policy.object)
                    );
                    let diagnostic = mesh
                        .model
                        .error(policy.id, "MS0818", message)
                        .field(path)
                        .help("use the service account of the caller's pods, or define it");
                    out.push(mesh.unresolved(diagnostic, near));
                }
            }
        }
    }
}

/// Reports namespace patterns that match no namespace.
fn namespaces(mesh: &Mesh<'_>, policy: &Item<'_>, from: &Data, path: &str, out: &mut Vec<Diagnostic>) {
    for field in ["namespaces", "notNamespaces"] {
        let path = format!("{path}.source.{field}");
        for (path, pattern) in items(from.at(&format!("source.{field}")), &path) {
            let Some(pattern) = pattern.as_str().filter(|pattern| *pattern != "*") else { continue };
            // In a program, Helm releases may create namespaces, and other clusters have their own namespaces.
            if mesh.is_program() || mesh.namespaces().any(|name| fits(pattern, name)) {
                continue;
            }
            let message = format!("{} refers to the namespace `{pattern}`, which is not defined", called(policy.object));
            let diagnostic = mesh.model.error(policy.id, "MS0818", message).field(path).help("correct the name, or define the namespace");
            let near = facts::nearest(pattern, mesh.namespaces()).map(|near| format!("did you mean `{near}`?"));
            out.push(mesh.unresolved(diagnostic, near));
        }
    }
}

/// Whether a name matches a pattern with `*` at its beginning or end.
fn fits(pattern: &str, name: &str) -> bool {
    match (pattern.strip_prefix('*'), pattern.strip_suffix('*')) {
        (Some(end), _) => name.ends_with(end),
        (None, Some(begin)) => name.starts_with(begin),
        (None, None) => name == pattern,
    }
}

/// Whether istiod creates the account, for the pods of a `Gateway`.
fn of_gateway(mesh: &Mesh<'_>, place: Place<'_>, account: &str) -> bool {
    mesh.all(GATEWAY_API, "Gateway").iter().filter(|gateway| gateway.place == place).any(|gateway| {
        let name = gateway.object.name.as_str();
        account == name || account.strip_suffix("-istio") == Some(name)
    })
}

fn unselected<'a>(mesh: &Mesh<'a>, policy: &Item<'a>, out: &mut Vec<Diagnostic>) {
    let namespace = policy.place.1;
    let Some(labels) = policy.object.body.at("spec.selector.matchLabels").and_then(Data::as_map) else {
        return without_pods(mesh, policy, out);
    };
    if labels.get(GATEWAY_NAME).is_some() || mesh.has_machine(policy.place, labels) {
        return;
    }
    if mesh.selected_by(policy, labels).is_none_or(|found| !found.is_empty()) {
        return;
    }
    let message = match namespace {
        ROOT => format!("{} does not select a pod of any namespace", called(policy.object)),
        _ => format!("{} does not select a pod of namespace `{namespace}`", called(policy.object)),
    };
    let diagnostic = mesh
        .model
        .error(policy.id, "MS0818", message)
        .field("spec.selector.matchLabels")
        .help("use labels of a pod template in the same namespace");
    if namespace != ROOT && mesh.has_all_pods(policy.place) {
        out.push(diagnostic);
    } else if mesh.is_open_at(policy.place) {
        out.push(mesh.unresolved(diagnostic, None));
    }
}

/// Reports a policy for a whole namespace without pods in the input.
fn without_pods(mesh: &Mesh<'_>, policy: &Item<'_>, out: &mut Vec<Diagnostic>) {
    let (target, namespace) = policy.place;
    let is_for_all = namespace == ROOT || ["targetRef", "targetRefs"].iter().any(|key| policy.object.body.at(&format!("spec.{key}")).is_some());
    let has_pods = || mesh.pods.all().any(|pods| place(mesh.model, pods.id, pods.object) == (target, namespace));
    if !mesh.is_program() && !is_for_all && !has_pods() {
        let message = format!("{} applies to namespace `{namespace}`, which has no pods", called(policy.object));
        out.push(mesh.unresolved(mesh.model.error(policy.id, "MS0818", message).help("move the policy to the namespace of the pods"), None));
    }
}

/// The name that represents the trust domain of the mesh.
const LOCAL: &str = "cluster.local";

/// Returns the trust domain, namespace and account of a principal without wildcards.
fn parts(principal: &str) -> Option<(&str, &str, &str)> {
    let (domain, rest) = principal.split_once("/ns/")?;
    let (namespace, account) = rest.split_once("/sa/")?;
    (!principal.contains('*')).then_some((domain, namespace, account))
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
    fn reports_a_missing_account() {
        assert_eq!(open(&policy("cluster.local/ns/shop/sa/wep", "orders")), ["MS0818"]);
        assert_eq!(open(&policy("cluster.local/ns/shop/sa/web", "orders")), [""; 0]);
        assert_eq!(open(&policy("cluster.local/ns/other/sa/wep", "orders")), [""; 0]);
        assert_eq!(open(&policy("partner.example/ns/shop/sa/wep", "orders")), [""; 0]);
    }

    #[test]
    fn reports_a_principal_in_a_policy_without_pods() {
        assert_eq!(open(&policy("cluster.local/ns/shop/sa/web", "order")), ["MS0818"]);
    }
}
