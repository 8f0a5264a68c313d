//! The parameters of a stack in several files: a struct that the parts receive.

use std::collections::BTreeSet;

use crate::Template;
use crate::module::{Module, Record};
use crate::tree::{Expr, Line, Param, Statement, layout};

/// The name of the module with the struct, and of the variable.
pub(super) const MODULE: &str = "parameters";

/// The path of the struct.
const PATH: &str = "super::parameters::Parameters";

/// The parameters of a stack.
pub(super) struct Parameters {
    /// The definitions, each of a used or an unused parameter.
    statements: Vec<Statement>,
    /// The variables of the used parameters.
    names: BTreeSet<String>,
}

impl Parameters {
    /// Creates the parameters from their statements.
    pub fn of(statements: Vec<Statement>) -> Self {
        let names = statements.iter().flat_map(Statement::defines).map(str::to_owned).collect();
        Self { statements, names }
    }

    /// Returns the approximate number of lines of the definitions.
    pub fn n_lines(statements: &[Statement]) -> usize {
        statements.iter().map(layout::n_lines).sum()
    }

    /// Returns the statement that defines all parameters, if there are any.
    pub fn statement(&self) -> Option<Statement> {
        let define = Expr::call(format!("{MODULE}::Parameters::define"), [Expr::Scope]);
        let is_used = !self.names.is_empty();
        let statement = if is_used { Statement::define(MODULE, define) } else { Statement::of(define) };
        (!self.statements.is_empty()).then_some(statement)
    }

    /// Returns the name of the module, if there is one.
    pub fn module_name(&self) -> Option<String> {
        (!self.statements.is_empty()).then(|| MODULE.to_owned())
    }

    /// Replaces the variables of parameters by fields of the struct. Returns whether there were any.
    pub fn fields(&self, statements: &mut [Statement]) -> bool {
        let mut has_field = false;
        for statement in statements {
            statement.change(&mut |it| {
                if let Expr::Variable(name) = it
                    && self.names.contains(name)
                {
                    *it = Expr::Field(MODULE, std::mem::take(name));
                    has_field = true;
                }
            });
        }
        has_field
    }

    /// Returns the module with the struct.
    pub fn module(&self, template: &Template) -> Option<Module> {
        let mut record = Record { name: "Parameters", fields: Vec::new(), others: Vec::new() };
        for statement in &self.statements {
            let mut statement = statement.clone();
            crate::passes::settle::settle(std::slice::from_mut(&mut statement), &Expr::variable("stack"), &|_| true);
            match statement.lines.pop() {
                Some(Line::Let { name, value, .. }) => record.fields.push((name, value, statement.comments)),
                Some(line) => record.others.push(Statement { lines: vec![line], ..statement }),
                None => {}
            }
        }
        let doc = format!("The parameters of the stack `{}`.", template.stack);
        self.module_name().map(|_| Module { doc, record: Some(record), ..Module::default() })
    }
}

/// Returns the function parameter for the struct.
pub(super) fn param() -> Param {
    Param::reference(MODULE, PATH)
}
