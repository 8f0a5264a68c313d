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
}

/// A parameter.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Param {
    /// Its name.
    pub name: String,
    /// The type that it is a reference to.
    pub of: Path,
}

impl Param {
    /// A parameter that is a reference.
    pub fn reference(name: &str, path: &str) -> Self {
        Self { name: name.to_owned(), of: path.into() }
    }
}
