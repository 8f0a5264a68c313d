//! Conversion of CloudFormation templates and Kubernetes manifests to a meshsynth program.
//!
//! The input is documents and the output is texts. This crate accesses no files and starts no processes. [`Estate`] is
//! the input, [`project`] writes the program, and [`Project`] contains its files and a report of the conversion.
//!
//! | module | output |
//! |---|---|
//! | [`code`] | expressions: typed values, maps, intrinsic functions |
//! | `template` | the module of a stack |
//! | `constructs` | resources as constructs |
//! | `objects` | the module of the objects of a cluster |
//! | `project` | the modules, and the function that calls them |
//! | `tree` | no output: the program as a tree |
//! | `passes` | transformations of the tree before printing: tables, imports, long literals |
//! | [`types`] | no output: an index of the generated types |
//! | [`example`] | an example for a generated type |

mod bare_construct;
pub mod code;
pub mod types;

mod constructs;
mod estate;
pub mod example;
mod exclusions;
mod files;
mod module;
mod names;
mod objects;
mod order;
mod origin;
mod passes;
mod project;
mod refusal;
mod report;
mod template;
mod tree;

pub use estate::{Estate, Object, Template};
pub use exclusions::Exclusions;
pub use objects::construct_of;
pub use origin::Origin;
pub use project::{Project, project};
pub use refusal::Refusal;
pub use report::{Became, Report, Row};
