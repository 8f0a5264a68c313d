//! A deployed stack with its resources and events.

use std::collections::BTreeMap;

/// A deployed stack.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Stack {
    /// The stack ID. It also identifies a deleted stack.
    pub id: String,
    /// The name.
    pub name: String,
    /// The status, such as `UPDATE_COMPLETE`.
    pub status: String,
    /// The status reason.
    pub reason: String,
    /// The tags.
    pub tags: BTreeMap<String, String>,
    /// The outputs.
    pub outputs: BTreeMap<String, String>,
    /// The export names of the outputs.
    pub exports: BTreeMap<String, String>,
    /// The parameter names.
    pub parameters: Vec<String>,
    /// The parameter values. AWS returns `****` for secret parameters.
    pub values: BTreeMap<String, String>,
    /// Whether termination protection is enabled.
    pub protected: bool,
    /// Whether the last drift detection found changed resources.
    pub drifted: bool,
    /// The role that CloudFormation assumes, if there is one.
    pub role: Option<String>,
    /// The SNS topics that receive stack events.
    pub topics: Vec<String>,
    /// The parent of a nested stack.
    pub parent: Option<String>,
    /// The time of the last update or the creation, in milliseconds since 1970.
    pub updated: i64,
}

/// A resource of a stack.
#[derive(Clone, Debug, PartialEq)]
pub struct StackResource {
    /// The logical ID.
    pub id: String,
    /// The physical ID.
    pub physical: String,
    /// The resource type.
    pub kind: String,
    /// The status, such as `DELETE_COMPLETE`.
    pub status: String,
}

/// An event of a stack or one of its resources.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct StackEvent {
    /// The event ID. AWS can return the same event twice.
    pub id: String,
    /// The time in milliseconds since 1970.
    pub at: i64,
    /// The logical ID, or the stack name for events of the stack.
    pub resource: String,
    /// The physical ID, or the stack ID for events of the stack.
    pub physical: String,
    /// The resource type.
    pub kind: String,
    /// The status, such as `CREATE_FAILED`.
    pub status: String,
    /// The status reason.
    pub reason: String,
    /// The token of the operation.
    pub token: String,
}

/// A resource that differs from its template.
#[derive(Clone, Debug, PartialEq)]
pub struct Drift {
    /// The logical ID.
    pub id: String,
    /// The resource type.
    pub kind: String,
    /// `MODIFIED` or `DELETED`.
    pub status: String,
    /// The paths of the properties that differ.
    pub properties: Vec<String>,
}

impl Stack {
    /// Whether a stack operation is in progress.
    pub fn is_busy(&self) -> bool {
        self.status.ends_with("_IN_PROGRESS") && self.status != "REVIEW_IN_PROGRESS"
    }

    /// Whether the stack exists. AWS also lists deleted stacks, and stacks that were never created.
    pub fn is_there(&self) -> bool {
        !["DELETE_COMPLETE", "REVIEW_IN_PROGRESS"].contains(&self.status.as_str())
    }

    /// Whether a deployment must delete the stack and create it again.
    pub fn is_broken(&self) -> bool {
        ["CREATE_FAILED", "DELETE_FAILED", "ROLLBACK_COMPLETE", "ROLLBACK_FAILED"].contains(&self.status.as_str())
    }
}
