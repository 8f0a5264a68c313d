//! Evaluation of conditions.

use std::collections::BTreeMap;

use serde_json::Value;

use crate::assumption::Assumed;
use crate::environment::{Environment, Open};
use crate::evaluator::{DEEPEST, Evaluator};
use crate::syntax::scalar;

/// The results of the conditions in one evaluation. Without them, conditions that refer to each other twice would need
/// exponential time. A condition without a result yet is part of a cycle, and unknown.
type Results<'a> = BTreeMap<&'a str, Option<bool>>;

impl<'a, E: Environment> Evaluator<'a, E> {
    /// Returns whether a condition is true, or `None` if the template and the assumed values do not determine it.
    pub fn condition(&self, name: &str) -> Option<bool> {
        self.named_condition(name, 0)
    }

    pub(crate) fn named_condition(&self, name: &str, depth: usize) -> Option<bool> {
        if let Some(Assumed::Holds(holds)) = self.values.get(name) {
            return Some(*holds);
        }
        self.holds(self.template.condition(name)?, depth + 1, &mut Results::new())
    }

    /// Returns the result of a condition that another condition refers to.
    fn nested_condition(&self, name: &'a str, depth: usize, results: &mut Results<'a>) -> Option<bool> {
        if let Some(Assumed::Holds(holds)) = self.values.get(name) {
            return Some(*holds);
        }
        if let Some(result) = results.get(name) {
            return *result;
        }
        results.insert(name, None);
        let result = self.holds(self.template.condition(name)?, depth + 1, results);
        results.insert(name, result);
        result
    }

    fn holds(&self, condition: &'a Value, depth: usize, results: &mut Results<'a>) -> Option<bool> {
        if depth > DEEPEST || !self.budget.has_step() {
            return None;
        }
        let (function, argument) = condition.as_object().filter(|map| map.len() == 1)?.iter().next()?;
        match function.as_str() {
            "Condition" => self.nested_condition(argument.as_str()?, depth, results),
            "Fn::Not" => self.holds(argument.get(0)?, depth + 1, results).map(|holds| !holds),
            "Fn::And" => self.all(argument, depth, false, results),
            "Fn::Or" => self.all(argument, depth, true, results),
            "Fn::Equals" => self.equals(argument.get(0)?, argument.get(1)?, depth),
            _ => None,
        }
    }

    /// Evaluates `Fn::And` or `Fn::Or`. One deciding operand is enough; otherwise all operands must be known.
    fn all(&self, conditions: &'a Value, depth: usize, decides: bool, results: &mut Results<'a>) -> Option<bool> {
        let conditions = conditions.as_array()?.iter();
        let known: Vec<Option<bool>> = conditions.map(|it| self.holds(it, depth + 1, results)).collect();
        if known.contains(&Some(decides)) {
            return Some(decides);
        }
        (!known.contains(&None)).then_some(!decides)
    }

    fn equals(&self, one: &Value, other: &Value, depth: usize) -> Option<bool> {
        let deciding = self.deciding();
        let (one, other) = (deciding.value(one, depth + 1)?, deciding.value(other, depth + 1)?);
        match (self.environment.is_open(&one), self.environment.is_open(&other)) {
            (false, false) => Some(is_equal(&one, &other)),
            (true, false) if self.is_other(&one) => Some(false),
            (false, true) if self.is_other(&other) => Some(false),
            (true, true) if one == other => Some(true),
            _ => None,
        }
    }

    /// Whether a value is a parameter that is assumed to differ from all compared values.
    fn is_other(&self, value: &Value) -> bool {
        let others = self.values.iter().filter(|(_, assumed)| **assumed == Assumed::Other).map(|(name, _)| name);
        others.into_iter().any(|name| self.environment.open(Open::Parameter(name)) == *value)
    }
}

/// Whether two known values are equal. Scalars are compared as text.
fn is_equal(one: &Value, other: &Value) -> bool {
    match (one, other) {
        (Value::Array(one), Value::Array(other)) => {
            one.len() == other.len() && one.iter().zip(other).all(|(one, other)| is_equal(one, other))
        }
        _ => one == other || scalar(one).is_some_and(|text| scalar(other) == Some(text)),
    }
}
