//! A stack refactor: its moves, its templates and its side effects.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use crate::cloud::Move;

/// A stack refactor.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Moves {
    /// The moved resources.
    pub moves: BTreeSet<Move>,
    /// The templates, by stack name.
    pub templates: BTreeMap<String, Value>,
    /// Whether the refactor creates a stack.
    pub creates: bool,
    /// The stacks that are empty afterwards, and are then deleted.
    pub emptied: BTreeSet<String>,
    /// The exports that no longer exist afterwards.
    pub lost: Vec<Lost>,
}

/// An export that no stack provides after a refactor.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Lost {
    /// The stack that exports it.
    pub stack: String,
    /// The export name in AWS, if it is known.
    pub name: Option<String>,
    /// The importing stacks of the app.
    pub importers: BTreeSet<String>,
}

impl Moves {
    /// Returns the stacks that receive the resources of a stack.
    pub(super) fn destinations(&self, of: &str) -> BTreeSet<&str> {
        self.moves.iter().filter(|it| it.from.0 == of).map(|it| it.to.0.as_str()).collect()
    }
}
