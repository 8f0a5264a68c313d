//! Facts from the schemas of vendors, parsed on demand.
//!
//! The facts are in `schema/`, in one file for each service. The line of a type is parsed and
//! compiled to a [`Shape`] on the first query, once per process.

pub mod actions;
mod annotations;
mod cloudformation;
mod definitions;
mod http_methods;
pub mod instance_types;
mod json;
mod kinds;
mod kubernetes;
pub mod literals;
pub mod regions;
pub mod resources;
mod scalers;
mod shape;
mod sources;
pub mod versions;

pub use annotations::{Annotation, istio_annotation, istio_annotations};
pub use cloudformation::{AttributeKind, Tags, TypeFacts, cloudformation, resource_types};
pub use definitions::gateway_api_definitions;
pub use http_methods::http_methods;
pub use kinds::{Kind, Runs, kind, kinds};
pub use kubernetes::{
    KindFacts, group_of, immutable_by_rules, is_experimental, is_of_cluster, is_of_kubernetes, known_kinds, kubernetes,
    kubernetes_default, kubernetes_rules, kubernetes_shape, other_version, wave,
};
pub use resources::{ResourceFacts, resource, resources};
pub use scalers::{Parameter, Scaler, scaler, scalers};
pub use shape::nearest;
pub use shape::{Dialect, PACKAGED, Problem, Shape};
