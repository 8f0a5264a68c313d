//! Events of Amazon EventBridge, and what they are delivered to.

pub use super::filter::Match;
pub use super::target::{Source, Target, TargetKind};
