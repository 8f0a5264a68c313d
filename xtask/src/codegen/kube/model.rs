//! The types of a unit: of one custom kind, or of a module whose records have names.

use anyhow::{Result, bail};

use super::embed::Embed;
use super::facts::{Kind, Module, Root, is_required};
use super::find::Finder;
use super::fixups;
use super::names::Taken;
use crate::codegen::case;

/// Types that belong together.
pub struct Unit {
    /// The one kind that it is about; none where it is a whole module.
    pub kind: Option<String>,
    /// Kinds, definitions and nested records, in the order in which they were found.
    pub records: Vec<Record>,
    /// Lists of choices.
    pub choices: Vec<Choices>,
}

/// A kind, a definition or a nested record.
pub struct Record {
    pub name: String,
    /// What it says about itself.
    pub doc: String,
    /// Set for a kind.
    pub object: Option<Object>,
    pub props: Vec<Prop>,
}

/// What makes a record a kind.
pub struct Object {
    pub api_version: String,
    pub kind: String,
    pub wave: String,
    pub namespaced: bool,
}

pub struct Prop {
    pub field: String,
    pub key: String,
    pub kind: Type,
    pub required: bool,
}

/// A list of choices.
pub struct Choices {
    pub name: String,
    pub variants: Vec<(String, String)>,
}

/// The type of a property.
pub enum Type {
    Text,
    Bool,
    Int,
    Float,
    IntOrString,
    Json,
    List(Box<Type>),
    Map(Box<Type>),
    /// A record of the unit by its place in it.
    Record(usize),
    /// A list of choices of the unit.
    Choices(usize),
    /// A record of another unit: module and Rust name.
    Foreign(String, String),
}

impl Unit {
    pub fn new(
        module: &Module,
        file: Option<&str>,
        roots: Vec<Root<'_>>,
        embed: &Embed<'_>,
        given: &mut fixups::Names,
    ) -> Result<Self> {
        let finder = Finder::new(module, embed, &roots);
        let label = format!("{}.{}", module.name, file.unwrap_or("*"));
        let mut taken = Taken::default();
        let names = finder.names(&mut taken, &label, given)?;
        let choices = finder.choices(&names, &mut taken)?;
        let mut unit = Unit { kind: file.map(str::to_owned), records: Vec::new(), choices };
        for (idx, node) in finder.nodes.iter().enumerate() {
            let mut props = Vec::new();
            for (key, schema) in node.properties() {
                let name = case::pascal(key);
                let kind = finder.kind(schema, &name, idx)?;
                let (field, required) = (case::field(key), is_required(node.schema, key));
                if props.iter().any(|prop: &Prop| prop.field == field) {
                    bail!("`{}` has two properties `{field}`", names[idx]);
                }
                props.push(Prop { field, key: key.clone(), kind, required });
            }
            let (name, doc) = (names[idx].clone(), finder.doc(idx, &names));
            let object = node.kind.map(object);
            unit.records.push(Record { name, doc, object, props });
        }
        Ok(unit)
    }

    /// The definitions of other modules that are used here.
    pub fn foreign(&self, module: &str) -> Vec<String> {
        let mut names = Vec::new();
        for prop in self.records.iter().flat_map(|record| &record.props) {
            prop.kind.each(&mut |kind| match kind {
                Type::Foreign(of, name) if of != module => names.push(format!("{of}.{name}")),
                _ => {}
            });
        }
        names
    }
}

fn object(kind: &Kind) -> Object {
    Object {
        api_version: kind.api_version.clone(),
        kind: kind.name.clone(),
        wave: kind.wave.clone(),
        namespaced: kind.namespaced,
    }
}

impl Type {
    /// Visits this type and those inside it.
    pub fn each<'a>(&'a self, visit: &mut impl FnMut(&'a Type)) {
        visit(self);
        if let Type::List(inner) | Type::Map(inner) = self {
            inner.each(visit);
        }
    }
}
