//! A change set: what it is made of, and what it would do.

use std::collections::BTreeMap;
use std::fmt;

/// What a change set is made of.
#[derive(Clone, Debug, PartialEq)]
pub struct Request {
    /// The name of the stack.
    pub stack: String,
    /// The name of the change set.
    pub name: String,
    /// Whether the stack is to be created.
    pub create: bool,
    /// The template.
    pub template: Template,
    /// The values of parameters; none keeps the value that the stack has.
    pub parameters: BTreeMap<String, Option<Secret>>,
    /// The capabilities.
    pub capabilities: Vec<String>,
    /// The tags of the stack.
    pub tags: BTreeMap<String, String>,
    /// The role that CloudFormation acts in.
    pub role: Option<String>,
    /// What is imported into the stack; an import changes nothing else.
    pub imports: Vec<ToImport>,
}

/// A resource that is in no stack, and becomes one of this.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct ToImport {
    /// Its logical id.
    pub id: String,
    /// Its type.
    pub kind: String,
    /// What names it in AWS, such as `BucketName`.
    pub identifier: BTreeMap<String, String>,
}

/// A template, or where it is.
#[derive(Clone, Debug, PartialEq)]
pub enum Template {
    /// Its text.
    Text(String),
    /// Its address in S3.
    Address(String),
}

/// The value of a parameter: it is never shown.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(pub String);

/// What a stack would become.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ChangeSet {
    /// Such as `CREATE_COMPLETE`.
    pub status: String,
    /// Why it is in that status.
    pub reason: String,
    /// Such as `AVAILABLE`.
    pub execution: String,
    /// What changes.
    pub changes: Vec<ResourceChange>,
}

/// A resource that changes.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ResourceChange {
    /// Its logical id.
    pub id: String,
    /// Its type.
    pub kind: String,
    /// `Add`, `Modify`, `Remove`, `Import` or `Dynamic`.
    pub action: String,
    /// `True`, `False` or `Conditional`.
    pub replacement: String,
    /// What becomes of the old one: `Delete`, `Retain`, `Snapshot`, `ReplaceAndDelete` and so on.
    pub policy: String,
    /// The properties that change.
    pub properties: Vec<String>,
}

impl fmt::Debug for Secret {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("Secret")
    }
}
