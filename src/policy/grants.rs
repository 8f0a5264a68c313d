//! The permissions of IAM policies, statement by statement.

use crate::facts::{self, resources::Identity};
use crate::hash::FastMap;
use crate::node::{EdgeKind, Resource};
use crate::synth::Model;
use crate::tree::{At, NodeId};
use crate::val::{Data, Deferred};

use super::document::{Document, texts};
use super::graph::Graph;

/// The permissions on one resource.
pub(super) struct Row {
    /// The principal.
    pub principal: NodeId,
    /// The role, user or group of the policy.
    pub identity: NodeId,
    /// The resource, if it is part of the platform.
    pub resource: Option<NodeId>,
    /// The resource as written in the policy. References are written as `${…}`.
    pub arn: String,
    pub actions: Vec<String>,
    pub at: At,
}

/// Returns the permissions of all identity policies, in the order of their definition.
pub(super) fn rows(model: &Model, graph: &Graph) -> Vec<Row> {
    let lines: FastMap<(NodeId, NodeId), At> =
        graph.rows.iter().filter(|row| row.kind == EdgeKind::Grant).map(|row| ((row.from, row.to), row.at)).collect();
    let mut found = Vec::new();
    for (id, node, resource) in model.resources() {
        for (identity, policy) in policies(id, resource) {
            let document = Document::read(policy);
            for statement in document.allowed() {
                let actions: Vec<String> = texts(statement.get("Action")).map(str::to_owned).collect();
                for arn in texts(statement.get("Resource")) {
                    let target = document.value(arn).and_then(attribute).map(|it| graph.component(model, it));
                    let principal = graph.component(model, identity);
                    let line = target.and_then(|it| lines.get(&(principal, it)).copied());
                    let at = line.unwrap_or(node.at);
                    let (actions, arn) = (actions.clone(), arn.to_owned());
                    found.push(Row { principal, identity, resource: target, arn, actions, at });
                }
            }
        }
    }
    found
}

/// Returns the identity policy documents, with their identities.
fn policies(id: NodeId, resource: &Resource) -> Vec<(NodeId, &Data)> {
    let identities = |keys: &[&str]| -> Vec<NodeId> {
        let named = keys.iter().filter_map(|key| resource.props.get(key));
        let all = named
            .flat_map(|data| if let Data::List(items) = data { items.as_slice() } else { std::slice::from_ref(data) });
        all.filter_map(|data| if let Data::Deferred(deferred) = data { attribute(deferred) } else { None }).collect()
    };
    match facts::resource(&resource.type_name).identity {
        Some(Identity::Principal) => {
            let inline = resource.props.get("Policies").map(Data::items).unwrap_or_default();
            inline.iter().filter_map(|it| Some((id, it.at("PolicyDocument")?))).collect()
        }
        Some(Identity::Policy) => {
            let Some(document) = resource.props.get("PolicyDocument") else { return Vec::new() };
            let of = identities(&["RoleName", "UserName", "GroupName", "Roles", "Users", "Groups"]);
            of.into_iter().map(|identity| (identity, document)).collect()
        }
        None => Vec::new(),
    }
}

/// Returns the node of an attribute value.
fn attribute(value: &Deferred) -> Option<NodeId> {
    match value {
        Deferred::Attr(attr) => Some(attr.node),
        Deferred::Piece { of, .. } | Deferred::Item { of, .. } | Deferred::Joined { of, .. } => attribute(of),
        Deferred::Text(_) | Deferred::Doc(_) | Deferred::Verbatim(_) => None,
    }
}
