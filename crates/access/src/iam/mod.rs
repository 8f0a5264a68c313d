//! AWS IAM policies: statements with effects, complements, conditions and boundaries.
//!
//! References in documents are already resolved to text. The same text on both sides means the same object.
//!
//! Source: <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic.html>.

mod condition;
mod document;
mod identity;
mod ordered;
mod principal;
mod resource;

pub use document::{Document, Statement};
pub use identity::{Identity, Managed};
pub use ordered::{date, number};
pub use resource::{delegation, filter, permission, resource, trust};
