//! An Istio annotation is deprecated.
//!
//! # What it reports
//!
//! An object has an annotation that Istio marks as deprecated. The finding is a note. The annotation
//! `sidecar.istio.io/inject` is not reported if the pods also have the label.
//!
//! # Why it matters
//!
//! A deprecated annotation still works, but any later version can remove it. `sidecar.istio.io/inject` is now a label:
//! as an annotation, it does not match webhooks that select by labels.
//!
//! # Fix
//!
//! Use the replacement of the annotation. Write `sidecar.istio.io/inject` as a label.
//!
//! Source: <https://istio.io/latest/docs/reference/config/annotations/>,
//! <https://istio.io/latest/docs/reference/config/analysis/ist0135/>

use crate::diag::{Diagnostic, Severity};
use crate::facts::istio_annotation;
use crate::rules::index::Mesh;
use crate::rules::index::annotations::of_istio;
use crate::rules::index::pods::called;

const INJECT: &str = "sidecar.istio.io/inject";

pub(super) fn check(mesh: &Mesh<'_>, out: &mut Vec<Diagnostic>) {
    for found in of_istio(mesh) {
        let is_deprecated = istio_annotation(found.name).is_some_and(|known| known.is_deprecated);
        // If the pods also have the label, the annotation is only for older versions of Istio.
        let has_both = found.name == INJECT && found.labels.is_some_and(|labels| labels.get(INJECT).is_some());
        if !is_deprecated || has_both {
            continue;
        }
        let message = format!("{} has the annotation `{}`, which is deprecated", called(found.object), found.name);
        out.push(
            mesh.model.warning(found.id, "MS0850", message).severity(Severity::Note).field(found.path).help(match found.name {
                INJECT => "use the label of the same name",
                _ => "find the replacement in Istio's annotation reference",
            }),
        );
    }
}

#[cfg(test)]
mod tests {
    use crate::rules::testing::manifests::noted;

    fn pod(metadata: &str) -> String {
        format!("apiVersion: v1\nkind: Pod\nmetadata: {{ name: a, {metadata} }}\nspec: {{ containers: [{{ name: a, image: 'a:1' }}] }}\n")
    }

    #[test]
    fn notes_a_deprecated_annotation() {
        assert_eq!(noted(&pod("annotations: { sidecar.istio.io/inject: 'false' }")), ["MS0850"]);
    }

    #[test]
    fn accepts_the_label() {
        assert_eq!(noted(&pod("labels: { sidecar.istio.io/inject: 'false' }")), [""; 0]);
        assert_eq!(noted(&pod("labels: { sidecar.istio.io/inject: 'false' }, annotations: { sidecar.istio.io/inject: 'false' }")), [""; 0]);
    }
}
