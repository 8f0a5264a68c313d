//! The stacks that have a template.

use std::collections::BTreeSet;

use super::Link;
use super::Model;
use crate::node::Stack;
use crate::tree::NodeId;

/// Returns the stacks that have a template. A stack that contains only imports has none.
pub(super) fn stacks<'a>(model: &'a Model, link: &Link) -> Vec<(NodeId, &'a Stack)> {
    let with_resources: BTreeSet<NodeId> = model.resources().filter_map(|(id, ..)| model.stack_of(id)).collect();
    let has_values = |id: NodeId, stack: &Stack| {
        !stack.outputs.is_empty() || !stack.entries.is_empty() || link.outputs.get(&id).is_some_and(|it| !it.is_empty())
    };
    model.stacks().filter(|(id, stack)| with_resources.contains(id) || has_values(*id, stack)).collect()
}
