//! Detection of AWS Backup plans for a resource in the same template.
//!
//! Source: <https://docs.aws.amazon.com/aws-backup/latest/devguide/assigning-resources.html>.

use meshsynth_assembly::Stack;
use serde_json::Value;

use crate::side::Side;

/// Whether a backup selection of the stack names the resource, every resource, or one of its tags.
pub fn covers(side: &Side, stack: &Stack, id: &str, resource: &Value) -> bool {
    let selections = side.resources_of(stack).filter(|(_, _, it)| it["Type"] == "AWS::Backup::BackupSelection");
    selections.map(|(_, _, it)| &it["Properties"]["BackupSelection"]).any(|selection| {
        let named = selection["Resources"].as_array().into_iter().flatten();
        let tags = selection["ListOfTags"].as_array().into_iter().flatten();
        named.into_iter().any(|it| it == "*" || refers(it, id)) || tags.into_iter().any(|tag| has_tag(resource, tag))
    })
}

fn refers(value: &Value, id: &str) -> bool {
    let attribute = &value["Fn::GetAtt"];
    let is_attribute = match attribute {
        Value::String(text) => text.split('.').next() == Some(id),
        list => list[0] == id,
    };
    let text = match &value["Fn::Sub"] {
        Value::String(text) => text,
        list => list[0].as_str().unwrap_or_default(),
    };
    value["Ref"] == id || is_attribute || text.contains(&format!("${{{id}}}")) || text.contains(&format!("${{{id}."))
}

fn has_tag(resource: &Value, tag: &Value) -> bool {
    let tags = resource["Properties"]["Tags"].as_array().into_iter().flatten();
    tags.into_iter().any(|it| it["Key"] == tag["ConditionKey"] && it["Value"] == tag["ConditionValue"])
}
