//! What rules over regions ask: which resource a property refers to, and where a resource lies.

use crate::node::Resource;
use crate::synth::Model;
use crate::tree::NodeId;
use crate::val::{Bag, Data, Deferred};

/// The resource that a property refers to.
pub(super) fn source_of<'a>(model: &'a Model, props: &Bag, property: &str) -> Option<(NodeId, &'a Resource)> {
    let id = referred(props.at(property)?)?;
    Some((id, model.resource(id)?))
}

/// The region of the stack that a node belongs to.
pub(super) fn region(model: &Model, id: NodeId) -> Option<&str> {
    Some(model.stack(model.stack_of(id)?).env.region.as_str())
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
