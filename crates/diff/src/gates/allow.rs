//! Exceptions in the configuration, with their reason, end date and owner.

use meshsynth_assembly::Exception;

use crate::day::Day;

pub use meshsynth_model::exception::is_like;

/// An exception from a gate or a rule.
#[derive(Clone, Debug, PartialEq)]
pub struct Allow {
    /// The word of a gate, the code of a rule, or the code of another checker.
    pub code: String,
    /// A path in the program or a name. `*` matches any text.
    pub what: String,
    /// The reason.
    pub reason: String,
    /// The last day of the exception.
    pub until: Day,
    /// The owner of the exception.
    pub who: Option<String>,
    /// The file and line of the exception.
    pub place: String,
}

impl Allow {
    /// Returns the exceptions for a construct and everything below it. The result is empty if the last day is not a
    /// valid date.
    pub fn of_program(exception: &Exception) -> Vec<Self> {
        let Some(until) = Day::parse(&exception.until) else { return Vec::new() };
        let allow = |what: String| Self {
            code: exception.code.clone(),
            what,
            reason: exception.reason.clone(),
            until,
            who: exception.who.clone(),
            place: exception.source.clone(),
        };
        match exception.what.as_str() {
            "" => vec![allow("*".to_owned())],
            construct => vec![allow(construct.to_owned()), allow(format!("{construct}/*"))],
        }
    }

    /// Whether it applies to this code and name.
    pub fn fits(&self, code: &str, name: &str) -> bool {
        self.code == code && is_like(&self.what, name)
    }

    /// Whether its last day is over.
    pub fn has_ended(&self, today: Day) -> bool {
        self.until < today
    }
}
