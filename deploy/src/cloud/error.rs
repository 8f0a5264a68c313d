//! Why a call of AWS did not do its work.

use std::fmt;

use crate::retryable::Retryable;

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
    /// Credentials are missing.
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
