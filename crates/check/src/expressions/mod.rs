//! Evaluates CEL expressions as the Kubernetes API server does, for schema rules and policies.
//!
//! The crate `cel` parses and evaluates them. The additional functions of the API server are in [`library`]. A value
//! that is not known before a deployment is an [`unknown`] value. An expression that depends on it has no result
//! instead of a wrong one.
//!
//! Source: <https://kubernetes.io/docs/reference/using-api/cel/>

mod comprehensions;
mod library;
mod names;
mod nesting;
mod tree;
mod unknown;

use std::sync::Arc;

use cel::common::types::CelString;
use cel::common::value::{CowVal, Val};
use cel::context::VariableResolver;
use cel::{Context, Env, ExecutionError, IdedExpr, Value};

pub use names::{NotCompiled, Scope};
pub use tree::Tree;
pub use unknown::{Met, Unknown};

/// The language with all libraries of the API server.
pub struct Evaluator {
    env: Arc<Env>,
}

/// A compiled expression.
#[derive(Clone, Debug)]
pub struct Expression {
    expr: IdedExpr,
    /// Whether an operator or a function in it turns an error into a result.
    is_lenient: bool,
}

/// The result of an expression.
#[derive(Debug)]
pub enum Answer {
    /// A value.
    Value(Box<dyn Val>),
    /// The result depends on this unknown value.
    Unknown(String),
    /// The evaluation fails with this message, as it would in the API server.
    Failed(String),
}

/// The functions that treat an unknown value as a known one.
const LENIENT: [&str; 5] = ["_?._", "_[?_]", "type", "distinct", "optional.ofNonZeroValue"];

impl Default for Evaluator {
    fn default() -> Self {
        let mut env = Env::stdlib();
        let added = library::add(&mut env).and_then(|()| comprehensions::add(&mut env));
        debug_assert!(added.is_ok(), "each function is declared once: {added:?}");
        Self { env: Arc::new(env) }
    }
}

impl Evaluator {
    /// Compiles an expression with the variables of the scope.
    ///
    /// # Errors
    ///
    /// If it is not valid CEL, is nested too deeply, or uses an unknown variable or function.
    pub fn compile(&self, text: &str, scope: &Scope) -> Result<Expression, NotCompiled> {
        if nesting::is_too_deep(text) {
            return Err(NotCompiled::Syntax("it is nested too deeply".to_owned()));
        }
        let parsed = self.env.parser().parse(text);
        let expr = parsed.map_err(|errors| NotCompiled::Syntax(names::first(&errors)))?;
        scope.check(&expr)?;
        let is_lenient = names::functions(&expr).iter().any(|name| LENIENT.contains(name));
        Ok(Expression { expr: library::equality::rewritten(expr), is_lenient })
    }

    /// Evaluates an expression with variables.
    pub fn evaluate(&self, expression: &Expression, variables: &dyn VariableResolver) -> Answer {
        let mut context = Context::with_env(Arc::clone(&self.env));
        context.set_variable_resolver(variables);
        let (result, met) = Met::during(|| {
            let value = Value::resolve_val(&expression.expr, &context)?;
            // A value may borrow the variables, but the result must not.
            Ok::<_, ExecutionError>(library::kept(value.as_ref()))
        });
        match (result, met) {
            (Ok(_), Met { unknown: Some(what), .. }) if expression.is_lenient => Answer::Unknown(what),
            (Ok(value), _) => match unknown::as_unknown(value.as_ref()) {
                Some(unknown) => unknown.answer(),
                None => Answer::Value(value),
            },
            (Err(_), Met { unknown: Some(what), .. }) => Answer::Unknown(what),
            (Err(_), Met { failed: Some(why), .. }) => Answer::Failed(why),
            (Err(error), _) => Answer::Failed(told(&error)),
        }
    }
}

impl Answer {
    /// Returns the Boolean result, or `None` if it has another type.
    pub fn as_bool(&self) -> Option<bool> {
        match self {
            Answer::Value(value) => value.downcast_ref::<cel::common::types::CelBool>().map(|it| *it.inner()),
            _ => None,
        }
    }

    /// Returns the text result, or `None` if it has another type.
    pub fn as_text(&self) -> Option<&str> {
        match self {
            Answer::Value(value) => value.downcast_ref::<CelString<'_>>().map(CelString::inner),
            _ => None,
        }
    }

    /// Whether the result is `null`.
    pub fn is_null(&self) -> bool {
        matches!(self, Answer::Value(value) if value.downcast_ref::<cel::common::types::CelNull>().is_some())
    }
}

/// Returns the message of the API server for an error.
fn told(error: &ExecutionError) -> String {
    match error {
        ExecutionError::NoSuchKey(key) => format!("no such key: {key}"),
        ExecutionError::FunctionError { message, .. } => message.clone(),
        ExecutionError::IndexOutOfBounds(_) => "index out of bounds".to_owned(),
        error => error.to_string(),
    }
}

/// Variables by name.
#[derive(Default)]
pub struct Variables<'a> {
    all: Vec<(&'static str, &'a (dyn Val + 'a))>,
}

impl<'a> Variables<'a> {
    /// Adds a variable.
    #[must_use]
    pub fn with(mut self, name: &'static str, value: &'a (dyn Val + 'a)) -> Self {
        self.all.push((name, value));
        self
    }
}

impl VariableResolver for Variables<'_> {
    fn resolve<'b>(&'b self, variable: &str) -> Option<CowVal<'b, 'b>> {
        self.all.iter().find(|(name, _)| *name == variable).map(|(_, value)| CowVal::Borrowed(*value))
    }
}
