//! The AWS calls of a deployment, as a trait that tests can implement.

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

/// The AWS calls that a deployment needs.
///
/// Callers can repeat every call. A call that changes something has a token or a name, so a repetition has no effect.
/// An implementation reads all pages.
#[allow(async_fn_in_trait, reason = "a deployment runs on one thread, so its futures need not be Send")]
pub trait Cloud: Importing + Refactoring {
    /// Returns the account of the credentials.
    async fn account(&self, place: &AccountRegion) -> Result<String, CloudError>;
    /// Returns a stack by name or ID, or `None` if it does not exist.
    async fn stack(&self, place: &AccountRegion, name: &str) -> Result<Option<Stack>, CloudError>;
    /// Returns all existing stacks.
    async fn stacks(&self, place: &AccountRegion) -> Result<Vec<Stack>, CloudError>;
    /// Returns the submitted template of a stack.
    async fn template(&self, place: &AccountRegion, stack: &str) -> Result<String, CloudError>;
    /// Returns the events of a stack, newest first, back to the start of the operation with a token.
    async fn events(
        &self,
        place: &AccountRegion,
        stack: &str,
        token: Option<&str>,
    ) -> Result<Vec<StackEvent>, CloudError>;
    /// Returns the resources of a stack.
    async fn resources(&self, place: &AccountRegion, stack: &str) -> Result<Vec<StackResource>, CloudError>;
    /// Uploads a template to a bucket unless it exists there. Returns the URL.
    async fn put_template(
        &self,
        place: &AccountRegion,
        bucket: &str,
        key: &str,
        text: &str,
    ) -> Result<String, CloudError>;
    /// Reads an object of a bucket. Returns `None` if it does not exist.
    async fn object(&self, place: &AccountRegion, bucket: &str, key: &str) -> Result<Option<BucketObject>, CloudError>;
    /// Writes an object of a bucket if its version did not change since it was read. Returns the new version.
    ///
    /// `was` is the version that was read, or `None` if there was no object. Returns [`Fault::State`] if another
    /// process wrote the object first.
    async fn put_object(
        &self,
        place: &AccountRegion,
        bucket: &str,
        key: &str,
        text: &str,
        was: Option<&str>,
    ) -> Result<String, CloudError>;
    /// Creates a change set.
    async fn create_change_set(&self, place: &AccountRegion, request: &Request) -> Result<(), CloudError>;
    /// Returns a change set with all its changes.
    async fn change_set(&self, place: &AccountRegion, stack: &str, name: &str) -> Result<ChangeSet, CloudError>;
    /// Returns the findings of early validation for a change set or a stack operation.
    async fn findings(
        &self,
        place: &AccountRegion,
        stack: &str,
        set: Option<&str>,
    ) -> Result<Vec<StackEvent>, CloudError>;
    /// Deletes a change set. Succeeds if it does not exist.
    async fn delete_change_set(&self, place: &AccountRegion, stack: &str, name: &str) -> Result<(), CloudError>;
    /// Executes a change set.
    async fn execute_change_set(
        &self,
        place: &AccountRegion,
        stack: &str,
        name: &str,
        token: &str,
    ) -> Result<(), CloudError>;
    /// Continues a failed rollback and skips some resources.
    async fn continue_rollback(
        &self,
        place: &AccountRegion,
        stack: &str,
        skip: &[String],
        token: &str,
    ) -> Result<(), CloudError>;
    /// Deletes a stack, and retains some of its resources in AWS.
    async fn delete_stack(
        &self,
        place: &AccountRegion,
        stack: &str,
        retain: &[String],
        token: &str,
    ) -> Result<(), CloudError>;
    /// Enables or disables termination protection of a stack.
    async fn protect(&self, place: &AccountRegion, stack: &str, on: bool) -> Result<(), CloudError>;
    /// Sets the stack policy.
    async fn set_stack_policy(&self, place: &AccountRegion, stack: &str, policy: &str) -> Result<(), CloudError>;
    /// Returns the stack policy as JSON, or `None` if the stack has none.
    async fn stack_policy(&self, place: &AccountRegion, stack: &str) -> Result<Option<String>, CloudError>;
    /// Detects drift of a stack. Returns the resources that differ.
    async fn drift(&self, place: &AccountRegion, stack: &str) -> Result<Vec<Drift>, CloudError>;
    /// Looks up a value that CloudFormation does not return.
    async fn lookup(&self, place: &AccountRegion, lookup: &Lookup, subject: &str) -> Result<String, CloudError>;
}

/// An object of a bucket.
#[derive(Clone, Debug, PartialEq)]
pub struct BucketObject {
    /// The contents.
    pub text: String,
    /// The identifier of this version of the object.
    pub version: String,
    /// The time since the last write, by the AWS clock.
    pub age: Duration,
}
