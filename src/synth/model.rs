//! The frozen tree: plain data with names and lookups for the passes.

use crate::diag::{Diagnostic, Severity};
use crate::exception::{ConfiguredException, Exception};
use crate::facts::{self, ResourceFacts, TypeFacts};
use crate::hash::FastMap;
use crate::node::{Edge, Kind, Node, Object, Release, Resource, Stack, Target};
use crate::owner_task::NeededTask;
use crate::tree::{NodeId, Nodes};
use meshsynth_model::reach_rule::ReachRule;

/// A program's whole platform, immutable.
pub struct Model {
    /// The name of the app.
    pub app: String,
    /// Whether references between stacks of one account and region use exports, which CloudFormation protects against
    /// deletion.
    pub strong_references: bool,
    /// The role with which a stack reads outputs of another account.
    pub output_reader_role: String,
    /// Whether the clusters may contain more than the model.
    pub is_open: bool,
    /// Whether the program uses values of another app. Most findings of rules are then consequences of this error.
    pub(super) is_mixed: bool,
    pub(super) nodes: Nodes,
    pub(super) edges: Vec<Edge>,
    pub(super) stack_of: Vec<Option<NodeId>>,
    pub(super) target_of: Vec<Option<NodeId>>,
    pub(super) paths: Vec<Box<str>>,
    pub(super) logical_ids: Vec<Option<String>>,
    /// Whether each node is hidden, by its index. Empty if all nodes are visible.
    pub(super) hidden: Vec<bool>,
    pub(super) places: Places,
    /// The exceptions of the program.
    pub(super) exceptions: Vec<Exception>,
    /// The exceptions of the project configuration.
    pub(super) configured: Vec<ConfiguredException>,
    /// The tasks of owners of existing resources.
    pub(super) owner_tasks: Vec<NeededTask>,
    /// The required and forbidden connections.
    pub(super) reach: Vec<ReachRule>,
    /// Overridden severities of findings, by code.
    pub(super) severities: Vec<(String, Option<Severity>)>,
}

/// The indexes of resources by type and of objects by kind. Most rules need only a few nodes.
#[derive(Default)]
pub(super) struct Places {
    resources: Vec<NodeId>,
    objects: Vec<NodeId>,
    by_type: FastMap<String, Vec<NodeId>>,
    by_kind: FastMap<String, Vec<NodeId>>,
    /// Kinds with objects of several groups, such as `Gateway`.
    shared_kinds: Vec<String>,
    /// The facts about the types, by node index.
    facts: Vec<Option<&'static TypeFacts>>,
}

impl Places {
    /// Indexes all nodes. Later passes do not change their types and kinds.
    pub(super) fn of(nodes: &Nodes) -> Self {
        let mut places = Self { facts: vec![None; nodes.iter().len()], ..Self::default() };
        let mut known: FastMap<&str, Option<&'static TypeFacts>> = FastMap::default();
        for (id, node) in nodes.with_ids() {
            match &node.kind {
                Kind::Resource(resource) => {
                    let name = resource.type_name.as_ref();
                    let facts = known.entry(name).or_insert_with(|| facts::cloudformation(name));
                    places.facts[id.idx()] = *facts;
                    places.resources.push(id);
                    add(&mut places.by_type, name, id);
                }
                Kind::Object(object) => {
                    places.objects.push(id);
                    add(&mut places.by_kind, &object.kind, id);
                }
                _ => {}
            }
        }
        let mut groups: FastMap<&str, &str> = FastMap::default();
        for id in &places.objects {
            let Kind::Object(object) = &nodes[*id].kind else { continue };
            let group = object.api_version.split_once('/').map_or("", |(group, _)| group);
            let known = *groups.entry(&object.kind).or_insert(group);
            if known != group && !places.shared_kinds.iter().any(|it| **it == *object.kind) {
                places.shared_kinds.push(object.kind.to_string());
            }
        }
        places
    }

    /// Returns the facts about the type of each node.
    pub(super) fn facts(&self) -> impl Iterator<Item = Option<&'static TypeFacts>> {
        self.facts.iter().copied()
    }
}

fn add(places: &mut FastMap<String, Vec<NodeId>>, name: &str, id: NodeId) {
    match places.get_mut(name) {
        Some(known) => known.push(id),
        None => drop(places.insert(name.to_owned(), vec![id])),
    }
}

impl Model {
    /// Returns the app.
    pub fn root(&self) -> NodeId {
        self.nodes.root()
    }

    /// Returns a node.
    pub fn node(&self, id: NodeId) -> &Node {
        &self.nodes[id]
    }

    /// Returns all visible nodes in the order of definition.
    pub fn nodes(&self) -> impl Iterator<Item = (NodeId, &Node)> {
        self.nodes.with_ids().filter(|(id, _)| !self.is_hidden(*id))
    }

    /// Returns all nodes including hidden ones, so that the position of each is its index.
    pub fn all_nodes(&self) -> impl Iterator<Item = (NodeId, &Node)> {
        self.nodes.with_ids()
    }

    /// Returns all stacks.
    pub fn stacks(&self) -> impl Iterator<Item = (NodeId, &Stack)> {
        self.nodes().filter_map(|(id, node)| match &node.kind {
            Kind::Stack(stack) => Some((id, stack)),
            _ => None,
        })
    }

    /// Returns the stack that deploys a nested stack, or the node itself if it is not a nested stack.
    pub fn deployed_with(&self, id: NodeId) -> NodeId {
        let parent = match &self.node(id).kind {
            Kind::Stack(stack) => stack.nested_in.and_then(|resource| self.stack_of(resource)),
            _ => None,
        };
        parent.map_or(id, |parent| self.deployed_with(parent))
    }

    /// Whether a cluster exists outside of the program, which then defines only a part of its objects.
    pub fn is_imported(&self, target: NodeId) -> bool {
        matches!(&self.node(target).kind, Kind::Target(it) if it.is_bare || it.place.is_some())
    }

    /// Returns all CloudFormation resources.
    pub fn resources(&self) -> impl Iterator<Item = (NodeId, &Node, &Resource)> {
        self.resources_at(&self.places.resources)
    }

    fn resources_at<'a>(&'a self, ids: &'a [NodeId]) -> impl Iterator<Item = (NodeId, &'a Node, &'a Resource)> {
        ids.iter().filter(|id| !self.is_hidden(**id)).filter_map(|id| {
            let node = self.node(*id);
            match &node.kind {
                Kind::Resource(resource) => Some((*id, node, resource.as_ref())),
                _ => None,
            }
        })
    }

    /// Returns all CloudFormation resources of a type.
    pub fn of_type<'a>(&'a self, type_name: &'a str) -> impl Iterator<Item = (NodeId, &'a Resource)> {
        let ids = self.places.by_type.get(type_name).map(Vec::as_slice).unwrap_or_default();
        self.resources_at(ids).map(|(id, _, it)| (id, it))
    }

    /// Returns the CloudFormation resources whose types have certain facts, in the order of definition.
    pub fn resources_with(&self, is_it: impl Fn(&ResourceFacts) -> bool) -> impl Iterator<Item = (NodeId, &Resource)> {
        let types = self.places.by_type.iter().filter(|(name, _)| is_it(facts::resource(name)));
        let mut ids: Vec<NodeId> = types.flat_map(|(_, ids)| ids.iter().copied()).collect();
        ids.sort_unstable();
        ids.into_iter().filter(|id| !self.is_hidden(*id)).filter_map(|id| Some((id, self.resource(id)?)))
    }

    /// Returns the resources of a type, or all of them.
    pub fn ids_of_type(&self, type_name: Option<&str>) -> impl Iterator<Item = NodeId> + use<'_> {
        let of_type = |name| self.places.by_type.get(name).map(Vec::as_slice).unwrap_or_default();
        let ids = type_name.map_or(&*self.places.resources, of_type);
        ids.iter().copied().filter(|id| !self.is_hidden(*id))
    }

    /// Returns the objects of a kind, or all of them.
    pub fn ids_of_kind(&self, kind: Option<&str>) -> impl Iterator<Item = NodeId> + use<'_> {
        let of_kind = |name| self.places.by_kind.get(name).map(Vec::as_slice).unwrap_or_default();
        let ids = kind.map_or(&*self.places.objects, of_kind);
        ids.iter().copied().filter(|id| !self.is_hidden(*id))
    }

    /// Returns the facts about the type of a resource, or `None` if it is not a resource or its type is unknown.
    pub fn facts(&self, id: NodeId) -> Option<&'static TypeFacts> {
        // A node of another tree is treated as the app node, which has no facts.
        self.places.facts[if self.nodes.knows(id) { id.idx() } else { 0 }]
    }

    /// Returns all Kubernetes objects.
    pub fn objects(&self) -> impl Iterator<Item = (NodeId, &Node, &Object)> {
        self.objects_at(&self.places.objects)
    }

    fn objects_at<'a>(&'a self, ids: &'a [NodeId]) -> impl Iterator<Item = (NodeId, &'a Node, &'a Object)> {
        ids.iter().filter(|id| !self.is_hidden(**id)).filter_map(|id| {
            let node = self.node(*id);
            match &node.kind {
                Kind::Object(object) => Some((*id, node, object.as_ref())),
                _ => None,
            }
        })
    }

    /// Returns all Kubernetes objects of a kind.
    pub fn of_kind<'a>(&'a self, kind: &'a str) -> impl Iterator<Item = (NodeId, &'a Object)> {
        let ids = self.places.by_kind.get(kind).map(Vec::as_slice).unwrap_or_default();
        self.objects_at(ids).map(|(id, _, it)| (id, it))
    }

    /// Whether objects of several groups have a kind of this name.
    pub(super) fn is_shared(&self, kind: &str) -> bool {
        self.places.shared_kinds.iter().any(|it| it == kind)
    }

    /// Returns all Kubernetes clusters.
    pub fn targets(&self) -> impl Iterator<Item = (NodeId, &Target)> {
        self.nodes().filter_map(|(id, node)| match &node.kind {
            Kind::Target(target) => Some((id, target)),
            _ => None,
        })
    }

    /// Returns all Helm releases.
    pub fn releases(&self) -> impl Iterator<Item = (NodeId, &Release)> {
        self.nodes().filter_map(|(id, node)| match &node.kind {
            Kind::Release(release) => Some((id, release.as_ref())),
            _ => None,
        })
    }

    /// Returns the edges of the platform's graph.
    pub fn edges(&self) -> impl Iterator<Item = &Edge> {
        self.edges.iter().filter(|edge| !self.is_hidden(edge.from) && !self.is_hidden(edge.to))
    }

    /// Returns the tasks of owners of existing resources.
    pub(super) fn owner_tasks(&self) -> impl Iterator<Item = &NeededTask> {
        self.owner_tasks.iter().filter(|needed| !self.is_hidden(needed.node))
    }

    /// Whether a node is hidden.
    pub fn is_hidden(&self, id: NodeId) -> bool {
        self.hidden.get(id.idx()).is_some_and(|is_hidden| *is_hidden)
    }

    /// Returns the stack of a node.
    pub fn stack_of(&self, id: NodeId) -> Option<NodeId> {
        self.stack_of[id.idx()]
    }

    /// Returns the stack with this id.
    pub fn stack(&self, id: NodeId) -> &Stack {
        match &self.node(id).kind {
            Kind::Stack(stack) => stack,
            _ => panic!("`{}` is not a stack", self.path(id)),
        }
    }

    /// Returns the resource with this id, or `None` if the node is not a resource.
    pub fn resource(&self, id: NodeId) -> Option<&Resource> {
        match &self.node(id).kind {
            Kind::Resource(resource) => Some(resource),
            _ => None,
        }
    }

    /// Returns the cluster of a node's objects.
    pub fn target_of(&self, id: NodeId) -> Option<NodeId> {
        self.target_of[id.idx()]
    }

    /// Returns the logical id of a resource.
    pub fn logical_id(&self, id: NodeId) -> &str {
        self.logical_ids[id.idx()].as_deref().unwrap_or_default()
    }

    /// Returns the path of a node, relative to the app.
    pub fn path(&self, id: NodeId) -> &str {
        &self.paths[id.idx()]
    }

    /// Returns the documented path of a construct. A main resource has the path of its construct.
    pub fn construct(&self, id: NodeId) -> &str {
        let path = self.path(id);
        path.strip_suffix("/resource").unwrap_or(path)
    }

    /// Returns an error about a node, with its path and its line in the program.
    pub fn error(&self, id: NodeId, code: &'static str, message: impl Into<String>) -> Diagnostic {
        Diagnostic::error(code, message).construct(self.construct(id)).at(self.node(id).at)
    }

    /// Returns an error about a path in a node's body. It refers to the program line that sets this path, if there is
    /// one.
    pub fn error_in(&self, id: NodeId, place: &str, code: &'static str, message: impl Into<String>) -> Diagnostic {
        let is_there = |path: &str, key: &str| {
            place.strip_prefix(path).and_then(|rest| rest.strip_prefix('.')).is_some_and(|rest| rest == key)
        };
        let put = self.node(id).puts.iter().find(|(path, key, _)| is_there(path, key));
        let diagnostic = self.error(id, code, message);
        match put {
            Some((_, _, at)) => diagnostic.at(*at),
            None => diagnostic,
        }
    }

    /// Returns a warning about a node, with its path and its line in the program.
    pub fn warning(&self, id: NodeId, code: &'static str, message: impl Into<String>) -> Diagnostic {
        Diagnostic::warning(code, message).construct(self.construct(id)).at(self.node(id).at)
    }
}
