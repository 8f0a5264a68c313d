//! What a module imports, and its paths as they are short by that.

use std::collections::{BTreeMap, BTreeSet};

use crate::tree::{Expr, Path};

/// The roots of paths that are shortened: the crate of the library has them.
const ROOTS: [&str; 2] = ["cfn", "kube"];

/// Roots of paths that are not imported.
const WHOLE: [&str; 3] = ["crate", "meshsynth_services", "super"];

/// Names that `meshsynth::val` has.
const OF_VALUES: [&str; 2] = ["Bag", "Data"];

/// The paths and macros of a module.
#[derive(Default)]
pub struct Imports {
    paths: BTreeSet<String>,
    macros: BTreeSet<&'static str>,
}

impl Imports {
    /// Sees an expression.
    pub fn see(&mut self, expr: &Expr) {
        match expr {
            Expr::Path(path) | Expr::Call(path, _) => self.add(path),
            Expr::Macro(name, _) if *name != "format" => drop(self.macros.insert(name)),
            _ => {}
        }
    }

    /// Sees a path. A word in lower case alone is a function of the module itself.
    pub fn add(&mut self, path: &Path) {
        let is_own = |path: &&str| !path.contains("::") && path.starts_with(|c: char| c.is_ascii_lowercase());
        self.paths.extend(path.parts().filter(|path| !is_own(path)).map(str::to_owned));
    }

    /// The services of `meshsynth-services` that are named.
    pub fn services(&self) -> impl Iterator<Item = &str> {
        self.paths.iter().filter_map(|path| path.strip_prefix("meshsynth_services::")?.split("::").next())
    }

    /// How paths are short, and the imports for that: `cfn::s3::bucket::Rule` is `bucket::Rule` where there is no other `bucket`,
    /// nor one of `own`.
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
            by_parent.entry(format!("meshsynth::{parent}")).or_default().insert(module);
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

/// What a module imports.
pub struct Chosen {
    short: BTreeMap<String, String>,
    /// The imports.
    pub text: String,
}

impl Chosen {
    /// Shortens the paths of an expression.
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

/// The path of a module within which a path leads to a type, and its name: `cfn::s3` and `bucket`, or `kube` and `core`.
fn split(path: &str) -> Option<(&str, &str)> {
    let is_type = |name: &str| name.starts_with(|c: char| c.is_ascii_uppercase());
    let pieces: Vec<&str> = path.split("::").collect();
    match pieces.as_slice() {
        [root, service, module, name, ..] if ROOTS.contains(root) && !is_type(module) && is_type(name) => {
            Some((&path[..root.len() + service.len() + "::".len()], module))
        }
        // Those of CloudFormation have the names of constructs' modules, such as `sqs`.
        ["kube", module, name, ..] if !is_type(module) && is_type(name) => Some(("kube", module)),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_is_short_where_its_module_is_the_only_one_of_its_name() {
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
