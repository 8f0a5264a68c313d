//! Imports of a module, and its shortened paths.

use std::collections::{BTreeMap, BTreeSet};

use crate::names;
use crate::tree::{Expr, Path};

/// The roots of paths that are shortened: modules of the library crate, and the crate of other services.
const ROOTS: [&str; 3] = ["cfn", "kube", "meshsynth_services"];

/// Roots of paths that are not below the library crate.
const WHOLE: [&str; 3] = ["crate", "meshsynth_services", "super"];

/// Names in `meshsynth::val`.
const OF_VALUES: [&str; 2] = ["Bag", "Data"];

/// The paths and macros in a module.
#[derive(Default)]
pub struct Imports {
    paths: BTreeSet<String>,
    macros: BTreeSet<&'static str>,
}

impl Imports {
    /// Adds the paths of an expression.
    pub fn see(&mut self, expr: &Expr) {
        match expr {
            Expr::Path(path) | Expr::Call(path, _) => self.add(path),
            Expr::Macro(name, _) if *name != "format" => drop(self.macros.insert(name)),
            _ => {}
        }
    }

    /// Adds a path. A single lower-case word is a function of the module itself.
    pub fn add(&mut self, path: &Path) {
        let is_own = |path: &&str| !path.contains("::") && path.starts_with(|c: char| c.is_ascii_lowercase());
        self.paths.extend(path.parts().filter(|path| !is_own(path)).map(str::to_owned));
    }

    /// Returns the used services of `meshsynth-services`.
    pub fn services(&self) -> impl Iterator<Item = &str> {
        self.paths.iter().filter_map(|path| path.strip_prefix("meshsynth_services::")?.split("::").next())
    }

    /// Returns the shortened paths and their imports. `cfn::s3::bucket::Rule` becomes `bucket::Rule` if there is only
    /// one `bucket`, and if it is not in `own`.
    pub fn chosen(&self, own: &[String]) -> Chosen {
        let roots: BTreeSet<&str> = self.paths.iter().map(|path| root(path)).collect();
        let is_taken =
            |name: &str| roots.contains(name) || self.macros.contains(name) || own.iter().any(|it| it == name);
        let mut parents: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
        for path in &self.paths {
            if let Some((parent, module)) = split(path) {
                parents.entry(module).or_default().insert(parent);
            }
        }
        let short: BTreeMap<&str, &str> = parents
            .iter()
            .filter(|(module, parents)| parents.len() == 1 && !is_taken(module))
            .filter_map(|(module, parents)| Some((*module, *parents.first()?)))
            .collect();
        let is_short = |path: &str| split(path).is_some_and(|(_, module)| short.contains_key(module));
        let mut by_parent: BTreeMap<String, BTreeSet<&str>> = BTreeMap::new();
        for (module, parent) in &short {
            let is_whole = WHOLE.contains(&root(parent));
            let parent = if is_whole { (*parent).to_owned() } else { format!("meshsynth::{parent}") };
            by_parent.entry(parent).or_default().insert(module);
        }
        let whole = self.paths.iter().filter(|path| !is_short(path)).map(|path| root(path));
        let whole = whole.filter(|name| !WHOLE.contains(name) && !own.iter().any(|it| it == name));
        for name in whole.chain(self.macros.iter().copied()) {
            let parent = if OF_VALUES.contains(&name) { "meshsynth::val" } else { "meshsynth" };
            by_parent.entry(parent.to_owned()).or_default().insert(name);
        }
        let short = short.into_iter().map(|(module, parent)| (module.to_owned(), parent.to_owned())).collect();
        Chosen { short, text: by_parent.iter().map(|(parent, names)| import(parent, names)).collect() }
    }
}

/// The imports of a module.
pub struct Chosen {
    short: BTreeMap<String, String>,
    /// The import statements.
    pub text: String,
}

impl Chosen {
    /// Shortens the paths in an expression.
    pub fn shorten(&self, expr: &mut Expr) {
        if let Expr::Path(path) | Expr::Call(path, _) = expr {
            self.shorten_path(path);
        }
    }

    /// Shortens a path.
    pub fn shorten_path(&self, path: &mut Path) {
        if let Some((parent, module)) = split(&path.text)
            && self.short.contains_key(module)
        {
            path.text = path.text[parent.len() + "::".len()..].to_owned();
        }
        if let Some((inner, _)) = &mut path.of {
            self.shorten_path(inner);
        }
    }
}

fn root(path: &str) -> &str {
    path.split("::").next().unwrap_or_default()
}

fn import(parent: &str, names: &BTreeSet<&str>) -> String {
    let names: Vec<&str> = names.iter().copied().collect();
    match names.as_slice() {
        [name] => format!("use {parent}::{name};\n"),
        names => format!("use {parent}::{{{}}};\n", names.join(", ")),
    }
}

/// Returns the parent path and the module of a type, such as `cfn::s3` and `bucket`, or `kube` and `core`.
fn split(path: &str) -> Option<(&str, &str)> {
    let is_type = |name: &str| name.starts_with(|c: char| c.is_ascii_uppercase());
    let pieces: Vec<&str> = path.split("::").collect();
    match pieces.as_slice() {
        [root, service, module, name, ..] if ROOTS.contains(root) && !is_type(module) && is_type(name) => {
            Some((&path[..root.len() + service.len() + "::".len()], module))
        }
        // Modules of `cfn` have the same names as construct modules, such as `sqs`.
        [root @ ("kube" | "meshsynth_services"), module, name, ..] if !is_type(module) && is_type(name) => {
            Some((root, module))
        }
        // A module of the program: its function, or its type with the same name.
        ["crate", module, name] if !is_type(module) && !is_type(name) => Some(("crate", module)),
        [_, .., module, name] if is_own(path) && is_type(name) => {
            let (parent, last) = if names::snake(name) == *module { (path, name) } else { (parent(path), module) };
            Some((self::parent(parent), last))
        }
        _ => None,
    }
}

/// Whether a path begins in the program itself.
fn is_own(path: &str) -> bool {
    ["crate", "super"].contains(&root(path))
}

fn parent(path: &str) -> &str {
    path.rsplit_once("::").map_or("", |(parent, _)| parent)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shortens_paths_with_unique_module_names() {
        let paths = [
            "cfn::s3::bucket::Rule::new",
            "cfn::s3::Bucket::new",
            "cfn::ec2::vpc::Tag::new",
            "cfn::lex::bot::A",
            "cfn::other::bot::B",
            "cfn::a::logs::C",
            "kube::core::Container::new",
            "kube::Kind",
            "logs::LogGroup::bare",
            "Bag::default",
            "iam::define",
        ];
        let mut imports = Imports::default();
        paths.iter().for_each(|path| imports.add(&Path::from(*path)));
        let chosen = imports.chosen(&["iam".to_owned()]);
        let short = paths.map(|path| {
            let mut path = Path::from(path);
            chosen.shorten_path(&mut path);
            path.text
        });
        assert_eq!(
            short,
            [
                "bucket::Rule::new",
                "cfn::s3::Bucket::new",
                "vpc::Tag::new",
                "cfn::lex::bot::A",
                "cfn::other::bot::B",
                "cfn::a::logs::C",
                "core::Container::new",
                "kube::Kind",
                "logs::LogGroup::bare",
                "Bag::default",
                "iam::define",
            ]
        );
        assert_eq!(
            chosen.text,
            "use meshsynth::{cfn, kube, logs};\nuse meshsynth::cfn::ec2::vpc;\nuse meshsynth::cfn::s3::bucket;\nuse meshsynth::kube::core;\n\
             use meshsynth::val::Bag;\n"
        );
    }
}
