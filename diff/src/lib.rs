//! Two assemblies in, one list of changes out: what each change does to resources, data and access, and why.
//!
//! `Diff::new` in `diff` runs the passes, in this order:
//!
//! 1. *base and sides*: [`texts`] reads the files that differ, [`side`] parses what is asked for;
//! 2. *pairs*: stacks and files of both sides are matched ([`side::Pair`]), renamed resources found (`renames`);
//! 3. *verdicts*: `resources` and `objects` compare, [`verdict`] and `refusal` decide from the facts of the types;
//! 4. *data*: `losses` and [`fate`] say what becomes of it;
//! 5. *propagation*: `propagation` follows references from what is replaced, `impact` the calls of services;
//! 6. *reach and access*: [`ways`] asks the engine of `reach` what the change lets reach what, `access` compares policies as
//!    sets;
//! 7. *hazards*: `hazard` finds what a deployment would fail at;
//! 8. *gates*: `serving`, `removal` and `protection` add what gates ask for, [`gates`] decides whether a denied change is
//!    among them. Rendering is the command's.
//!
//! No other crate decides what a change does: `deploy` asks this one for its approvals. Facts are typed; words are made last.

mod access;
mod backup_plan;
mod cases;
mod change;
pub mod cluster;
pub mod day;
mod diff;
mod fact_path;
pub mod fate;
pub mod findings;
pub mod gates;
mod hazard;
mod impact;
mod interruption;
mod lack;
mod losses;
mod objects;
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
pub mod verdict;
pub mod ways;
pub use meshsynth::yaml::reader as yaml;

pub use change::{About, Access, Affected, Change, Edit, Hazard, PathSegment, Reason, Section, Standing, Was};
pub use diff::{Diff, Old};
pub use interruption::Interruption;
pub use lack::Lack;
pub use meshsynth_assembly::verdict::Verdict;
pub use objects::pruned;
pub use removal::{Place, Removal, Unit};
pub use rest::Rest;
pub use tree::lean;
