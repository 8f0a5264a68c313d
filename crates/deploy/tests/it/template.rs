//! Parses templates like CloudFormation.

use std::collections::BTreeMap;

use meshsynth_deploy::cloud::ResourceChange;
use serde_json::Value;

/// Returns the resources, by logical ID.
pub fn resources(template: &str) -> BTreeMap<String, Value> {
    let value: Value = serde_json::from_str(template).unwrap_or_default();
    value["Resources"].as_object().into_iter().flatten().map(|(id, it)| (id.clone(), it.clone())).collect()
}

/// Returns the outputs of a stack.
pub fn outputs(name: &str, template: &str) -> BTreeMap<String, String> {
    let value: Value = serde_json::from_str(template).unwrap_or_default();
    value["Outputs"].as_object().into_iter().flatten().map(|(id, _)| (id.clone(), format!("{name}.{id}"))).collect()
}

/// Returns the export names of the outputs of a stack.
pub fn exports(name: &str, template: &str) -> BTreeMap<String, String> {
    let value: Value = serde_json::from_str(template).unwrap_or_default();
    let outputs = value["Outputs"].as_object().into_iter().flatten();
    let named = outputs.filter_map(|(id, it)| {
        let export = &it["Export"]["Name"];
        Some((id.clone(), export["Fn::Sub"].as_str().or(export.as_str())?.replace("${AWS::StackName}", name)))
    });
    named.collect()
}

/// Returns the changes between two templates in the form of CloudFormation.
pub fn changes(before: &str, after: &str) -> Vec<ResourceChange> {
    let (before, after) = (resources(before), resources(after));
    let row = |id: &String, action: &str, it: &Value| ResourceChange {
        id: id.clone(),
        kind: it["Type"].as_str().unwrap_or_default().to_owned(),
        action: action.to_owned(),
        replacement: if action == "Modify"
            && it["Properties"]["Name"] != before.get(id).unwrap_or(it)["Properties"]["Name"]
        {
            "True".to_owned()
        } else {
            "False".to_owned()
        },
        policy: if action == "Remove" {
            // By default, a database is deleted with a snapshot.
            let default = if it["Type"] == "AWS::RDS::DBInstance" { "Snapshot" } else { "Delete" };
            it["DeletionPolicy"].as_str().unwrap_or(default).to_owned()
        } else {
            String::new()
        },
        properties: Vec::new(),
    };
    let made = after.iter().filter(|(id, it)| before.get(*id) != Some(it));
    let made = made.map(|(id, it)| row(id, if before.contains_key(id) { "Modify" } else { "Add" }, it));
    let gone = before.iter().filter(|(id, _)| !after.contains_key(*id)).map(|(id, it)| row(id, "Remove", it));
    made.chain(gone).collect()
}
