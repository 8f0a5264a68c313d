//! Rules of a company's own, over the whole platform and before anything is deployed.
//!
//! A [`Rule`] has a code, a line that says what it wants, and a function that reads a [`Platform`] and tells a
//! [`Report`] what it finds. [`App::rule`](crate::App::rule) adds one, [`App::rules`](crate::App::rules) those of a pack. They run
//! beside the built-in ones, once everything has its final name, and what they find has the user's own line.
//!
//! ```
//! use meshsynth::policy::{Platform, Report, Rule};
//! use meshsynth::{App, cfn, sqs, testing};
//!
//! fn queues_have_an_owner(platform: &Platform<'_>, report: &mut Report) {
//!     for queue in platform.resources_of::<cfn::sqs::Queue>().filter(|it| it.tag("owner").is_none()) {
//!         report.at(&queue, "the queue has no tag `owner`").help("tag the stack: `stack.tag(\"owner\", \"…\")`");
//!     }
//! }
//!
//! let app = App::new("shop");
//! app.rule(Rule::new("ACME001", "every queue has an owner", queues_have_an_owner));
//! sqs::Queue::new(&testing::stack(&app, "data"), "mails", sqs::QueueProps::default());
//! let failure = app.synth().unwrap_err();
//! assert_eq!(failure.diagnostics[0].code, "ACME001");
//! assert_eq!(failure.diagnostics[0].construct, "data/mails");
//! ```
//!
//! | what a rule asks for | where |
//! |---|---|
//! | resources and objects, by type or by name of the type | [`Platform::resources_of`], [`Platform::resources`], [`Platform::objects_of`], [`Platform::objects`], [`Platform::workloads`] |
//! | a property: known, deferred with what it refers to, or absent | [`Item::property`], [`Property`] |
//! | tags and labels as they will be written | [`Item::tag`], [`Item::tags`], [`Item::label`] |
//! | stacks, clusters, Helm releases | [`Item::stack`], [`Item::cluster`], [`Platform::stacks`], [`Platform::releases`] |
//! | who calls, reads and writes whom | [`Platform::edges`], [`Item::edges_out`], [`Item::reaches`] |
//! | who may do what | [`Platform::grants`] |
//! | what the internet reaches | [`Platform::exposures`], [`Platform::public_entries`] |
//! | paths, parents, lines | [`Item::path`], [`Item::parents`], [`Item::below`], [`Item::line`] |
//!
//! These types are a view: what they are views of may change, they do not. Built-in rules use them too.

mod deployed;
pub(crate) mod document;
mod edge;
mod exposures;
mod grant;
mod grants;
mod graph;
mod index;
mod item;
mod panics;
mod platform;
mod property;
mod report;
mod rule;

pub use crate::node::EdgeKind;
pub use deployed::{Cluster, Release, Stack};
pub use edge::{Edge, Reached};
pub use exposures::Exposure;
pub use grant::Grant;
pub(crate) use index::Index;
pub use item::Item;
pub(crate) use panics::catch;
pub use platform::Platform;
pub use property::Property;
pub use report::{Finding, Report, Subject};
pub use rule::Rule;
