//! Change sets: the request and the resulting changes.

use std::collections::BTreeMap;
use std::fmt;

/// A request to create a change set.
#[derive(Clone, Debug, PartialEq)]
pub struct Request {
    /// The name of the stack.
    pub stack: String,
    /// The name of the change set.
    pub name: String,
    /// Whether the change set creates the stack.
    pub create: bool,
    /// The template.
    pub template: Template,
    /// The parameter values. `None` keeps the current value of the stack.
    pub parameters: BTreeMap<String, Option<Secret>>,
    /// The capabilities.
    pub capabilities: Vec<String>,
    /// The tags of the stack.
    pub tags: BTreeMap<String, String>,
    /// The role that CloudFormation assumes.
    pub role: Option<String>,
    /// The resources to import. An import contains no other changes.
    pub imports: Vec<ToImport>,
}

/// A resource outside of all stacks that this stack imports.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct ToImport {
    /// The logical ID.
    pub id: String,
    /// The resource type.
    pub kind: String,
    /// The properties that identify the resource in AWS, such as `BucketName`.
    pub identifier: BTreeMap<String, String>,
}

/// A template text or its URL.
#[derive(Clone, Debug, PartialEq)]
pub enum Template {
    /// The text.
    Text(String),
    /// The S3 URL.
    Address(String),
}

/// A parameter value that is never printed.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(pub String);

/// A change set and its changes.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ChangeSet {
    /// The status, such as `CREATE_COMPLETE`.
    pub status: String,
    /// The status reason.
    pub reason: String,
    /// The execution status, such as `AVAILABLE`.
    pub execution: String,
    /// The resource changes.
    pub changes: Vec<ResourceChange>,
}

/// A resource that changes.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ResourceChange {
    /// The logical ID.
    pub id: String,
    /// The resource type.
    pub kind: String,
    /// The action: `Add`, `Modify`, `Remove`, `Import` or `Dynamic`.
    pub action: String,
    /// The replacement: `True`, `False` or `Conditional`.
    pub replacement: String,
    /// The policy for the old resource: `Delete`, `Retain`, `Snapshot`, `ReplaceAndDelete` and so on.
    pub policy: String,
    /// The properties that change.
    pub properties: Vec<String>,
}

impl fmt::Debug for Secret {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("Secret")
    }
}
