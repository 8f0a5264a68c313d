//! References between kustomizations.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use super::super::files::{KUSTOMIZATIONS, parts_of};

/// The folders that each kustomization refers to.
pub struct Parts(BTreeMap<PathBuf, BTreeSet<PathBuf>>);

impl Parts {
    /// Reads the references of kustomizations, which are given as folders.
    pub fn of(kustomizations: &[PathBuf]) -> Self {
        let parts = |folder: &PathBuf| {
            let file = KUSTOMIZATIONS.iter().map(|name| folder.join(name)).find(|file| file.is_file());
            let parts = file.into_iter().flat_map(|file| parts_of(&file)).filter(|part| part.is_dir());
            (absolute(folder), parts.map(|part| absolute(&part)).collect())
        };
        Self(kustomizations.iter().map(parts).collect())
    }

    /// Whether a kustomization refers to this one.
    pub fn is_named(&self, folder: &Path) -> bool {
        let folder = absolute(folder);
        self.0.values().any(|parts| parts.contains(&folder))
    }

    /// Whether a kustomization refers to itself, directly or indirectly.
    pub fn is_in_circle(&self, folder: &Path) -> bool {
        let folder = absolute(folder);
        self.below(self.0.get(&folder).into_iter().flatten()).contains(&folder)
    }

    /// Whether a kustomization is one of the given ones or is referred to by them.
    pub fn is_within(&self, some: &BTreeSet<PathBuf>, folder: &Path) -> bool {
        self.below(some.iter()).contains(&absolute(folder))
    }

    /// Returns the folders and all folders that they refer to, directly or indirectly.
    fn below<'a>(&'a self, folders: impl Iterator<Item = &'a PathBuf>) -> BTreeSet<PathBuf> {
        let mut found = BTreeSet::new();
        let mut next: Vec<&PathBuf> = folders.collect();
        while let Some(folder) = next.pop() {
            if found.insert(folder.clone()) {
                next.extend(self.0.get(folder).into_iter().flatten());
            }
        }
        found
    }
}

/// Returns the canonical path, or the path itself if it does not exist.
pub fn absolute(path: &Path) -> PathBuf {
    fs::canonicalize(path).unwrap_or_else(|_| path.to_owned())
}
