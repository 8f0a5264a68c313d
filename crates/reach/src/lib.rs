//! Computes reachability, layer by layer, from files only.
//!
//! [`World`] is a platform as data: the resources of its stacks with resolved references, and the objects of its
//! clusters. [`Engine`] determines whether a [`Source`] reaches a [`Target`]. An [`Answer`] contains a [`Verdict`], the
//! chain of [`Link`]s that decides it, and the [`Fix`]es that would change it. If the files do not determine the
//! result, it is [`Verdict::Unknown`] with a reason.
//!
//! [`relations`] compares the relations that the program declares with the answers. [`loss`] computes which parts of
//! the same world remain after the loss of a zone, a region or a workload.

mod answer;
mod connections;
mod edit;
mod eks;
mod ends;
mod engine;
pub mod entries;
pub mod find;
mod fixes;
pub mod identity;
pub mod kubernetes;
mod link;
pub mod loss;
pub mod mesh;
pub mod network;
mod not_modelled;
pub mod relations;
pub mod survey;
pub mod world;

pub use answer::Answer;
pub use connections::{Connections, Protocol};
pub use edit::{Edit, Verb};
pub use ends::{Port, Source, Target};
pub use engine::{Engine, Labelled, Pair};
pub use link::{Fix, Layer, Link, Verdict};
pub use not_modelled::NOT_MODELLED;
pub use world::World;
