//! What a replacement takes along: what refers to a replaced resource gets another value.

use std::collections::{BTreeMap, BTreeSet};

use meshsynth::facts;
use serde_json::Value;

use super::resources::is_stateful;
use super::side::{Side, construct};
use super::verdict::{plain, replaced_data};
use super::{Change, Place, Verdict};

/// A stack and a logical id.
type Id = (String, String);

/// Follows references from each replaced resource; a reference in a property that is set at creation replaces, too.
pub fn follow(base: &Side, head: &Side, changes: &mut Vec<Change>) {
    let users = users(head);
    let known: BTreeSet<Id> = base.resources().map(|(stack, id, _)| (stack.id.clone(), id.clone())).collect();
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
        for (user, paths) in users.get(&id).into_iter().flatten().filter(|(user, _)| known.contains(*user)) {
            let Some(stack) = head.stack(&user.0) else { continue };
            let resource = &head.template(stack)["Resources"][&user.1];
            let type_name = resource["Type"].as_str().unwrap_or_default();
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
                if let Some((old, _)) = old.filter(|(_, stack)| is_stateful(stack, &user.1)) {
                    let (is_lost, text) = replaced_data(old);
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
        let named: Vec<(&Value, String)> = cluster
            .objects
            .iter()
            .map(|object| &head.documents[&object.path])
            .map(|document| (document, title(document)))
            .collect();
        let holds = |value: &Value| {
            let text = value.to_string();
            placeholders.iter().any(|placeholder| text.contains(placeholder.as_str()))
        };
        let direct: Vec<&(&Value, String)> = named.iter().filter(|(document, _)| holds(document)).collect();
        for (document, title) in &direct {
            let is_workload = !document["spec"]["template"].is_null();
            rows.push(if is_workload { format!("{title} (rollout restart)") } else { format!("{title} (changes)") });
            // A workload reads it by name, from an environment or a volume.
            let name = format!("\"name\":{}", document["metadata"]["name"]);
            let reads = |other: &Value| {
                let text = other["spec"]["template"].to_string();
                other["metadata"]["namespace"] == document["metadata"]["namespace"]
                    && (text.contains(&format!("Ref\":{{{name}")) || text.contains(&format!("\"configMap\":{{{name}")))
            };
            if ["ConfigMap", "Secret"].iter().any(|kind| document["kind"] == *kind) {
                let readers = named.iter().filter(|(other, _)| reads(other));
                rows.extend(readers.map(|(_, title)| format!("{title} (rollout restart)")));
            }
        }
        for release in cluster.releases.iter().filter(|release| holds(&head.documents[&release.values])) {
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

/// Who names each resource, and at which properties.
fn users(side: &Side) -> BTreeMap<Id, BTreeMap<Id, Vec<String>>> {
    let mut exports: BTreeMap<&str, Id> = BTreeMap::new();
    let mut outputs: BTreeMap<(&str, &str), Vec<Id>> = BTreeMap::new();
    for stack in &side.manifest.stacks {
        for (name, output) in side.template(stack)["Outputs"].as_object().into_iter().flatten() {
            for target in references(&output["Value"]) {
                let Target::Local(id) = target else { continue };
                let id = (stack.id.clone(), id);
                outputs.entry((&stack.name, name)).or_default().push(id.clone());
                if let Some(export) = output["Export"]["Name"].as_str() {
                    exports.insert(export, id);
                }
            }
        }
    }
    let mut users: BTreeMap<Id, BTreeMap<Id, Vec<String>>> = BTreeMap::new();
    for (stack, id, resource) in side.resources() {
        let user = (stack.id.clone(), id.clone());
        let mut found = Vec::new();
        walk(&resource["Properties"], "", &mut found);
        for (path, target) in found {
            let named = match target {
                Target::Local(id) => vec![(stack.id.clone(), id)],
                Target::Export(name) => exports.get(name.as_str()).cloned().into_iter().collect(),
                Target::Output(stack, name) => {
                    outputs.get(&(stack.as_str(), name.as_str())).cloned().unwrap_or_default()
                }
            };
            for named in named.into_iter().filter(|named| *named != user) {
                users.entry(named).or_default().entry(user.clone()).or_default().push(path.clone());
            }
        }
    }
    users
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
