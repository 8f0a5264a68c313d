//! The model of the code that is generated for a resource type.

use std::collections::BTreeMap;

/// A resource type with its records and enums.
pub struct Model {
    /// The type name, such as `AWS::EC2::Subnet`.
    pub type_name: String,
    /// The Rust name, such as `Subnet`.
    pub name: String,
    /// The module, such as `subnet`.
    pub module: String,
    /// Its properties.
    pub props: Vec<Prop>,
    /// The name of the type with its attributes.
    pub attributes: String,
    /// Its attributes, which are known after deployment.
    pub attrs: Vec<Attr>,
    /// The type that `Ref` returns.
    pub reference: Type,
    /// The types of nested properties, by name.
    pub records: BTreeMap<String, Vec<Prop>>,
    /// The enums, by name. Each variant has a name and a text.
    pub choices: BTreeMap<String, Vec<(String, String)>>,
}

/// A property.
pub struct Prop {
    /// The vendor's name.
    pub key: String,
    /// The setter's or parameter's name.
    pub field: String,
    /// Its type.
    pub kind: Type,
    /// Whether it is required.
    pub required: bool,
}

/// An attribute.
pub struct Attr {
    /// The vendor's name, such as `Endpoint.Address`.
    pub key: String,
    /// The method's name.
    pub method: String,
    /// Its type.
    pub kind: Type,
}

/// The type of a property or attribute.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Type {
    /// Text.
    Text,
    /// A boolean.
    Bool,
    /// A whole number.
    Int,
    /// A number.
    Float,
    /// Any JSON value.
    Json,
    /// A typed ID of `cfn::ids`.
    Id(&'static str),
    /// A record or enum of the same file.
    Named(String),
    /// A list.
    List(Box<Type>),
    /// A map with user-defined keys.
    Map(Box<Type>),
}

impl Type {
    /// Returns the Rust type.
    pub fn rust(&self) -> String {
        match self {
            Type::Text => "String".to_owned(),
            Type::Bool => "bool".to_owned(),
            Type::Int => "i64".to_owned(),
            Type::Float => "f64".to_owned(),
            Type::Json => "Json".to_owned(),
            Type::Id(name) => (*name).to_owned(),
            Type::Named(name) => name.clone(),
            Type::List(item) => format!("List<{}>", item.rust()),
            Type::Map(item) => format!("Map<{}>", item.rust()),
        }
    }

    /// Calls `seen` with this type and those inside it.
    pub fn each(&self, seen: &mut impl FnMut(&Type)) {
        seen(self);
        match self {
            Type::List(item) | Type::Map(item) => item.each(seen),
            _ => {}
        }
    }
}

impl Model {
    /// Calls `seen` with every type in the file.
    pub fn each_type(&self, seen: &mut impl FnMut(&Type)) {
        let props = self.props.iter().chain(self.records.values().flatten());
        props.for_each(|prop| prop.kind.each(seen));
        self.attrs.iter().for_each(|attr| attr.kind.each(seen));
        self.reference.each(seen);
    }
}
