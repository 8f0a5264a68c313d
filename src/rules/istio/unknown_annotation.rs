//! An Istio annotation does not exist.
//!
//! # What it reports
//!
//! An object has an annotation of Istio whose name is not in the reference. The finding is a warning.
//!
//! # Why it matters
//!
//! Kubernetes stores unknown annotations, and Istio ignores them. A misspelled name silently turns off the setting.
//! Some names are labels: `istio.io/rev`, `istio.io/dataplane-mode` and `istio.io/use-waypoint` have no effect as
//! annotations.
//!
//! # Fix
//!
//! Correct the name, or write it as a label.
//!
//! Source: <https://istio.io/latest/docs/reference/config/annotations/>,
//! <https://istio.io/latest/docs/reference/config/analysis/ist0108/>

use crate::diag::Diagnostic;
use crate::facts::{self, istio_annotation, istio_annotations};
use crate::rules::index::Mesh;
use crate::rules::index::annotations::of_istio;
use crate::rules::index::pods::called;

/// Names of labels that are not annotations.
const LABELS: [&str; 12] = [
    "istio-injection",
    "istio.io/dataplane-mode",
    "istio.io/ingress-use-waypoint",
    "istio.io/tag",
    "istio.io/use-waypoint",
    "istio.io/use-waypoint-namespace",
    "istio.io/waypoint-for",
    "networking.istio.io/gatewayPort",
    "service.istio.io/canonical-name",
    "service.istio.io/canonical-revision",
    "topology.istio.io/network",
    "topology.istio.io/subzone",
];

pub(super) fn check(mesh: &Mesh<'_>, out: &mut Vec<Diagnostic>) {
    for found in of_istio(mesh) {
        if istio_annotation(found.name).is_some() {
            continue;
        }
        let message = format!("{} has the annotation `{}`, which Istio does not support", called(found.object), found.name);
        let near = facts::nearest(found.name, istio_annotations().map(|it| it.name.as_str()));
        out.push(mesh.model.warning(found.id, "MS0847", message).field(found.path).help(match near {
            _ if LABELS.contains(&found.name) => "use the label of the same name".to_owned(),
            Some(near) => format!("did you mean `{near}`?"),
            None => "correct the name, or remove the annotation".to_owned(),
        }));
    }
}

#[cfg(test)]
mod tests {
    use crate::rules::testing::manifests::{fields, warned};

    fn service(annotation: &str) -> String {
        format!(
            "apiVersion: v1\nkind: Service\nmetadata: {{ name: a, annotations: {{ {annotation} }} }}\nspec: {{ selector: {{ a: b }}, ports: [{{ name: http, port: 80 }}] }}\n"
        )
    }

    #[test]
    fn warns_about_an_annotation_that_does_not_exist() {
        assert_eq!(warned(&service("networking.istio.io/exportsTo: a")), ["MS0847"]);
        assert!(fields(&service("networking.istio.io/exportsTo: a")).contains(&"metadata.annotations".to_owned()));
    }

    #[test]
    fn accepts_known_and_foreign_annotations() {
        assert_eq!(warned(&service("networking.istio.io/exportTo: a, example.com/a: b")), [""; 0]);
    }
}
