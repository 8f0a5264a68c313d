//! An object is exported, or grants access, to a namespace that is not defined.
//!
//! # What it reports
//!
//! In manifests, `exportTo` of a `VirtualService`, `DestinationRule` or `ServiceEntry`, or `from` of a
//! `ReferenceGrant`, contains an undefined namespace. If no namespace has a similar name and the manifests may be
//! incomplete, the finding is a note.
//!
//! # Why it matters
//!
//! `exportTo` lists the namespaces that can use the object, and `from` the namespaces whose routes may refer to
//! services and secrets. Istio silently accepts an unknown name, and the intended namespace gets no access.
//!
//! # Fix
//!
//! Correct the name, or define the namespace. In `exportTo`, `.` is the namespace of the object, and `*` means all
//! namespaces.
//!
//! Source: <https://istio.io/latest/docs/reference/config/networking/virtual-service/#VirtualService>,
//! <https://gateway-api.sigs.k8s.io/api-types/referencegrant/>

use crate::diag::Diagnostic;
use crate::facts;
use crate::rules::index::exports::ROOT;
use crate::rules::index::pods::called;
use crate::rules::index::{GATEWAY_API, Item, Mesh, NETWORKING, OF_THE_CLUSTER, items};
use crate::val::Data;

const EXPORTED: [&str; 3] = ["DestinationRule", "ServiceEntry", "VirtualService"];

pub(super) fn check(mesh: &Mesh<'_>, out: &mut Vec<Diagnostic>) {
    // In a program, Helm releases may create namespaces, and other clusters have their own namespaces.
    if mesh.is_program() {
        return;
    }
    for item in EXPORTED.into_iter().flat_map(|kind| mesh.all(NETWORKING, kind)) {
        for (path, name) in items(item.object.body.at("spec.exportTo"), "spec.exportTo") {
            if let Some(name) = name.as_str().filter(|name| !matches!(*name, "." | "*" | "~")) {
                judge(mesh, item, name, path, out);
            }
        }
    }
    for item in mesh.all(GATEWAY_API, "ReferenceGrant") {
        for (path, from) in items(item.object.body.at("spec.from"), "spec.from") {
            if let Some(name) = from.at("namespace").and_then(Data::as_str) {
                judge(mesh, item, name, format!("{path}.namespace"), out);
            }
        }
    }
}

fn judge(mesh: &Mesh<'_>, item: &Item<'_>, name: &str, path: String, out: &mut Vec<Diagnostic>) {
    let is_always_there = name == "default" || name == ROOT || OF_THE_CLUSTER.contains(&name);
    if is_always_there || mesh.namespaces().any(|known| known == name) {
        return;
    }
    let message = format!("{} refers to the namespace `{name}`, which is not defined", called(item.object));
    let near = facts::nearest(name, mesh.namespaces()).map(|near| format!("did you mean `{near}`?"));
    let diagnostic = mesh.model.error(item.id, "MS0853", message).field(path);
    out.push(mesh.unresolved(diagnostic, near));
}

#[cfg(test)]
mod tests {
    use crate::rules::testing::manifests::{fields, noted, open};

    fn rule(namespaces: &str) -> String {
        format!(
            "apiVersion: v1\nkind: Namespace\nmetadata: {{ name: payments }}\n---\n\
             apiVersion: networking.istio.io/v1\nkind: DestinationRule\nmetadata: {{ name: all }}\n\
             spec: {{ host: '*.example.com', exportTo: [{namespaces}] }}\n"
        )
    }

    fn grant(namespace: &str) -> String {
        format!(
            "apiVersion: v1\nkind: Namespace\nmetadata: {{ name: payments }}\n---\n\
             apiVersion: gateway.networking.k8s.io/v1beta1\nkind: ReferenceGrant\nmetadata: {{ name: routes }}\n\
             spec: {{ from: [{{ group: gateway.networking.k8s.io, kind: HTTPRoute, namespace: {namespace} }}], to: [{{ group: '', kind: Service }}] }}\n"
        )
    }

    #[test]
    fn reports_a_misspelled_namespace() {
        assert_eq!(open(&rule("'.', paymnets")), ["MS0853"]);
        assert_eq!(fields(&rule("'.', paymnets")), ["spec.exportTo[1]"]);
        assert_eq!(open(&grant("payment")), ["MS0853"]);
    }

    #[test]
    fn notes_a_namespace_that_may_exist_elsewhere() {
        assert_eq!(noted(&rule("warehouse")), ["MS0853"]);
        assert_eq!(noted(&grant("warehouse")), ["MS0853"]);
    }

    #[test]
    fn accepts_existing_namespaces() {
        assert_eq!(noted(&rule("payments, default, '*'")), [""; 0]);
        assert_eq!(noted(&grant("payments")), [""; 0]);
    }
}
