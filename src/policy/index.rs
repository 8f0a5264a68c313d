//! The view of the platform for rules, with lookups that are computed when the first rule needs them.

use std::sync::OnceLock;

use crate::node::{Kind, Node, Object, Resource};
use crate::synth::Model;
use crate::tree::NodeId;

use super::exposures::{self, Exposure};
use super::grants;
use super::graph::Graph;

/// A linked platform with lookups for several rules.
pub(crate) struct Index<'a> {
    pub(super) model: &'a Model,
    graph: OnceLock<Graph>,
    grants: OnceLock<Vec<grants::Row>>,
    exposures: OnceLock<Vec<(NodeId, Exposure)>>,
    children: OnceLock<Vec<Vec<NodeId>>>,
}

impl<'a> Index<'a> {
    pub fn of(model: &'a Model) -> Self {
        let (graph, grants, exposures, children) = Default::default();
        Self { model, graph, grants, exposures, children }
    }

    pub(super) fn graph(&self) -> &Graph {
        self.graph.get_or_init(|| Graph::of(self.model))
    }

    pub(super) fn grants(&self) -> &[grants::Row] {
        self.grants.get_or_init(|| grants::rows(self.model, self.graph()))
    }

    pub(super) fn exposures(&self) -> &[(NodeId, Exposure)] {
        self.exposures.get_or_init(|| exposures::rows(self.model))
    }

    /// Returns the direct children of a node, in the order of definition.
    pub(super) fn children(&self, id: NodeId) -> &[NodeId] {
        let all = self.children.get_or_init(|| {
            let mut all = Vec::new();
            for (id, node) in self.model.all_nodes() {
                all.push(Vec::new());
                if let Some(above) = node.parent.filter(|_| !self.model.is_hidden(id)) {
                    all[above.idx()].push(id);
                }
            }
            all
        });
        &all[id.idx()]
    }
}

/// A node of the platform.
#[derive(Clone, Copy)]
pub(super) struct Place<'a> {
    pub index: &'a Index<'a>,
    pub id: NodeId,
}

impl<'a> Place<'a> {
    pub fn at(self, id: NodeId) -> Self {
        Self { id, ..self }
    }

    pub fn model(self) -> &'a Model {
        self.index.model
    }

    pub fn node(self) -> &'a Node {
        self.index.model.node(self.id)
    }

    pub fn resource(self) -> Option<&'a Resource> {
        match &self.node().kind {
            Kind::Resource(resource) => Some(resource),
            _ => None,
        }
    }

    pub fn object(self) -> Option<&'a Object> {
        match &self.node().kind {
            Kind::Object(object) => Some(object),
            _ => None,
        }
    }

    /// Returns the path of the construct. A main resource has the path of its construct.
    pub fn path(self) -> &'a str {
        self.index.model.construct(self.id)
    }
}
