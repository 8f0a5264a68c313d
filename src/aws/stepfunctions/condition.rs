//! Conditions on the data of an execution.

use crate::val::{Bag, Data};

/// A condition on the data of an execution. A JSON path such as `$.order.total` selects the value.
///
/// Source: <https://docs.aws.amazon.com/step-functions/latest/dg/state-choice.html>
#[derive(Clone, Debug, PartialEq)]
pub struct Condition(pub(super) Bag);

impl Condition {
    fn of(path: &str, operator: &'static str, value: impl Into<Data>) -> Self {
        Self(Bag::default().with("Variable", path).with(operator, value))
    }

    /// Matches if the text at a path is equal to `value`.
    pub fn text(path: &str, value: &str) -> Self {
        Self::of(path, "StringEquals", value)
    }

    /// Matches if the text at a path matches a pattern, in which `*` is a wildcard.
    pub fn like(path: &str, pattern: &str) -> Self {
        Self::of(path, "StringMatches", pattern)
    }

    /// Matches if the boolean at a path is equal to `value`.
    pub fn is(path: &str, value: bool) -> Self {
        Self::of(path, "BooleanEquals", value)
    }

    /// Matches if the number at a path is equal to `value`.
    pub fn number(path: &str, value: f64) -> Self {
        Self::of(path, "NumericEquals", number(value))
    }

    /// Matches if the number at a path is greater than `value`.
    pub fn above(path: &str, value: f64) -> Self {
        Self::of(path, "NumericGreaterThan", number(value))
    }

    /// Matches if the number at a path is less than `value`.
    pub fn below(path: &str, value: f64) -> Self {
        Self::of(path, "NumericLessThan", number(value))
    }

    /// Matches if a value exists at a path.
    pub fn present(path: &str) -> Self {
        Self::of(path, "IsPresent", true)
    }

    /// Matches if all conditions match.
    pub fn all(conditions: impl IntoIterator<Item = Condition>) -> Self {
        Self(Bag::default().with("And", conditions.into_iter().map(|it| Data::from(it.0)).collect::<Vec<_>>()))
    }

    /// Matches if one of the conditions matches.
    pub fn any(conditions: impl IntoIterator<Item = Condition>) -> Self {
        Self(Bag::default().with("Or", conditions.into_iter().map(|it| Data::from(it.0)).collect::<Vec<_>>()))
    }

    /// Negates the condition.
    #[must_use]
    pub fn negated(self) -> Self {
        Self(Bag::default().with("Not", self.0))
    }
}

/// Converts a number to an integer if it has no fraction.
fn number(value: f64) -> Data {
    match value.fract() == 0.0 && value.abs() < 1e15 {
        true => Data::Int(value as i64),
        false => Data::Float(value),
    }
}
