//! Groups duplicate objects of independent folders, such as examples that are never applied together.

use std::collections::BTreeMap;
use std::path::Path;

use meshsynth::diag::{Diagnostic, Place, Severity};

use super::documents::Documents;
use crate::yaml::Marked;

/// Two folders with the same objects.
type Pair = (String, String);

/// Replaces the findings about duplicate objects of two folders by one finding. It is a note if neither folder is
/// below the other, because their files are then independent. Equal copies are notes too.
pub fn grouped(findings: Vec<Diagnostic>, documents: &Documents) -> Vec<Diagnostic> {
    let mut out = Vec::new();
    let mut pairs: BTreeMap<Pair, Vec<Diagnostic>> = BTreeMap::new();
    for finding in findings {
        match pair(&finding) {
            Some(pair) => pairs.entry(pair).or_default().push(finding),
            None => out.push(finding),
        }
    }
    for ((one, other), all) in pairs {
        let is_apart = !Path::new(&one).starts_with(&other) && !Path::new(&other).starts_with(&one);
        let n_all = all.len();
        let n_equal = all.iter().filter(|it| is_equal(it, documents)).count();
        let Some(mut first) = all.into_iter().min_by_key(Diagnostic::sort_key) else { continue };
        if is_apart || n_equal == n_all {
            first.severity = Severity::Note;
        }
        if n_all > 1 {
            let more = n_all - 1;
            let plural = if more == 1 { "object" } else { "objects" };
            first = first.note(format!(
                "`{one}` and `{other}` define {more} more {plural} twice, {n_equal} of {n_all} with equal content"
            ));
        }
        out.push(first);
    }
    out
}

/// Returns the folders of a duplicate object, if its definitions are in different folders.
fn pair(finding: &Diagnostic) -> Option<Pair> {
    if finding.code != "MS0408" || finding.severity == Severity::Error {
        return None;
    }
    let folder = |place: &Place| Path::new(&place.file).parent().unwrap_or(Path::new("")).display().to_string();
    let own = folder(finding.place.as_ref()?);
    let other = finding.notes.iter().filter_map(|note| note.place.as_ref()).map(folder).find(|it| *it != own)?;
    Some(if own < other { (own, other) } else { (other, own) })
}

/// Whether all definitions have the same content.
fn is_equal(finding: &Diagnostic, documents: &Documents) -> bool {
    let object = |place: &Place| documents.with(place, Marked::data);
    let Some(own) = finding.place.as_ref().and_then(object) else { return false };
    finding.notes.iter().filter_map(|note| note.place.as_ref()).all(|place| object(place).as_ref() == Some(&own))
}
