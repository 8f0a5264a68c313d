//! The logical IDs that a stack keeps.

use crate::module::{Module, Table};
use crate::tree::{Expr, Statement};

/// The maximum number of logical IDs in the stack function. More are in tables in a separate file.
const MOST_INLINE: usize = 12;

/// The maximum number of rows in a table, so that its file has at most 400 lines.
const MOST_ROWS: usize = 180;

/// The name of the module with the tables.
pub(super) const MODULE: &str = "logical_ids";

/// Returns the statements that keep logical IDs, and the module with the tables if there are any. The rows are paths
/// within the stack and logical IDs.
pub(super) fn kept(rows: Vec<(String, String)>, stack: &str) -> (Vec<Statement>, Option<Module>) {
    let keep = |rows: Expr| Statement::of(Expr::variable("stack").method("logical_ids", [rows.borrowed()]));
    if rows.is_empty() {
        return (Vec::new(), None);
    }
    if rows.len() <= MOST_INLINE {
        let rows = rows.into_iter().map(|(path, id)| Expr::Tuple(vec![Expr::text(path), Expr::text(id)])).collect();
        return (vec![keep(Expr::Array(rows))], None);
    }
    let name = |idx: usize| if idx == 0 { "LOGICAL_IDS".to_owned() } else { format!("LOGICAL_IDS_{}", idx + 1) };
    let doc = "The logical ids that resources keep, by their paths within the stack.";
    let tables: Vec<Table> = rows
        .chunks(MOST_ROWS)
        .enumerate()
        .map(|(idx, rows)| Table { doc, name: name(idx), rows: rows.to_vec() })
        .collect();
    let statements = tables.iter().map(|it| keep(Expr::Path(format!("{MODULE}::{}", it.name).into()))).collect();
    let doc = format!("The logical ids of the stack `{stack}`.");
    (statements, Some(Module { doc, tables, ..Module::default() }))
}
