//! Something that was looked at: how it is, and how to fix it.

use meshsynth_assembly::failure::Failure;
use meshsynth_assembly::problem::Problem;
use serde_json::{Value, json};

/// How a thing is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum State {
    /// As it should be.
    Good,
    /// Somebody should look.
    Doubtful,
    /// It does not work.
    Wrong,
}

/// One thing that was looked at.
#[derive(Debug)]
pub struct Finding {
    /// What was looked at, such as `toolchain`.
    pub about: &'static str,
    /// How it is.
    pub state: State,
    /// What there is, or what is wrong.
    pub text: String,
    /// How to fix it.
    pub help: Option<String>,
}

impl Finding {
    /// A thing that is as it should be.
    pub fn good(about: &'static str, text: impl Into<String>) -> Self {
        Self { about, state: State::Good, text: text.into(), help: None }
    }

    /// A thing that somebody should look at, and how to fix it.
    pub fn doubtful(about: &'static str, text: impl Into<String>, help: impl Into<String>) -> Self {
        Self { about, state: State::Doubtful, text: text.into(), help: Some(help.into()) }
    }

    /// A thing that does not work, and how to fix it.
    pub fn wrong(about: &'static str, text: impl Into<String>, help: impl Into<String>) -> Self {
        Self { state: State::Wrong, ..Self::doubtful(about, text, help) }
    }

    /// An error of another command as a finding.
    pub fn of_error(about: &'static str, error: &anyhow::Error) -> Self {
        if let Some(failure) = error.downcast_ref::<Failure>() {
            let cause = if failure.cause.is_empty() { String::new() } else { format!(": {}", failure.cause) };
            return Self::wrong(about, format!("{}{cause}", failure.text), failure.help.clone());
        }
        let problem = error.downcast_ref::<Problem>();
        let place = problem.and_then(|it| it.place.as_ref()).map(|place| format!(" ({place})")).unwrap_or_default();
        let help = problem.and_then(|it| it.help.clone()).unwrap_or_else(|| "see above".to_owned());
        Self::wrong(about, format!("{error:#}{place}"), help)
    }

    /// For programs.
    pub fn to_json(&self) -> Value {
        let state = match self.state {
            State::Good => "good",
            State::Doubtful => "doubtful",
            State::Wrong => "wrong",
        };
        json!({ "about": self.about, "state": state, "text": self.text, "help": self.help })
    }
}
