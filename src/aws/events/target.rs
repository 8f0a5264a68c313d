//! How a rule delivers an event.

use crate::aws::sqs::Queue;
use crate::cfn::events::rule as shape;
use crate::units::Duration;
use crate::val::{IntoVal, Map, Val};

/// What a target gets of an event.
#[derive(Clone, Debug, Default, PartialEq)]
pub enum Input {
    /// The whole event, as JSON.
    #[default]
    Event,
    /// A part of it, by its path, such as `$.detail`.
    Part(String),
    /// This text, which is JSON, whatever the event is.
    Text(Val<String>),
    /// A text with values of the event.
    Template {
        /// The values by their names: each a path, such as `("order", "$.detail.id")`.
        values: Vec<(String, String)>,
        /// The text, with a name in `<>` where its value belongs.
        text: String,
    },
}

impl Input {
    /// A part of the event, by its path, such as `$.detail`.
    pub fn part(path: &str) -> Self {
        Self::Part(path.to_owned())
    }

    /// A text with values of the event: `Input::template([("order", "$.detail.id")], r#"{"order": <order>}"#)`.
    pub fn template<'a>(values: impl IntoIterator<Item = (&'a str, &'a str)>, text: &str) -> Self {
        let values = values.into_iter().map(|(name, path)| (name.to_owned(), path.to_owned())).collect();
        Self::Template { values, text: text.to_owned() }
    }

    /// This text, which is JSON.
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
    /// What the target gets. Default: the whole event.
    pub input: Input,
    /// How long an event that cannot be delivered is tried again, from 1 minute to 24 hours. Default: 24 hours.
    pub max_age: Duration,
    /// How often it is tried again, at most 185 times. Default: 185 times.
    pub attempts: u8,
    /// Where events go that could not be delivered. Default: the dead-letter queue of a standard queue, nowhere for others.
    pub dead_letters: Option<Queue>,
    /// The group of the messages in a FIFO queue or topic. Default: the name of the rule.
    pub group: Option<String>,
}

impl Default for TargetProps {
    fn default() -> Self {
        Self { input: Input::Event, max_age: Duration::hours(24), attempts: 185, dead_letters: None, group: None }
    }
}
