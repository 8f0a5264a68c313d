//! Creates the templates of a refactor, in which only references change, and reports all obstacles.
//!
//! Source: <https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/stack-refactoring.html>.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value, json};

use super::plain::{names_stack, plain, references};
use crate::cloud::Move;

/// The logical ID of the handle in an emptied stack.
pub(super) const HANDLE: &str = "MeshsynthEmptied";
/// The type of the handle. It creates nothing in AWS and costs nothing.
const HANDLE_TYPE: &str = "AWS::CloudFormation::WaitConditionHandle";
/// The metadata key with the stacks that received the resources.
const MOVED_TO: &str = "MovedTo";
/// The template sections that a refactor cannot change.
const SECTIONS: [&str; 4] = ["Conditions", "Mappings", "Parameters", "Transform"];
/// The sections that a new stack can have. They must equal those in a source stack of its resources.
///
/// Source: the stack definitions that `cdk refactor` hands in, in <https://github.com/aws/aws-cdk-cli>.
const CREATED: [&str; 2] = ["Conditions", "Mappings"];
/// The sections that a new stack must not have.
const NOT_CREATED: [&str; 3] = ["Parameters", "Rules", "Transform"];

/// Returns the refactor template of a program stack: the program's template with the current tags of the resources.
/// `all` are the deployed templates, by stack.
pub(super) fn kept(
    all: &BTreeMap<String, Value>,
    name: &str,
    program: &Value,
    moves: &BTreeSet<Move>,
    wrong: &mut Vec<String>,
) -> Value {
    let none = json!({});
    let deployed = all.get(name);
    match deployed {
        Some(deployed) => {
            for section in SECTIONS.into_iter().filter(|section| deployed[section] != program[section]) {
                wrong.push(format!("`{section}` of the stack `{name}` also changes"));
            }
        }
        None => check_created(all, name, program, moves, wrong),
    }
    let deployed = deployed.unwrap_or(&none);
    let mut template = program.clone();
    for (id, body) in resources(program) {
        let came = moves.iter().find(|it| it.to.0 == name && it.to.1 == *id);
        let (stack, old_id) = came.map_or((name, id.as_str()), |it| (it.from.0.as_str(), it.from.1.as_str()));
        let old = all.get(stack).map_or(&Value::Null, |template| &template["Resources"][old_id]);
        if old.is_null() {
            wrong.push(format!("`{id}` of the stack `{name}` is new"));
        } else if plain(old) != plain(body) {
            wrong.push(format!("`{id}` of the stack `{name}` also changes"));
        } else if stack != name && names_stack(body) {
            wrong.push(format!(
                "`{id}` uses `AWS::StackName` or `AWS::StackId`, which have another value in the stack `{name}`"
            ));
        }
        keep_tags(old, &mut template["Resources"][id]);
    }
    for (id, body) in resources(deployed) {
        let goes = moves.iter().any(|it| it.from.0 == name && it.from.1 == *id);
        if goes || !program["Resources"][id].is_null() {
            continue;
        }
        // An abandoned refactor left the handle. The deployment removes it.
        match is_handle(id, body) {
            true => template["Resources"][id] = body.clone(),
            false => wrong.push(format!("`{id}` is removed from the stack `{name}`")),
        }
    }
    template
}

/// Keeps the current tags of a resource. The deployment changes them.
fn keep_tags(old: &Value, new: &mut Value) {
    let had = &old["Properties"]["Tags"];
    if *had == new["Properties"]["Tags"] {
        return;
    }
    if let (false, Some(fields)) = (had.is_null(), new.as_object_mut()) {
        fields.entry("Properties").or_insert_with(|| json!({}));
    }
    // Properties that are not an object are reported as a change.
    let Some(properties) = new.get_mut("Properties").and_then(Value::as_object_mut) else { return };
    match had {
        Value::Null => drop(properties.remove("Tags")),
        tags => drop(properties.insert("Tags".to_owned(), tags.clone())),
    }
}

/// Reports the obstacles to the creation of a stack in a refactor.
fn check_created(
    all: &BTreeMap<String, Value>,
    name: &str,
    program: &Value,
    moves: &BTreeSet<Move>,
    wrong: &mut Vec<String>,
) {
    for section in NOT_CREATED.into_iter().filter(|section| !program[section].is_null()) {
        wrong.push(format!(
            "the new stack `{name}` has `{section}`, which a stack refactor cannot create: first deploy the stack \
             with another resource, then move"
        ));
    }
    let sources: BTreeSet<&String> = moves.iter().filter(|it| it.to.0 == name).map(|it| &it.from.0).collect();
    let had = |section: &str, key: &String, value: &Value| {
        sources.iter().filter_map(|it| all.get(*it)).any(|it| it[section][key] == *value)
    };
    for section in CREATED {
        for (key, value) in program[section].as_object().into_iter().flatten() {
            if !had(section, key, value) {
                wrong.push(format!(
                    "`{key}` in `{section}` of the stack `{name}` differs from a stack that contains its resources now"
                ));
            }
        }
    }
}

/// Returns the refactor template of a stack that the program no longer contains. It has the resources that do not move,
/// or a handle.
pub(super) fn gone(name: &str, deployed: &Value, moves: &BTreeSet<Move>, wrong: &mut Vec<String>) -> Value {
    let moved: BTreeSet<&str> = moves.iter().filter(|it| it.from.0 == name).map(|it| it.from.1.as_str()).collect();
    let mut template = deployed.clone();
    if moved.is_empty() {
        return template;
    }
    if !deployed["Transform"].is_null() {
        wrong.push(format!(
            "the stack `{name}` is no longer in the program and has a `Transform`, so a stack refactor cannot move \
             resources out of it"
        ));
    }
    let of_moved = |value: &Value| {
        let mut all = BTreeSet::new();
        references(value, &mut all);
        all.into_iter().find(|it| moved.contains(it.as_str()))
    };
    if let Some(all) = template["Resources"].as_object_mut() {
        all.retain(|id, _| !moved.contains(id.as_str()));
        for (id, body) in all.iter_mut() {
            if let Some(to) = of_moved(body) {
                wrong.push(format!(
                    "`{id}` remains in the stack `{name}`, which is no longer in the program, and refers to `{to}`, \
                     which moves: delete `{id}` first, or keep it in the program"
                ));
            }
            without_waits(body, &moved);
        }
        if all.is_empty() {
            let to = moves.iter().filter(|it| it.from.0 == name).map(|it| it.to.0.as_str()).collect();
            all.insert(HANDLE.to_owned(), handle(&to));
        }
    }
    let is_emptied = is_emptied(&template);
    if let Some(outputs) = template["Outputs"].as_object_mut() {
        outputs.retain(|_, output| !is_emptied && of_moved(output).is_none());
    }
    if template["Outputs"].as_object().is_some_and(serde_json::Map::is_empty) {
        template.as_object_mut().map(|it| it.remove("Outputs"));
    }
    template
}

/// Removes `DependsOn` entries of moved resources.
fn without_waits(resource: &mut Value, moved: &BTreeSet<&str>) {
    let is_moved = |it: &Value| it.as_str().is_some_and(|it| moved.contains(it));
    let Some(fields) = resource.as_object_mut() else { return };
    match fields.get_mut("DependsOn") {
        Some(Value::Array(ids)) => ids.retain(|it| !is_moved(it)),
        Some(one) if is_moved(one) => drop(fields.remove("DependsOn")),
        _ => {}
    }
}

/// Returns the handle of an emptied stack. It names the destinations for a later run.
fn handle(to: &BTreeSet<&str>) -> Value {
    json!({ "Type": HANDLE_TYPE, "Metadata": { MOVED_TO: to } })
}

/// Returns the stacks that received the resources of an emptied stack.
pub(super) fn moved_to(template: &Value) -> BTreeSet<String> {
    let names = template["Resources"][HANDLE]["Metadata"][MOVED_TO].as_array().into_iter().flatten();
    names.filter_map(Value::as_str).map(str::to_owned).collect()
}

/// Whether a resource is the handle.
fn is_handle(id: &str, body: &Value) -> bool {
    id == HANDLE && body["Type"] == HANDLE_TYPE
}

/// Whether a template contains only the handle.
pub(super) fn is_emptied(template: &Value) -> bool {
    let mut all = resources(template);
    all.next().is_some_and(|(id, body)| is_handle(id, body)) && all.next().is_none()
}

/// Returns the resources of a template, by logical ID.
pub(super) fn resources(template: &Value) -> impl Iterator<Item = (&String, &Value)> {
    template["Resources"].as_object().into_iter().flatten()
}
