//! Modules and the resolution of paths in them.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use super::{ROOT, TYPES};

/// The names of a module.
#[derive(Debug, Default)]
pub struct Module {
    names: BTreeMap<String, Name>,
    /// Modules with glob imports.
    pub globs: Vec<Vec<String>>,
}

/// A name in a module.
#[derive(Debug)]
pub struct Name {
    pub to: To,
    pub is_public: bool,
}

/// The target of a name.
#[derive(Clone, Debug)]
pub enum To {
    Module(Vec<String>),
    Type(usize),
    Use(Vec<String>),
}

/// The result of a path resolution.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Found {
    /// A module, by its path.
    Module(Vec<String>),
    /// A type, by its number.
    Type(usize),
}

type Modules = BTreeMap<Vec<String>, Module>;

impl Module {
    /// Adds a name. Definitions have precedence over imports, and public items over private items.
    pub fn add(&mut self, name: &str, to: To, is_public: bool) {
        if let Some(known) = self.names.get(name)
            && (known.is_public && !is_public || !matches!(known.to, To::Use(_)) && matches!(to, To::Use(_)))
        {
            return;
        }
        self.names.insert(name.to_owned(), Name { to, is_public });
    }
}

/// The maximum length of a chain of `use` items.
const DEEPEST: usize = 12;

/// Resolves a path in a module.
pub fn resolve(modules: &Modules, module: &[String], path: &[String], depth: usize) -> Option<Found> {
    let (first, rest) = path.split_first()?;
    if depth > DEEPEST {
        return None;
    }
    let start = match first.as_str() {
        "crate" => Found::Module(module[..1].to_vec()),
        "self" => Found::Module(module.to_vec()),
        "super" => Found::Module(module[..module.len().saturating_sub(1).max(1)].to_vec()),
        ROOT | TYPES => Found::Module(vec![first.clone()]),
        name => lookup(modules, module, name, depth)?,
    };
    match (start, rest) {
        (found, []) => Some(found),
        (Found::Module(inner), rest) => resolve(modules, &inner, rest, depth + 1),
        (Found::Type(_), _) => None,
    }
}

fn lookup(modules: &Modules, module: &[String], name: &str, depth: usize) -> Option<Found> {
    let here = modules.get(module)?;
    if let Some(name) = here.names.get(name) {
        return match &name.to {
            To::Module(path) => Some(Found::Module(path.clone())),
            To::Type(number) => Some(Found::Type(*number)),
            To::Use(path) => resolve(modules, module, path, depth + 1),
        };
    }
    here.globs.iter().find_map(|path| match resolve(modules, module, path, depth + 1)? {
        Found::Module(inner) => lookup(modules, &inner, name, depth + 1),
        Found::Type(_) => None,
    })
}

/// Returns the shortest public path of each type, without the crate.
pub fn public_paths(modules: &Modules) -> BTreeMap<usize, Vec<String>> {
    let mut paths: BTreeMap<usize, Vec<String>> = BTreeMap::new();
    let mut queue = VecDeque::from([(vec![ROOT.to_owned()], Vec::new())]);
    let mut seen = BTreeSet::new();
    while let Some((module, path)) = queue.pop_front() {
        if !seen.insert((module.clone(), path.clone())) || path.len() > 5 {
            continue;
        }
        let Some(here) = modules.get(&module) else { continue };
        for (name, it) in here.names.iter().filter(|(_, it)| it.is_public) {
            let found = match &it.to {
                To::Module(path) => Some(Found::Module(path.clone())),
                To::Type(number) => Some(Found::Type(*number)),
                To::Use(path) => resolve(modules, &module, path, 0),
            };
            let path: Vec<String> = [path.as_slice(), std::slice::from_ref(name)].concat();
            match found {
                Some(Found::Module(inner)) => queue.push_back((inner, path)),
                Some(Found::Type(number)) => {
                    let is_shorter = paths.get(&number).is_none_or(|known| path.len() < known.len());
                    if is_shorter {
                        paths.insert(number, path);
                    }
                }
                None => {}
            }
        }
    }
    paths
}
