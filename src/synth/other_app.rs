//! Reports values of another app, and replaces them with values of the reading node's own stack. Also replaces
//! placeholders for the stack of the reader with attributes of that stack.

use std::collections::BTreeSet;

use crate::diag::Diagnostic;
use crate::node::{Kind, Node};
use crate::tree::{At, NodeId, Nodes};
use crate::val::Attr;

use super::Model;

impl Model {
    /// Reports every value and dependency of another app, once for each line of the program. Other findings of such a
    /// line are consequences of it.
    pub(super) fn leave_other_apps(&mut self, diagnostics: &mut Vec<Diagnostic>) {
        let ids: Vec<NodeId> = self.nodes.with_ids().map(|(id, _)| id).collect();
        let mut told: Vec<(At, Diagnostic)> = Vec::new();
        for id in ids {
            let stand_in = self.stack_of(id).unwrap_or(self.nodes.root());
            let reader = self.target_of(id).and_then(|target| self.stack_of(target)).unwrap_or(stand_in);
            let found = leave(&mut self.nodes, id, (reader, stand_in));
            let at = self.node(id).at;
            if let Some(what) = found.first()
                && told.iter().all(|(other, _)| *other != at)
            {
                told.push((at, Diagnostic::other_app(what).construct(self.construct(id)).at(at)));
            }
        }
        let (root, stack_of) = (self.nodes.root(), &self.stack_of);
        for needed in &mut self.owner_tasks {
            let reader = stack_of[needed.node.idx()].unwrap_or(root);
            needed.each_attr_mut(&mut |attr| {
                if !root.is_beside(attr.node) {
                    attr.node = reader;
                }
            });
        }
        self.is_mixed = !told.is_empty();
        for (at, diagnostic) in told {
            let place = Some(at.into());
            diagnostics.retain(|it| it.place != place);
            diagnostics.push(diagnostic);
        }
    }
}

/// Replaces the values of other trees in a node, and returns descriptions of these values.
fn leave(nodes: &mut Nodes, id: NodeId, (reader, stand_in): (NodeId, NodeId)) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    let own = nodes.root();
    let is_own = move |id: NodeId| own.is_beside(id);
    let Node { kind, additions, target, diagram, .. } = &mut nodes[id];
    let mut visit = |attr: &mut Attr| {
        if attr.node == NodeId::READER {
            attr.node = reader;
        } else if !is_own(attr.node) {
            found.insert(format!("`{}` is an attribute", attr.name));
            attr.node = stand_in;
            attr.name = if attr.is_list { "AWS::NotificationARNs".into() } else { "AWS::StackName".into() };
        }
    };
    if let Some(body) = kind.body_mut() {
        body.each_attr_mut(&mut visit);
    }
    additions.iter_mut().for_each(|(_, item)| item.each_attr_mut(&mut visit));
    match kind {
        Kind::Stack(stack) => stack.outputs.iter_mut().for_each(|(_, value)| value.each_attr_mut(&mut visit)),
        Kind::Target(target) => target.name.each_attr_mut(&mut visit),
        _ => {}
    }
    if target.take_if(|target| !is_own(*target)).is_some() {
        found.insert("its cluster is part".to_owned());
    }
    let depends_on = match kind {
        Kind::Stack(stack) => Some(&mut stack.depends_on),
        Kind::Resource(resource) => Some(&mut resource.depends_on),
        Kind::Release(release) => Some(&mut release.depends_on),
        _ => None,
    };
    if let Some(depends_on) = depends_on {
        let before = depends_on.len();
        depends_on.retain(|other| is_own(*other));
        if depends_on.len() < before {
            found.insert("one of its dependencies is part".to_owned());
        }
    }
    if let Some(diagram) = diagram {
        diagram.within.take_if(|group| !is_own(*group));
    }
    found
}
