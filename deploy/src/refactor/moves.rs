//! What moves between stacks or gets another logical id, and the templates of the stack refactor that does it: where only
//! references change with it.
//!
//! Source: <https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/stack-refactoring.html>.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Map, Value, json};

use crate::cloud::Move;

/// So many stacks are in one refactor at most.
const MOST_STACKS: usize = 5;
/// What a refactor does not change of a template.
const SECTIONS: [&str; 4] = ["Conditions", "Mappings", "Parameters", "Transform"];
/// What a stack lacks that a refactor creates.
///
/// Source: the stack definitions that `cdk refactor` hands in, in <https://github.com/aws/aws-cdk-cli>.
const NOT_CREATED: [&str; 2] = ["Parameters", "Rules"];
/// Functions whose value follows what they name.
const REFERENCES: [&str; 4] = ["Fn::GetAtt", "Fn::GetStackOutput", "Fn::ImportValue", "Ref"];

/// The stacks of one account and region, by name: what is deployed, and what the program says.
#[derive(Clone, Debug, Default)]
pub(crate) struct Estate {
    /// The templates that are deployed.
    pub deployed: BTreeMap<String, Value>,
    /// The templates of the program.
    pub program: BTreeMap<String, Value>,
    /// The names of stacks of the program that are there and belong to others.
    pub foreign: BTreeSet<String>,
}

/// A stack refactor.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Moves {
    /// What moves.
    pub moves: BTreeSet<Move>,
    /// The templates of its stacks, by name.
    pub templates: BTreeMap<String, Value>,
    /// Whether a stack is created by it.
    pub creates: bool,
}

impl Estate {
    /// The refactor that makes these moves; or everything that keeps CloudFormation from it.
    pub(crate) fn refactor(&self, moves: BTreeSet<Move>) -> Result<Moves, Vec<String>> {
        let mut names: BTreeSet<&String> = moves.iter().flat_map(|it| [&it.from.0, &it.to.0]).collect();
        names.extend(self.importers(&names));
        let mut wrong = Vec::new();
        if names.len() > MOST_STACKS {
            wrong.push(format!("it is of {} stacks, and CloudFormation takes {MOST_STACKS} at most", names.len()));
        }
        let mut templates = BTreeMap::new();
        for name in &names {
            match self.program.get(*name) {
                // A refactor would take it for one that it may create or change.
                Some(_) if self.foreign.contains(*name) => wrong.push(format!(
                    "the stack `{name}` exists and does not belong to this app: take it over with `--adopt {name}` first, \
                     without `--refactor`, or give the stack of the program another name"
                )),
                Some(program) => {
                    templates.insert((*name).clone(), self.template(name, program, &moves, &mut wrong));
                }
                None => wrong.push(format!(
                    "the program no longer has the stack `{name}`, and CloudFormation keeps no empty stack: keep the stack in the \
                     program, and deploy it with a resource that stays, such as `AWS::CloudFormation::WaitConditionHandle`, first; \
                     or keep its name"
                )),
            }
        }
        let creates = names.iter().any(|name| !self.deployed.contains_key(*name));
        if wrong.is_empty() { Ok(Moves { moves, templates, creates }) } else { Err(wrong) }
    }

    /// The stacks that import what no stack exports any more under that name: CloudFormation keeps an export as long as
    /// somebody imports it, so they change with it.
    fn importers(&self, names: &BTreeSet<&String>) -> Vec<&String> {
        let kept: BTreeSet<String> = self.program.iter().flat_map(|(name, it)| exports(name, it)).collect();
        let had = self.deployed.iter().filter(|(name, _)| names.contains(name));
        let lost: BTreeSet<String> =
            had.flat_map(|(name, it)| exports(name, it)).filter(|it| !kept.contains(it)).collect();
        let is_importer = |(name, template): &(&String, &Value)| {
            let mut imported = BTreeSet::new();
            imports(name, template, &mut imported);
            !imported.is_disjoint(&lost)
        };
        self.deployed.iter().filter(is_importer).map(|(name, _)| name).collect()
    }

    /// The template of a stack with what moves: as the program says it, with the tags that resources have.
    fn template(&self, name: &str, program: &Value, moves: &BTreeSet<Move>, wrong: &mut Vec<String>) -> Value {
        let none = json!({});
        let deployed = self.deployed.get(name).unwrap_or(&none);
        let is_created = !self.deployed.contains_key(name);
        for section in NOT_CREATED.into_iter().filter(|section| is_created && !program[section].is_null()) {
            wrong.push(format!(
                "the stack `{name}` has `{section}`, and a refactor creates no stack with them: deploy it with another resource \
                 first, then move"
            ));
        }
        for section in SECTIONS.into_iter().filter(|section| !is_created || !NOT_CREATED.contains(section)) {
            if deployed[section] != program[section] {
                wrong.push(format!("`{section}` of the stack `{name}` changes, too"));
            }
        }
        let mut template = program.clone();
        let resources = || program["Resources"].as_object().into_iter().flatten();
        for (id, body) in resources() {
            let came = moves.iter().find(|it| it.to.0 == name && it.to.1 == *id);
            let (stack, old_id) = came.map_or((name, id.as_str()), |it| (it.from.0.as_str(), it.from.1.as_str()));
            let old = self.deployed.get(stack).map_or(&Value::Null, |template| &template["Resources"][old_id]);
            if old.is_null() {
                wrong.push(format!("`{id}` of the stack `{name}` is new"));
            } else if plain(old) != plain(body) {
                wrong.push(format!("`{id}` of the stack `{name}` changes, too"));
            } else if stack != name && names_stack(body) {
                wrong.push(format!(
                    "`{id}` says `AWS::StackName` or `AWS::StackId`, which differ in the stack `{name}`"
                ));
            }
            let target = &mut template["Resources"][id];
            if old["Properties"]["Tags"] != body["Properties"]["Tags"] {
                match &old["Properties"]["Tags"] {
                    Value::Null => drop(target["Properties"].as_object_mut().and_then(|it| it.remove("Tags"))),
                    tags => target["Properties"]["Tags"] = tags.clone(),
                }
            }
        }
        for (id, _) in deployed["Resources"].as_object().into_iter().flatten() {
            let goes = moves.iter().any(|it| it.from.0 == name && it.from.1 == *id);
            if !goes && program["Resources"][id].is_null() {
                wrong.push(format!("`{id}` leaves the stack `{name}`"));
            }
        }
        template
    }
}

/// The names that a stack exports.
fn exports(stack: &str, template: &Value) -> Vec<String> {
    let outputs = template["Outputs"].as_object().into_iter().flatten().map(|(_, it)| &it["Export"]["Name"]);
    outputs.filter(|name| !name.is_null()).map(|name| export_name(stack, name)).collect()
}

/// The names that a stack imports.
fn imports(stack: &str, value: &Value, out: &mut BTreeSet<String>) {
    match value {
        Value::Array(items) => items.iter().for_each(|inner| imports(stack, inner, out)),
        Value::Object(fields) => {
            out.extend(fields.get("Fn::ImportValue").map(|name| export_name(stack, name)));
            fields.values().for_each(|inner| imports(stack, inner, out));
        }
        _ => {}
    }
}

/// The name of an export, as far as it is known: other functions are compared as they are written.
fn export_name(stack: &str, name: &Value) -> String {
    let text = name["Fn::Sub"].as_str().or(name.as_str());
    text.map_or_else(|| name.to_string(), |text| text.replace("${AWS::StackName}", stack))
}

/// A resource without what a refactor may change: what its references name, and its tags.
fn plain(resource: &Value) -> Value {
    let mut out = resource.clone();
    if let Some(fields) = out.as_object_mut() {
        fields.remove("DependsOn");
        if let Some(properties) = fields.get_mut("Properties").and_then(Value::as_object_mut) {
            properties.remove("Tags");
        }
    }
    unreferenced(&out)
}

/// A value with a mark in place of each reference.
fn unreferenced(value: &Value) -> Value {
    match value {
        Value::Array(items) => items.iter().map(unreferenced).collect(),
        Value::Object(fields) => match fields.iter().next() {
            Some((function, of)) if fields.len() == 1 && REFERENCES.contains(&function.as_str()) => {
                // Pseudo parameters stay what they are.
                match of.as_str().filter(|name| name.starts_with("AWS::")) {
                    Some(_) => value.clone(),
                    None => json!("<reference>"),
                }
            }
            Some((function, Value::String(text))) if fields.len() == 1 && function == "Fn::Sub" => {
                json!({ "Fn::Sub": [pieces(text), {}] })
            }
            Some((function, Value::Array(parts))) if fields.len() == 1 && function == "Fn::Sub" => {
                let text = parts.first().and_then(Value::as_str).unwrap_or_default();
                json!({ "Fn::Sub": [pieces(text), {}] })
            }
            _ => Value::Object(
                fields.iter().map(|(key, inner)| (key.clone(), unreferenced(inner))).collect::<Map<_, _>>(),
            ),
        },
        other => other.clone(),
    }
}

/// The text of a substitution with a mark for each name that is not of AWS.
fn pieces(text: &str) -> String {
    let (mut out, mut rest) = (String::new(), text);
    while let Some((before, after)) = rest.split_once("${") {
        let (name, behind) = after.split_once('}').unwrap_or((after, ""));
        out += before;
        out += &if name.starts_with("AWS::") || name.starts_with('!') {
            format!("${{{name}}}")
        } else {
            "<reference>".to_owned()
        };
        rest = behind;
    }
    out + rest
}

/// Whether a value depends on the stack that it is in.
fn names_stack(value: &Value) -> bool {
    match value {
        Value::String(text) => ["AWS::StackName", "AWS::StackId"].iter().any(|name| text.contains(name)),
        Value::Array(items) => items.iter().any(names_stack),
        Value::Object(fields) => fields.values().any(names_stack),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn queue(timeout: u32) -> Value {
        json!({ "Type": "AWS::SQS::Queue", "Properties": { "VisibilityTimeout": timeout, "Tags": [{ "Key": "a", "Value": "old" }] } })
    }

    fn alarm(of: Value) -> Value {
        json!({ "Type": "AWS::CloudWatch::Alarm", "Properties": { "Dimension": of } })
    }

    fn moves() -> BTreeSet<Move> {
        let end = |stack: &str, id: &str| (stack.to_owned(), id.to_owned());
        [Move { from: end("data", "Queue"), to: end("queues", "Jobs") }].into()
    }

    fn estate() -> Estate {
        let mut jobs = queue(1);
        jobs["Properties"]["Tags"] = json!([{ "Key": "a", "Value": "new" }]);
        let stays = json!({ "Fn::GetAtt": ["Queue", "QueueName"] });
        let import = json!({ "Fn::ImportValue": "queues-Jobs" });
        Estate {
            deployed: [("data".to_owned(), json!({ "Resources": { "Queue": queue(1), "Alarm": alarm(stays) } }))]
                .into(),
            program: [
                ("data".to_owned(), json!({ "Resources": { "Alarm": alarm(import) } })),
                ("queues".to_owned(), json!({ "Resources": { "Jobs": jobs }, "Outputs": { "Jobs": {} } })),
            ]
            .into(),
            foreign: BTreeSet::new(),
        }
    }

    #[test]
    fn a_split_where_only_references_move_is_a_refactor() {
        let found = estate().refactor(moves()).unwrap();
        assert!(found.creates);
        let tags = &found.templates["queues"]["Resources"]["Jobs"]["Properties"]["Tags"];
        assert_eq!(tags[0]["Value"], "old", "a refactor changes no property: the tags come with the deployment");
        assert_eq!(found.templates["queues"]["Outputs"], json!({ "Jobs": {} }));
        assert_eq!(found.templates["data"], estate().program["data"]);
    }

    #[test]
    fn who_imports_what_is_exported_under_another_name_is_part_of_it() {
        let mut estate = estate();
        let name = json!({ "Fn::Sub": "${AWS::StackName}-Queue" });
        estate.deployed.get_mut("data").unwrap()["Outputs"] = json!({ "Queue": { "Export": { "Name": name } } });
        estate.program.get_mut("queues").unwrap()["Outputs"] =
            json!({ "Jobs": { "Export": { "Name": "queues-Jobs" } } });
        let run = |name: &str| json!({ "Resources": { "Alarm": alarm(json!({ "Fn::ImportValue": name })) } });
        estate.deployed.insert("run".to_owned(), run("data-Queue"));
        estate.program.insert("run".to_owned(), run("queues-Jobs"));
        estate.deployed.insert("other".to_owned(), run("other-Queue"));
        estate.program.insert("other".to_owned(), run("other-Queue"));
        let found = estate.refactor(moves()).unwrap();
        assert_eq!(found.templates.keys().collect::<Vec<_>>(), ["data", "queues", "run"]);
        assert_eq!(found.templates["run"], run("queues-Jobs"));
    }

    #[test]
    fn a_stack_with_parameters_is_not_created_by_a_refactor() {
        let mut estate = estate();
        estate.program.get_mut("queues").unwrap()["Parameters"] = json!({ "Size": { "Type": "String" } });
        let wrong = estate.refactor(moves()).unwrap_err();
        assert_eq!(wrong.len(), 1, "{wrong:?}");
        assert!(wrong[0].starts_with("the stack `queues` has `Parameters`, and a refactor creates"), "{wrong:?}");
    }

    #[test]
    fn what_else_changes_is_told_all_at_once() {
        let mut estate = estate();
        estate.program.get_mut("queues").unwrap()["Resources"]["Jobs"]["Properties"]["VisibilityTimeout"] = json!(2);
        estate.program.get_mut("queues").unwrap()["Resources"]["More"] = queue(3);
        estate.program.get_mut("data").unwrap()["Parameters"] = json!({ "Size": {} });
        let wrong = estate.refactor(moves()).unwrap_err();
        let wanted = [
            "`Parameters` of the stack `data` changes, too",
            "`Jobs` of the stack `queues` changes, too",
            "`More` of the stack `queues` is new",
        ];
        assert_eq!(wrong, wanted);
        estate.program.remove("data");
        assert!(estate.refactor(moves()).unwrap_err().iter().any(|it| it.contains("keeps no empty stack")));
    }

    #[test]
    fn what_names_its_stack_does_not_move() {
        let mut estate = estate();
        let name = json!({ "Fn::Sub": "${AWS::StackName}-jobs" });
        estate.program.get_mut("queues").unwrap()["Resources"]["Jobs"]["Properties"]["QueueName"] = name.clone();
        estate.deployed.get_mut("data").unwrap()["Resources"]["Queue"]["Properties"]["QueueName"] = name;
        let wrong = estate.refactor(moves()).unwrap_err();
        assert_eq!(wrong, ["`Jobs` says `AWS::StackName` or `AWS::StackId`, which differ in the stack `queues`"]);
    }
}
