//! Checks the names in an expression: unknown variables and functions are reported before the evaluation.

use cel::IdedExpr;
use cel::common::ast::{EntryExpr, Expr};
use cel::parser::ParseErrors;

use super::library;

/// The reason why an expression is not compiled.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum NotCompiled {
    /// It is not valid CEL; the message of the parser.
    Syntax(String),
    /// An undefined variable, and the defined variables.
    Variable(String, Vec<String>),
    /// An unsupported function, which may be newer than this version of meshsynth.
    Function(String),
}

/// The variables that an expression can use.
#[derive(Clone, Debug, Default)]
pub struct Scope {
    names: Vec<String>,
    /// The policy variables before this expression, which are fields of `variables`.
    composed: Option<Vec<String>>,
}

/// Names of types, as in `type(x) == string`, and packages with types.
const TYPES: [&str; 19] = [
    "bool",
    "bytes",
    "double",
    "int",
    "list",
    "map",
    "null_type",
    "string",
    "type",
    "uint",
    "optional_type",
    "google",
    "net",
    "kubernetes",
    "optional",
    "sets",
    "format",
    "math",
    "lists",
];

impl Scope {
    /// Creates a scope with these variables.
    pub fn of<'n>(names: impl IntoIterator<Item = &'n str>) -> Self {
        Self { names: names.into_iter().map(str::to_owned).collect(), composed: None }
    }

    /// Adds the policy variables that are defined so far.
    #[must_use]
    pub fn with_composed<'n>(mut self, names: impl IntoIterator<Item = &'n str>) -> Self {
        self.composed = Some(names.into_iter().map(str::to_owned).collect());
        self
    }

    /// Returns an error for unknown variables and functions.
    pub(super) fn check(&self, expr: &IdedExpr) -> Result<(), NotCompiled> {
        self.walk(expr, &mut Vec::new())
    }

    fn walk<'e>(&self, expr: &'e IdedExpr, bound: &mut Vec<&'e str>) -> Result<(), NotCompiled> {
        match &expr.expr {
            Expr::Ident(name) => {
                let name = name.trim_start_matches('.');
                let is_composed = name == "variables" && self.composed.is_some();
                let is_known = is_composed
                    || name.starts_with('@')
                    || bound.contains(&name)
                    || self.names.iter().any(|known| known == name)
                    || TYPES.contains(&name)
                    || library::is_namespace(name);
                if is_known { Ok(()) } else { Err(NotCompiled::Variable(name.to_owned(), self.names.clone())) }
            }
            Expr::Select(select) => {
                if let (Expr::Ident(name), Some(composed)) = (&select.operand.expr, &self.composed)
                    && name == "variables"
                    && !composed.contains(&select.field)
                {
                    let known = composed.iter().map(|name| format!("variables.{name}")).collect();
                    return Err(NotCompiled::Variable(format!("variables.{}", select.field), known));
                }
                self.walk(&select.operand, bound)
            }
            Expr::Call(call) => {
                if !library::is_known(&call.func_name) {
                    return Err(NotCompiled::Function(call.func_name.clone()));
                }
                if let Some(target) = &call.target {
                    self.walk(target, bound)?;
                }
                call.args.iter().try_for_each(|arg| self.walk(arg, bound))
            }
            Expr::Comprehension(it) => {
                self.walk(&it.iter_range, bound)?;
                self.walk(&it.accu_init, bound)?;
                let n_before = bound.len();
                bound.extend([it.iter_var.as_str(), it.accu_var.as_str()]);
                bound.extend(it.iter_var2.as_deref());
                let parts = [&it.loop_cond, &it.loop_step, &it.result];
                let result = parts.into_iter().try_for_each(|part| self.walk(part, bound));
                bound.truncate(n_before);
                result
            }
            other => parts(other).into_iter().try_for_each(|part| self.walk(part, bound)),
        }
    }
}

/// Returns the parts of a list, a map or a message.
fn parts(expr: &Expr) -> Vec<&IdedExpr> {
    let entries = match expr {
        Expr::List(list) => return list.elements.iter().collect(),
        Expr::Map(map) => &map.entries,
        Expr::Struct(message) => &message.entries,
        _ => return Vec::new(),
    };
    entries
        .iter()
        .flat_map(|entry| match &entry.expr {
            EntryExpr::StructField(field) => vec![&field.value],
            EntryExpr::MapEntry(entry) => vec![&entry.key, &entry.value],
        })
        .collect()
}

/// Returns the functions and operators that an expression calls.
pub fn functions(expr: &IdedExpr) -> Vec<&str> {
    let mut found = Vec::new();
    let mut rest = vec![expr];
    while let Some(expr) = rest.pop() {
        match &expr.expr {
            Expr::Call(call) => {
                found.push(call.func_name.as_str());
                rest.extend(call.target.as_deref());
                rest.extend(&call.args);
            }
            Expr::Select(select) => rest.push(&select.operand),
            Expr::Comprehension(it) => {
                rest.extend([&it.iter_range, &it.accu_init, &it.loop_cond, &it.loop_step, &it.result]);
            }
            other => rest.extend(parts(other)),
        }
    }
    found
}

/// Returns the first message of the parser, with its position.
pub fn first(errors: &ParseErrors) -> String {
    let Some(error) = errors.errors.first() else { return "it cannot be parsed".to_owned() };
    let (line, column) = error.pos;
    let message = error.msg.lines().next().unwrap_or_default();
    format!("{message} (line {line}, column {column} of the expression)")
}
