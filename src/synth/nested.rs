//! The border of a nested stack, which values cross only as parameters and outputs.

use crate::diag::Diagnostic;
use crate::tree::NodeId;

use super::Model;

/// Returns an error if a value leaves or enters a nested stack without an output or a parameter.
pub(super) fn border_crossed(model: &Model, reader: NodeId, stack: NodeId, from: NodeId) -> Option<Diagnostic> {
    let is_nested = |stack: NodeId| model.stack(stack).nested_in.is_some();
    let (message, help) = match (is_nested(stack), is_nested(from)) {
        (false, false) => return None,
        (_, true) => (
            format!("it reads a value of the nested stack `{}` directly", model.path(from)),
            "define an output in the nested stack, and read it with `output`",
        ),
        (true, false) => (
            format!("the nested stack reads a value of the stack `{}` directly", model.path(from)),
            "define a parameter in the nested stack, and pass the value as the parameter",
        ),
    };
    Some(model.error(reader, "MS0145", message).help(help))
}
