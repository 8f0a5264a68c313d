//! Decides which duplicate objects are alternatives and which are mistakes.

use std::collections::{BTreeMap, BTreeSet};

use super::files::{Child, File, Key, children};

/// Finds files that are alternatives on their own, not as part of an alternative folder.
pub fn find_examples(files: &[File<'_>], depth: usize, examples: &mut BTreeSet<&'static str>) {
    let children = children(files, depth);
    let shared = Shared::of(&children);
    let of_folders = shared.of_folders(&children);
    examples.extend(shared.files(&children, &of_folders).map(|file| file.path));
    children.iter().filter(|child| !child.is_file).for_each(|child| find_examples(child.files, depth + 1, examples));
}

/// The objects that several children define.
pub struct Shared<'m> {
    children: BTreeMap<Key<'m>, BTreeSet<usize>>,
    /// The objects with conflicting definitions.
    pub contested: BTreeSet<Key<'m>>,
}

impl<'m> Shared<'m> {
    pub fn of(children: &[Child<'_, 'm>]) -> Self {
        let mut by_key: BTreeMap<Key<'_>, BTreeSet<usize>> = BTreeMap::new();
        for (idx, child) in children.iter().enumerate() {
            child.texts.keys().for_each(|key| {
                by_key.entry(*key).or_default().insert(idx);
            });
        }
        by_key.retain(|_, of| of.len() > 1);
        let is_contested = |key: &Key<'_>, of: &BTreeSet<usize>| {
            let texts: BTreeSet<usize> = of.iter().flat_map(|idx| &children[*idx].texts[key]).copied().collect();
            texts.len() > 1
        };
        let contested = by_key.iter().filter(|(key, of)| is_contested(key, of)).map(|(key, _)| *key).collect();
        Self { children: by_key, contested }
    }

    /// Returns the objects of folders that are alternatives as a whole.
    fn of_folders(&self, children: &[Child<'_, 'm>]) -> BTreeSet<Key<'m>> {
        let mut found = BTreeSet::new();
        for child in children.iter().filter(|child| !child.is_file) {
            let n_shared = child.texts.keys().filter(|key| self.children.contains_key(*key)).count();
            if 2 * n_shared > child.n_objects {
                found.extend(child.texts.keys().filter(|key| self.contested.contains(*key)));
            }
        }
        found
    }

    /// Returns the files that are alternatives, in addition to folders.
    fn files<'f>(
        &self,
        children: &'f [Child<'f, 'm>],
        of_folders: &BTreeSet<Key<'m>>,
    ) -> impl Iterator<Item = &'f File<'m>> {
        let mut by_key: BTreeMap<Key<'m>, Vec<&'f File<'m>>> = BTreeMap::new();
        for file in children.iter().flat_map(|child| child.files) {
            file.shared.iter().for_each(|(key, _)| by_key.entry(*key).or_default().push(file));
        }
        let is_variant = move |key: &Key<'_>| {
            let files = by_key.get(key).map(Vec::as_slice).unwrap_or_default();
            let is_pair = |one: &File<'_>, other: &File<'_>| !is_copy(one.path, other.path, key[3]);
            files.iter().all(|file| file.n_objects == 1) && files.windows(2).all(|pair| is_pair(pair[0], pair[1]))
        };
        children.iter().flat_map(|child| child.files).filter(move |file| {
            let keys: BTreeSet<&Key<'_>> =
                file.shared.iter().map(|(key, _)| key).filter(|key| self.children.contains_key(*key)).collect();
            let most = keys.iter().map(|key| self.children[*key].len()).max().unwrap_or_default();
            let is_contested = keys.iter().any(|key| self.contested.contains(*key) && !of_folders.contains(*key));
            is_contested
                && 2 * keys.len() > file.n_objects
                && (keys.len() > 1 || most > 2 || keys.iter().all(|key| is_variant(key)))
        })
    }

    /// Returns the conflicting objects of alternatives. Other conflicts are mistakes.
    pub fn alternatives(&self, children: &[Child<'_, 'm>]) -> BTreeSet<Key<'m>> {
        let of_folders = self.of_folders(children);
        let of_files = self.files(children, &of_folders).flat_map(|file| file.shared.iter().map(|(key, _)| *key));
        let of_files: Vec<Key<'_>> = of_files.filter(|key| self.contested.contains(key)).collect();
        of_folders.into_iter().chain(of_files).collect()
    }
}

/// Whether only one of two files is named after an object. The other file is then a copy whose object was not renamed.
pub fn is_copy(one: &str, other: &str, name: &str) -> bool {
    let word = |c: char| c.is_ascii_alphanumeric();
    let n_common = one.split('/').zip(other.split('/')).take_while(|(one, other)| one == other).count();
    let is_named_after = |path: &str| {
        path.split('/').skip(n_common).any(|part| {
            let mut found = part.match_indices(name);
            found.any(|(at, _)| !part[..at].ends_with(word) && !part[at + name.len()..].starts_with(word))
        })
    };
    is_named_after(one) != is_named_after(other)
}

/// Groups the conflicting children into classes without conflicts, in order.
pub fn classes(children: &[Child<'_, '_>], contested: &BTreeSet<Key<'_>>) -> Vec<Vec<usize>> {
    let mut classes: Vec<Vec<usize>> = Vec::new();
    // `texts`: the variants of each object by class. `above`: for each object, the first class number after all classes
    // that contain it.
    let mut texts: BTreeMap<(Key<'_>, usize), &BTreeSet<usize>> = BTreeMap::new();
    let mut above: BTreeMap<Key<'_>, usize> = BTreeMap::new();
    let mut by_text: BTreeMap<(Key<'_>, &BTreeSet<usize>), usize> = BTreeMap::new();
    for (idx, child) in children.iter().enumerate() {
        let own: Vec<_> = child.texts.iter().filter(|(key, _)| contested.contains(*key)).collect();
        if own.is_empty() {
            continue;
        }
        let next = own.iter().filter_map(|(key, _)| above.get(*key)).max().copied().unwrap_or_default();
        let same = own.iter().filter_map(|(key, text)| by_text.get(&(**key, *text))).min().copied();
        let is_free =
            |class: &usize| own.iter().all(|(key, text)| texts.get(&(**key, *class)).is_none_or(|other| other == text));
        let class = same.filter(is_free).unwrap_or(next);
        for (key, text) in own {
            texts.insert((*key, class), text);
            by_text.entry((*key, text)).or_insert(class);
            above.entry(*key).and_modify(|above| *above = (*above).max(class + 1)).or_insert(class + 1);
        }
        if class >= classes.len() {
            classes.resize(class + 1, Vec::new());
        }
        classes[class].push(idx);
    }
    classes.retain(|class| !class.is_empty());
    classes
}
