//! Errors that report whether their call can be retried.

/// An error that reports whether its call can be retried.
pub trait Retryable {
    /// Whether the same call can succeed later.
    fn is_transient(&self) -> bool;

    /// Whether the call was throttled.
    fn is_throttled(&self) -> bool;
}
