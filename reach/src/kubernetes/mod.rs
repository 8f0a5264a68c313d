//! Network policies of Kubernetes: which connections pods have.
//!
//! [`Policies`] are those of one cluster. They are read once, with the pods that each peer selects, so that all pairs
//! of workloads are answered at once.

mod admin;
mod members;
mod peer;
mod policies;
mod policy;
mod port;

pub(crate) use members::LabelIndex;
pub use members::Members;
pub use peer::{Block, Pod, Side};
pub use policies::{Decision, Policies};
