//! An Istio annotation is on a kind of object on which it has no effect.
//!
//! # What it reports
//!
//! Istio does not read the annotation on this kind. The finding is a warning.
//!
//! # Why it matters
//!
//! The setting has no effect. Annotations for a proxy belong on the pods, and therefore on the pod template,
//! `spec.template.metadata.annotations`, instead of the `Deployment`.
//!
//! # Fix
//!
//! Move the annotation to the kind of object that it is for.
//!
//! Source: <https://istio.io/latest/docs/reference/config/annotations/>,
//! <https://istio.io/latest/docs/reference/config/analysis/ist0107/>

use crate::diag::Diagnostic;
use crate::facts::istio_annotation;
use crate::rules::index::annotations::of_istio;
use crate::rules::index::pods::called;
use crate::rules::index::{Mesh, named};

pub(super) fn check(mesh: &Mesh<'_>, out: &mut Vec<Diagnostic>) {
    for found in of_istio(mesh) {
        let Some(known) = istio_annotation(found.name).filter(|known| !known.is_for(found.kind)) else { continue };
        let message = format!("{} has the annotation `{}`, which has no effect on a {}", called(found.object), found.name, found.kind);
        let is_of_pods = known.resources.iter().any(|it| it == "Pod") && found.kind != "Namespace" && found.kind != "Service";
        out.push(mesh.model.warning(found.id, "MS0848", message).field(found.path).help(match is_of_pods {
            true => "move it to the pod template: `spec.template.metadata.annotations`".to_owned(),
            false => format!("the annotation is supported on {}", named(known.resources.iter().map(String::as_str))),
        }));
    }
}

#[cfg(test)]
mod tests {
    use crate::rules::testing::manifests::warned;

    fn deployment(own: &str, template: &str) -> String {
        format!(
            "apiVersion: apps/v1\nkind: Deployment\nmetadata: {{ name: a, annotations: {{ {own} }} }}\n\
             spec:\n  selector: {{ matchLabels: {{ a: b }} }}\n  template:\n    metadata: {{ labels: {{ a: b }}, annotations: {{ {template} }} }}\n    spec: {{ containers: [{{ name: a, image: 'a:1' }}] }}\n"
        )
    }

    const CONFIG: &str = "proxy.istio.io/config: '{}'";

    #[test]
    fn warns_about_an_annotation_of_pods_on_a_deployment() {
        assert_eq!(warned(&deployment(CONFIG, "")), ["MS0848"]);
    }

    #[test]
    fn accepts_an_annotation_of_pods_on_the_template() {
        assert_eq!(warned(&deployment("", CONFIG)), [""; 0]);
    }
}
