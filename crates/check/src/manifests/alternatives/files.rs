//! The files, and their objects that other files define too.

use std::collections::{BTreeMap, BTreeSet};

use meshsynth::Manifest;

/// The maximum number of variants of an object that are compared.
const MOST_VARIANTS: usize = 64;

/// The identity of an object.
pub type Key<'m> = [&'m str; 4];

/// A file with its objects that other files define too, each with the number of its variant.
pub struct File<'m> {
    pub path: &'static str,
    pub parts: Vec<&'static str>,
    pub n_objects: usize,
    pub shared: Vec<(Key<'m>, usize)>,
}

/// A direct child of a folder.
pub struct Child<'f, 'm> {
    pub name: &'static str,
    pub is_file: bool,
    pub n_objects: usize,
    pub files: &'f [File<'m>],
    /// The variants of each object that other files define too.
    pub texts: BTreeMap<Key<'m>, BTreeSet<usize>>,
}

/// Returns the files, sorted by path.
pub fn files<'m>(manifests: &'m [Manifest], namespace: &'m str) -> Vec<File<'m>> {
    let mut by_key: BTreeMap<Key<'_>, Vec<&Manifest>> = BTreeMap::new();
    let mut by_path: BTreeMap<&'static str, File<'m>> = BTreeMap::new();
    for manifest in manifests {
        let path = manifest.at().file();
        let file = || File { path, parts: path.split('/').collect(), n_objects: 0, shared: Vec::new() };
        let file = by_path.entry(path).or_insert_with(file);
        let [group, kind, own, name] = manifest.identity();
        // Many files begin with the definition of their namespace.
        if kind != "Namespace" {
            file.n_objects += 1;
            let own = if own.is_empty() { namespace } else { own };
            by_key.entry([group, kind, own, name]).or_default().push(manifest);
        }
    }
    for (key, definitions) in by_key {
        if definitions.iter().all(|it| it.at().file() == definitions[0].at().file()) {
            continue;
        }
        let mut texts: Vec<&Manifest> = Vec::new();
        for manifest in definitions {
            let known = texts.iter().take(MOST_VARIANTS).position(|text| text.has_body_of(manifest));
            let text = known.unwrap_or(texts.len());
            by_path.entry(manifest.at().file()).and_modify(|file| file.shared.push((key, text)));
            if known.is_none() {
                texts.push(manifest);
            }
        }
    }
    let mut files: Vec<File<'m>> = by_path.into_values().collect();
    files.sort_by(|one, other| one.parts.cmp(&other.parts));
    files
}

/// Returns the children of a folder.
pub fn children<'f, 'm>(files: &'f [File<'m>], depth: usize) -> Vec<Child<'f, 'm>> {
    let is_file = |file: &File<'_>| file.parts.len() == depth + 1;
    let is_one =
        |one: &File<'_>, other: &File<'_>| one.parts[depth] == other.parts[depth] && !is_file(one) && !is_file(other);
    let mut children = Vec::new();
    for files in files.chunk_by(is_one) {
        let mut texts: BTreeMap<Key<'_>, BTreeSet<usize>> = BTreeMap::new();
        for (key, text) in files.iter().flat_map(|file| &file.shared) {
            texts.entry(*key).or_default().insert(*text);
        }
        children.push(Child {
            name: files[0].parts[depth],
            is_file: is_file(&files[0]),
            n_objects: files.iter().map(|file| file.n_objects).sum(),
            files,
            texts,
        });
    }
    children
}
