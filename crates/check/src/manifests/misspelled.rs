//! Misspelled top-level fields of manifests, such as `Kind` or `apiversion`.

use meshsynth::diag::Diagnostic;
use meshsynth::{At, Manifest};
use meshsynth_model::problem::nearest;

use crate::yaml::Marked;

/// Returns the finding for a document that lacks a field of every manifest and has a similar one. `lacks` is the path
/// of the field. Documents without further fields of manifests belong to other tools.
pub fn find(file: &'static str, document: &Marked, lacks: &str) -> Option<Diagnostic> {
    let has = |wanted: &str| document.entries().any(|(key, _)| key.eq_ignore_ascii_case(wanted));
    let is_manifest = ["apiVersion", "kind", "metadata"].into_iter().filter(|it| has(it)).count() >= 2;
    let (parent, wanted) = match lacks {
        "metadata.name" if document.get("metadata").is_some() => (document.get("metadata")?, "name"),
        "metadata.name" => (document, "metadata"),
        wanted => (document, wanted),
    };
    if !is_manifest || parent.get(wanted).is_some() {
        return None;
    }
    let key = parent.entries().map(|(key, _)| key).find(|key| is_similar(key, wanted))?;
    let (line, column) = parent.place(key);
    Some(Manifest::misspelled(key, wanted, At::new(file, line, column)))
}

fn is_similar(key: &str, wanted: &str) -> bool {
    key.eq_ignore_ascii_case(wanted) || wanted.len() > 4 && nearest(key, [wanted]).is_some()
}
