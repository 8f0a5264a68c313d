//! Propagation of replacements: a reference to a replaced resource gets a new value.

use std::collections::{BTreeMap, BTreeSet};

use meshsynth_assembly::Stack;
use meshsynth_facts as facts;
use serde_json::Value;

use crate::change::{Affected, Change, Reason, Section};
use crate::effect::Verdict;
use crate::fate::Fate;
use crate::resource::is_stateful;
use crate::side::{Pair, Side, StackOutput, construct, is_same_place};
use crate::verdict::{self, holds_data, replaced_data};

/// A stack and a logical ID.
type Id = (String, String);

/// The new value of a followed resource.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Turn {
    /// It is replaced, so all its values are new. The flag is whether this is uncertain.
    Replaced(bool),
    /// It is updated, so the attributes with its version or revision are new.
    Revised,
}

/// Follows references from each replaced resource, and from the version attributes of each updated resource. A reference
/// in a create-only property causes another replacement.
pub fn follow(pair: &Pair, changes: &mut Vec<Change>) {
    let Pair { base, head, .. } = pair;
    let mut users = Users { side: head, named: BTreeMap::new() };
    let is_known = |id: &Id| base.stack(&id.0).is_some_and(|stack| !base.template(stack)["Resources"][&id.1].is_null());
    let turn_of = |change: &Change| match is_replaced(change) {
        true => Some(Turn::Replaced(change.verdict == Verdict::MayReplace)),
        false => change.edits.iter().any(|edit| revises(&change.kind, &edit.path)).then_some(Turn::Revised),
    };
    let mut queue: Vec<(Id, Turn)> =
        changes.iter().filter(|it| !it.gone).filter_map(|it| Some((id_of(it)?, turn_of(it)?))).collect();
    let mut seen: BTreeSet<(Id, bool)> = queue.iter().map(|(id, turn)| (id.clone(), *turn == Turn::Revised)).collect();
    while let Some((id, turn)) = queue.pop() {
        let name = changes.iter().find(|change| id_of(change).as_ref() == Some(&id)).map(|change| change.name.clone());
        let name = name.unwrap_or_else(|| id.1.clone());
        let attributes = (turn == Turn::Revised).then(|| {
            let kind = changes.iter().find(|change| id_of(change).as_ref() == Some(&id)).map(|it| it.kind.as_str());
            facts::resource(kind.unwrap_or_default()).revision.as_slice()
        });
        let of = users.of(&id, attributes);
        for (user, paths) in of.iter().filter(|(user, _)| is_known(user)) {
            let Some(stack) = head.stack(&user.0) else { continue };
            let resource = &head.template(stack)["Resources"][&user.1];
            let type_name = resource["Type"].as_str().unwrap_or_default();
            let worst = paths.iter().max_by_key(|path| verdict::of_path(type_name, resource, path));
            let path = worst.cloned().unwrap_or_default();
            let verdict = match verdict::of_path(type_name, resource, &path) {
                Verdict::Replace if turn == Turn::Replaced(true) => Verdict::MayReplace,
                verdict => verdict,
            };
            let is_perhaps = verdict == Verdict::MayReplace;
            let is_new = verdict.is_replacement();
            let cause = match turn {
                Turn::Replaced(_) => format!("`{path}` refers to `{name}`, which is replaced"),
                Turn::Revised => format!("`{path}` refers to the version of `{name}`, which changes"),
            };
            let reason = Reason::from(match (verdict, turn) {
                (Verdict::Replace, _) => format!("{cause}; a new value also replaces this resource"),
                (Verdict::MayReplace, _) => format!("{cause}; a new value may also replace this resource"),
                (_, Turn::Revised) => format!("`{path}` gets the new version of `{name}`"),
                (_, Turn::Replaced(_)) => format!("`{path}` gets the new value of `{name}`"),
            });
            let at = changes.iter().position(|change| id_of(change).as_ref() == Some(user)).unwrap_or_else(|| {
                let section = Section::Stack(stack.id.clone());
                changes.push(Change {
                    id: user.1.clone(),
                    source: stack.resources.get(&user.1).map(|row| row.source.clone()).unwrap_or_default(),
                    ..Change::new(section, type_name, construct(stack, &user.1), verdict)
                });
                changes.len() - 1
            });
            let change = &mut changes[at];
            let effect = verdict::reason_of_path(type_name, resource, &path);
            for reason in [Some(reason), effect].into_iter().flatten() {
                if !change.reasons.contains(&reason) {
                    change.reasons.push(reason);
                }
            }
            change.verdict = change.verdict.max(verdict);
            if is_new && change.data.is_empty() {
                let old = base.stack(&user.0).map(|stack| (&base.template(stack)["Resources"][&user.1], stack));
                // The data of a cluster's member belong to the cluster.
                let is_member = is_member(type_name, resource);
                let stores = |stack: &Stack| !is_member && (is_stateful(stack, &user.1) || holds_data(type_name));
                if let Some((old, _)) = old.filter(|(_, stack)| stores(stack)) {
                    let fate = Fate::Replaced(replaced_data(old, resource));
                    if fate.is_loss() && !is_perhaps {
                        change.verdict = Verdict::DataLoss;
                    }
                    change.data.push(fate);
                }
            }
            let row = Affected { name: change.name.clone(), verdict: change.verdict };
            if is_new && seen.insert((user.clone(), false)) {
                queue.push((user.clone(), Turn::Replaced(is_perhaps)));
            }
            if !is_new && revises(type_name, &path) && seen.insert((user.clone(), true)) {
                queue.push((user.clone(), Turn::Revised));
            }
            note(changes, &id, row);
        }
    }
}

/// Whether a new value at a path creates another version or revision of a resource. Tags do not.
fn revises(type_name: &str, path: &str) -> bool {
    let property = path.split(['.', '[']).next().unwrap_or_default();
    let is_property = || facts::cloudformation(type_name).is_some_and(|facts| facts.has_attribute(property));
    !facts::resource(type_name).revision.is_empty() && !property.contains("Tag") && is_property()
}

/// Whether another resource stores the data of a resource.
fn is_member(type_name: &str, resource: &Value) -> bool {
    facts::resource(type_name).member.is_some_and(|property| !resource["Properties"][property].is_null())
}

/// Follows replaced resources through outputs and bindings into manifests, Helm values and workloads.
pub fn into_manifests(head: &Side, changes: &mut [Change]) {
    let replaced: Vec<Id> = changes.iter().filter(|change| is_replaced(change)).filter_map(id_of).collect();
    for id in replaced {
        let Some(stack) = head.stack(&id.0) else { continue };
        let outputs = head.template(stack)["Outputs"].as_object();
        let of: BTreeSet<&String> = outputs
            .into_iter()
            .flatten()
            .filter(|(_, output)| {
                references(&output["Value"]).iter().any(|target| *target == Reference::Local(id.1.clone()))
            })
            .map(|(name, _)| name)
            .collect();
        let rows = head.bindings.as_object().into_iter().flatten();
        let placeholders: Vec<&String> = rows
            .filter(|(_, row)| {
                row["stack"] == id.0 && row["output"].as_str().is_some_and(|name| of.iter().any(|other| *other == name))
            })
            .map(|(placeholder, _)| placeholder)
            .collect();
        if placeholders.is_empty() {
            continue;
        }
        for row in affected(head, &placeholders) {
            note(changes, &id, row);
        }
    }
}

fn affected(head: &Side, placeholders: &[&String]) -> Vec<Affected> {
    let mut rows = Vec::new();
    for cluster in &head.manifest.clusters {
        // A cluster has thousands of objects, so texts are searched before a document is parsed.
        let holds = |path: &str| placeholders.iter().any(|placeholder| head.text(path).contains(placeholder.as_str()));
        for object in cluster.objects.iter().filter(|object| holds(&object.path)) {
            let document = head.document(&object.path);
            let is_workload = !document["spec"]["template"].is_null();
            let verdict = if is_workload { Verdict::RolloutRestart } else { Verdict::InPlace };
            rows.push(Affected { name: title(document), verdict });
            if !["ConfigMap", "Secret"].iter().any(|kind| document["kind"] == *kind) {
                continue;
            }
            // A workload refers to the ConfigMap or Secret by name, in an environment variable or a volume.
            let bare = document["metadata"]["name"].as_str().unwrap_or_default();
            let name = format!("\"name\":\"{bare}\"");
            let reads = |other: &Value| {
                let text = other["spec"]["template"].to_string();
                other["metadata"]["namespace"] == document["metadata"]["namespace"]
                    && (text.contains(&format!("Ref\":{{{name}")) || text.contains(&format!("\"configMap\":{{{name}")))
            };
            let may_read = |path: &str| head.text(path).contains(bare) && head.text(path).contains("template");
            let readers = cluster.objects.iter().filter(|other| may_read(&other.path));
            let readers = readers.map(|other| head.document(&other.path)).filter(|other| reads(other));
            rows.extend(readers.map(|other| Affected { name: title(other), verdict: Verdict::RolloutRestart }));
        }
        for release in cluster.releases.iter().filter(|release| holds(&release.values)) {
            rows.push(Affected { name: format!("Helm release {}", release.name), verdict: Verdict::Upgrade });
        }
    }
    rows
}

fn title(document: &Value) -> String {
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let (namespace, name) = (text(&document["metadata"]["namespace"]), text(&document["metadata"]["name"]));
    let path = if namespace.is_empty() { name } else { format!("{namespace}/{name}") };
    format!("{} {path}", text(&document["kind"]))
}

fn note(changes: &mut [Change], id: &Id, row: Affected) {
    if let Some(change) = changes.iter_mut().find(|change| id_of(change).as_ref() == Some(id))
        && !change.affected.contains(&row)
    {
        change.affected.push(row);
    }
}

fn is_replaced(change: &Change) -> bool {
    match change.verdict {
        Verdict::Replace | Verdict::MayReplace => true,
        Verdict::DataLoss => change.data.iter().any(Fate::starts_empty),
        _ => false,
    }
}

fn id_of(change: &Change) -> Option<Id> {
    match &change.section {
        Section::Stack(stack) if !change.id.is_empty() => Some((stack.clone(), change.id.clone())),
        _ => None,
    }
}

/// The target of a reference.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Reference {
    /// A resource of the same stack.
    Local(String),
    /// The name of an export.
    Export(String),
    /// An output of another stack.
    Output(StackOutput),
}

impl Reference {
    /// Whether a reference in `user` names this output of `stack`.
    pub fn is_output(&self, side: &Side, user: &Stack, stack: &Stack, name: &str) -> bool {
        match self {
            Reference::Output(output) => {
                output.output == name && side.read_by(user, output).is_some_and(|found| found.id == stack.id)
            }
            Reference::Local(_) | Reference::Export(_) => false,
        }
    }
}

/// The references of a resource, each with the path of the property and the attribute.
type Named = Vec<(String, Reference, String)>;

/// An index of the references to each resource, which is filled on demand.
struct Users<'a> {
    side: &'a Side,
    /// The references of all resources in a stack, by the path of the stack.
    named: BTreeMap<&'a str, Vec<(&'a String, Named)>>,
}

impl<'a> Users<'a> {
    /// Returns the resources that refer to a resource, or only to some of its attributes, with the paths of their
    /// properties.
    fn of(&mut self, id: &Id, attributes: Option<&[&str]>) -> BTreeMap<Id, Vec<String>> {
        let mut users = BTreeMap::new();
        let Some(stack) = self.side.stack(&id.0) else { return users };
        let is_it = |target: &Reference, attribute: &str| {
            let is_below =
                |name: &&str| attribute.strip_prefix(name).is_some_and(|it| it.is_empty() || it.starts_with('.'));
            *target == Reference::Local(id.1.clone()) && attributes.is_none_or(|all| all.iter().any(is_below))
        };
        self.add(stack, id, &mut users, is_it);
        for (name, output) in self.side.template(stack)["Outputs"].as_object().into_iter().flatten() {
            let mut found = Vec::new();
            walk(&output["Value"], "", &mut found);
            if !found.iter().any(|(_, target, attribute)| is_it(target, attribute)) {
                continue;
            }
            let export = output["Export"]["Name"].as_str();
            for other in self.side.manifest.stacks.iter().filter(|other| other.id != stack.id) {
                let (side, text) = (self.side, self.side.text(&other.template));
                if let Some(export) = export.filter(|export| is_same_place(stack, other) && text.contains(*export)) {
                    self.add(other, id, &mut users, |target, _| *target == Reference::Export(export.to_owned()));
                }
                if text.contains("Fn::GetStackOutput") && text.contains(name.as_str()) {
                    self.add(other, id, &mut users, |target, _| target.is_output(side, other, stack, name));
                }
            }
        }
        users
    }

    fn add(
        &mut self,
        stack: &'a Stack,
        id: &Id,
        users: &mut BTreeMap<Id, Vec<String>>,
        is_wanted: impl Fn(&Reference, &str) -> bool,
    ) {
        let side = self.side;
        let named = self.named.entry(&stack.id).or_insert_with(|| {
            let of = |(_, id, resource): (&'a Stack, &'a String, &'a Value)| {
                let mut found = Vec::new();
                walk(&resource["Properties"], "", &mut found);
                (id, found)
            };
            side.resources_of(stack).map(of).collect()
        });
        for (user, found) in named.iter() {
            let user = (stack.id.clone(), (*user).clone());
            let paths = found.iter().filter(|(_, target, attribute)| is_wanted(target, attribute));
            let paths = paths.map(|(path, ..)| path.clone());
            let paths: Vec<String> = paths.collect();
            if user != *id && !paths.is_empty() {
                users.entry(user).or_default().extend(paths);
            }
        }
    }
}

/// Returns all references in a value.
pub fn references(value: &Value) -> Vec<Reference> {
    let mut found = Vec::new();
    walk(value, "", &mut found);
    found.into_iter().map(|(_, target, _)| target).collect()
}

fn walk(value: &Value, path: &str, found: &mut Named) {
    match value {
        Value::Array(items) => {
            items.iter().enumerate().for_each(|(idx, item)| walk(item, &format!("{path}[{idx}]"), found))
        }
        Value::Object(map) => {
            for (key, inner) in map {
                let mut add = |target, attribute: &str| found.push((path.to_owned(), target, attribute.to_owned()));
                match (key.as_str(), inner) {
                    ("Ref", Value::String(id)) if !id.starts_with("AWS::") => add(Reference::Local(id.clone()), ""),
                    ("Fn::GetAtt", Value::Array(parts)) => {
                        let text = |at: usize| parts.get(at).and_then(Value::as_str).unwrap_or_default();
                        add(Reference::Local(text(0).to_owned()), text(1));
                    }
                    ("Fn::GetAtt", Value::String(text)) => {
                        let (id, attribute) = text.split_once('.').unwrap_or((text, ""));
                        add(Reference::Local(id.to_owned()), attribute);
                    }
                    ("Fn::ImportValue", Value::String(name)) => add(Reference::Export(name.clone()), ""),
                    ("Fn::GetStackOutput", inner) => {
                        if let Some(output) = StackOutput::of(inner) {
                            add(Reference::Output(output), "");
                        }
                        walk(inner, path, found);
                    }
                    ("Fn::Sub", inner) => {
                        let text = inner.as_str().or_else(|| inner[0].as_str()).unwrap_or_default();
                        for part in text.split("${").skip(1).filter_map(|part| part.split('}').next()) {
                            let (id, attribute) = part.split_once('.').unwrap_or((part, ""));
                            if !part.starts_with("AWS::") && inner[1].get(part).is_none() {
                                add(Reference::Local(id.to_owned()), attribute);
                            }
                        }
                        walk(&inner[1], path, found);
                    }
                    (key, inner) if key.starts_with("Fn::") => walk(inner, path, found),
                    (key, inner) => {
                        let below = if path.is_empty() { key.to_owned() } else { format!("{path}.{key}") };
                        walk(inner, &below, found);
                    }
                }
            }
        }
        _ => {}
    }
}
