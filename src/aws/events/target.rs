//! The delivery of events to the targets of a rule.

use crate::aws::sqs::Queue;
use crate::cfn::events::rule as shape;
use crate::units::Duration;
use crate::val::{IntoVal, Map, Val};

/// The input that a target receives for an event.
#[derive(Clone, Debug, Default, PartialEq)]
pub enum Input {
    /// The whole event, as JSON.
    #[default]
    Event,
    /// A part of the event, selected by a JSON path such as `$.detail`.
    Part(String),
    /// A constant JSON text.
    Text(Val<String>),
    /// A text that contains values of the event.
    Template {
        /// The values by name, each with a JSON path, such as `("order", "$.detail.id")`.
        values: Vec<(String, String)>,
        /// The text, with `<name>` placeholders for the values.
        text: String,
    },
}

impl Input {
    /// Selects a part of the event by a JSON path such as `$.detail`.
    pub fn part(path: &str) -> Self {
        Self::Part(path.to_owned())
    }

    /// Creates a text with values of the event: `Input::template([("order", "$.detail.id")], r#"{"order": <order>}"#)`.
    pub fn template<'a>(values: impl IntoIterator<Item = (&'a str, &'a str)>, text: &str) -> Self {
        let values = values.into_iter().map(|(name, path)| (name.to_owned(), path.to_owned())).collect();
        Self::Template { values, text: text.to_owned() }
    }

    /// Sends a constant JSON text.
    pub fn text(json: impl IntoVal<String>) -> Self {
        Self::Text(json.into_val())
    }

    pub(super) fn set(self, target: shape::Target) -> shape::Target {
        match self {
            Self::Event => target,
            Self::Part(path) => target.input_path(path),
            Self::Text(text) => target.input(text),
            Self::Template { values, text } => {
                let values = Val::Known(values.into_iter().collect::<Map<String>>());
                target.input_transformer(shape::InputTransformer::new(text).input_paths_map(values))
            }
        }
    }
}

/// Properties of a target of a rule.
#[derive(Clone)]
pub struct TargetProps {
    /// The input of the target. Default: the whole event.
    pub input: Input,
    /// The maximum age of an event during retries, from 1 minute to 24 hours. Default: 24 hours.
    pub max_age: Duration,
    /// The maximum number of retries, at most 185. Default: 185.
    pub attempts: u8,
    /// The dead-letter queue for undeliverable events. Default: the dead-letter queue of a standard target queue,
    /// otherwise none.
    pub dead_letters: Option<Queue>,
    /// The message group ID for a FIFO queue or topic. Default: the name of the rule.
    pub group: Option<String>,
}

impl Default for TargetProps {
    fn default() -> Self {
        Self { input: Input::Event, max_age: Duration::hours(24), attempts: 185, dead_letters: None, group: None }
    }
}
