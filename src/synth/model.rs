//! The frozen tree: plain data with the names and places that passes ask for.

use std::collections::HashMap;

use crate::diag::Diagnostic;
use crate::name;
use crate::node::{Edge, Kind, Node, Object, Release, Resource, Stack, Target};
use crate::tree::{NodeId, Scope};
use crate::val::{Data, Deferred, Part};

/// A program's whole platform, no longer changing.
pub struct Model {
    /// The name of the app.
    pub app: String,
    /// Whether references between stacks of one account and region are guarded by exports.
    pub strong_references: bool,
    /// The role by which a stack reads outputs of another account.
    pub output_reader_role: String,
    nodes: Vec<Node>,
    edges: Vec<Edge>,
    stack_of: Vec<Option<NodeId>>,
    target_of: Vec<Option<NodeId>>,
    logical_ids: Vec<Option<String>>,
}

impl Model {
    /// Takes the tree out of the program's hands.
    pub(super) fn freeze(app: &Scope) -> (Model, Vec<Diagnostic>) {
        let tree = app.take();
        let nodes = tree.nodes;
        assert!(!nodes.is_empty(), "an app is synthesized once: `synth` was called before");
        let (mut stack_of, mut target_of) = (Vec::with_capacity(nodes.len()), Vec::with_capacity(nodes.len()));
        let mut namespace_of: Vec<Option<Box<str>>> = Vec::with_capacity(nodes.len());
        for (idx, node) in nodes.iter().enumerate() {
            let id = NodeId(idx as u32);
            let above = node.parent.map(NodeId::idx);
            let is_stack = matches!(node.kind, Kind::Stack(_));
            stack_of.push(if is_stack { Some(id) } else { above.and_then(|above| stack_of[above]) });
            target_of.push(node.target.or_else(|| above.and_then(|above| target_of[above])));
            namespace_of.push(node.namespace.clone().or_else(|| above.and_then(|above| namespace_of[above].clone())));
        }
        let app = nodes[0].id.to_string();
        let logical_ids = Vec::new();
        let mut model = Model {
            app,
            strong_references: !tree.settings.weak_references,
            output_reader_role: tree.settings.output_reader_role,
            nodes, edges: tree.edges, stack_of, target_of, logical_ids
        };
        model.place_objects(&namespace_of);
        model.fold_additions();
        let mut diagnostics = tree.diagnostics;
        model.name_resources(&mut diagnostics);
        (model, diagnostics)
    }

    /// Objects without a namespace of their own take that of their scope.
    fn place_objects(&mut self, namespace_of: &[Option<Box<str>>]) {
        for (node, namespace) in self.nodes.iter_mut().zip(namespace_of) {
            if let Kind::Object(object) = &mut node.kind
                && object.namespaced
                && object.namespace.is_none()
            {
                object.namespace = namespace.as_deref().map(str::to_owned);
            }
        }
    }

    /// Sorts what constructs added to a list, so that their order in the program means nothing.
    fn fold_additions(&mut self) {
        for idx in 0..self.nodes.len() {
            let additions = std::mem::take(&mut self.nodes[idx].additions);
            if additions.is_empty() {
                continue;
            }
            let mut keyed: Vec<_> =
                additions.into_iter().map(|(path, item)| (path, self.canonical(&item), item)).collect();
            keyed.sort_by(|a, b| (a.0, &a.1).cmp(&(b.0, &b.1)));
            keyed.dedup_by(|a, b| a.0 == b.0 && a.1 == b.1);
            let Some(body) = self.nodes[idx].kind.body_mut() else { continue };
            for (path, _, item) in keyed {
                match body.place(path) {
                    Data::List(items) => items.push(item),
                    place => *place = Data::List(vec![item]),
                }
            }
        }
    }

    fn name_resources(&mut self, diagnostics: &mut Vec<Diagnostic>) {
        let mut names = vec![None; self.nodes.len()];
        let mut taken: HashMap<(NodeId, String), NodeId> = HashMap::new();
        for (id, node, resource) in self.resources() {
            let Some(stack) = self.stack_of(id) else {
                diagnostics.push(
                    self.error(id, "MS0103", format!("`{}` is defined outside of a stack", resource.type_name))
                        .help("define it in a `Stack`, or in a construct of one"),
                );
                continue;
            };
            let name = resource.logical_id.clone().unwrap_or_else(|| name::logical_id(&self.path_in_stack(id)));
            if let Some(other) = taken.insert((stack, name.clone()), id) {
                diagnostics.push(
                    Diagnostic::error("MS0101", format!("the logical id `{name}` is given to two resources"))
                        .construct(self.path(id))
                        .at(node.at)
                        .note_at(format!("`{}` has it too", self.path(other)), self.node(other).at)
                        .help("give one of them another id"),
                );
            }
            names[id.idx()] = Some(name);
        }
        self.logical_ids = names;
    }

    /// A text that is the same for the same data, whatever the order of definition.
    fn canonical(&self, data: &Data) -> String {
        match data {
            Data::List(items) => items.iter().map(|item| self.canonical(item) + ",").collect(),
            Data::Map(bag) => {
                let mut keys: Vec<_> = bag.iter().collect();
                keys.sort_by_key(|(key, _)| *key);
                keys.into_iter().map(|(key, value)| format!("{key}:{},", self.canonical(value))).collect()
            }
            Data::Deferred(deferred) => self.canonical_deferred(deferred),
            Data::Secret(secret) => format!("{secret:?}"),
            scalar => scalar.to_text(),
        }
    }

    fn canonical_deferred(&self, deferred: &Deferred) -> String {
        match deferred {
            Deferred::Attr(attr) => format!("{}.{}", self.path(attr.node), attr.name),
            Deferred::Piece { of, separator, index } => {
                format!("{}[{separator}{index}]", self.canonical_deferred(of))
            }
            Deferred::Text(parts) | Deferred::Doc(parts) => parts
                .iter()
                .map(|part| match part {
                    Part::Text(text) => text.to_string(),
                    Part::Value(value) => self.canonical_deferred(value),
                })
                .collect(),
        }
    }

    /// A node.
    pub fn node(&self, id: NodeId) -> &Node {
        &self.nodes[id.idx()]
    }

    /// All nodes in the order of definition.
    pub fn nodes(&self) -> impl Iterator<Item = (NodeId, &Node)> {
        self.nodes.iter().enumerate().map(|(idx, node)| (NodeId(idx as u32), node))
    }

    /// All stacks.
    pub fn stacks(&self) -> impl Iterator<Item = (NodeId, &Stack)> {
        self.nodes().filter_map(|(id, node)| match &node.kind {
            Kind::Stack(stack) => Some((id, stack)),
            _ => None,
        })
    }

    /// All CloudFormation resources.
    pub fn resources(&self) -> impl Iterator<Item = (NodeId, &Node, &Resource)> {
        self.nodes().filter_map(|(id, node)| match &node.kind {
            Kind::Resource(resource) => Some((id, node, resource.as_ref())),
            _ => None,
        })
    }

    /// All CloudFormation resources of a type.
    pub fn of_type<'a>(&'a self, type_name: &'a str) -> impl Iterator<Item = (NodeId, &'a Resource)> {
        self.resources().filter(move |(.., it)| it.type_name == type_name).map(|(id, _, it)| (id, it))
    }

    /// All Kubernetes objects.
    pub fn objects(&self) -> impl Iterator<Item = (NodeId, &Node, &Object)> {
        self.nodes().filter_map(|(id, node)| match &node.kind {
            Kind::Object(object) => Some((id, node, object.as_ref())),
            _ => None,
        })
    }

    /// All Kubernetes objects of a kind.
    pub fn of_kind<'a>(&'a self, kind: &'a str) -> impl Iterator<Item = (NodeId, &'a Object)> {
        self.objects().filter(move |(.., it)| it.kind == kind).map(|(id, _, it)| (id, it))
    }

    /// All Kubernetes clusters.
    pub fn targets(&self) -> impl Iterator<Item = (NodeId, &Target)> {
        self.nodes().filter_map(|(id, node)| match &node.kind {
            Kind::Target(target) => Some((id, target)),
            _ => None,
        })
    }

    /// All Helm releases.
    pub fn releases(&self) -> impl Iterator<Item = (NodeId, &Release)> {
        self.nodes().filter_map(|(id, node)| match &node.kind {
            Kind::Release(release) => Some((id, release.as_ref())),
            _ => None,
        })
    }

    /// The edges of the platform's graph.
    pub fn edges(&self) -> &[Edge] {
        &self.edges
    }

    /// The stack that a node belongs to.
    pub fn stack_of(&self, id: NodeId) -> Option<NodeId> {
        self.stack_of[id.idx()]
    }

    /// The stack itself.
    pub fn stack(&self, id: NodeId) -> &Stack {
        match &self.node(id).kind {
            Kind::Stack(stack) => stack,
            _ => panic!("`{}` is no stack", self.path(id)),
        }
    }

    /// The resource that an id names, if it is one.
    pub fn resource(&self, id: NodeId) -> Option<&Resource> {
        match &self.node(id).kind {
            Kind::Resource(resource) => Some(resource),
            _ => None,
        }
    }

    /// The cluster that a node's objects go to.
    pub fn target_of(&self, id: NodeId) -> Option<NodeId> {
        self.target_of[id.idx()]
    }

    /// The logical id of a resource.
    pub fn logical_id(&self, id: NodeId) -> &str {
        self.logical_ids[id.idx()].as_deref().unwrap_or_default()
    }

    /// The path of a node from the app.
    pub fn path(&self, id: NodeId) -> String {
        self.path_below(id, |node| node.parent.is_none())
    }

    /// The path of a node from its stack.
    pub fn path_in_stack(&self, id: NodeId) -> String {
        self.path_below(id, |node| matches!(node.kind, Kind::Stack(_)) || node.parent.is_none())
    }

    fn path_below(&self, id: NodeId, is_top: impl Fn(&Node) -> bool) -> String {
        let mut parts = Vec::new();
        let mut node = self.node(id);
        while !is_top(node) {
            parts.push(node.id.as_ref());
            match node.parent {
                Some(parent) => node = self.node(parent),
                None => break,
            }
        }
        parts.reverse();
        parts.join("/")
    }

    /// An error about a node, with its path and the user's line.
    pub fn error(&self, id: NodeId, code: &'static str, message: impl Into<String>) -> Diagnostic {
        Diagnostic::error(code, message).construct(self.path(id)).at(self.node(id).at)
    }

    /// A warning about a node, with its path and the user's line.
    pub fn warning(&self, id: NodeId, code: &'static str, message: impl Into<String>) -> Diagnostic {
        Diagnostic::warning(code, message).construct(self.path(id)).at(self.node(id).at)
    }
}
