//! Custom rules of a company, which check the whole platform before deployment.
//!
//! A [`Rule`] has a code, a one-line requirement, and a function that reads a [`Platform`] and adds findings to a
//! [`Report`]. [`App::rule`](crate::App::rule) adds one rule, [`App::rules`](crate::App::rules) adds the rules of a
//! pack. They run together with the built-in rules, after all names are final. Their findings refer to lines of the
//! program.
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
//! | information | access |
//! |---|---|
//! | resources and objects, by type or by name of the type | [`Platform::resources_of`], [`Platform::resources`], [`Platform::objects_of`], [`Platform::objects`], [`Platform::workloads`] |
//! | a property: known, deferred with its references, or absent | [`Item::property`], [`Property`] |
//! | final tags and labels | [`Item::tag`], [`Item::tags`], [`Item::label`] |
//! | stacks, clusters, Helm releases | [`Item::stack`], [`Item::cluster`], [`Platform::stacks`], [`Platform::releases`] |
//! | calls, reads and writes | [`Platform::edges`], [`Item::edges_out`], [`Item::reaches`] |
//! | permissions | [`Platform::grants`] |
//! | exposure to the internet | [`Platform::exposures`], [`Platform::public_entries`] |
//! | paths, parents, lines | [`Item::path`], [`Item::parents`], [`Item::below`], [`Item::line`] |
//!
//! These types are a stable view of the internal model. The internal model may change between versions. Built-in rules
//! also use these types.

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
