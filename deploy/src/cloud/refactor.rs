//! What a stack refactor asks of AWS.

use std::collections::{BTreeMap, BTreeSet};

use super::change_set::Template;
use super::error::CloudError;
use super::place::AccountRegion;

/// AWS, as far as a stack refactor needs it.
#[allow(async_fn_in_trait, reason = "one thread runs a deployment, so no future has to be Send")]
pub trait Refactoring {
    /// Has a stack refactor made; answers its id.
    async fn create_refactor(&self, place: &AccountRegion, request: &RefactorRequest) -> Result<String, CloudError>;
    /// A stack refactor by its id.
    async fn refactor(&self, place: &AccountRegion, id: &str) -> Result<Refactor, CloudError>;
    /// The ids of all stack refactors, each with its description.
    async fn refactors(&self, place: &AccountRegion) -> Result<Vec<(String, String)>, CloudError>;
    /// Has a stack refactor carried out.
    async fn execute_refactor(&self, place: &AccountRegion, id: &str) -> Result<(), CloudError>;
    /// The names of the stacks that import an export.
    async fn importers(&self, place: &AccountRegion, export: &str) -> Result<Vec<String>, CloudError>;
}

/// What a stack refactor is made of.
#[derive(Clone, Debug, PartialEq)]
pub struct RefactorRequest {
    /// By which it is found again.
    pub description: String,
    /// The templates by the names of the stacks.
    pub stacks: BTreeMap<String, Template>,
    /// What moves.
    pub moves: BTreeSet<Move>,
    /// Whether stacks are created by it.
    pub creates: bool,
}

/// A resource that moves: the names of stacks, and logical ids in them.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Move {
    /// Where it is.
    pub from: (String, String),
    /// Where it comes to.
    pub to: (String, String),
}

/// A stack refactor.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Refactor {
    /// Such as `CREATE_COMPLETE`.
    pub status: String,
    /// Why it is in that status.
    pub reason: String,
    /// Such as `EXECUTE_COMPLETE`.
    pub execution: String,
    /// Why its execution is in that status.
    pub execution_reason: String,
    /// The ids of its stacks.
    pub stacks: Vec<String>,
}
