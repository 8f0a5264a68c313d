//! The logical ids that resources keep from an earlier deployment of their stack.

use std::cell::Cell;

use super::model::Model;
use crate::diag::Diagnostic;
use crate::hash::FastMap;
use crate::node::LogicalId;
use crate::tree::NodeId;

/// The kept logical ids of all stacks, by stack and path.
pub(super) struct KeptIds<'a> {
    rows: FastMap<(NodeId, &'a str), Row<'a>>,
    twice: Vec<Diagnostic>,
}

struct Row<'a> {
    row: &'a LogicalId,
    construct: String,
    is_matched: Cell<bool>,
}

impl<'a> KeptIds<'a> {
    /// Returns the kept logical ids of a model.
    pub fn of(model: &'a Model) -> Self {
        let mut kept = Self { rows: FastMap::default(), twice: Vec::new() };
        for (id, stack) in model.stacks() {
            for row in &stack.logical_ids {
                let construct = format!("{}/{}", model.path(id), row.path);
                if let Some(other) = kept.rows.get(&(id, row.path.as_str())) {
                    let message = format!(
                        "the table of logical ids has two rows for `{}`: `{}` and `{}`",
                        row.path, other.row.id, row.id
                    );
                    let diagnostic = Diagnostic::error("MS0143", message).construct(construct).at(row.at);
                    kept.twice.push(diagnostic.help("keep the row with the id that is deployed"));
                    continue;
                }
                kept.rows.insert((id, &row.path), Row { row, construct, is_matched: Cell::new(false) });
            }
        }
        kept
    }

    /// Returns the kept logical id of a resource, by its path within the stack.
    pub fn get(&self, stack: NodeId, path: &str) -> Option<String> {
        if self.rows.is_empty() {
            return None;
        }
        let main = path.strip_suffix("/resource").or_else(|| path.strip_suffix("/default"));
        let row = [Some(path), main].into_iter().flatten().find_map(|path| self.rows.get(&(stack, path)))?;
        row.is_matched.set(true);
        Some(row.row.id.clone())
    }

    /// Returns the errors in the tables of logical ids: rows without a resource, and duplicate rows.
    pub fn unmatched(self) -> Vec<Diagnostic> {
        let mut rows: Vec<Row<'_>> = self.rows.into_values().filter(|row| !row.is_matched.get()).collect();
        rows.sort_by(|one, other| one.construct.cmp(&other.construct));
        let unmatched = rows.into_iter().map(|row| {
            let message = format!(
                "the logical id `{}` is set for the path `{}`, which has no resource",
                row.row.id, row.row.path
            );
            Diagnostic::error("MS0143", message)
                .construct(row.construct)
                .at(row.row.at)
                .help("remove the row if the resource is to be deleted; otherwise correct the path within the stack")
        });
        unmatched.chain(self.twice).collect()
    }
}
