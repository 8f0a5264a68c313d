//! Comparison of two assemblies: the effects of each change on resources, data and access, with reasons.
//!
//! `Diff::new` in `diff` runs the passes in this order:
//!
//! 1. *base and sides*: [`texts`] reads the files that differ, and [`side`] parses them on demand.
//! 2. *pairs*: [`side::Pair`] matches stacks and files of both sides, and `renames` finds renamed resources.
//! 3. *verdicts*: `resources` and `objects` compare. [`verdict`] and `refusal` decide from the facts of the types.
//! 4. *data*: `losses` and [`fate`] decide the effects on data.
//! 5. *propagation*: `propagation` follows references from replaced resources, and `impact` follows calls of services.
//! 6. *reach and access*: [`ways`] queries the reach engine for changed paths, and `access` compares policies as sets.
//! 7. *hazards*: `hazard` finds the causes of a failed deployment.
//! 8. *gates*: `serving`, `removal` and `protection` collect facts for gates, and [`gates`] finds denied changes.
//! 9. *other values of parameters*: `conditional` repeats the comparison for values that conditions distinguish.
//!
//! The command renders the result. Other crates do not decide the effect of a change: `deploy` uses this crate for its
//! approvals. Decisions depend on typed facts, which are converted to text at the end.

mod access;
mod ambiguous;
mod backup_plan;
mod cases;
mod change;
mod claims;
pub mod cluster;
mod conditional;
pub mod day;
mod diff;
mod effect;
mod fact_path;
pub mod fate;
pub mod findings;
pub mod gates;
mod guard;
mod hazard;
mod impact;
mod interruption;
mod lack;
mod losses;
mod objects;
mod owner_tasks;
mod plain;
mod propagation;
mod protection;
mod reader;
mod reading;
pub mod refactor;
mod refusal;
mod removal;
mod renames;
mod resolve;
mod resource;
mod resources;
mod rest;
mod serverless;
mod serving;
pub mod side;
pub mod stack;
mod text;
pub mod texts;
mod touch;
mod tree;
mod update_policy;
pub mod verdict;
pub mod ways;
pub use meshsynth_yaml as yaml;

pub use change::{About, Access, Affected, Change, Edit, Hazard, PathSegment, Reason, Section, Standing, Was};
pub use diff::{Conditional, Diff, Old};
pub use effect::Verdict;
pub use interruption::Interruption;
pub use lack::Lack;
pub use objects::pruned;
pub use removal::{Place, Removal, Unit};
pub use rest::Rest;
pub use tree::lean;
