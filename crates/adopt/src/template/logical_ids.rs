//! The logical IDs that a stack keeps.

use crate::Template;
use crate::module::{Module, Table};
use crate::tree::{Expr, Statement};

/// The maximum number of logical IDs in the stack function. More are in tables in a separate file.
const MOST_INLINE: usize = 12;

/// The maximum number of rows in a table, so that its file has at most 400 lines.
const MOST_ROWS: usize = 180;

/// The name of the module with the tables.
pub(super) const MODULE: &str = "logical_ids";

/// The calls that keep logical IDs.
pub(super) struct LogicalIds {
    /// The calls.
    statements: Vec<Statement>,
    /// The module with the tables, if there are many logical IDs.
    pub table: Option<Module>,
}

impl LogicalIds {
    /// Creates the calls for rows with paths within the stack and logical IDs.
    pub fn new(rows: Vec<(String, String)>, template: &Template) -> Self {
        let keep = |rows: Expr| Statement::of(Expr::variable("stack").method("logical_ids", [rows.borrowed()]));
        if rows.is_empty() {
            return Self { statements: Vec::new(), table: None };
        }
        if rows.len() <= MOST_INLINE {
            let rows = rows.into_iter().map(|(path, id)| Expr::Tuple(vec![Expr::text(path), Expr::text(id)])).collect();
            return Self { statements: vec![keep(Expr::Array(rows))], table: None };
        }
        let name = |idx: usize| if idx == 0 { "LOGICAL_IDS".to_owned() } else { format!("LOGICAL_IDS_{}", idx + 1) };
        let doc = "The logical ids that resources keep, by their paths within the stack.";
        let tables: Vec<Table> = rows
            .chunks(MOST_ROWS)
            .enumerate()
            .map(|(idx, rows)| Table { doc, name: name(idx), rows: rows.to_vec() })
            .collect();
        let statements = tables.iter().map(|it| keep(Expr::Path(format!("{MODULE}::{}", it.name).into()))).collect();
        let doc = format!("The logical ids of the stack `{}`.", template.stack);
        Self { statements, table: Some(Module { doc, tables, ..Module::default() }) }
    }

    /// Inserts the calls after the definition of the stack.
    pub fn insert(&self, statements: &mut Vec<Statement>, template: &Template) {
        let at = template.n_stack_statements();
        statements.splice(at..at, self.statements.iter().cloned());
    }
}
