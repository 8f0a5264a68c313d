//! The sources of the library, read with a parser: the constructs, their public paths and their
//! documentation.

mod doc;
mod item;
mod module;
mod read;
mod text;

use std::collections::BTreeMap;
use std::path::Path;

pub use doc::{Doc, Example, codes};
pub use item::{Field, Kind, Method, Type, Variant};
pub use module::{Found, Module};

/// The parsed library.
pub struct Library {
    modules: BTreeMap<Vec<String>, Module>,
    /// The public types, in reading order.
    pub types: Vec<Type>,
    /// The public path of each type, without the crate name.
    paths: BTreeMap<usize, Vec<String>>,
    /// The types with a page, sorted by name.
    pages: Vec<usize>,
}

/// The library crate, which re-exports the types of other crates.
pub const ROOT: &str = "meshsynth";
const TYPES: &str = "meshsynth_model";

impl Library {
    /// Reads the repository in `root`.
    pub fn read(root: &Path) -> Self {
        let mut reader = read::Reader::new(root);
        // Other modules contain neither constructs nor types of their fields.
        reader.read_crate(ROOT, "src", &|path| matches!(path[1].as_str(), "aws" | "mesh" | "app"));
        reader.read_crate(TYPES, "crates/model/src", &|path| !matches!(path[1].as_str(), "cfn" | "kube" | "diag"));
        let (modules, types, impls) = reader.finish();
        let mut library = Self { modules, types, paths: BTreeMap::new(), pages: Vec::new() };
        for block in impls {
            if let Some(Found::Type(number)) = library.resolve(&block.module, std::slice::from_ref(&block.of)) {
                library.types[number].add(block);
            }
        }
        library.paths = module::public_paths(&library.modules);
        library.pages = library.numbers_of_pages();
        library
    }

    /// Returns the item of a path in a module.
    pub fn resolve(&self, module: &[String], path: &[String]) -> Option<Found> {
        module::resolve(&self.modules, module, path, 0)
    }

    /// Returns the first known type in a text such as `Option<Key>` or `super::Cluster`.
    pub fn named(&self, module: &[String], text: &str) -> Option<&Type> {
        let path: Vec<String> = text.split("::").map(str::to_owned).collect();
        match self.resolve(module, &path)? {
            Found::Type(number) => Some(&self.types[number]),
            Found::Module(_) => None,
        }
    }

    /// Returns all known types in the text of a type.
    pub fn all_named(&self, module: &[String], text: &str) -> Vec<&Type> {
        let words = text.split(|c: char| !c.is_alphanumeric() && c != '_' && c != ':');
        words.filter(|word| !word.is_empty()).filter_map(|word| self.named(module, word)).collect()
    }

    /// Returns the public constructs and other types with a runnable example, sorted by name.
    pub fn constructs(&self) -> Vec<&Type> {
        self.pages.iter().map(|number| &self.types[*number]).collect()
    }

    /// Returns the example of a type: its own, or one that calls the method that creates the type.
    pub fn example(&self, it: &Type) -> Option<Example> {
        let of_makers = || {
            self.makers(it).into_iter().find_map(|(owner, method)| {
                let call = format!(".{}(", method.name);
                let examples = [&method.doc, &owner.doc].map(Doc::example).into_iter().flatten();
                examples.into_iter().find(|example| example.app().is_some() && example.code().contains(&call))
            })
        };
        it.doc.example().or_else(of_makers)
    }

    /// Returns the vendor pages of a type: its own, or those of the construct that creates the type.
    pub fn sources(&self, it: &Type) -> Vec<String> {
        let own = it.doc.sources();
        match own.is_empty() {
            true => self.makers(it).into_iter().flat_map(|(owner, _)| owner.doc.sources()).collect(),
            false => own,
        }
    }

    /// Returns the type that another type dereferences to.
    pub fn target(&self, it: &Type) -> Option<&Type> {
        self.named(&it.module, it.target.as_deref()?)
    }

    /// Whether a type has a page.
    pub fn is_construct(&self, it: &Type) -> bool {
        self.pages.contains(&it.number)
    }

    /// Returns the indexes of types with a page. Handles of construct parts have no page. Types for existing resources
    /// have no page either, because the page of their construct describes them.
    fn numbers_of_pages(&self) -> Vec<usize> {
        let runs = |it: &Type| it.doc.example().is_some_and(|example| example.app().is_some());
        let is_made = |it: &Type| !it.constructors().is_empty() || !self.makers(it).is_empty();
        let targets: Vec<usize> = self.types.iter().filter_map(|it| Some(self.target(it)?.number)).collect();
        let is_construct = |it: &&Type| {
            matches!(it.module.get(1).map(String::as_str), Some("aws" | "mesh"))
                && !it.name.starts_with("Existing")
                && (runs(it) || it.traits.contains("Construct") && (is_made(it) || targets.contains(&it.number)))
        };
        let mut found: Vec<&Type> = self.types.iter().filter(|it| self.has_path(it)).filter(is_construct).collect();
        found.sort_by_key(|it| self.name(it));
        found.into_iter().map(|it| it.number).collect()
    }

    /// Whether it has a public path.
    pub fn has_path(&self, it: &Type) -> bool {
        self.paths.contains_key(&it.number)
    }

    /// Returns the public path of a type, such as `rds::Database`, or its name if it has none.
    pub fn name(&self, it: &Type) -> String {
        self.paths.get(&it.number).map_or_else(|| it.name.clone(), |path| path.join("::"))
    }

    /// Returns methods of other types that create a value of this type, with their types.
    pub fn makers<'a>(&'a self, of: &'a Type) -> Vec<(&'a Type, &'a Method)> {
        let is_it = |owner: &Type, method: &Method| {
            method.has_receiver
                && method.returns.as_deref().is_some_and(|returns| {
                    self.named(&method.module, returns).is_some_and(|it| it.number == of.number)
                        && owner.number != of.number
                })
        };
        let all = self.types.iter().filter(|owner| self.has_path(owner));
        all.flat_map(|owner| owner.methods.iter().map(move |method| (owner, method)))
            .filter(|(owner, method)| is_it(owner, method) && method.is_definition())
            .collect()
    }
}
