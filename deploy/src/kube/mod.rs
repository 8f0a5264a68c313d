//! Kubernetes: bindings filled, waves of server-side apply, readiness, and prune of what is ours and gone.

mod api;
mod apply;
mod approve;
mod client;
mod compare;
mod controllers;
mod discovery;
mod drift;
mod dry_run;
mod fields;
mod ignored_fields;
mod look;
mod object;
mod outcome;
mod pause;
mod pods;
mod prune;
mod ready;
mod refusal;
mod rights;
mod spare;
mod survey;
mod takeover;
mod tally;
mod worker;

pub use api::{APP_LABEL, Kube, KubeError, MANAGER};
pub use client::{Client, Connection};
pub use compare::Change;
pub use controllers::table as controllers;
pub use drift::{Compared, Drifted, Field};
pub use fields::Writer;
pub use look::Seen;
pub use object::{Object, fill, objects};
pub use rights::Rights;
pub use worker::{Settings, Worker};
