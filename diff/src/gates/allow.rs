//! Exceptions in the configuration: what may pass, why, until when, and who answers for it.

use meshsynth_assembly::Exception;

use crate::day::Day;

pub use meshsynth::exception::is_like;

/// What may pass a gate or a rule.
#[derive(Clone, Debug, PartialEq)]
pub struct Allow {
    /// A gate's word, the code of a rule, or the code of another judge.
    pub code: String,
    /// A path in the program or a name; `*` stands for anything.
    pub what: String,
    /// Why.
    pub reason: String,
    /// The last day.
    pub until: Day,
    /// Who answers for it.
    pub who: Option<String>,
    /// Where it is written.
    pub place: String,
}

impl Allow {
    /// What an exception of a program lets pass: its construct and all that is below; none where its last day is not a day.
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

    /// Whether it is about this code at a name.
    pub fn fits(&self, code: &str, name: &str) -> bool {
        self.code == code && is_like(&self.what, name)
    }

    /// Whether its last day is over.
    pub fn has_ended(&self, today: Day) -> bool {
        self.until < today
    }
}
