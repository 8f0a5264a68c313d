//! What a replacement takes along: what refers to a replaced resource gets another value.

use std::collections::{BTreeMap, BTreeSet};

use meshsynth::facts;
use serde_json::Value;

use super::resource::is_stateful;
use super::side::{Pair, Side, construct};
use super::verdict::{plain, replaced_data};
use super::{Change, Place, Verdict};
use crate::assembly::Stack;

/// A stack and a logical id.
type Id = (String, String);

/// Follows references from each replaced resource; a reference in a property that is set at creation replaces, too.
pub fn follow(pair: &Pair, changes: &mut Vec<Change>) {
    let Pair { base, head, .. } = pair;
    let mut users = Users { side: head, named: BTreeMap::new() };
    let is_known = |id: &Id| base.stack(&id.0).is_some_and(|stack| !base.template(stack)["Resources"][&id.1].is_null());
    let mut queue: Vec<(Id, bool)> = Vec::new();
    for change in changes.iter() {
        if let (Some(id), true) = (id_of(change), is_replaced(change)) {
            queue.push((id, change.verdict == Verdict::MayReplace));
        }
    }
    let mut seen: BTreeSet<Id> = queue.iter().map(|(id, _)| id.clone()).collect();
    while let Some((id, is_perhaps)) = queue.pop() {
        let name = changes.iter().find(|change| id_of(change).as_ref() == Some(&id)).map(|change| change.name.clone());
        let name = name.unwrap_or_else(|| id.1.clone());
        let of = users.of(&id);
        for (user, paths) in of.iter().filter(|(user, _)| is_known(user)) {
            let Some(stack) = head.stack(&user.0) else { continue };
            let resource = &head.template(stack)["Resources"][&user.1];
            let type_name = resource["Type"].as_str().unwrap_or_default();
            let keeps_data = facts::cloudformation(type_name).is_some_and(|facts| facts.stateful);
            let fixed = facts::cloudformation(type_name).and_then(|facts| {
                let is_fixed = |path: &&String| facts.create_only.iter().any(|fixed| is_at(fixed, &plain(path)));
                paths.iter().find(is_fixed)
            });
            let path = fixed.or(paths.first()).cloned().unwrap_or_default();
            let reason = match fixed {
                Some(_) => format!("`{path}` names `{name}`, which is replaced, and can only be set at creation"),
                None => format!("`{path}` gets the new value of `{name}`"),
            };
            let verdict = match (fixed.is_some(), is_perhaps) {
                (true, true) => Verdict::MayReplace,
                (true, false) => Verdict::Replace,
                (false, _) => Verdict::InPlace,
            };
            let at = changes.iter().position(|change| id_of(change).as_ref() == Some(user)).unwrap_or_else(|| {
                changes.push(Change {
                    place: Place::Stack(stack.id.clone()),
                    kind: type_name.to_owned(),
                    name: construct(stack, &user.1).to_owned(),
                    id: user.1.clone(),
                    source: stack.resources.get(&user.1).map(|row| row.source.clone()).unwrap_or_default(),
                    verdict,
                    reasons: Vec::new(),
                    data: None,
                    edits: Vec::new(),
                    spread: Vec::new(),
                    was: None,
                    reach: Vec::new(),
                });
                changes.len() - 1
            });
            let change = &mut changes[at];
            if !change.reasons.contains(&reason) {
                change.reasons.push(reason);
            }
            change.verdict = change.verdict.max(verdict);
            if fixed.is_some() && change.data.is_none() {
                let old = base.stack(&user.0).map(|stack| (&base.template(stack)["Resources"][&user.1], stack));
                if let Some((old, _)) = old.filter(|(_, stack)| is_stateful(stack, &user.1) || keeps_data) {
                    let (is_lost, text) = replaced_data(old, resource);
                    change.data = Some(text);
                    if is_lost && !is_perhaps {
                        change.verdict = Verdict::DataLoss;
                    }
                }
            }
            let row = format!("{} ({})", change.name, change.verdict.word());
            if fixed.is_some() && seen.insert(user.clone()) {
                queue.push((user.clone(), is_perhaps));
            }
            note(changes, &id, row);
        }
    }
}

/// Follows replaced resources through outputs and bindings into manifests and Helm values, and from there to workloads.
pub fn into_manifests(head: &Side, changes: &mut [Change]) {
    let replaced: Vec<Id> = changes.iter().filter(|change| is_replaced(change)).filter_map(id_of).collect();
    for id in replaced {
        let Some(stack) = head.stack(&id.0) else { continue };
        let outputs = head.template(stack)["Outputs"].as_object();
        let of: BTreeSet<&String> = outputs
            .into_iter()
            .flatten()
            .filter(|(_, output)| {
                references(&output["Value"]).iter().any(|target| *target == Target::Local(id.1.clone()))
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

fn affected(head: &Side, placeholders: &[&String]) -> Vec<String> {
    let mut rows = Vec::new();
    for cluster in &head.manifest.clusters {
        // Texts are searched before anything is parsed: a cluster has thousands of objects.
        let holds = |path: &str| placeholders.iter().any(|placeholder| head.text(path).contains(placeholder.as_str()));
        for object in cluster.objects.iter().filter(|object| holds(&object.path)) {
            let document = head.document(&object.path);
            let is_workload = !document["spec"]["template"].is_null();
            let fate = if is_workload { "rollout restart" } else { "changes" };
            rows.push(format!("{} ({fate})", title(document)));
            if !["ConfigMap", "Secret"].iter().any(|kind| document["kind"] == *kind) {
                continue;
            }
            // A workload reads it by name, from an environment or a volume.
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
            rows.extend(readers.map(|other| format!("{} (rollout restart)", title(other))));
        }
        for release in cluster.releases.iter().filter(|release| holds(&release.values)) {
            rows.push(format!("Helm release {} (upgrade)", release.name));
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

fn note(changes: &mut [Change], id: &Id, row: String) {
    if let Some(change) = changes.iter_mut().find(|change| id_of(change).as_ref() == Some(id))
        && !change.spread.contains(&row)
    {
        change.spread.push(row);
    }
}

fn is_replaced(change: &Change) -> bool {
    let by_retention =
        change.verdict == Verdict::DataLoss && change.data.as_ref().is_some_and(|data| !data.contains("starts empty"));
    matches!(change.verdict, Verdict::Replace | Verdict::MayReplace | Verdict::DataLoss) && !by_retention
}

fn id_of(change: &Change) -> Option<Id> {
    match &change.place {
        Place::Stack(stack) if !change.id.is_empty() => Some((stack.clone(), change.id.clone())),
        _ => None,
    }
}

fn is_at(fixed: &str, path: &str) -> bool {
    let below = |longer: &str, shorter: &str| {
        longer.strip_prefix(shorter).is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
    };
    below(path, fixed)
}

/// What a reference names.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Target {
    /// A resource of the same stack.
    Local(String),
    /// The name of an export.
    Export(String),
    /// The name of a stack, and of an output.
    Output(String, String),
}

/// What a resource names, and at which of its properties.
type Named = Vec<(String, Target)>;

/// Who names each resource, found as far as somebody asks.
struct Users<'a> {
    side: &'a Side,
    /// What the resources of a stack name, by the stack's path.
    named: BTreeMap<&'a str, Vec<(&'a String, Named)>>,
}

impl<'a> Users<'a> {
    /// The resources that name one, and at which properties.
    fn of(&mut self, id: &Id) -> BTreeMap<Id, Vec<String>> {
        let mut users = BTreeMap::new();
        let Some(stack) = self.side.stack(&id.0) else { return users };
        self.add(stack, &Target::Local(id.1.clone()), id, &mut users);
        for (name, output) in self.side.template(stack)["Outputs"].as_object().into_iter().flatten() {
            if !references(&output["Value"]).contains(&Target::Local(id.1.clone())) {
                continue;
            }
            let export = output["Export"]["Name"].as_str();
            for other in self.side.manifest.stacks.iter().filter(|other| other.id != stack.id) {
                let text = self.side.text(&other.template);
                if let Some(export) = export.filter(|export| text.contains(*export)) {
                    self.add(other, &Target::Export(export.to_owned()), id, &mut users);
                }
                if text.contains("Fn::GetStackOutput") && text.contains(name.as_str()) {
                    self.add(other, &Target::Output(stack.name.clone(), name.clone()), id, &mut users);
                }
            }
        }
        users
    }

    fn add(&mut self, stack: &'a Stack, wanted: &Target, id: &Id, users: &mut BTreeMap<Id, Vec<String>>) {
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
            let paths = found.iter().filter(|(_, target)| target == wanted).map(|(path, _)| path.clone());
            let paths: Vec<String> = paths.collect();
            if user != *id && !paths.is_empty() {
                users.entry(user).or_default().extend(paths);
            }
        }
    }
}

/// What a value names.
pub fn references(value: &Value) -> Vec<Target> {
    let mut found = Vec::new();
    walk(value, "", &mut found);
    found.into_iter().map(|(_, target)| target).collect()
}

fn walk(value: &Value, path: &str, found: &mut Vec<(String, Target)>) {
    match value {
        Value::Array(items) => {
            items.iter().enumerate().for_each(|(idx, item)| walk(item, &format!("{path}[{idx}]"), found))
        }
        Value::Object(map) => {
            for (key, inner) in map {
                let mut add = |target| found.push((path.to_owned(), target));
                match (key.as_str(), inner) {
                    ("Ref", Value::String(id)) if !id.starts_with("AWS::") => add(Target::Local(id.clone())),
                    ("Fn::GetAtt", Value::Array(parts)) => {
                        add(Target::Local(parts.first().and_then(Value::as_str).unwrap_or_default().to_owned()));
                    }
                    ("Fn::GetAtt", Value::String(text)) => {
                        add(Target::Local(text.split('.').next().unwrap_or_default().to_owned()));
                    }
                    ("Fn::ImportValue", Value::String(name)) => add(Target::Export(name.clone())),
                    ("Fn::GetStackOutput", inner) => {
                        let text = |key: &str| inner[key].as_str().unwrap_or_default().to_owned();
                        add(Target::Output(text("StackName"), text("OutputName")));
                    }
                    ("Fn::Sub", inner) => {
                        let text = inner.as_str().or_else(|| inner[0].as_str()).unwrap_or_default();
                        for part in text.split("${").skip(1).filter_map(|part| part.split('}').next()) {
                            let id = part.split('.').next().unwrap_or_default();
                            if !part.starts_with("AWS::") && inner[1].get(part).is_none() {
                                add(Target::Local(id.to_owned()));
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
