//! A result for each value of the parameters on which it depends.

use std::collections::BTreeSet;
use std::fmt;

use serde_json::Value;

use crate::assumption::{Assumed, Values};
use crate::choices::{Keys, choices, combinations, conditions_of, keys_of};
use crate::environment::Environment;
use crate::evaluator::Evaluator;
use crate::outcome::{Outcome, Reason, Unknown};

/// The results of a value for all values of the parameters that its conditions compare.
#[derive(Clone, Debug, PartialEq)]
pub struct Dependent {
    /// The cases. One case without assumptions is a result that depends on no parameter.
    pub cases: Vec<Case>,
}

/// The result for some values.
#[derive(Clone, Debug, PartialEq)]
pub struct Case {
    /// The assumed values.
    pub values: Values,
    /// The result.
    pub outcome: Outcome,
}

impl Dependent {
    /// The maximum number of combinations. Above it, the result is unknown.
    pub const MOST: usize = 64;

    /// Evaluates a value for all values of the parameters without an assumed value.
    pub fn of<E: Environment>(evaluator: &Evaluator<'_, E>, value: &Value) -> Self {
        let mut conditions = BTreeSet::new();
        conditions_of(value, &mut conditions);
        let mut keys = Keys::new();
        keys_of(value, &mut keys);
        let choices = choices(evaluator, &conditions, &keys, |name| !evaluator.values.contains_key(name));
        let Some(all) = combinations(&choices, Self::MOST) else {
            let unknown = Unknown { reason: Reason::TooManyCombinations, location: String::new() };
            return Self { cases: vec![Case { values: Values::new(), outcome: Outcome::Unknown(unknown) }] };
        };
        let case = |values: Values| {
            let all = evaluator.values.clone().into_iter().chain(values.clone()).collect();
            let outcome = Evaluator { values: &all, ..*evaluator }.outcome(value);
            Case { values, outcome }
        };
        let mut cases: Vec<Case> = all.into_iter().map(case).collect();
        if cases.iter().all(|it| it.outcome == cases[0].outcome) {
            cases.truncate(1);
            cases[0].values.clear();
        }
        Self { cases }
    }

    /// Returns the result if it is the same for all values, and an unknown result that names the parameters otherwise.
    pub fn outcome(&self) -> Outcome {
        match self.cases.as_slice() {
            [one] => one.outcome.clone(),
            cases => {
                let names: BTreeSet<&String> = cases.iter().flat_map(|it| it.values.keys()).collect();
                let reason = Reason::Parameters(names.into_iter().cloned().collect());
                Outcome::Unknown(Unknown { reason, location: String::new() })
            }
        }
    }
}

impl fmt::Display for Dependent {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (idx, case) in self.cases.iter().enumerate() {
            if idx > 0 {
                out.write_str("; ")?;
            }
            let words = case.values.iter().map(|(name, assumed)| match assumed {
                Assumed::Value(value) => format!("`{name}` is `{value}`"),
                Assumed::Other => format!("`{name}` has another value"),
                Assumed::Holds(holds) => format!("`{name}` is {holds}"),
            });
            let words: Vec<String> = words.collect();
            if !words.is_empty() {
                write!(out, "{}: ", words.join(" and "))?;
            }
            match &case.outcome {
                Outcome::Known(value) => write!(out, "{value}")?,
                Outcome::Unknown(unknown) => write!(out, "{unknown}")?,
                Outcome::Absent => out.write_str("absent")?,
            }
        }
        Ok(())
    }
}
