//! Results of the checks of `meshsynth doctor`, with fixes.

use meshsynth_model::failure::Failure;
use meshsynth_model::problem::Problem;
use serde_json::{Value, json};

/// The result of a check.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum State {
    /// The check passed.
    Good,
    /// The check found a possible problem.
    Doubtful,
    /// The check failed.
    Wrong,
}

/// The result of one check.
#[derive(Debug)]
pub struct Finding {
    /// The checked item, such as `toolchain`.
    pub about: &'static str,
    /// The result.
    pub state: State,
    /// The description of the state or the problem.
    pub text: String,
    /// The fix.
    pub help: Option<String>,
}

impl Finding {
    /// Creates a passed check.
    pub fn good(about: &'static str, text: impl Into<String>) -> Self {
        Self { about, state: State::Good, text: text.into(), help: None }
    }

    /// Creates a possible problem with its fix.
    pub fn doubtful(about: &'static str, text: impl Into<String>, help: impl Into<String>) -> Self {
        Self { about, state: State::Doubtful, text: text.into(), help: Some(help.into()) }
    }

    /// Creates a failed check with its fix.
    pub fn wrong(about: &'static str, text: impl Into<String>, help: impl Into<String>) -> Self {
        Self { state: State::Wrong, ..Self::doubtful(about, text, help) }
    }

    /// Converts an error of another command to a finding.
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

    /// Converts the finding to JSON.
    pub fn to_json(&self) -> Value {
        let state = match self.state {
            State::Good => "good",
            State::Doubtful => "doubtful",
            State::Wrong => "wrong",
        };
        json!({ "about": self.about, "state": state, "text": self.text, "help": self.help })
    }
}
