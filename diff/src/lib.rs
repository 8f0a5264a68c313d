//! Two assemblies in, one list of changes out: what each change does to resources, data and access, and why.
//!
//! This is the one place that judges. `diff` and its gates, the hazards and the approvals of `deploy` and `destroy` ask
//! it, and get typed facts; words are made of them last.

mod access;
mod cases;
mod change;
pub mod cluster;
pub mod day;
mod diff;
mod fact_path;
pub mod fate;
pub mod gates;
mod hazard;
mod impact;
mod losses;
mod objects;
mod plain;
mod propagation;
mod reader;
mod reading;
pub mod refactor;
mod refusal;
mod renames;
mod resolve;
mod resource;
mod resources;
pub mod side;
pub mod stack;
mod text;
pub mod texts;
mod tree;
pub mod verdict;

pub use change::{Access, Affected, Change, Edit, Hazard, PathSegment, Reason, Section, Was};
pub use diff::{Diff, Old};
pub use meshsynth_assembly::verdict::Verdict;
pub use objects::pruned;
