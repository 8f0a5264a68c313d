//! Checks whether a deployment could start: the identity, the regions, and the access to clusters.
//!
//! The checks change nothing.

mod aws;
mod cluster;

use crate::failure::Failure;
use crate::plan::Plan;

pub use aws::identities;
pub use cluster::{ClusterChecks, check};

/// The result of a check.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum State {
    /// The check passed.
    Good,
    /// The user should look at the result.
    Doubtful,
    /// A deployment would fail.
    Wrong,
}

/// A finding of a check.
#[derive(Clone, Debug, PartialEq)]
pub struct Finding {
    /// The subject: `aws`, `region` or `cluster`.
    pub about: &'static str,
    /// The result.
    pub state: State,
    /// A description.
    pub text: String,
    /// The fix. It is empty if none is needed.
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

/// Creates the finding for clusters that AWS queries did not find.
pub fn unfound(plan: &Plan, error: &anyhow::Error) -> Finding {
    let (cause, help) = match error.downcast_ref::<Failure>() {
        Some(failure) => (failure.cause.clone(), failure.help.clone()),
        None => (format!("{error:#}"), "fix the problem, then run the command again".to_owned()),
    };
    Finding::wrong(
        "cluster",
        format!("`{}`: AWS does not return the endpoints of its clusters: {cause}", plan.app),
        help,
    )
}
