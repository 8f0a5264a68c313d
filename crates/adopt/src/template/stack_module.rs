//! The module with the function that defines a stack.

use crate::Template;
use crate::module::Module;
use crate::tree::{Expr, Function, Param, Statement};

/// The maximum number of lines in a part of a stack, so that its file has at most 400.
pub(super) const MOST_LINES: usize = 300;

/// Modules by their paths below `src`, such as `network` and `network/ec2`.
pub type StackModules = Vec<(String, Module)>;

/// Returns the module with the function that defines a stack.
pub(super) fn stack_module(
    template: &Template,
    statements: Vec<Statement>,
    functions: Vec<Function>,
    modules: Vec<String>,
) -> Module {
    let (doc, param) = match template.is_nested {
        true => ("Defines the template.", Param::reference("stack", "Stack")),
        false => ("Defines the stack.", Param::reference("app", "App")),
    };
    let define = Function {
        doc: doc.to_owned(),
        visible: "pub",
        name: "define".to_owned(),
        params: vec![param],
        statements,
        returns: Vec::new(),
    };
    let doc = match template.is_nested {
        true => format!("The template of a nested stack, adopted from `{}`.", template.label),
        false => format!("The stack `{}`, adopted from `{}`.", template.stack, template.label),
    };
    let functions = std::iter::once(define).chain(functions).collect();
    Module { doc, functions, modules, ..Module::default() }
}

impl Template {
    /// Returns the stack as an argument in the function that defines it.
    pub(super) fn stack_argument(&self) -> Expr {
        let stack = Expr::variable("stack");
        if self.is_nested { stack } else { stack.borrowed() }
    }

    /// Returns the number of statements that define the stack: its constructor, and its adoption.
    pub(super) fn n_stack_statements(&self) -> usize {
        if self.is_nested { 0 } else { 2 }
    }
}
