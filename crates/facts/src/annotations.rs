//! Facts about the annotations of Istio.

use std::sync::OnceLock;

use serde_json::Value;

/// An annotation of Istio.
#[derive(Debug)]
pub struct Annotation {
    /// The name, such as `sidecar.istio.io/interceptionMode`.
    pub name: String,
    /// The kinds of objects to which it applies, such as `Pod`. `Any` means all kinds.
    pub resources: Vec<String>,
    /// Whether it is deprecated.
    pub is_deprecated: bool,
}

impl Annotation {
    /// Whether it affects a kind of object.
    pub fn is_for(&self, kind: &str) -> bool {
        self.resources.iter().any(|it| it == "Any" || it == kind)
    }
}

/// Returns an annotation by its name, or `None` if Istio has no such annotation.
pub fn istio_annotation(name: &str) -> Option<&'static Annotation> {
    istio_annotations().find(|it| it.name == name)
}

/// Returns all annotations of Istio, sorted by name.
///
/// Source: <https://istio.io/latest/docs/reference/config/annotations/>
pub fn istio_annotations() -> impl Iterator<Item = &'static Annotation> {
    static KNOWN: OnceLock<Vec<Annotation>> = OnceLock::new();
    let all = KNOWN.get_or_init(|| include_str!("../schema/istio/annotations.jsonl").lines().map(read).collect());
    all.iter()
}

fn read(line: &str) -> Annotation {
    let facts: Value = serde_json::from_str(line).expect("a test verifies that the facts are valid JSON");
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    Annotation {
        name: text(&facts["name"]),
        resources: facts["resources"].as_array().into_iter().flatten().map(text).collect(),
        is_deprecated: facts["deprecated"] == true,
    }
}

#[cfg(test)]
mod tests {
    use super::{istio_annotation, istio_annotations};

    #[test]
    fn finds_istio_annotations_by_name() {
        assert!(istio_annotations().count() > 60);
        let inject = istio_annotation("sidecar.istio.io/inject").expect("it is known");
        assert!(inject.is_deprecated && inject.is_for("Pod") && !inject.is_for("Namespace"));
    }
}
