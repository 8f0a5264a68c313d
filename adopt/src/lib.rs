//! Writes a program of meshsynth from what exists: templates of CloudFormation and manifests of Kubernetes.
//!
//! Documents in, texts out: it touches no file and starts no process. [`Estate`] is what exists, [`project`] writes the program,
//! and [`Project`] has its files with a report of what became what.
//!
//! | module | what it writes |
//! |---|---|
//! | [`code`] | expressions: values of a type, bags, functions of CloudFormation |
//! | `template` | the module of a stack |
//! | `constructs` | resources as constructs |
//! | `objects` | the module of the objects of a cluster |
//! | `project` | the modules, and the function that calls them |
//! | `tree` | nothing: it is the program, until its text is made |
//! | `passes` | what is done to the tree before that: tables, imports, long literals |
//! | [`types`] | nothing: it knows the generated types by an index |

mod around;
pub mod code;
pub mod types;

mod constructs;
mod estate;
mod files;
mod held;
mod module;
mod names;
mod objects;
mod order;
mod passes;
mod place;
mod project;
mod refusal;
mod report;
mod template;
mod tree;

pub use estate::{Estate, Object, Template};
pub use held::Held;
pub use place::Place;
pub use project::{Project, project};
pub use refusal::Refusal;
pub use report::{Became, Report, Row};
