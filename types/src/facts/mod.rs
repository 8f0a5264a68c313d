//! What vendors' schemas say, read where it is needed.
//!
//! The facts lie under `schema/`, a file per service. A type's line is parsed
//! and compiled to a [`Shape`] when it is first asked for, once per process.

mod cloudformation;
mod definitions;
pub mod instance_types;
mod kubernetes;
pub mod regions;
mod scalers;
mod shape;
mod sources;
pub mod versions;

pub use cloudformation::{AttributeKind, Tags, TypeFacts, cloudformation};
pub use definitions::gateway_api_definitions;
pub use kubernetes::{
    KindFacts, immutable_by_rules, is_of_cluster, known_kinds, kubernetes, kubernetes_default, other_version, wave,
};
pub use scalers::{Parameter, Scaler, scaler, scalers};
pub use shape::nearest;
pub use shape::{Dialect, Problem, Shape};
