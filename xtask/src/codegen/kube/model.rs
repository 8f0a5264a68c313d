//! The types of a unit: of one custom kind, or of a module whose records have names.

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

impl Type {
    /// Visits this type and those inside it.
    pub fn each<'a>(&'a self, visit: &mut impl FnMut(&'a Type)) {
        visit(self);
        if let Type::List(inner) | Type::Map(inner) = self {
            inner.each(visit);
        }
    }
}
