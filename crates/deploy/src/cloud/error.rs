//! Errors of AWS calls.

use std::fmt;

use crate::retryable::Retryable;

/// The kind of a call error.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    /// AWS throttled the call.
    Throttled,
    /// AWS did not answer, or reported a temporary error.
    Unreachable,
    /// The permissions are insufficient.
    Denied,
    /// The credentials are invalid or expired.
    Credentials,
    /// Credentials are missing.
    NoCredentials,
    /// The clock of this machine is too far from that of AWS.
    ClockSkew,
    /// The configured AWS endpoint is invalid.
    Endpoint,
    /// The credentials belong to another account than the stack.
    OtherAccount,
    /// The role requires an account, and the stack has none.
    NoAccount,
    /// The resource does not exist.
    Missing,
    /// The resource to create already exists.
    Exists,
    /// The current state prevents the operation.
    State,
    /// Any other rejection.
    Refused,
}

/// The error of a call.
#[derive(Clone, Debug, PartialEq)]
pub struct CloudError {
    /// The kind of error.
    pub fault: Fault,
    /// The call, such as `cloudformation:CreateChangeSet`.
    pub call: String,
    /// The message of AWS.
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
