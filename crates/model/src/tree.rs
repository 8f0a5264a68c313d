//! The construct tree: one arena and handles that are cheap to clone. The arena is never borrowed while user code runs.
//!
//! Parents are stored before their children, so the definition order is a valid traversal order. [`Scope`] contains a
//! shared pointer to the tree and a node id. Only this module borrows the tree, and no method returns a borrow.

use std::any::{Any, TypeId};
use std::cell::RefCell;
use std::rc::Rc;

mod annotations;
mod exceptions;
mod existing;
mod id;
mod ids;
mod nodes;
mod settings;

pub use crate::at::At;
use crate::diag::Diagnostic;
use crate::hash::{FastMap, FastSet};
use crate::name;
use crate::node::{Edge, EdgeKind, Kind, Node};
use crate::val::{Attr, AttrName, Data, Deferred, Key, Val, Value};
pub use exceptions::Allowance;
pub use id::NodeId;
#[doc(hidden)]
pub use ids::IdRule;
pub use nodes::Nodes;
pub use settings::Settings;

/// A scope in the construct tree. Cloning it is cheap.
#[derive(Clone)]
pub struct Scope {
    tree: Rc<RefCell<Tree>>,
    id: NodeId,
}

/// A node of the tree: an app, a stack, a scope, or the handle of a construct.
pub trait Construct {
    /// Returns the scope of this construct.
    fn scope(&self) -> &Scope;

    /// Allows the findings of a rule at this construct and its descendants, until the end of a day (`YYYY-MM-DD`). The
    /// exception is recorded and expires automatically.
    ///
    /// If a type has its own `allow`, such as a role, call this method on its scope: `role.scope()`.
    #[track_caller]
    fn allow(&self, code: &str, reason: &str, until: &str) -> Allowance {
        self.scope().add_exception(code, reason, until, At::caller())
    }
}

/// The nodes in definition order, the edges between them, the diagnostics, and the app settings.
pub struct Tree {
    /// The nodes, parents before their children. The first is the app.
    pub nodes: Nodes,
    /// The calls, reads and writes between nodes.
    pub edges: Vec<Edge>,
    /// The diagnostics from building the tree.
    pub diagnostics: Vec<Diagnostic>,
    /// The settings of the app.
    pub settings: Settings,
    /// Whether a source file belongs to the library. Diagnostics do not refer to lines in such a file.
    is_library: fn(&str) -> bool,
    known_edges: FastSet<(NodeId, NodeId, EdgeKind, Option<u16>)>,
    by_name: FastMap<(NodeId, Box<str>), NodeId>,
    /// Nodes that a construct defines only once.
    singletons: FastMap<(NodeId, String), NodeId>,
    /// The regions of imports outside of stacks.
    regions: FastMap<NodeId, String>,
    /// Data that constructs store for a node, by type.
    kept: FastMap<(NodeId, TypeId), Box<dyn Any>>,
}

impl Construct for Scope {
    fn scope(&self) -> &Scope {
        self
    }
}

impl<C: Construct> Construct for &C {
    fn scope(&self) -> &Scope {
        (*self).scope()
    }
}

impl Scope {
    /// Creates the root of a new tree. `is_library` returns whether a file belongs to the library. A node that such a
    /// file defines has the source line of its construct.
    pub fn root(name: &str, at: At, is_library: fn(&str) -> bool) -> Self {
        let mut tree = Tree::of(Nodes::new(Node::new(name, None, at, Kind::App)), is_library);
        let root = tree.nodes.root();
        if !ids::valid_app_name(name) {
            tree.diagnostics.push(
                Diagnostic::error("MS0102", format!("`{name}` is not a valid name for an app")).at(at).help(
                    "use at most 63 letters, digits and `-`; begin with a letter, and end with a letter or digit",
                ),
            );
            tree.nodes[root].stand_in(root);
        }
        Self { tree: Rc::new(RefCell::new(tree)), id: root }
    }

    /// Defines a construct that groups the nodes below it.
    #[track_caller]
    pub fn construct(&self, id: &str) -> Scope {
        self.define(id, Kind::Construct)
    }

    /// Defines a construct like [`Scope::construct`], with additional requirements for its id.
    #[track_caller]
    #[doc(hidden)]
    pub fn construct_as(&self, id: &str, rule: IdRule) -> Scope {
        self.define_as(id, rule, Kind::Construct)
    }

    /// Defines a node with an explicit source location, such as a line of a manifest.
    #[doc(hidden)]
    pub fn define_at(&self, id: &str, kind: Kind, at: At) -> Scope {
        let id = self.tree.borrow_mut().define(self.id, id, IdRule::PLAIN, at, kind);
        Scope { tree: Rc::clone(&self.tree), id }
    }

    /// Defines a node.
    #[track_caller]
    #[doc(hidden)]
    pub fn define(&self, id: &str, kind: Kind) -> Scope {
        self.define_as(id, IdRule::PLAIN, kind)
    }

    /// Defines a node with additional requirements for its id.
    #[track_caller]
    #[doc(hidden)]
    pub fn define_as(&self, id: &str, rule: IdRule, kind: Kind) -> Scope {
        let mut tree = self.tree.borrow_mut();
        let at = tree.user_line(self.id, At::caller());
        let id = tree.define(self.id, id, rule, at, kind);
        Scope { tree: Rc::clone(&self.tree), id }
    }

    /// Returns the child with this id, if it is defined.
    pub fn child(&self, id: &str) -> Option<Scope> {
        let child = *self.tree.borrow().by_name.get(&(self.id, id.into()))?;
        Some(self.at_node(child))
    }

    /// Returns the scope stored under `key` for this node. If there is none, calls `make` and stores its result.
    #[doc(hidden)]
    pub fn singleton(&self, key: impl Into<String>, make: impl FnOnce() -> Scope) -> Scope {
        let key = (self.id, key.into());
        let known = self.tree.borrow().singletons.get(&key).copied();
        match known {
            Some(node) => self.at_node(node),
            None => {
                let made = make();
                self.tree.borrow_mut().singletons.insert(key, made.id);
                made
            }
        }
    }

    /// Changes the data of type `T` that a construct stores for this node. `change` must not call back into a scope.
    #[doc(hidden)]
    pub fn keep<T: Default + 'static, R>(&self, change: impl FnOnce(&mut T) -> R) -> R {
        let mut tree = self.tree.borrow_mut();
        let kept = tree.kept.entry((self.id, TypeId::of::<T>())).or_insert_with(|| Box::<T>::default());
        change(kept.downcast_mut().expect("it is kept by its type"))
    }

    /// Returns the node of this scope.
    pub fn node(&self) -> NodeId {
        self.id
    }

    /// Returns the line in the user's code that defined this node.
    #[doc(hidden)]
    pub fn at(&self) -> At {
        self.tree.borrow().nodes[self.id].at
    }

    /// Returns the scope of another node in the same tree. If the node belongs to another tree, reports an error and
    /// returns the scope of the app.
    #[doc(hidden)]
    pub fn at_node(&self, node: NodeId) -> Scope {
        if !self.tree.borrow().nodes.knows(node) {
            self.report(Diagnostic::other_app("one of its arguments is part"));
            return self.root_scope();
        }
        Scope { tree: Rc::clone(&self.tree), id: node }
    }

    /// Returns the scope of the app.
    #[doc(hidden)]
    pub fn root_scope(&self) -> Scope {
        Scope { tree: Rc::clone(&self.tree), id: self.tree.borrow().nodes.root() }
    }

    /// Returns the path relative to the app, such as `network/vpc/private-a`.
    pub fn path(&self) -> String {
        self.tree.borrow().path(self.id)
    }

    /// Returns the construct id, which is the last part of the path. If the id that the user wrote is invalid or a
    /// duplicate, returns its replacement.
    pub fn id(&self) -> String {
        self.tree.borrow().nodes[self.id].id.to_string()
    }

    /// Returns the name of the app.
    pub fn app_name(&self) -> String {
        self.root_scope().id()
    }

    /// Returns the region of the enclosing stack or the import, or a placeholder if it is unknown or invalid.
    pub fn region(&self) -> String {
        self.known_region().unwrap_or_else(|| name::ANY_REGION.to_owned())
    }

    /// Returns the region of the enclosing stack, or `None` outside of stacks: an import in the scope of the app may be
    /// in any region.
    pub fn region_of_stack(&self) -> Option<String> {
        self.stack_env(|_| ()).map(|()| self.region())
    }

    /// Returns the region of the enclosing stack, or else of the import, if it is known and valid.
    pub fn known_region(&self) -> Option<String> {
        let of_import = || {
            let tree = self.tree.borrow();
            let mut above = std::iter::successors(Some(self.id), |id| tree.nodes[*id].parent);
            above.find_map(|id| tree.regions.get(&id).cloned())
        };
        self.stack_env(|env| env.region.clone()).or_else(of_import).filter(|region| name::is_region(region))
    }

    /// Sets the region of an import. It has no effect in a stack.
    #[doc(hidden)]
    pub fn set_import_region(&self, region: &str) {
        self.tree.borrow_mut().regions.insert(self.id, region.to_owned());
    }

    /// Returns the account of the enclosing stack. The value is deferred if the stack does not specify one.
    pub fn account(&self) -> Val<String> {
        match self.stack_env(|env| env.account.clone()).flatten() {
            Some(account) => Val::Known(account),
            None => self.pseudo("AWS::AccountId"),
        }
    }

    /// Returns the partition (`aws`, `aws-cn`, …) of the enclosing stack.
    pub fn partition(&self) -> Val<String> {
        self.pseudo("AWS::Partition")
    }

    /// Returns an attribute of the node, as a value that the link pass resolves.
    pub fn attr<T: Value>(&self, name: impl Into<AttrName>) -> Val<T> {
        Val::Deferred(Deferred::Attr(Attr { node: self.id, name: name.into(), is_list: T::IS_LIST }))
    }

    /// Returns the enclosing stack, or this scope if there is none.
    pub fn stack(&self) -> Scope {
        let stack = self.tree.borrow().enclosing(self.id, |kind| matches!(kind, Kind::Stack(_)));
        self.at_node(stack.unwrap_or(self.id))
    }

    /// Adds an item to the list at `path` of this node. Freezing the tree sorts and inserts the items.
    pub fn add(&self, path: &'static str, item: impl Into<Data>) {
        let item = item.into();
        self.change(|node| node.additions.push((path, item)));
    }

    /// Sets a key of the map at `path` of this node. Two different values for the same key are an error.
    #[track_caller]
    pub fn put(&self, path: &'static str, key: impl Into<Key>, value: impl Into<Data>) {
        let (key, value, at) = (key.into(), value.into(), At::caller());
        let mut tree = self.tree.borrow_mut();
        let at = tree.user_line(self.id, at);
        let Some(body) = tree.nodes[self.id].kind.body_mut() else { return };
        let place = body.place(path);
        if !matches!(place, Data::Map(_)) {
            *place = Data::Map(Default::default());
        }
        let Data::Map(map) = place else { return };
        match map.get(&key) {
            Some(old) if *old != value => {
                let diagnostic = Diagnostic::error("MS0108", format!("`{key}` is set twice, to different values"))
                    .construct(tree.shown_path(self.id))
                    .at(at)
                    .help("remove one of the values, or use another name for the second value");
                tree.diagnostics.push(diagnostic);
            }
            _ => {
                map.set(key.clone(), value);
                tree.nodes[self.id].puts.push((path, key, at));
            }
        }
    }

    /// Records an edge of the platform graph, such as a call or a read.
    #[track_caller]
    #[doc(hidden)]
    pub fn edge(&self, edge: Edge) {
        let mut tree = self.tree.borrow_mut();
        if !tree.nodes.knows(edge.from) || !tree.nodes.knows(edge.to) {
            let diagnostic = Diagnostic::other_app("one of its arguments is part").at(edge.at);
            drop(tree);
            return self.report(diagnostic);
        }
        if tree.known_edges.insert((edge.from, edge.to, edge.kind, edge.port)) {
            tree.edges.push(edge);
        }
    }

    /// Returns the line in the user's code for a call with `#[track_caller]`.
    #[doc(hidden)]
    pub fn user_line(&self, caller: impl Into<At>) -> At {
        self.tree.borrow().user_line(self.id, caller.into())
    }

    /// Reports a mistake of the user. The program continues.
    pub fn report(&self, diagnostic: Diagnostic) {
        let mut tree = self.tree.borrow_mut();
        let path = tree.shown_path(self.id);
        let at = tree.nodes[self.id].at;
        tree.diagnostics.push(diagnostic.or_construct(path).or_at(at));
    }

    /// Changes the node of this scope.
    #[doc(hidden)]
    pub fn change(&self, change: impl FnOnce(&mut Node)) {
        change(&mut self.tree.borrow_mut().nodes[self.id]);
    }

    /// Changes the settings of the app.
    #[doc(hidden)]
    pub fn settings(&self, change: impl FnOnce(&mut Settings)) {
        change(&mut self.tree.borrow_mut().settings);
    }

    /// Moves the content out of the tree. Handles remain valid, but later definitions have no effect.
    #[doc(hidden)]
    pub fn take(&self) -> Tree {
        let mut tree = self.tree.borrow_mut();
        let shells = tree.nodes.map(|node| Node::new(&node.id, node.parent, node.at, Kind::Construct));
        let shell = Tree::of(shells, tree.is_library);
        std::mem::replace(&mut tree, shell)
    }

    /// Reads the whole tree. `read` must not call methods of a scope that change it.
    #[doc(hidden)]
    pub fn read<T>(&self, read: impl FnOnce(&Tree) -> T) -> T {
        read(&self.tree.borrow())
    }

    fn pseudo(&self, name: &'static str) -> Val<String> {
        self.stack().attr(name)
    }

    fn stack_env<T>(&self, read: impl FnOnce(&crate::Env) -> T) -> Option<T> {
        let tree = self.tree.borrow();
        let stack = tree.enclosing(self.id, |kind| matches!(kind, Kind::Stack(_)))?;
        match &tree.nodes[stack].kind {
            Kind::Stack(stack) => Some(read(&stack.env)),
            _ => None,
        }
    }
}

impl Tree {
    fn of(nodes: Nodes, is_library: fn(&str) -> bool) -> Self {
        Self {
            nodes,
            edges: Vec::new(),
            diagnostics: Vec::new(),
            settings: Settings::default(),
            is_library,
            known_edges: FastSet::default(),
            by_name: FastMap::default(),
            singletons: FastMap::default(),
            regions: FastMap::default(),
            kept: FastMap::default(),
        }
    }

    /// Returns the nearest node of a kind, starting at `node` and going up.
    pub fn enclosing(&self, node: NodeId, wanted: impl Fn(&Kind) -> bool) -> Option<NodeId> {
        let mut next = Some(node);
        while let Some(id) = next {
            if wanted(&self.nodes[id].kind) {
                return Some(id);
            }
            next = self.nodes[id].parent;
        }
        None
    }

    /// Returns the source line of a definition. If the library defines a node, returns the line of its construct.
    fn user_line(&self, parent: NodeId, caller: At) -> At {
        if (self.is_library)(caller.file()) { self.nodes[parent].at } else { caller }
    }
}
