//! Types, their fields and their methods.

use std::collections::BTreeSet;

use super::doc::Doc;
use super::text;

/// A public type.
#[derive(Debug)]
pub struct Type {
    /// Its index in the list of types.
    pub number: usize,
    /// Its name.
    pub name: String,
    /// The path of its module, including the crate.
    pub module: Vec<String>,
    /// The file that defines it.
    pub file: String,
    /// Whether it is a struct, an enum or another item.
    pub kind: Kind,
    /// Its documentation.
    pub doc: Doc,
    /// Its public methods and functions.
    pub methods: Vec<Method>,
    /// The traits that it implements, by their bare names.
    pub traits: BTreeSet<String>,
    /// The path of the type that it dereferences to.
    pub target: Option<String>,
}

/// The kind of a type.
#[derive(Debug)]
pub enum Kind {
    /// A struct with its public fields.
    Struct(Vec<Field>),
    /// An enum with its variants.
    Enum(Vec<Variant>),
    /// A type without fields and variants.
    Other,
}

/// A public field.
#[derive(Debug)]
pub struct Field {
    /// Its name.
    pub name: String,
    /// Its type.
    pub type_: String,
    /// Its documentation.
    pub doc: Doc,
}

/// A variant of an enum.
#[derive(Debug)]
pub struct Variant {
    /// Its name with its data.
    pub name: String,
    /// The types of the data.
    pub data: String,
    /// Its documentation.
    pub doc: Doc,
}

/// A public method or function of a type.
#[derive(Debug)]
pub struct Method {
    /// Its name.
    pub name: String,
    /// The parameters except `self`, with their types.
    pub params: Vec<(String, String)>,
    /// The return type, with `Self` replaced.
    pub returns: Option<String>,
    /// Whether it has a `self` parameter.
    pub has_receiver: bool,
    /// Its documentation.
    pub doc: Doc,
    /// The module of the `impl`, which determines the meaning of type names.
    pub module: Vec<String>,
}

/// An `impl` block whose type is not resolved yet.
pub struct Block {
    /// Its module.
    pub module: Vec<String>,
    /// The name of the type.
    pub of: String,
    /// The trait, for a trait implementation.
    pub of_trait: Option<String>,
    /// The public methods.
    pub methods: Vec<Method>,
    /// The target, if the trait is `Deref`.
    pub target: Option<String>,
}

impl Type {
    /// Adds the content of an `impl` block.
    pub fn add(&mut self, block: Block) {
        self.target = block.target.or(self.target.take());
        match block.of_trait {
            Some(name) => drop(self.traits.insert(name)),
            None => self.methods.extend(block.methods),
        }
    }

    /// Returns the public fields of a struct.
    pub fn fields(&self) -> &[Field] {
        match &self.kind {
            Kind::Struct(fields) => fields,
            Kind::Enum(_) | Kind::Other => &[],
        }
    }

    /// Returns the constructor functions.
    pub fn constructors(&self) -> Vec<&Method> {
        let is_it = |it: &&Method| !it.has_receiver && it.returns.as_deref().is_some_and(|text| text == self.name);
        self.methods.iter().filter(is_it).collect()
    }
}

impl Method {
    /// Reads a function of an `impl` of `owner`.
    pub fn read(function: &syn::ImplItemFn, owner: &str, module: &[String]) -> Self {
        let mut params = Vec::new();
        let mut has_receiver = false;
        for input in &function.sig.inputs {
            match input {
                syn::FnArg::Receiver(_) => has_receiver = true,
                syn::FnArg::Typed(typed) => params.push((text::of(&typed.pat), text::of(&typed.ty))),
            }
        }
        let returns = match &function.sig.output {
            syn::ReturnType::Default => None,
            syn::ReturnType::Type(_, returns) => Some(text::of(returns).replace("Self", owner)),
        };
        let name = function.sig.ident.to_string();
        Self { name, params, returns, has_receiver, doc: Doc::of(&function.attrs), module: module.to_vec() }
    }

    /// Whether it defines a construct below a scope or parent: its first parameter is an ID, or its name begins with
    /// `add`.
    pub fn is_definition(&self) -> bool {
        self.name.starts_with("add")
            || self.params.iter().any(|(name, _)| name == "id")
            || self.doc.sentence().starts_with("Defines")
    }

    /// Returns the call with the types of its arguments.
    pub fn call(&self) -> String {
        let params: Vec<String> = self.params.iter().map(|(name, type_)| format!("{name}: {type_}")).collect();
        format!("{}({})", self.name, params.join(", "))
    }
}
