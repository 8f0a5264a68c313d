//! What a deployment asks of AWS: a trait, so that tests may answer instead.

mod change_set;
mod error;
mod import;
mod place;
mod refactor;
mod stack;

use std::time::Duration;

use crate::assembly::Lookup;

pub use change_set::{ChangeSet, Request, ResourceChange, Secret, Template, ToImport};
pub use error::{CloudError, Fault};
pub use import::{Importing, Scan, ScannedResource};
pub use place::AccountRegion;
pub use refactor::{Move, Refactor, RefactorRequest, Refactoring};
pub use stack::{Drift, Stack, StackEvent, StackResource};

/// AWS, as far as a deployment needs it.
///
/// Every call may be made again: those that change something carry a token or
/// a name that makes a second call harmless. An implementation joins pages.
#[allow(async_fn_in_trait, reason = "one thread runs a deployment, so no future has to be Send")]
pub trait Cloud: Importing + Refactoring {
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
    /// What updates may touch, as JSON; none where nothing is said.
    async fn stack_policy(&self, place: &AccountRegion, stack: &str) -> Result<Option<String>, CloudError>;
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
