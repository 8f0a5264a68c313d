//! The types of a unit: a custom kind, or a module with named records.

/// A group of related types.
pub struct Unit {
    /// The kind of the unit, or `None` if it is a whole module.
    pub kind: Option<String>,
    /// Kinds, definitions and nested records, in order of discovery.
    pub records: Vec<Record>,
    /// The enums.
    pub choices: Vec<Choices>,
}

/// A kind, a definition or a nested record.
pub struct Record {
    pub name: String,
    /// Its documentation.
    pub doc: String,
    /// Set for a kind.
    pub object: Option<Object>,
    pub props: Vec<Prop>,
}

/// The properties of a kind.
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

/// An enum.
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
    /// A record of the unit, by its index.
    Record(usize),
    /// An enum of the unit.
    Choices(usize),
    /// A record of another unit: module and Rust name.
    Foreign(String, String),
}

impl Unit {
    /// Returns the used definitions of other modules.
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

impl Type {
    /// Visits this type and those inside it.
    pub fn each<'a>(&'a self, visit: &mut impl FnMut(&'a Type)) {
        visit(self);
        if let Type::List(inner) | Type::Map(inner) = self {
            inner.each(visit);
        }
    }
}
