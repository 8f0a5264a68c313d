//! The templates of the stacks of a refactor, where only references change, and everything that is in the way of one.
//!
//! Source: <https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/stack-refactoring.html>.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value, json};

use super::plain::{names_stack, plain, references};
use crate::cloud::Move;

/// The logical id of what stays in a stack that everything moves out of.
pub(super) const HANDLE: &str = "MeshsynthEmptied";
/// Its type: nothing in AWS, and no cost.
const HANDLE_TYPE: &str = "AWS::CloudFormation::WaitConditionHandle";
/// The key of its metadata that names the stacks to which everything moves.
const MOVED_TO: &str = "MovedTo";
/// What a refactor does not change of a template.
const SECTIONS: [&str; 4] = ["Conditions", "Mappings", "Parameters", "Transform"];
/// What a stack may have that a refactor creates, as one of those has it that its resources come from.
///
/// Source: the stack definitions that `cdk refactor` hands in, in <https://github.com/aws/aws-cdk-cli>.
const CREATED: [&str; 2] = ["Conditions", "Mappings"];
/// What such a stack lacks.
const NOT_CREATED: [&str; 3] = ["Parameters", "Rules", "Transform"];

/// The template of a stack of the program: as the program says it, with the tags that resources have. `all` are the templates
/// that are deployed, by stack.
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
                wrong.push(format!("`{section}` of the stack `{name}` changes, too"));
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
            wrong.push(format!("`{id}` of the stack `{name}` changes, too"));
        } else if stack != name && names_stack(body) {
            wrong.push(format!("`{id}` says `AWS::StackName` or `AWS::StackId`, which differ in the stack `{name}`"));
        }
        keep_tags(old, &mut template["Resources"][id]);
    }
    for (id, body) in resources(deployed) {
        let goes = moves.iter().any(|it| it.from.0 == name && it.from.1 == *id);
        if goes || !program["Resources"][id].is_null() {
            continue;
        }
        // A refactor that was given up left it; the deployment takes it away.
        match is_handle(id, body) {
            true => template["Resources"][id] = body.clone(),
            false => wrong.push(format!("`{id}` leaves the stack `{name}`")),
        }
    }
    template
}

/// Gives a resource the tags that it has: they change with the deployment.
fn keep_tags(old: &Value, new: &mut Value) {
    let had = &old["Properties"]["Tags"];
    if *had == new["Properties"]["Tags"] {
        return;
    }
    if let (false, Some(fields)) = (had.is_null(), new.as_object_mut()) {
        fields.entry("Properties").or_insert_with(|| json!({}));
    }
    // Properties that are not an object are told as a change.
    let Some(properties) = new.get_mut("Properties").and_then(Value::as_object_mut) else { return };
    match had {
        Value::Null => drop(properties.remove("Tags")),
        tags => drop(properties.insert("Tags".to_owned(), tags.clone())),
    }
}

/// What keeps a refactor from creating a stack.
fn check_created(
    all: &BTreeMap<String, Value>,
    name: &str,
    program: &Value,
    moves: &BTreeSet<Move>,
    wrong: &mut Vec<String>,
) {
    for section in NOT_CREATED.into_iter().filter(|section| !program[section].is_null()) {
        wrong.push(format!(
            "the stack `{name}` has `{section}`, and a refactor creates no stack with them: deploy it with another resource \
             first, then move"
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
                    "`{key}` in `{section}` of the stack `{name}` is not so in a stack that its resources come from"
                ));
            }
        }
    }
}

/// The template of a stack that the program no longer has: what does not move stays in it, or a handle.
pub(super) fn gone(name: &str, deployed: &Value, moves: &BTreeSet<Move>, wrong: &mut Vec<String>) -> Value {
    let moved: BTreeSet<&str> = moves.iter().filter(|it| it.from.0 == name).map(|it| it.from.1.as_str()).collect();
    let mut template = deployed.clone();
    if moved.is_empty() {
        return template;
    }
    if !deployed["Transform"].is_null() {
        wrong.push(format!(
            "the stack `{name}`, which the program no longer has, has a `Transform`, which a refactor takes nothing out of"
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
                    "`{id}` stays in the stack `{name}`, which the program no longer has, and refers to `{to}`, which moves: \
                     delete it first, or keep it in the program"
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

/// Takes out what a resource waits for that is elsewhere.
fn without_waits(resource: &mut Value, moved: &BTreeSet<&str>) {
    let is_moved = |it: &Value| it.as_str().is_some_and(|it| moved.contains(it));
    let Some(fields) = resource.as_object_mut() else { return };
    match fields.get_mut("DependsOn") {
        Some(Value::Array(ids)) => ids.retain(|it| !is_moved(it)),
        Some(one) if is_moved(one) => drop(fields.remove("DependsOn")),
        _ => {}
    }
}

/// What stays in a stack that everything moves out of. It says where to, for a run that finds the stack empty.
fn handle(to: &BTreeSet<&str>) -> Value {
    json!({ "Type": HANDLE_TYPE, "Metadata": { MOVED_TO: to } })
}

/// The stacks to which everything moved out of an emptied one.
pub(super) fn moved_to(template: &Value) -> BTreeSet<String> {
    let names = template["Resources"][HANDLE]["Metadata"][MOVED_TO].as_array().into_iter().flatten();
    names.filter_map(Value::as_str).map(str::to_owned).collect()
}

/// Whether a resource is that.
fn is_handle(id: &str, body: &Value) -> bool {
    id == HANDLE && body["Type"] == HANDLE_TYPE
}

/// Whether a template has nothing else.
pub(super) fn is_emptied(template: &Value) -> bool {
    let mut all = resources(template);
    all.next().is_some_and(|(id, body)| is_handle(id, body)) && all.next().is_none()
}

/// The resources of a template, by logical id.
pub(super) fn resources(template: &Value) -> impl Iterator<Item = (&String, &Value)> {
    template["Resources"].as_object().into_iter().flatten()
}
