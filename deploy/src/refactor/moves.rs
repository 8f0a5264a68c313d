//! One stack refactor: what moves, the templates of its stacks, and what it leaves behind.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use crate::cloud::Move;

/// A stack refactor.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Moves {
    /// What moves.
    pub moves: BTreeSet<Move>,
    /// The templates of its stacks, by name.
    pub templates: BTreeMap<String, Value>,
    /// Whether a stack is created by it.
    pub creates: bool,
    /// The stacks that hold nothing afterwards, and are deleted.
    pub emptied: BTreeSet<String>,
    /// The exports that are gone afterwards.
    pub lost: Vec<Lost>,
}

/// An export that no stack has any more after a refactor.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Lost {
    /// The stack that exports it.
    pub stack: String,
    /// Its name in AWS, where that is known.
    pub name: Option<String>,
    /// The stacks of the app that import it.
    pub importers: BTreeSet<String>,
}

impl Moves {
    /// The stacks to which the resources of a stack move.
    pub(super) fn destinations(&self, of: &str) -> BTreeSet<&str> {
        self.moves.iter().filter(|it| it.from.0 == of).map(|it| it.to.0.as_str()).collect()
    }
}
