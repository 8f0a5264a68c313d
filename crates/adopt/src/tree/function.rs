//! Functions.

use super::{Path, Statement};

/// A function.
#[derive(Clone, Debug, Default)]
pub struct Function {
    /// Its documentation, in one line.
    pub doc: String,
    /// Its visibility: `pub`, `pub(super)`, or empty.
    pub visible: &'static str,
    /// Its name.
    pub name: String,
    /// Its parameters.
    pub params: Vec<Param>,
    /// Its statements.
    pub statements: Vec<Statement>,
    /// Its returned variables with their types.
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
    /// A built-in type of Rust.
    Plain(&'static str),
    /// A reference to a type of the library.
    Reference(Path),
    /// A mutable reference to a type of the library.
    Mutable(Path),
}

impl Type {
    /// Returns the type of the library.
    pub fn path(&self) -> Option<&Path> {
        match self {
            Self::Plain(_) => None,
            Self::Reference(path) | Self::Mutable(path) => Some(path),
        }
    }

    /// Returns the type of the library for modification.
    pub fn path_mut(&mut self) -> Option<&mut Path> {
        match self {
            Self::Plain(_) => None,
            Self::Reference(path) | Self::Mutable(path) => Some(path),
        }
    }
}

impl Param {
    /// Creates a reference parameter.
    pub fn reference(name: &str, path: &str) -> Self {
        Self { name: name.to_owned(), is: Type::Reference(path.into()) }
    }
}
