//! What every kind says about itself.

/// A Kubernetes kind.
pub trait Kind {
    /// Its `apiVersion`, such as `apps/v1`.
    const API_VERSION: &'static str;
    /// Its `kind`, such as `Deployment`.
    const KIND: &'static str;
    /// Whether its objects live in a namespace.
    const NAMESPACED: bool;
    /// When its objects are applied.
    const WAVE: crate::Wave;
}
