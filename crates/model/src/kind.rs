//! The properties of every Kubernetes kind.

/// A Kubernetes kind.
pub trait Kind {
    /// Its `apiVersion`, such as `apps/v1`.
    const API_VERSION: &'static str;
    /// Its `kind`, such as `Deployment`.
    const KIND: &'static str;
    /// Whether its objects belong to a namespace.
    const NAMESPACED: bool;
    /// The wave in which its objects are applied.
    const WAVE: crate::Wave;
}
