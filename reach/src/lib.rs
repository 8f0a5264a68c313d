//! Who can reach what, layer by layer, from files alone.
//!
//! [`World`] is a platform as data: the resources of its stacks with their references resolved, and the objects of its
//! clusters. [`Engine`] answers whether a [`Source`] reaches a [`Target`]: an [`Answer`] is a [`Verdict`] with the
//! chain of [`Link`]s that decides, and the [`Fix`]es that would change it. What cannot be known from files is
//! [`Verdict::Unknown`], with the reason.
//!
//! [`relations`] holds what the program declares against the answers. [`loss`] answers of the same world what is left where a zone, a region or a workload is lost.

mod answer;
mod connections;
mod edit;
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
