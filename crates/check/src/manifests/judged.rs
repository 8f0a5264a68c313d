//! Checks manifests: all of them together, or each alternative separately.

use std::collections::hash_map::Entry;
use std::collections::{BTreeSet, HashMap};

use meshsynth::diag::{Diagnostic, Place, Severity};
use meshsynth::{Contents, Manifest, World, check, check_templates};

use super::Found;
use super::alternatives::{self, Alternatives, Set};
use super::examples;
use crate::yaml::Marked;

/// Returns the findings at the responsible fields, and a line for each location with alternatives.
pub fn judge(found: &mut Found, world: World, is_one_cluster: bool) -> (Vec<Diagnostic>, Vec<String>) {
    let clusters = std::mem::take(&mut found.clusters);
    let validated = found.validations.judge(&clusters, &found.documents);
    let alternatives = match &clusters[..] {
        [cluster] if !is_one_cluster && found.is_together => Alternatives::of(&cluster.manifests, &cluster.namespace),
        _ => None,
    };
    let (mut judged, told) = match alternatives {
        Some(Alternatives { sets, told }) => (each(&clusters[0], &sets, world), told),
        None => (check(clusters, world), Vec::new()),
    };
    judged.retain(|it| !is_of_one_base(it, found));
    judged.extend(check_templates(&found.templates, world));
    if matches!(world, World::Open) && found.is_together && !is_one_cluster {
        judged.iter_mut().filter(|it| may_be_apart(it, found)).for_each(|it| it.severity = Severity::Warning);
        judged = examples::grouped(judged, &found.documents);
    }
    found.mutations.sort();
    judged = judged.into_iter().map(|it| found.mutations.relaxed(it, &found.documents)).collect();
    judged.sort_by_key(|it| it.severity);
    let mut diagnostics = std::mem::take(&mut found.broken);
    let mut fields: HashMap<&Option<Place>, Vec<&str>> = HashMap::new();
    for error in judged.iter().filter(|it| it.severity == Severity::Error && !validated.is_empty()) {
        fields.entry(&error.place).or_default().extend(error.field.as_deref());
    }
    // A validation rule is a duplicate if another error is at the same field or directly below it.
    let is_told = |it: &Diagnostic| {
        let own = it.field.as_deref().unwrap_or_default();
        let is_there = |field: &str| {
            let rest = field.strip_prefix(own);
            rest.is_some_and(|rest| rest.is_empty() || rest.starts_with(['.', '[']) && !rest[1..].contains(['.', '[']))
        };
        fields.get(&it.place).is_some_and(|fields| fields.iter().any(|field| is_there(field)))
    };
    let validated: Vec<Diagnostic> = validated.into_iter().filter(|it| !is_told(it)).collect();
    let is_more = !validated.is_empty();
    diagnostics.extend(found.point(judged.into_iter().chain(validated).collect()));
    if is_more {
        diagnostics.sort_by_cached_key(Diagnostic::sort_key);
    }
    (diagnostics, told)
}

/// Whether two kustomizations or charts render the same object with equal content. They share a base, and each is
/// applied separately.
fn is_of_one_base(diagnostic: &Diagnostic, found: &Found) -> bool {
    let Some(own) = diagnostic.place.as_ref().filter(|_| diagnostic.code == "MS0408") else { return false };
    let rendered = |place: &Place| found.rendered.get(&place.file).map(|rendered| &rendered.folder);
    let object = |place: &Place| found.documents.with(place, Marked::data);
    let mut others = diagnostic.notes.iter().filter_map(|note| note.place.as_ref());
    others.any(|other| {
        let is_apart = rendered(own).zip(rendered(other)).is_some_and(|(own, other)| own != other);
        is_apart && object(own) == object(other)
    })
}

/// Whether two files define the object but are possibly never applied together. If only one file is named after the
/// object, the other is a copy whose object was not renamed.
fn may_be_apart(diagnostic: &Diagnostic, found: &Found) -> bool {
    let Some(own) = diagnostic.place.as_ref().filter(|_| diagnostic.code == "MS0408") else { return false };
    let name = |document: &Marked| document.get("metadata").and_then(|it| it.text("name")).map(str::to_owned);
    let name = found.documents.with(own, name).flatten();
    let folder = |file: &str| file.rsplit_once('/').map(|(folder, _)| folder.to_owned());
    let others = diagnostic.notes.iter().filter_map(|note| note.place.as_ref());
    others.into_iter().any(|other| {
        let is_copy = name.as_ref().is_some_and(|name| alternatives::is_copy(&own.file, &other.file, name));
        folder(&own.file) != folder(&other.file) || own.file != other.file && !is_copy
    })
}

/// A finding with the indices of the sets that report it.
struct Told {
    diagnostic: Diagnostic,
    sets: Vec<usize>,
}

/// The identity of a finding: code, position, field and message.
type Key = (&'static str, Option<Place>, Option<String>, String);

/// Checks each set, and returns the findings in the files for which the set reports findings. A finding of several
/// sets is returned once.
fn each(cluster: &Contents, sets: &[Set], world: World) -> Vec<Diagnostic> {
    let mut known: HashMap<Key, usize> = HashMap::new();
    let mut all: Vec<Told> = Vec::new();
    for (idx, set) in sets.iter().enumerate() {
        for diagnostic in check(vec![contents(cluster, set)], world) {
            if !set.files.get(file_of(&diagnostic)).copied().unwrap_or(true) {
                continue;
            }
            let diagnostic = with_another(diagnostic, set);
            let key = (diagnostic.code, diagnostic.place.clone(), diagnostic.field.clone(), diagnostic.message.clone());
            match known.entry(key) {
                Entry::Occupied(at) => all[*at.get()].sets.push(idx),
                Entry::Vacant(at) => {
                    at.insert(all.len());
                    all.push(Told { diagnostic, sets: vec![idx] });
                }
            }
        }
    }
    let mut all: Vec<Diagnostic> = all.into_iter().map(|it| it.in_part(sets)).collect();
    all.sort_by_cached_key(Diagnostic::sort_key);
    all
}

impl Told {
    /// Downgrades a finding in a common file to a warning if only some alternatives cause it, because the others may be
    /// in use.
    fn in_part(self, sets: &[Set]) -> Diagnostic {
        let Told { diagnostic, sets: with } = self;
        let file = file_of(&diagnostic);
        let is_of = |set: &Set| set.files.get(file) == Some(&true);
        let without = sets.iter().enumerate().find(|(idx, set)| is_of(set) && !with.contains(idx)).map(|(_, set)| set);
        let Some(without) = without else { return diagnostic };
        let severity = diagnostic.severity.max(Severity::Warning);
        let note = format!("this finding applies with `{}`, but not with `{}`", sets[with[0]].name, without.name);
        diagnostic.severity(severity).note(note)
    }
}

/// Downgrades a finding that involves another file to a warning in two cases. Either that file was only added to
/// complete the set, or both files are examples that may never be applied together.
fn with_another(diagnostic: Diagnostic, set: &Set) -> Diagnostic {
    let own = file_of(&diagnostic);
    let is_another = |file: &&str| *file != own && (set.is_example || set.files.get(*file) == Some(&false));
    let mut others = diagnostic.notes.iter().filter_map(|note| note.place.as_ref()).map(|place| place.file.as_str());
    let Some(other) = others.find(is_another).map(str::to_owned) else { return diagnostic };
    if diagnostic.severity != Severity::Error {
        return diagnostic;
    }
    diagnostic.severity(Severity::Warning).note(format!("this finding applies with `{other}`"))
}

/// Returns the file of a finding.
fn file_of(diagnostic: &Diagnostic) -> &str {
    diagnostic.place.as_ref().map_or("", |place| place.file.as_str())
}

/// Returns the content of a cluster that is limited to the files of a set.
fn contents(cluster: &Contents, set: &Set) -> Contents {
    let manifests: Vec<_> =
        cluster.manifests.iter().filter(|it| set.files.contains_key(it.at().file())).cloned().collect();
    let mut known_in_part = cluster.known_in_part.clone();
    if set.is_part {
        let named = manifests.iter().map(|it| it.identity()[2]).filter(|namespace| !namespace.is_empty());
        known_in_part.extend(named.map(str::to_owned));
        known_in_part.push(cluster.namespace.clone());
    }
    if set.is_example {
        let others = cluster.manifests.iter().filter(|it| !set.files.contains_key(it.at().file()));
        let namespace = |it: &Manifest| match it.identity()[2] {
            "" => cluster.namespace.clone(),
            namespace => namespace.to_owned(),
        };
        known_in_part.extend(others.map(namespace).collect::<BTreeSet<_>>());
    }
    Contents {
        cluster: cluster.cluster.clone(),
        version: cluster.version.clone(),
        namespace: cluster.namespace.clone(),
        manifests,
        releases: cluster.releases.clone(),
        known_in_part,
    }
}
