//! Evaluation of values in place.

use std::cell::Cell;

use serde_json::Value;

use crate::assumption::{Assumed, Values};
use crate::environment::{Environment, Open, hidden};
use crate::outcome::{Outcome, first_unknown};
use crate::syntax::{DYNAMIC, function};
use crate::template::Template;

/// The maximum depth of values, references and conditions.
pub(crate) const DEEPEST: usize = 40;

/// The remaining steps of an evaluation. Values that refer to each other twice would otherwise never terminate.
#[derive(Debug)]
pub struct Budget(Cell<u32>);

impl Budget {
    /// The maximum number of steps for one value. Values in real templates have fewer parts.
    const MOST_STEPS: u32 = 200_000;

    /// Restores all steps.
    pub fn reset(&self) {
        self.0.set(Self::MOST_STEPS);
    }

    /// Uses one of the remaining steps, if there is one.
    pub(crate) fn has_step(&self) -> bool {
        let left = self.0.get();
        self.0.set(left.saturating_sub(1));
        left > 0
    }
}

impl Default for Budget {
    fn default() -> Self {
        Self(Cell::new(Self::MOST_STEPS))
    }
}

/// The purpose of an evaluation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mode {
    /// The value is shown or compared with the value of another template. Hidden values are masked, and encoded texts
    /// remain readable.
    Show,
    /// The value decides a condition or selects an item. Hidden and encoded values are used.
    Decide,
}

/// Evaluates the values of a template.
pub struct Evaluator<'a, E> {
    /// The template.
    pub template: Template<'a>,
    /// Its environment.
    pub environment: &'a E,
    /// The assumed values.
    pub values: &'a Values,
    /// The remaining steps.
    pub budget: &'a Budget,
    /// The purpose.
    pub mode: Mode,
}

impl<E> Clone for Evaluator<'_, E> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<E> Copy for Evaluator<'_, E> {}

impl<'a, E: Environment> Evaluator<'a, E> {
    /// Returns the result of a value: known, unknown with a reason, or absent.
    pub fn outcome(&self, value: &Value) -> Outcome {
        self.budget.reset();
        match self.deciding().value(value, 0) {
            None => Outcome::Absent,
            Some(value) => match first_unknown(&value, "") {
                Some(unknown) => Outcome::Unknown(unknown),
                None => Outcome::Known(value),
            },
        }
    }

    /// Returns the evaluator for values that decide.
    pub(crate) fn deciding(self) -> Self {
        Self { mode: Mode::Decide, ..self }
    }

    /// Evaluates a value in place as far as it is known, and returns whether it exists.
    pub fn replace(&self, value: &mut Value, depth: usize) -> bool {
        if depth > DEEPEST || !self.budget.has_step() {
            *value = self.environment.open(Open::TooDeep);
            return true;
        }
        match value {
            Value::Array(items) => items.retain_mut(|item| self.replace(item, depth + 1)),
            Value::Object(map) => match function(map) {
                Some((name, argument)) => match self.function(name, argument, depth + 1) {
                    Some(resolved) => *value = resolved,
                    None => return false,
                },
                None => map.retain(|_, inner| self.replace(inner, depth + 2)),
            },
            Value::String(text) if text.contains(DYNAMIC) => *value = self.environment.open(Open::Dynamic(text)),
            _ => {}
        }
        true
    }

    /// Returns a value as far as it is known, or `None` for `AWS::NoValue`.
    pub fn value(&self, value: &Value, depth: usize) -> Option<Value> {
        if depth > DEEPEST || !self.budget.has_step() {
            return Some(self.environment.open(Open::TooDeep));
        }
        match value {
            Value::Array(items) => Some(items.iter().filter_map(|item| self.value(item, depth + 1)).collect()),
            Value::Object(map) => match function(map) {
                Some((name, argument)) => self.function(name, argument, depth + 1),
                None => {
                    let known = map.iter().filter_map(|(key, it)| Some((key.clone(), self.value(it, depth + 2)?)));
                    Some(Value::Object(known.collect()))
                }
            },
            Value::String(text) if text.contains(DYNAMIC) => Some(self.environment.open(Open::Dynamic(text))),
            other => Some(other.clone()),
        }
    }

    /// Returns the value of a name in `Ref` or `Fn::Sub`, or `None` for `AWS::NoValue`.
    pub(crate) fn named(&self, name: &str) -> Option<Value> {
        if name == "AWS::NoValue" {
            return None;
        }
        if name.starts_with("AWS::") {
            if let Some(Assumed::Value(value)) = self.values.get(name) {
                return Some(value.as_str().into());
            }
            let replaces = self.mode == Mode::Decide || self.environment.replaces_pseudo_parameters();
            let known = replaces.then(|| self.environment.pseudo(name)).flatten();
            return Some(known.map_or_else(|| self.environment.open(Open::Parameter(name)), Value::from));
        }
        let Some(parameter) = self.template.parameter(name) else {
            return Some(self.environment.open(Open::Resource(name)));
        };
        let text = match self.values.get(name) {
            Some(Assumed::Value(value)) => Some(value.clone()),
            Some(_) => None,
            None => parameter.default(),
        };
        let Some(text) = text else { return Some(self.environment.open(Open::Parameter(name))) };
        if parameter.is_stored() {
            let reference = format!("{DYNAMIC}ssm:{text}}}}}");
            return Some(self.environment.open(Open::Dynamic(&reference)));
        }
        if parameter.is_secret() && self.mode == Mode::Show {
            return Some(hidden(&text.into()).into());
        }
        Some(parameter.typed(&text))
    }
}
