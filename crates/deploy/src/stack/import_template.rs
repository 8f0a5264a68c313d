//! Creates the template of an import: only the existing resources of the stack and the imported resources.
//!
//! Source: <https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/import-resources.html>.

use std::collections::BTreeSet;

use serde_json::{Map, Value, json};

/// The template sections that a resource can need.
const SECTIONS: [&str; 3] = ["Conditions", "Mappings", "Parameters"];

pub(super) struct ImportTemplate {
    /// The template.
    pub(super) document: Value,
    /// The logical IDs that get the deletion policy `Retain` for the import, because the program specifies none.
    pub(super) retained: Vec<String>,
    /// The unresolved references of imported resources: the resource and its target.
    pub(super) missing: Vec<(String, String)>,
}

impl ImportTemplate {
    /// Creates the template that imports program resources into the deployed template, or into a new stack.
    pub(super) fn new(program: &Value, deployed: Option<Value>, ids: &BTreeSet<&str>) -> Self {
        let mut document = deployed.unwrap_or_else(|| {
            // An import cannot create outputs.
            let mut document = program.clone();
            if let Some(fields) = document.as_object_mut() {
                fields.remove("Outputs");
                fields.insert("Resources".to_owned(), json!({}));
            }
            document
        });
        for section in SECTIONS {
            for (name, value) in program[section].as_object().into_iter().flatten() {
                let known = document[section].as_object_mut();
                match known {
                    Some(known) => {
                        known.entry(name).or_insert_with(|| value.clone());
                    }
                    None => document[section] = json!({ name: value }),
                }
            }
        }
        let mut retained = Vec::new();
        for id in ids {
            let mut resource = program["Resources"][*id].clone();
            if resource["DeletionPolicy"].is_null() {
                resource["DeletionPolicy"] = json!("Retain");
                retained.push((*id).to_owned());
            }
            document["Resources"][*id] = resource;
        }
        let there: BTreeSet<String> = names(&document["Resources"]).chain(names(&document["Parameters"])).collect();
        let mut missing = Vec::new();
        for id in ids {
            let resource = &mut document["Resources"][*id];
            order(resource, &there);
            let mut found = BTreeSet::new();
            references(resource, &mut found);
            missing.extend(found.into_iter().filter(|it| !there.contains(it)).map(|it| ((*id).to_owned(), it)));
        }
        Self { document, retained, missing }
    }
}

fn names(section: &Value) -> impl Iterator<Item = String> {
    section.as_object().into_iter().flatten().map(|(name, _)| name.clone())
}

/// Removes missing resources from `DependsOn`. An imported resource already exists, so it needs no order.
fn order(resource: &mut Value, there: &BTreeSet<String>) {
    let Some(fields) = resource.as_object_mut() else { return };
    let Some(behind) = fields.remove("DependsOn") else { return };
    let behind = match behind {
        Value::Array(items) => items,
        one => vec![one],
    };
    let left: Vec<Value> = behind.into_iter().filter(|it| it.as_str().is_some_and(|id| there.contains(id))).collect();
    if !left.is_empty() {
        fields.insert("DependsOn".to_owned(), Value::Array(left));
    }
}

/// Collects the resources and parameters that a value refers to.
fn references(value: &Value, out: &mut BTreeSet<String>) {
    match value {
        Value::Array(items) => items.iter().for_each(|item| references(item, out)),
        Value::Object(fields) => {
            if let Some(target) = fields.get("Ref").and_then(Value::as_str).filter(|_| fields.len() == 1) {
                out.extend((!target.starts_with("AWS::")).then(|| target.to_owned()));
                return;
            }
            match fields.get("Fn::GetAtt") {
                Some(Value::String(path)) => out.extend(path.split('.').next().map(str::to_owned)),
                Some(Value::Array(path)) => out.extend(path.first().and_then(Value::as_str).map(str::to_owned)),
                _ => {}
            }
            match fields.get("Fn::Sub") {
                Some(Value::String(text)) => substituted(text, &Map::new(), out),
                Some(Value::Array(parts)) => {
                    let own = parts.get(1).and_then(Value::as_object).cloned().unwrap_or_default();
                    substituted(parts.first().and_then(Value::as_str).unwrap_or_default(), &own, out);
                }
                _ => {}
            }
            fields.values().for_each(|inner| references(inner, out));
        }
        _ => {}
    }
}

fn substituted(text: &str, own: &Map<String, Value>, out: &mut BTreeSet<String>) {
    for part in text.split("${").skip(1) {
        let Some((name, _)) = part.split_once('}') else { continue };
        let target = name.split('.').next().unwrap_or_default();
        if !name.starts_with('!') && !name.starts_with("AWS::") && !own.contains_key(name) {
            out.insert(target.to_owned());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn program() -> Value {
        json!({
            "Parameters": { "Stage": { "Type": "String" } },
            "Resources": {
                "Key": { "Type": "AWS::KMS::Key" },
                "Bucket": {
                    "Type": "AWS::S3::Bucket", "DeletionPolicy": "Delete", "DependsOn": ["Queue"],
                    "Properties": { "BucketName": { "Fn::Sub": "${Stage}-${AWS::Region}" } }
                },
                "Queue": { "Type": "AWS::SQS::Queue", "Properties": { "KmsMasterKeyId": { "Fn::GetAtt": ["Key", "Arn"] } } }
            },
            "Outputs": { "Name": { "Value": "x" } }
        })
    }

    #[test]
    fn new_stack_contains_only_imported_resources() {
        let made = ImportTemplate::new(&program(), None, &["Bucket"].into());
        let wanted = json!({
            "Parameters": { "Stage": { "Type": "String" } },
            "Resources": { "Bucket": {
                "Type": "AWS::S3::Bucket", "DeletionPolicy": "Delete",
                "Properties": { "BucketName": { "Fn::Sub": "${Stage}-${AWS::Region}" } }
            } }
        });
        assert_eq!(made.document, wanted);
        assert_eq!((made.retained.len(), made.missing.len()), (0, 0));
    }

    #[test]
    fn keeps_deployed_template_unchanged() {
        let deployed = json!({
            "Resources": { "Topic": { "Type": "AWS::SNS::Topic" } }, "Outputs": { "Old": { "Value": "y" } }
        });
        let made = ImportTemplate::new(&program(), Some(deployed.clone()), &["Queue"].into());
        assert_eq!(made.document["Outputs"], deployed["Outputs"]);
        assert_eq!(made.document["Resources"]["Topic"], deployed["Resources"]["Topic"]);
        assert_eq!(made.document["Resources"]["Queue"]["DeletionPolicy"], "Retain");
        assert_eq!(made.retained, ["Queue"]);
        assert_eq!(made.missing, [("Queue".to_owned(), "Key".to_owned())]);
        let whole = ImportTemplate::new(&program(), Some(deployed), &["Key", "Queue"].into());
        assert_eq!(whole.missing, []);
    }
}
