//! Plans upgrades of a platform: the versions in use, ordered steps, and the effects of each step.
//!
//! 1. [`Component`]: `inventory` reads the versions of clusters, charts, databases and functions from a
//!    [`Side`](meshsynth_diff::side::Side).
//! 2. [`Support`]: the support dates and the next version of each component, from the calendars of `facts`.
//! 3. [`Plan`]: `order` finds the sequence of versions in which each component stays in its tested range. `effect`
//!    applies the edits of one step to a copy of the platform, and compares both with `diff`.
//! 4. `notes` decides for each release note whether it concerns an object or a resource of the platform.
//!
//! Each statement contains its source and its date. A version without data is unknown, never supported.

mod component;
mod edit;
mod effect;
mod inventory;
mod notes;
mod order;
mod plan;
mod postgres;
mod request;
mod statement;
mod step;
mod support;
mod version;

pub use component::{Component, Located, Place, Version};
pub use edit::Edit;
pub use effect::Effect;
pub use inventory::inventory;
pub use plan::Plan;
pub use request::Request;
pub use statement::{Applies, Evidence, Note, Statement, Unknown};
pub use step::Step;
pub use support::{Outside, State, Support};
