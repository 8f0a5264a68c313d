//! A document with policies, and errors in it at the lines of its fields.

use meshsynth::diag::{Diagnostic, Place};
use meshsynth::policy_file;
use meshsynth_model::problem::did_you_mean;

use super::subject::{DEFERRED, Object};
use crate::expressions::{Evaluator, Expression, NotCompiled, Scope, Tree};
use crate::yaml::Marked;

/// A document.
#[derive(Clone, Debug)]
pub struct Document {
    /// Its data.
    pub tree: Tree,
    /// Its position.
    pub place: Place,
    /// The lines of its fields; `None` if a program wrote it.
    marked: Option<Marked>,
}

/// An expression of a policy.
#[derive(Clone, Debug)]
pub struct Piece {
    /// Its text.
    pub text: String,
    /// Its position.
    pub place: Place,
    /// The compiled expression, or the reason why it cannot be evaluated offline.
    pub compiled: Result<Expression, String>,
}

impl Document {
    /// Creates the document of a file.
    pub fn of_file(file: &str, marked: Marked) -> Self {
        let place = Place { file: file.to_owned(), line: marked.line, column: marked.column };
        Self { tree: Tree::from_data(&marked.literal(), DEFERRED), place, marked: Some(marked) }
    }

    /// Creates the document of a policy among the objects.
    pub fn of_object(object: &Object) -> Self {
        let marked = object.document.clone();
        // Text in an expression that looks like a placeholder belongs to the expression.
        let literal = marked.as_ref().map(|marked| Tree::from_data(&marked.literal(), DEFERRED));
        Self { tree: literal.unwrap_or_else(|| object.tree.clone()), place: object.place.clone(), marked }
    }

    /// Returns the position of a field, or of the nearest enclosing field.
    pub fn place_of(&self, path: &str) -> Place {
        let Some((line, column)) = self.marked.as_ref().map(|marked| marked.place(path)) else {
            return self.place.clone();
        };
        Place { file: self.place.file.clone(), line, column }
    }

    /// Returns an error at a field.
    pub fn wrong(&self, path: &str, message: impl Into<String>) -> Diagnostic {
        let mut diagnostic = policy_file::invalid(message);
        diagnostic.place = Some(self.place_of(path));
        diagnostic
    }

    /// Compiles the expression at a field; reports at most one error.
    pub fn compile(
        &self,
        evaluator: &Evaluator,
        path: &str,
        text: &str,
        scope: &Scope,
        wrong: &mut Vec<Diagnostic>,
    ) -> Piece {
        let place = self.place_of(path);
        let compiled = evaluator.compile(text, scope).map_err(|why| match why {
            NotCompiled::Syntax(why) => {
                let help = "write a CEL condition, such as `has(object.metadata.labels)`";
                wrong.push(self.wrong(path, format!("`{path}` is not valid CEL: {why}")).help(help));
                why
            }
            NotCompiled::Variable(name, known) => {
                let known: Vec<&str> = known.iter().map(String::as_str).collect();
                let message = format!("`{path}` uses an undefined variable: `{name}`");
                wrong.push(self.wrong(path, message.clone()).help(did_you_mean(&name, &known)));
                message
            }
            NotCompiled::Function(name) => {
                format!("the function `{name}`, which this meshsynth version does not support")
            }
        });
        Piece { text: text.to_owned(), place, compiled }
    }

    /// Reports unknown keys of a map.
    pub fn check_keys(&self, path: &str, known: &[&str], wrong: &mut Vec<Diagnostic>) {
        let map = if path.is_empty() { Some(&self.tree) } else { self.tree.at(path) };
        let Some(Tree::Map(map)) = map else { return };
        for key in map.keys().filter(|key| !known.contains(&key.as_str())) {
            let field = if path.is_empty() { key.clone() } else { format!("{path}.{key}") };
            let message = format!("unknown field `{field}`");
            wrong.push(self.wrong(&field, message).help(did_you_mean(key, known)));
        }
    }
}
