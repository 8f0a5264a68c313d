//! A label names a waypoint that does not exist.
//!
//! # What it reports
//!
//! The label `istio.io/use-waypoint` of a namespace, service, workload, `ServiceEntry` or `WorkloadEntry` names a
//! `Gateway` that is not defined. The rule also reports a `Gateway` that is not a waypoint: its class is not
//! `istio-waypoint`, and no listener has the protocol `HBONE`. The gateway is in the same namespace, or in that of
//! `istio.io/use-waypoint-namespace`. If manifests do not contain the complete namespace, a missing gateway is a note.
//!
//! # Why it matters
//!
//! Calls bypass the waypoint, so its policies and routes have no effect. Only the status of the service shows it.
//!
//! # Fix
//!
//! Correct the name, or define the waypoint (`istioctl waypoint generate`).
//!
//! Source: <https://istio.io/latest/docs/ambient/usage/waypoint/>

use crate::diag::Diagnostic;
use crate::node::Object;
use crate::rules::index::ambient::{Enrollment, Waypoint, enrollment};
use crate::rules::index::pods::{Place, called, place};
use crate::rules::index::{CORE, GATEWAY_API, Mesh, NETWORKING, items};
use crate::tree::NodeId;
use crate::val::{Bag, Data};

/// The kinds whose own labels Istio reads.
const LABELLED: [(&str, &str); 4] =
    [(CORE, "Namespace"), (CORE, "Service"), (NETWORKING, "ServiceEntry"), (NETWORKING, "WorkloadEntry")];

pub(super) fn check(mesh: &Mesh<'_>, out: &mut Vec<Diagnostic>) {
    for item in LABELLED.into_iter().flat_map(|(group, kind)| mesh.all(group, kind)) {
        let labels = item.object.body.at("metadata.labels").and_then(Data::as_map);
        let namespace = if item.object.kind == "Namespace" { item.object.name.as_str() } else { item.place.1 };
        judge(mesh, (item.id, item.object), (item.place.0, namespace), labels, "metadata.labels".to_owned(), out);
    }
    for pods in mesh.pods.all() {
        let place = place(mesh.model, pods.id, pods.object);
        judge(mesh, (pods.id, pods.object), place, pods.labels, pods.field("metadata.labels"), out);
    }
}

fn judge<'a>(
    mesh: &Mesh<'a>,
    (id, object): (NodeId, &'a Object),
    (target, namespace): Place<'a>,
    labels: Option<&'a Bag>,
    field: String,
    out: &mut Vec<Diagnostic>,
) {
    let Enrollment::Waypoint(Waypoint { name, namespace }) = enrollment(labels, namespace) else { return };
    let place = (target, namespace);
    let Some(gateway) = mesh.find(GATEWAY_API, "Gateway", place, name) else {
        if mesh.may_be_missing(GATEWAY_API, "Gateway", place, name) {
            let message = format!("{} uses the waypoint `{name}`, but namespace `{namespace}` has no `Gateway` of this name", called(object));
            let diagnostic = mesh.model.error(id, "MS0863", message).field(field).help("correct the name, or define the waypoint");
            out.push(mesh.unresolved(diagnostic, mesh.near(GATEWAY_API, "Gateway", place, name)));
        }
        return;
    };
    let class = gateway.object.body.at("spec.gatewayClassName").and_then(Data::as_str).unwrap_or_default();
    let is_hbone = |(_, listener): (String, &Data)| listener.at("protocol").and_then(Data::as_str) == Some("HBONE");
    if !class.contains("waypoint") && !items(gateway.object.body.at("spec.listeners"), "").any(is_hbone) {
        let message = format!("{} uses {} as its waypoint, but the class of this `Gateway` is `{class}`", called(object), called(gateway.object));
        out.push(
            mesh.model
                .error(id, "MS0863", message)
                .field(field)
                .note_at("the gateway is defined here", mesh.model.node(gateway.id).at)
                .help("use a `Gateway` of the class `istio-waypoint`"),
        );
    }
}

#[cfg(test)]
mod tests {
    use crate::rules::testing::manifests::{fields, noted, open};

    fn waypoint(wanted: &str, class: &str) -> String {
        format!(
            "apiVersion: v1\nkind: Namespace\nmetadata: {{ name: shop, labels: {{ istio.io/dataplane-mode: ambient, istio.io/use-waypoint: {wanted} }} }}\n\
             ---\napiVersion: gateway.networking.k8s.io/v1\nkind: Gateway\nmetadata: {{ name: waypoint }}\n\
             spec: {{ gatewayClassName: {class}, listeners: [{{ name: mesh, port: 15008, protocol: {} }}] }}\n",
            if class == "istio" { "HTTP" } else { "HBONE" }
        )
    }

    #[test]
    fn reports_a_misspelled_waypoint() {
        assert_eq!(open(&waypoint("waypiont", "istio-waypoint")), ["MS0863"]);
        assert_eq!(fields(&waypoint("waypiont", "istio-waypoint")), ["metadata.labels"]);
    }

    #[test]
    fn reports_a_gateway_of_another_class() {
        assert_eq!(open(&waypoint("waypoint", "istio")), ["MS0863"]);
    }

    #[test]
    fn notes_a_waypoint_that_may_exist_elsewhere() {
        assert_eq!(noted(&waypoint("shared", "istio-waypoint")), ["MS0863"]);
    }

    #[test]
    fn accepts_an_existing_waypoint_and_the_value_none() {
        assert_eq!(noted(&waypoint("waypoint", "istio-waypoint")), [""; 0]);
        assert_eq!(open(&waypoint("waypoint", "istio-waypoint")), [""; 0]);
        assert_eq!(noted(&waypoint("none", "istio-waypoint")), [""; 0]);
    }
}
