//! What a deployment asks of AWS: a trait, so that tests may answer instead.

use std::collections::BTreeMap;
use std::fmt;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::assembly::Lookup;
use crate::retryable::Retryable;

/// An account and a region.
#[derive(Clone, Debug, Deserialize, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
pub struct AccountRegion {
    /// The account; none for that of whoever deploys.
    pub account: Option<String>,
    /// The region.
    pub region: String,
}

/// AWS, as far as a deployment needs it.
///
/// Every call may be made again: those that change something carry a token or
/// a name that makes a second call harmless. An implementation joins pages.
#[allow(async_fn_in_trait, reason = "one thread runs a deployment, so no future has to be Send")]
pub trait Cloud {
    /// The account in which we act.
    async fn account(&self, place: &AccountRegion) -> Result<String, CloudError>;
    /// A stack by its name or its id; none where there is none.
    async fn stack(&self, place: &AccountRegion, name: &str) -> Result<Option<Stack>, CloudError>;
    /// All stacks that are there.
    async fn stacks(&self, place: &AccountRegion) -> Result<Vec<Stack>, CloudError>;
    /// The template of a stack, as it was handed in.
    async fn template(&self, place: &AccountRegion, stack: &str) -> Result<String, CloudError>;
    /// The events of a stack, the newest first, as far back as the operation with a token reaches.
    async fn events(
        &self,
        place: &AccountRegion,
        stack: &str,
        token: Option<&str>,
    ) -> Result<Vec<StackEvent>, CloudError>;
    /// The resources of a stack.
    async fn resources(&self, place: &AccountRegion, stack: &str) -> Result<Vec<StackResource>, CloudError>;
    /// Puts a template into a bucket, unless it is there; answers its address.
    async fn put_template(
        &self,
        place: &AccountRegion,
        bucket: &str,
        key: &str,
        text: &str,
    ) -> Result<String, CloudError>;
    /// An object of a bucket; none where there is none.
    async fn object(&self, place: &AccountRegion, bucket: &str, key: &str) -> Result<Option<BucketObject>, CloudError>;
    /// Writes an object of a bucket if it is as it was read, and answers its version. It is [`Fault::State`] where
    /// somebody else was there before; `was` is none where there was no object.
    async fn put_object(
        &self,
        place: &AccountRegion,
        bucket: &str,
        key: &str,
        text: &str,
        was: Option<&str>,
    ) -> Result<String, CloudError>;
    /// Has a change set made.
    async fn create_change_set(&self, place: &AccountRegion, request: &Request) -> Result<(), CloudError>;
    /// A change set with all its changes.
    async fn change_set(&self, place: &AccountRegion, stack: &str, name: &str) -> Result<ChangeSet, CloudError>;
    /// What early validation found: of a change set, or of what was done to the stack.
    async fn findings(
        &self,
        place: &AccountRegion,
        stack: &str,
        set: Option<&str>,
    ) -> Result<Vec<StackEvent>, CloudError>;
    /// Removes a change set; fine where there is none.
    async fn delete_change_set(&self, place: &AccountRegion, stack: &str, name: &str) -> Result<(), CloudError>;
    /// Has a change set carried out.
    async fn execute_change_set(
        &self,
        place: &AccountRegion,
        stack: &str,
        name: &str,
        token: &str,
    ) -> Result<(), CloudError>;
    /// Has a failed rollback go on without some resources.
    async fn continue_rollback(
        &self,
        place: &AccountRegion,
        stack: &str,
        skip: &[String],
        token: &str,
    ) -> Result<(), CloudError>;
    /// Has a stack deleted, some of its resources left in AWS.
    async fn delete_stack(
        &self,
        place: &AccountRegion,
        stack: &str,
        retain: &[String],
        token: &str,
    ) -> Result<(), CloudError>;
    /// Protects a stack from deletion, or ends that.
    async fn protect(&self, place: &AccountRegion, stack: &str, on: bool) -> Result<(), CloudError>;
    /// Says what updates may touch.
    async fn set_stack_policy(&self, place: &AccountRegion, stack: &str, policy: &str) -> Result<(), CloudError>;
    /// Has a stack compared with what is in AWS; answers what differs.
    async fn drift(&self, place: &AccountRegion, stack: &str) -> Result<Vec<Drift>, CloudError>;
    /// Asks for what CloudFormation does not tell.
    async fn lookup(&self, place: &AccountRegion, lookup: &Lookup, subject: &str) -> Result<String, CloudError>;
}

/// An object of a bucket.
#[derive(Clone, Debug, PartialEq)]
pub struct BucketObject {
    /// What it holds.
    pub text: String,
    /// What tells it from how it was before and will be.
    pub version: String,
    /// How long ago it was written, by the clock of AWS.
    pub age: Duration,
}

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
    /// The names of its parameters.
    pub parameters: Vec<String>,
    /// Whether it is protected from deletion.
    pub protected: bool,
    /// Whether the last check found that somebody changed its resources.
    pub drifted: bool,
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

/// Why a call did not do its work.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    /// Too many calls.
    Throttled,
    /// No answer, or one that says to try again.
    Unreachable,
    /// We may not.
    Denied,
    /// The credentials are not good, or no longer.
    Credentials,
    /// There are no credentials.
    NoCredentials,
    /// The clock of this machine is too far from that of AWS.
    ClockSkew,
    /// The address of AWS that somebody gave is not one.
    Endpoint,
    /// The credentials are of another account than the stack.
    OtherAccount,
    /// The role wants an account, and the stack names none.
    NoAccount,
    /// What is named does not exist.
    Missing,
    /// What is to be made exists.
    Exists,
    /// The state does not allow it now.
    State,
    /// Everything else.
    Refused,
}

/// A call that failed.
#[derive(Clone, Debug, PartialEq)]
pub struct CloudError {
    /// Why.
    pub fault: Fault,
    /// The call, such as `cloudformation:CreateChangeSet`.
    pub call: String,
    /// What AWS said.
    pub text: String,
}

impl Retryable for CloudError {
    fn is_transient(&self) -> bool {
        matches!(self.fault, Fault::Throttled | Fault::Unreachable)
    }

    fn is_throttled(&self) -> bool {
        self.fault == Fault::Throttled
    }
}

impl fmt::Display for CloudError {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.call.as_str() {
            "" => out.write_str(&self.text),
            call => write!(out, "`{call}`: {}", self.text),
        }
    }
}

impl std::error::Error for CloudError {}

impl fmt::Debug for Secret {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("Secret")
    }
}

impl Stack {
    /// Whether CloudFormation is at work on it.
    pub fn is_busy(&self) -> bool {
        self.status.ends_with("_IN_PROGRESS") && self.status != "REVIEW_IN_PROGRESS"
    }
}
