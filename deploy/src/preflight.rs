//! Whether a deployment could begin: who we are, which regions answer, which clusters let us in.
//!
//! It asks, and changes nothing.

mod aws;
mod cluster;

use crate::failure::Failure;
use crate::plan::Plan;

pub use aws::identities;
pub use cluster::{ClusterChecks, check};

/// How a thing is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum State {
    /// As it should be.
    Good,
    /// Somebody should look.
    Doubtful,
    /// A deployment would fail.
    Wrong,
}

/// One thing that was asked.
#[derive(Clone, Debug, PartialEq)]
pub struct Finding {
    /// What it is about: `aws`, `region` or `cluster`.
    pub about: &'static str,
    /// How it is.
    pub state: State,
    /// What there is, or what is wrong.
    pub text: String,
    /// What to do; empty where nothing is to be done.
    pub help: String,
}

impl Finding {
    fn good(about: &'static str, text: String) -> Self {
        Self { about, state: State::Good, text, help: String::new() }
    }

    fn doubtful(about: &'static str, text: String, help: impl Into<String>) -> Self {
        Self { about, state: State::Doubtful, text, help: help.into() }
    }

    fn wrong(about: &'static str, text: String, help: impl Into<String>) -> Self {
        Self { about, state: State::Wrong, text, help: help.into() }
    }
}

/// The clusters of a plan, where AWS does not tell where they are.
pub fn unfound(plan: &Plan, error: &anyhow::Error) -> Finding {
    let (cause, help) = match error.downcast_ref::<Failure>() {
        Some(failure) => (failure.cause.clone(), failure.help.clone()),
        None => (format!("{error:#}"), "fix that, then run again".to_owned()),
    };
    Finding::wrong(
        "cluster",
        format!("`{}`: AWS does not return the endpoints of its clusters: {cause}", plan.app),
        help,
    )
}
