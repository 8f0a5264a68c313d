//! AWS calls for stack refactors.

use std::collections::{BTreeMap, BTreeSet};

use super::change_set::Template;
use super::error::CloudError;
use super::place::AccountRegion;

/// The AWS calls that a stack refactor needs.
#[allow(async_fn_in_trait, reason = "a deployment runs on one thread, so its futures need not be Send")]
pub trait Refactoring {
    /// Creates a stack refactor. Returns its ID.
    async fn create_refactor(&self, place: &AccountRegion, request: &RefactorRequest) -> Result<String, CloudError>;
    /// Returns the stack refactor with an ID.
    async fn refactor(&self, place: &AccountRegion, id: &str) -> Result<Refactor, CloudError>;
    /// Returns the ID and description of all stack refactors.
    async fn refactors(&self, place: &AccountRegion) -> Result<Vec<(String, String)>, CloudError>;
    /// Executes a stack refactor.
    async fn execute_refactor(&self, place: &AccountRegion, id: &str) -> Result<(), CloudError>;
    /// Returns the names of the stacks that import an export.
    async fn importers(&self, place: &AccountRegion, export: &str) -> Result<Vec<String>, CloudError>;
}

/// A request to create a stack refactor.
#[derive(Clone, Debug, PartialEq)]
pub struct RefactorRequest {
    /// The description, which identifies the refactor in later runs.
    pub description: String,
    /// The templates, by stack name.
    pub stacks: BTreeMap<String, Template>,
    /// The resources that move.
    pub moves: BTreeSet<Move>,
    /// Whether the refactor creates stacks.
    pub creates: bool,
}

/// A move of a resource. Each end is a stack name and a logical ID.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Move {
    /// The current location.
    pub from: (String, String),
    /// The new location.
    pub to: (String, String),
}

/// A stack refactor.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Refactor {
    /// The status, such as `CREATE_COMPLETE`.
    pub status: String,
    /// The status reason.
    pub reason: String,
    /// The execution status, such as `EXECUTE_COMPLETE`.
    pub execution: String,
    /// The reason of the execution status.
    pub execution_reason: String,
    /// The stack IDs.
    pub stacks: Vec<String>,
}
