//! Referenced resources and regions, for rules about several regions.

use crate::diag::Diagnostic;
use crate::node::Resource;
use crate::synth::Model;
use crate::tree::NodeId;
use crate::val::{Bag, Data, Deferred};

/// Returns the resource that a property refers to.
pub(in crate::rules) fn source_of<'a>(model: &'a Model, props: &Bag, property: &str) -> Option<(NodeId, &'a Resource)> {
    let id = referred(props.at(property)?)?;
    Some((id, model.resource(id)?))
}

/// Returns the region of a node's stack, or `None` if it is unknown, as for a single template.
pub(in crate::rules) fn region(model: &Model, id: NodeId) -> Option<&str> {
    let stack = model.stack(model.stack_of(id)?);
    (!stack.is_region_assumed).then_some(stack.env.region.as_str())
}

/// Adds notes for the other stacks of a finding: up to three stacks and the number of further ones.
pub(in crate::rules) fn also(model: &Model, stacks: &[NodeId], mut diagnostic: Diagnostic) -> Diagnostic {
    const MOST_NAMED: usize = 3;
    let others = stacks.get(1..).unwrap_or_default();
    for id in others.iter().take(MOST_NAMED) {
        diagnostic = diagnostic.note_at(format!("stack `{}` is also affected", model.path(*id)), model.node(*id).at);
    }
    match others.len().saturating_sub(MOST_NAMED) {
        0 => diagnostic,
        n_more => diagnostic.note(format!("and {n_more} more")),
    }
}

fn referred(data: &Data) -> Option<NodeId> {
    match data {
        Data::Deferred(deferred) => match deferred.as_ref() {
            Deferred::Attr(attr) => Some(attr.node),
            _ => None,
        },
        _ => None,
    }
}
