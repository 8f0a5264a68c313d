//! Linking: resolves reads across stacks and clusters.

use std::collections::{BTreeMap, BTreeSet};

use crate::diag::Diagnostic;
use crate::facts::AttributeKind;
use crate::node::Kind;
use crate::tree::NodeId;
use crate::val::{Attr, AttrName, Bag, Data, Deferred, Part, Val};

use super::wire::{self, field, lookup};
use super::{Model, exports, kube_text, nested};

/// The resolved references of a platform.
#[derive(Default)]
pub struct Link {
    /// The outputs of each stack that other stacks, clusters or owners read, by logical id.
    pub outputs: BTreeMap<NodeId, BTreeMap<String, Output>>,
    /// The values that `deploy` and `render` insert into manifests, by placeholder.
    pub bindings: BTreeMap<String, Binding>,
    /// The dependencies of each stack or cluster on stacks.
    pub needs: BTreeMap<NodeId, BTreeSet<NodeId>>,
    /// For each dependency, the first node that causes it and the value that this node reads.
    pub because: BTreeMap<(NodeId, NodeId), (NodeId, String)>,
    /// The imports of each stack: pairs of source stack and output id.
    pub imports: BTreeMap<NodeId, BTreeSet<(NodeId, String)>>,
    /// The AWS Systems Manager parameters of each stack: path, and whether it is a list.
    pub parameters: BTreeMap<NodeId, BTreeSet<(String, bool)>>,
}

/// An output of a stack.
#[derive(Clone, Debug, PartialEq)]
pub struct Output {
    /// The value in the notation of the stack.
    pub value: Deferred,
    /// Whether it is exported. CloudFormation does not delete or change an export while another stack imports it.
    pub exported: bool,
}

/// The source of a placeholder's value.
#[derive(Clone, Debug, PartialEq)]
pub struct Binding {
    /// The stack.
    pub stack: NodeId,
    /// The logical id of its output.
    pub output: String,
    /// The API call and the response field that provide the value, if CloudFormation does not provide it. An example of
    /// a call is `kafka:GetBootstrapBrokers`. The output is the argument of the call.
    pub lookup: Option<(String, String)>,
    /// Whether it is a list, whose items the output contains as one text.
    pub is_list: bool,
}

/// Resolves every reference to another stack or from a cluster to a stack.
pub(super) fn link(model: &Model, out: &mut Vec<Diagnostic>) -> Link {
    let mut linker = Linker { model, link: Link::default(), out };
    for (id, node) in model.nodes() {
        match &node.kind {
            Kind::Stack(stack) => linker.stack(id, stack),
            Kind::Resource(resource) => {
                if let Some(stack) = model.stack_of(id) {
                    for bag in [&resource.props, &resource.attributes] {
                        each_in_bag(bag, &mut |value| linker.read_by_stack(id, stack, value));
                    }
                }
            }
            Kind::Object(object) => {
                if let Some(target) = model.target_of(id) {
                    each_in_bag(&object.body, &mut |value| linker.read_by_cluster(id, target, value));
                }
            }
            Kind::Release(release) => {
                if let Some(target) = model.target_of(id) {
                    each_in_bag(&release.values, &mut |value| linker.read_by_cluster(id, target, value));
                }
            }
            Kind::Target(target) => each(&target.name, &mut |value| linker.read_by_cluster(id, id, value)),
            Kind::App | Kind::Construct => {}
        }
    }
    for needed in model.owner_tasks() {
        if let Val::Deferred(owner) = &needed.task.owner {
            linker.read_by_owner(needed.node, owner);
        }
        if let Some(document) = &needed.task.document {
            each(document, &mut |value| linker.read_by_owner(needed.node, value));
        }
    }
    for import in exports::imports(model) {
        // Names that are derived from parameter defaults can form a cycle that the deployed stacks do not have.
        if !reaches(&linker.link, import.from, import.stack) {
            linker.need(import.stack, import.from, import.reader, &import.name);
        }
    }
    let Linker { link, .. } = linker;
    cycles(model, &link, out);
    link
}

struct Linker<'a> {
    model: &'a Model,
    link: Link,
    out: &'a mut Vec<Diagnostic>,
}

impl<'a> Linker<'a> {
    fn stack(&mut self, id: NodeId, stack: &'a crate::node::Stack) {
        self.link.needs.entry(id).or_default().extend(stack.depends_on.iter().copied());
        let entries = stack.entries.iter().map(|(_, _, value)| value);
        for value in stack.outputs.iter().map(|(_, value)| value).chain(entries) {
            each(value, &mut |value| self.read_by_stack(id, id, value));
        }
    }

    /// Resolves a value that a template reads.
    fn read_by_stack(&mut self, reader: NodeId, stack: NodeId, value: &'a Deferred) {
        let is_there = match value {
            Deferred::Attr(attr) => self.exists(reader, attr),
            _ => true,
        };
        if !is_there || !self.takes_lists_as_lists(reader, value) {
            return;
        }
        let Some(crossing) = wire::crossing(self.model, stack, value) else {
            return match value {
                Deferred::Text(parts) | Deferred::Doc(parts) => {
                    values(parts).for_each(|value| self.read_by_stack(reader, stack, value));
                }
                Deferred::Piece { of, .. } | Deferred::Item { of, .. } | Deferred::Joined { of, .. } => {
                    self.read_by_stack(reader, stack, of);
                }
                Deferred::Verbatim(tree) => tree.each(&mut |value| self.read_by_stack(reader, stack, value)),
                Deferred::Attr(attr) if lookup(attr).is_some() => self.out.push(
                    self.model
                        .error(
                            reader,
                            "MS0113",
                            format!(
                                "`{}` is not available in a template, because CloudFormation has no such attribute",
                                field(attr)
                            ),
                        )
                        .help("use the value in a manifest, which is completed during the deployment"),
                ),
                Deferred::Attr(attr) => self.take_parameter(stack, attr),
            };
        };
        let from = crossing.from;
        if !self.crosses(reader, crossing.value) {
            return;
        }
        if let Some(diagnostic) = nested::border_crossed(self.model, reader, stack, from) {
            return self.out.push(diagnostic);
        }
        let output = self.hand_out(from, crossing.value, crossing.strong);
        self.need(stack, from, reader, &output);
        self.link.imports.entry(stack).or_default().insert((from, output));
    }

    /// Resolves a value that a manifest reads.
    fn read_by_cluster(&mut self, reader: NodeId, target: NodeId, value: &'a Deferred) {
        for (from, output) in self.read_outside(reader, value) {
            self.need(target, from, reader, &output);
        }
    }

    /// Resolves a value that the owner of an existing resource needs.
    fn read_by_owner(&mut self, reader: NodeId, value: &'a Deferred) {
        self.read_outside(reader, value);
    }

    /// Resolves a value that is read outside of CloudFormation, and returns its outputs.
    fn read_outside(&mut self, reader: NodeId, value: &'a Deferred) -> Vec<(NodeId, String)> {
        let mut needed = Vec::new();
        if !self.takes_lists_as_lists(reader, value) {
            return needed;
        }
        let mut unknown = Vec::new();
        kube_text::value_text(self.model, value, &mut |value| unknown.push(value));
        for value in unknown {
            let Some(attr) = innermost(value) else { continue };
            if !self.exists(reader, attr) || !self.crosses(reader, value) {
                continue;
            }
            let Some(from) = self.model.stack_of(attr.node) else { continue };
            let placeholder = kube_text::placeholder(self.model, value);
            let (lookup, carried) = match lookup(attr) {
                Some((field, call)) => {
                    let arn = Deferred::Attr(Attr { node: attr.node, name: "Ref".into(), is_list: false });
                    (Some((call.to_owned(), field.to_owned())), arn)
                }
                None => (None, value.clone()),
            };
            let output = self.hand_out(from, &carried, false);
            let is_list = wire::is_list(self.model, value);
            needed.push((from, output.clone()));
            self.link.bindings.insert(placeholder, Binding { stack: from, output, lookup, is_list });
        }
        needed
    }

    /// Adds a template parameter that reads an AWS Systems Manager parameter.
    fn take_parameter(&mut self, stack: NodeId, attr: &Attr) {
        if let AttrName::Parameter(path) = &attr.name {
            self.link.parameters.entry(stack).or_default().insert((path.to_string(), attr.is_list));
        }
    }

    fn hand_out(&mut self, from: NodeId, value: &Deferred, exported: bool) -> String {
        let id = wire::output_id(self.model, value);
        let outputs = self.link.outputs.entry(from).or_default();
        let output = outputs.entry(id.clone()).or_insert_with(|| Output { value: value.clone(), exported });
        output.exported |= exported;
        if let Some(attr) = innermost(value) {
            self.take_parameter(from, attr);
        }
        id
    }

    fn need(&mut self, who: NodeId, from: NodeId, reader: NodeId, output: &str) {
        // A nested stack is deployed with the outermost stack that contains it.
        let (who, from) = (self.model.deployed_with(who), self.model.deployed_with(from));
        if who == from {
            return;
        }
        self.link.needs.entry(who).or_default().insert(from);
        self.link.because.entry((who, from)).or_insert_with(|| (reader, output.to_owned()));
    }

    /// Whether a value can be an output. Reports a list of maps, which cannot be an output.
    fn crosses(&mut self, reader: NodeId, value: &Deferred) -> bool {
        let Deferred::Attr(attr) = value else { return true };
        if wire::kind(self.model, attr) != AttributeKind::Maps {
            return true;
        }
        let model = self.model;
        let message =
            format!("`{}` of `{}` is a list of maps, which cannot be a stack output", attr.name, model.path(attr.node));
        self.out.push(
            model
                .error(reader, "MS0118", message)
                .note_at("another stack or a manifest uses it", model.node(attr.node).at)
                .help("define both resources in the same stack"),
        );
        false
    }

    /// Reports lists that are used like text, and other values that are used like lists. Returns whether the value is
    /// valid.
    fn takes_lists_as_lists(&mut self, reader: NodeId, value: &Deferred) -> bool {
        let is_list = |value: &Deferred| wire::is_list(self.model, value);
        let (message, help) = match value {
            Deferred::Text(parts) | Deferred::Doc(parts) if values(parts).any(is_list) => {
                ("a list is inserted into a string", "join the list, such as with `list.join(\",\")`")
            }
            Deferred::Piece { of, .. } if is_list(of) => {
                ("a list is split like a string", "use an item of the list: `list.item(0)`")
            }
            Deferred::Item { of, index } if !is_list(of) => {
                let message = format!("item {index} of the list does not exist");
                let found = match of.as_ref() {
                    Deferred::Text(_) => "use a smaller index, because the list has fewer items".to_owned(),
                    _ => "use the value itself, because it is not a list".to_owned(),
                };
                self.out.push(self.model.error(reader, "MS0118", message).help(found));
                return false;
            }
            Deferred::Joined { of, .. } if !is_list(of) => {
                ("the joined value is not a list", "use the value without joining it")
            }
            Deferred::Piece { of, .. } => return self.takes_lists_as_lists(reader, of),
            _ => return true,
        };
        self.out.push(self.model.error(reader, "MS0118", message).help(help));
        false
    }

    /// Whether the node of an attribute has this attribute. Reports a missing attribute.
    fn exists(&mut self, reader: NodeId, attr: &Attr) -> bool {
        let model = self.model;
        let node = model.node(attr.node);
        let missing = match &node.kind {
            Kind::Stack(_) => false,
            _ if lookup(attr).is_some() => false,
            Kind::Resource(_) => match model.facts(attr.node) {
                Some(facts) => attr.name.named().is_some_and(|it| it != "Ref" && !facts.takes_attribute(it)),
                None => false,
            },
            _ => true,
        };
        if missing {
            let what = model.path(attr.node);
            self.out.push(
                model
                    .error(reader, "MS0113", format!("`{what}` has no attribute `{}`", attr.name))
                    .note_at(format!("`{what}` is defined here"), node.at)
                    .help("see the return values of the resource in the CloudFormation reference"),
            );
        }
        !missing
    }
}

fn innermost(value: &Deferred) -> Option<&Attr> {
    match value {
        Deferred::Attr(attr) => Some(attr),
        Deferred::Piece { of, .. } | Deferred::Item { of, .. } | Deferred::Joined { of, .. } => innermost(of),
        Deferred::Text(_) | Deferred::Doc(_) | Deferred::Verbatim(_) => None,
    }
}

fn values(parts: &[Part]) -> impl Iterator<Item = &Deferred> {
    parts.iter().filter_map(|part| match part {
        Part::Value(value) => Some(value),
        Part::Text(_) => None,
    })
}

/// Visits every deferred value in the data.
fn each<'a>(data: &'a Data, visit: &mut dyn FnMut(&'a Deferred)) {
    match data {
        Data::List(items) => items.iter().for_each(|item| each(item, visit)),
        Data::Map(bag) => each_in_bag(bag, visit),
        Data::Deferred(deferred) => visit(deferred),
        Data::Secret(secret) => {
            if let Val::Deferred(deferred) = secret.place() {
                visit(deferred);
            }
        }
        _ => {}
    }
}

fn each_in_bag<'a>(bag: &'a Bag, visit: &mut dyn FnMut(&'a Deferred)) {
    bag.iter().for_each(|(_, value)| each(value, visit));
}

/// Reports each cycle of stacks once, from its first stack.
fn cycles(model: &Model, link: &Link, out: &mut Vec<Diagnostic>) {
    let mut done: BTreeSet<NodeId> = BTreeSet::new();
    for (stack, _) in model.stacks() {
        if let Some(circle) = circle(link, stack, &mut vec![stack], &mut done) {
            out.push(describe(model, link, &circle));
        }
        done.insert(stack);
    }
}

/// Whether a stack depends on another stack, directly or indirectly.
fn reaches(link: &Link, from: NodeId, to: NodeId) -> bool {
    let (mut seen, mut next) = (BTreeSet::from([from]), vec![from]);
    while let Some(at) = next.pop() {
        for &needed in link.needs.get(&at).into_iter().flatten() {
            if needed == to {
                return true;
            }
            if seen.insert(needed) {
                next.push(needed);
            }
        }
    }
    false
}

/// Returns a cycle: a path from the last stack of `trail` back to one of its stacks.
fn circle(link: &Link, at: NodeId, trail: &mut Vec<NodeId>, done: &mut BTreeSet<NodeId>) -> Option<Vec<NodeId>> {
    for &next in link.needs.get(&at).into_iter().flatten() {
        if let Some(start) = trail.iter().position(|on| *on == next) {
            return Some(trail[start..].to_vec());
        }
        if done.contains(&next) {
            continue;
        }
        trail.push(next);
        if let Some(found) = circle(link, next, trail, done) {
            return Some(found);
        }
        trail.pop();
        done.insert(next);
    }
    None
}

fn describe(model: &Model, link: &Link, circle: &[NodeId]) -> Diagnostic {
    let names: Vec<_> = circle.iter().chain(circle.first()).map(|id| format!("`{}`", model.path(*id))).collect();
    let mut diagnostic =
        model.error(circle[0], "MS0104", format!("stacks depend on each other in a cycle: {}", names.join(" → ")));
    for (idx, who) in circle.iter().enumerate() {
        let from = circle[(idx + 1) % circle.len()];
        if let Some((reader, output)) = link.because.get(&(*who, from)) {
            let text = format!("`{}` reads `{output}` of `{}`", model.path(*reader), model.path(from));
            diagnostic = diagnostic.note_at(text, model.node(*reader).at);
        }
    }
    diagnostic
        .help("move one of the referring resources to the stack that it refers to, or to a third stack after both")
}
