//! The variables of policy expressions for one request and one parameter.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use cel::common::value::{CowVal, Val};
use cel::context::VariableResolver;

use super::definition::Definition;
use crate::expressions::{Answer, Evaluator, Unknown};
use crate::policy::document::Piece;

/// The variables.
pub struct Bound<'a> {
    pub evaluator: &'a Evaluator,
    pub definition: &'a Definition,
    /// `object`, `oldObject`, `request`, `params`, `namespaceObject` and `authorizer`.
    pub values: Vec<(&'static str, &'a dyn Val)>,
    /// The policy variables that are already evaluated.
    composed: Mutex<HashMap<String, Box<dyn Val>>>,
}

impl<'a> Bound<'a> {
    pub fn new(evaluator: &'a Evaluator, definition: &'a Definition, values: Vec<(&'static str, &'a dyn Val)>) -> Self {
        Self { evaluator, definition, values, composed: Mutex::default() }
    }

    /// Evaluates an expression.
    pub fn answer(&self, piece: &Piece) -> Answer {
        match &piece.compiled {
            Ok(expression) => self.evaluator.evaluate(expression, self),
            Err(what) => Answer::Unknown(what.clone()),
        }
    }

    /// Returns a policy variable, which is evaluated on first use.
    fn variable(&self, name: &str) -> Option<Box<dyn Val>> {
        let known = self.composed.lock().unwrap_or_else(PoisonError::into_inner).get(name).cloned();
        if known.is_some() {
            return known;
        }
        let (_, piece) = self.definition.variables.iter().find(|(own, _)| own == name)?;
        let value: Box<dyn Val> = match self.answer(piece) {
            Answer::Value(value) => value,
            Answer::Unknown(what) => Box::new(Unknown::new(what)),
            Answer::Failed(why) => {
                Box::new(Unknown::failed(format!("composited variable \"{name}\" fails to evaluate: {why}")))
            }
        };
        self.composed.lock().unwrap_or_else(PoisonError::into_inner).insert(name.to_owned(), value.clone());
        Some(value)
    }
}

impl VariableResolver for Bound<'_> {
    fn resolve<'b>(&'b self, variable: &str) -> Option<CowVal<'b, 'b>> {
        if let Some(name) = variable.strip_prefix("variables.") {
            return self.variable(name).map(CowVal::Owned);
        }
        self.values.iter().find(|(name, _)| *name == variable).map(|(_, value)| CowVal::Borrowed(*value))
    }
}
