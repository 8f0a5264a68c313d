//! Kubernetes network policies and the connections that they admit.
//!
//! [`Policies`] contains the policies of one cluster. They are parsed once, together with the pods that each peer
//! selects. Queries about all pairs of workloads are therefore fast.

mod admin;
mod index;
mod members;
mod peer;
mod policies;
mod policy;
mod port;
mod unsupported;

pub(crate) use members::LabelIndex;
pub use members::Members;
pub use peer::{Block, Pod, Side};
pub use policies::{Decision, Guess, Policies};
pub use unsupported::Unsupported;
