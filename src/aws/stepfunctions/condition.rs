//! Conditions on the data of an execution.

use crate::val::{Bag, Data};

/// A condition on the data of an execution, which is named by a path such as `$.order.total`.
///
/// Source: <https://docs.aws.amazon.com/step-functions/latest/dg/state-choice.html>
#[derive(Clone, Debug, PartialEq)]
pub struct Condition(pub(super) Bag);

impl Condition {
    fn of(path: &str, operator: &'static str, value: impl Into<Data>) -> Self {
        Self(Bag::default().with("Variable", path).with(operator, value))
    }

    /// The text at a path is this one.
    pub fn text(path: &str, value: &str) -> Self {
        Self::of(path, "StringEquals", value)
    }

    /// The text at a path has this form; `*` stands for anything.
    pub fn like(path: &str, pattern: &str) -> Self {
        Self::of(path, "StringMatches", pattern)
    }

    /// The truth value at a path is this one.
    pub fn is(path: &str, value: bool) -> Self {
        Self::of(path, "BooleanEquals", value)
    }

    /// The number at a path is this one.
    pub fn number(path: &str, value: f64) -> Self {
        Self::of(path, "NumericEquals", number(value))
    }

    /// The number at a path is greater.
    pub fn above(path: &str, value: f64) -> Self {
        Self::of(path, "NumericGreaterThan", number(value))
    }

    /// The number at a path is smaller.
    pub fn below(path: &str, value: f64) -> Self {
        Self::of(path, "NumericLessThan", number(value))
    }

    /// There is something at a path.
    pub fn present(path: &str) -> Self {
        Self::of(path, "IsPresent", true)
    }

    /// All of these hold.
    pub fn all(conditions: impl IntoIterator<Item = Condition>) -> Self {
        Self(Bag::default().with("And", conditions.into_iter().map(|it| Data::from(it.0)).collect::<Vec<_>>()))
    }

    /// One of these holds.
    pub fn any(conditions: impl IntoIterator<Item = Condition>) -> Self {
        Self(Bag::default().with("Or", conditions.into_iter().map(|it| Data::from(it.0)).collect::<Vec<_>>()))
    }

    /// It does not hold.
    #[must_use]
    pub fn negated(self) -> Self {
        Self(Bag::default().with("Not", self.0))
    }
}

/// Returns a whole number as one.
fn number(value: f64) -> Data {
    match value.fract() == 0.0 && value.abs() < 1e15 {
        true => Data::Int(value as i64),
        false => Data::Float(value),
    }
}
