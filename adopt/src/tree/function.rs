//! Functions.

use super::{Path, Statement};

/// A function.
#[derive(Clone, Debug, Default)]
pub struct Function {
    /// What it does, in one line.
    pub doc: String,
    /// Who may call it: `pub`, `pub(super)`, or nobody else.
    pub visible: &'static str,
    /// Its name.
    pub name: String,
    /// What it takes.
    pub params: Vec<Param>,
    /// What it does.
    pub statements: Vec<Statement>,
    /// What it returns: variables, and their types.
    pub returns: Vec<(String, Path)>,
}

/// A parameter.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Param {
    /// Its name.
    pub name: String,
    /// Its type.
    pub is: Type,
}

/// The type of a parameter.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Type {
    /// A type of Rust itself.
    Plain(&'static str),
    /// A reference to a type of the library.
    Reference(Path),
    /// A reference to what the function adds to.
    Mutable(Path),
}

impl Type {
    /// The type of the library.
    pub fn path(&self) -> Option<&Path> {
        match self {
            Self::Plain(_) => None,
            Self::Reference(path) | Self::Mutable(path) => Some(path),
        }
    }

    /// The same, to change.
    pub fn path_mut(&mut self) -> Option<&mut Path> {
        match self {
            Self::Plain(_) => None,
            Self::Reference(path) | Self::Mutable(path) => Some(path),
        }
    }
}

impl Param {
    /// A parameter that is a reference.
    pub fn reference(name: &str, path: &str) -> Self {
        Self { name: name.to_owned(), is: Type::Reference(path.into()) }
    }
}
