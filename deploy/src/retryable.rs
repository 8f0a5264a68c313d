//! Errors that say whether their call may be made again.

/// What the error of a call says about making the call again.
pub trait Retryable {
    /// Whether the same call may succeed a little later.
    fn is_transient(&self) -> bool;

    /// Whether there were too many calls.
    fn is_throttled(&self) -> bool;
}
