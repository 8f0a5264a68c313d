//! Deploys to Kubernetes: resolves bindings, applies waves with server-side apply, waits for readiness, and prunes
//! removed objects.

mod api;
mod application;
mod applied;
mod apply;
mod approve;
mod beside;
mod client;
mod cluster_client;
mod compare;
mod controllers;
mod discovery;
mod drift;
mod dry_run;
mod family;
mod fields;
mod foreign;
mod handover;
mod ignored_fields;
mod inventory;
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
pub use beside::Applied;
pub use client::{Client, Connection};
pub use cluster_client::ClusterClient;
pub use compare::Change;
pub use controllers::table as controllers;
pub use drift::{Compared, Drifted, Field};
pub use fields::Writer;
pub use look::Seen;
pub use object::{Object, fill, objects};
pub use rights::Rights;
pub use worker::{Settings, Worker};
