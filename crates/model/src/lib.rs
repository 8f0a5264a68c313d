//! The foundation of meshsynth.
//!
//! It contains:
//!
//! - the construct tree ([`tree`], [`node`]) and the content of its nodes ([`val`], [`units`], [`name`], [`diag`])
//! - the errors that users read ([`problem`], [`failure`]), and numbers in texts ([`words`])
//! - the traits and macros of typed resources and objects ([`cfn`], [`kube`])
//!
//! `meshsynth-cfn`, `meshsynth-services` and `meshsynth-kube` contain the generated types, and `meshsynth-facts` the
//! facts from the schemas of vendors.
//!
//! Programs depend only on the crate `meshsynth`, which reexports all of these items.

pub mod diag;
pub mod diagram;
pub mod exception;
pub mod failure;
pub mod hash;
pub mod intrinsic;
pub mod name;
pub mod node;
#[doc(hidden)]
pub mod ordered;
pub mod problem;
pub mod smoke_test;
pub mod tree;
pub mod units;
pub mod val;
pub mod words;

mod at;
mod attributes;
mod kind;
#[doc(hidden)]
pub mod l1;
mod object;
pub mod owner_task;
pub mod reach_rule;
mod resource;

pub mod cfn;
pub mod kube;

pub use diagram::DiagramNode;
pub use node::{Env, OnDelete, Wave};
pub use object::{DIGEST, Object};
pub use owner_task::OwnerTask;
pub use resource::Resource;
pub use tree::{At, Construct, Scope};
pub use units::{Cidr, Duration, Gib, Mib, Millicores, Percent};
pub use val::{Secret, Val};

/// The version of the assembly format, in `manifest.json`.
pub const FORMAT_VERSION: u32 = 1;
