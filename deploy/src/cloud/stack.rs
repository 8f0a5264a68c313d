//! A stack as AWS has it, with its resources and what happened to them.

use std::collections::BTreeMap;

/// A stack as AWS has it.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Stack {
    /// Its id, which names it also once it is deleted.
    pub id: String,
    /// Its name.
    pub name: String,
    /// Such as `UPDATE_COMPLETE`.
    pub status: String,
    /// Why it is in that status.
    pub reason: String,
    /// Its tags.
    pub tags: BTreeMap<String, String>,
    /// Its outputs.
    pub outputs: BTreeMap<String, String>,
    /// The names under which outputs are exported.
    pub exports: BTreeMap<String, String>,
    /// The names of its parameters.
    pub parameters: Vec<String>,
    /// The values of its parameters; AWS shows `****` for those that are secret.
    pub values: BTreeMap<String, String>,
    /// Whether it is protected from deletion.
    pub protected: bool,
    /// Whether the last check found that somebody changed its resources.
    pub drifted: bool,
    /// The role that CloudFormation acts in, where it has one.
    pub role: Option<String>,
    /// The topics that are told of its events.
    pub topics: Vec<String>,
    /// The stack that it is nested in.
    pub parent: Option<String>,
    /// When it was last updated, or else created, in milliseconds since 1970.
    pub updated: i64,
}

/// A resource of a stack.
#[derive(Clone, Debug, PartialEq)]
pub struct StackResource {
    /// Its logical id.
    pub id: String,
    /// Its name in AWS.
    pub physical: String,
    /// Its type.
    pub kind: String,
    /// Such as `DELETE_COMPLETE`.
    pub status: String,
}

/// Something that happened to a stack or a resource of it.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct StackEvent {
    /// Its id: an event may be told twice.
    pub id: String,
    /// When, in milliseconds since 1970.
    pub at: i64,
    /// The logical id; the name of the stack where the stack itself is meant.
    pub resource: String,
    /// The name in AWS; the id of the stack where the stack itself is meant.
    pub physical: String,
    /// The type.
    pub kind: String,
    /// Such as `CREATE_FAILED`.
    pub status: String,
    /// Why.
    pub reason: String,
    /// The token of the operation.
    pub token: String,
}

/// A resource that is not as its template says.
#[derive(Clone, Debug, PartialEq)]
pub struct Drift {
    /// Its logical id.
    pub id: String,
    /// Its type.
    pub kind: String,
    /// `MODIFIED` or `DELETED`.
    pub status: String,
    /// The properties that differ, as paths.
    pub properties: Vec<String>,
}

impl Stack {
    /// Whether CloudFormation is at work on it.
    pub fn is_busy(&self) -> bool {
        self.status.ends_with("_IN_PROGRESS") && self.status != "REVIEW_IN_PROGRESS"
    }

    /// Whether it has or had anything: AWS remembers deleted stacks and those that were never made.
    pub fn is_there(&self) -> bool {
        !["DELETE_COMPLETE", "REVIEW_IN_PROGRESS"].contains(&self.status.as_str())
    }

    /// Whether a deployment deletes it and begins anew.
    pub fn is_broken(&self) -> bool {
        ["CREATE_FAILED", "DELETE_FAILED", "ROLLBACK_COMPLETE", "ROLLBACK_FAILED"].contains(&self.status.as_str())
    }
}
