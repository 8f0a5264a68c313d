//! Freezing: converts the tree to plain data with final names and locations.

use crate::diag::Diagnostic;
use crate::facts::Tags;
use crate::hash::FastMap;
use crate::name;
use crate::node::{Kind, Node};
use crate::tree::{NodeId, Scope};
use crate::val::{Bag, Data, Deferred, Part};

use super::kept_ids::KeptIds;
use super::model::Places;
use super::text::sorted;
use super::{Model, foreign};

impl Model {
    /// Converts the tree of the program.
    pub(super) fn freeze(app: &Scope) -> (Model, Vec<Diagnostic>) {
        let tree = app.take();
        let nodes = tree.nodes;
        let (mut stack_of, mut target_of) =
            (Vec::with_capacity(nodes.iter().len()), Vec::with_capacity(nodes.iter().len()));
        let mut namespace_of: Vec<Option<Box<str>>> = Vec::with_capacity(nodes.iter().len());
        let mut paths: Vec<Box<str>> = Vec::with_capacity(nodes.iter().len());
        // If no ID was substituted, the internal paths and the paths in the program are equal.
        let has_stand_ins = nodes.iter().any(|node| node.written_id.is_some());
        let mut ids: Vec<Box<str>> = Vec::new();
        for (idx, node) in nodes.iter().enumerate() {
            let id = nodes.id(idx);
            let above = node.parent.map(NodeId::idx);
            paths.push(joined(above.map(|above| &*paths[above]), node.shown()));
            if has_stand_ins {
                ids.push(joined(above.map(|above| &*ids[above]), &node.id));
            }
            let is_stack = matches!(node.kind, Kind::Stack(_));
            stack_of.push(if is_stack { Some(id) } else { above.and_then(|above| stack_of[above]) });
            let target = node.target.filter(|target| nodes.knows(*target));
            target_of.push(target.or_else(|| above.and_then(|above| target_of[above])));
            namespace_of.push(node.namespace.clone().or_else(|| above.and_then(|above| namespace_of[above].clone())));
        }
        let app = nodes[nodes.root()].id.to_string();
        let logical_ids = Vec::new();
        let mut diagnostics = tree.diagnostics;
        let mut model = Model {
            app,
            strong_references: !tree.settings.weak_references,
            output_reader_role: tree.settings.output_reader_role,
            is_open: tree.settings.is_open,
            is_mixed: false,
            nodes,
            edges: tree.edges,
            stack_of,
            target_of,
            paths,
            logical_ids,
            hidden: Vec::new(),
            places: Places::default(),
            exceptions: tree.settings.exceptions,
            configured: tree.settings.configured,
            owner_tasks: tree.settings.owner_tasks,
            reach: tree.settings.reach,
            severities: tree.settings.severities,
        };
        model.leave_empty_clusters();
        model.places = Places::of(&model.nodes);
        model.leave_other_apps(&mut diagnostics);
        model.place_objects(&namespace_of);
        model.fold_additions();
        model.spread_tags(&tree.settings.tags);
        model.spread_labels(&tree.settings.labels);
        model.name_resources(has_stand_ins.then_some(&ids), &mut diagnostics);
        foreign::write(&mut model);
        model.order_waves();
        model.name_by_content();
        (model, diagnostics)
    }

    /// Converts a bare cluster without objects and releases to a plain construct, so that it is not a deployment
    /// target.
    fn leave_empty_clusters(&mut self) {
        let goes = |node: &Node| matches!(node.kind, Kind::Object(_) | Kind::Release(_));
        let used: Vec<NodeId> = self
            .nodes
            .with_ids()
            .filter_map(|(id, node)| if goes(node) { self.target_of[id.idx()] } else { None })
            .collect();
        let is_empty =
            |id: NodeId, node: &Node| matches!(&node.kind, Kind::Target(it) if it.is_bare) && !used.contains(&id);
        let empty: Vec<NodeId> =
            self.nodes.with_ids().filter(|(id, node)| is_empty(*id, node)).map(|(id, _)| id).collect();
        for id in &empty {
            self.nodes[*id].kind = Kind::Construct;
        }
        for target in &mut self.target_of {
            *target = target.filter(|id| !empty.contains(id));
        }
    }

    /// Sets the namespace of objects that do not specify one.
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

    /// Sorts the items that constructs add to lists and inserts them. The order in the program therefore has no effect.
    fn fold_additions(&mut self) {
        let ids: Vec<NodeId> = self.nodes.with_ids().map(|(id, _)| id).collect();
        for id in ids {
            let additions = std::mem::take(&mut self.nodes[id].additions);
            if additions.is_empty() {
                continue;
            }
            let mut keyed: Vec<_> =
                additions.into_iter().map(|(path, item)| (path, self.canonical(&item), item)).collect();
            keyed.sort_by(|a, b| (a.0, &a.1).cmp(&(b.0, &b.1)));
            keyed.dedup_by(|a, b| a.0 == b.0 && a.1 == b.1);
            let Some(body) = self.nodes[id].kind.body_mut() else { continue };
            for (path, _, item) in keyed {
                match body.place(path) {
                    Data::List(items) => items.push(item),
                    place => *place = Data::List(vec![item]),
                }
            }
        }
    }

    /// Adds the tags of the app and of the stack to every resource that supports tags.
    fn spread_tags(&mut self, of_app: &[(String, String)]) {
        let mut by_stack: FastMap<NodeId, Vec<(String, String)>> = FastMap::default();
        for (id, stack) in self.stacks() {
            let mut tags = stack.tags.clone();
            tags.extend(of_app.iter().filter(|(key, _)| !stack.tags.iter().any(|(own, _)| own == key)).cloned());
            if stack.is_adopted {
                tags = stack.tags.clone();
            } else {
                tags.push(("meshsynth:app".to_owned(), self.app.clone()));
            }
            by_stack.insert(id, tags);
        }
        for ((node, stack), facts) in self.nodes.iter_mut().zip(&self.stack_of).zip(self.places.facts()) {
            if let Some(place) = facts.and_then(|facts| facts.tags.as_ref())
                && let Some(tags) = stack.and_then(|stack| by_stack.get(&stack))
                && let Kind::Resource(resource) = &mut node.kind
                && !tags.is_empty()
            {
                tag(&mut resource.props, place, tags);
            }
        }
    }

    fn name_resources(&mut self, ids: Option<&Vec<Box<str>>>, diagnostics: &mut Vec<Diagnostic>) {
        let ids = ids.unwrap_or(&self.paths);
        let mut names = vec![None; self.nodes.iter().len()];
        let mut taken: FastMap<(NodeId, String), NodeId> = FastMap::default();
        let mut homeless: Vec<NodeId> = Vec::new();
        let kept = KeptIds::of(self);
        for (id, node, resource) in self.resources() {
            let Some(stack) = self.stack_of(id) else {
                homeless.push(id);
                continue;
            };
            let in_stack = ids[id.idx()].strip_prefix(&*ids[stack.idx()]).unwrap_or(&ids[id.idx()]);
            let in_stack = in_stack.trim_start_matches('/');
            let kept = kept.get(stack, in_stack);
            let of_path = || name::logical_id(in_stack);
            let name = resource.logical_id.clone().or(kept).unwrap_or_else(of_path);
            if let Some(other) = taken.insert((stack, name.clone()), id) {
                diagnostics.push(
                    Diagnostic::error("MS0101", format!("two resources have the logical id `{name}`"))
                        .construct(self.path(id))
                        .at(node.at)
                        .note_at(format!("`{}` also has it", self.path(other)), self.node(other).at)
                        .help("give one of them another id"),
                );
            }
            names[id.idx()] = Some(name);
        }
        diagnostics.extend(kept.unmatched());
        self.logical_ids = names;
        self.tell_homeless(&homeless, diagnostics);
    }

    /// Reports resources outside of a stack, once for each construct.
    fn tell_homeless(&self, ids: &[NodeId], diagnostics: &mut Vec<Diagnostic>) {
        let construct = |id: NodeId| self.path(id).split('/').next().unwrap_or_default();
        for (idx, &id) in ids.iter().enumerate() {
            if ids[..idx].iter().any(|&other| construct(other) == construct(id)) {
                continue;
            }
            let n_more = ids[idx + 1..].iter().filter(|&&other| construct(other) == construct(id)).count();
            let type_name = self.resource(id).map_or("a resource", |resource| &resource.type_name);
            let message = match n_more {
                0 => format!("`{type_name}` is defined outside of a stack"),
                n => format!("`{}` and its {} resources are defined outside of a stack", construct(id), n + 1),
            };
            let diagnostic = Diagnostic::error("MS0103", message).construct(construct(id)).at(self.node(id).at);
            diagnostics.push(diagnostic.help("define it in a `Stack`, or in a construct of a stack"));
        }
    }

    /// Returns a text that depends only on the data, not on the order of definition.
    fn canonical(&self, data: &Data) -> String {
        let mut text = String::new();
        self.add_canonical(data, &mut text);
        text
    }

    fn add_canonical(&self, data: &Data, out: &mut String) {
        match data {
            Data::List(items) => {
                for item in items {
                    self.add_canonical(item, out);
                    out.push(',');
                }
            }
            Data::Map(bag) => {
                for (key, value) in sorted(bag) {
                    out.push_str(key);
                    out.push(':');
                    self.add_canonical(value, out);
                    out.push(',');
                }
            }
            Data::Deferred(deferred) => self.add_canonical_deferred(deferred, out),
            Data::Secret(secret) => out.push_str(&format!("{secret:?}")),
            Data::Text(text) => out.push_str(text),
            scalar => out.push_str(&scalar.to_text()),
        }
    }

    fn add_canonical_deferred(&self, deferred: &Deferred, out: &mut String) {
        match deferred {
            Deferred::Attr(attr) => {
                out.push_str(self.path(attr.node));
                out.push('.');
                out.push_str(&attr.name.to_string());
            }
            Deferred::Piece { of, separator, index } => {
                self.add_canonical_deferred(of, out);
                out.push_str(&format!("[{separator}{index}]"));
            }
            Deferred::Item { of, index } => {
                self.add_canonical_deferred(of, out);
                out.push_str(&format!("[item {index}]"));
            }
            Deferred::Joined { of, separator } => {
                self.add_canonical_deferred(of, out);
                out.push_str(&format!("[joined {separator}]"));
            }
            Deferred::Verbatim(tree) => self.add_canonical(&Data::from(&**tree), out),
            Deferred::Text(parts) | Deferred::Doc(parts) => {
                for part in parts {
                    match part {
                        Part::Text(text) => out.push_str(text),
                        Part::Value(value) => self.add_canonical_deferred(value, out),
                    }
                }
            }
        }
    }
}

/// Returns the path of a node, without the app.
fn joined(above: Option<&str>, id: &str) -> Box<str> {
    match above {
        None => "".into(),
        Some("") => id.into(),
        Some(path) => [path, "/", id].concat().into(),
    }
}

/// Adds tags to a resource, without overriding the tags that it already has.
fn tag(props: &mut Bag, place: &Tags, tags: &[(String, String)]) {
    match place {
        Tags::List(property) => {
            let Data::List(items) = list_at(props, property) else { return };
            for (key, value) in tags {
                let is_set = items.iter().any(|item| item.at("Key").and_then(Data::as_str) == Some(key));
                if !is_set {
                    items.push(Data::Map(Bag::default().with("Key", key.clone()).with("Value", value.clone())));
                }
            }
        }
        Tags::Map(property) => {
            for (key, value) in tags {
                let own = props.get(property).and_then(Data::as_map).and_then(|map| map.get(key));
                if own.is_none() {
                    let place = props.entry(property.clone());
                    if !matches!(place, Data::Map(_)) {
                        *place = Data::Map(Bag::default());
                    }
                    if let Data::Map(map) = place {
                        map.set(key.clone(), value.clone());
                    }
                }
            }
        }
    }
}

/// Returns the list at a property, created if absent.
fn list_at<'a>(props: &'a mut Bag, property: &str) -> &'a mut Data {
    let place = props.entry(property.to_owned());
    if *place == Data::Null {
        *place = Data::List(Vec::new());
    }
    place
}
