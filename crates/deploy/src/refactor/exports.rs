//! Determines the exports and imports of stacks from their templates.

use std::collections::BTreeSet;

use serde_json::Value;

/// Returns the logical ID and the export name of each exported output.
pub(crate) fn exports(stack: &str, template: &Value) -> Vec<(String, String)> {
    let outputs = template["Outputs"].as_object().into_iter().flatten();
    let named = outputs.map(|(id, it)| (id, &it["Export"]["Name"])).filter(|(_, name)| !name.is_null());
    named.map(|(id, name)| (id.clone(), export_name(stack, name))).collect()
}

/// Collects the names of a stack's imports.
pub(crate) fn imports(stack: &str, value: &Value, out: &mut BTreeSet<String>) {
    match value {
        Value::Array(items) => items.iter().for_each(|inner| imports(stack, inner, out)),
        Value::Object(fields) => {
            out.extend(fields.get("Fn::ImportValue").map(|name| export_name(stack, name)));
            fields.values().for_each(|inner| imports(stack, inner, out));
        }
        _ => {}
    }
}

/// Returns the name of an export. Names with other intrinsic functions are compared in their JSON form.
fn export_name(stack: &str, name: &Value) -> String {
    let text = name["Fn::Sub"].as_str().or(name.as_str());
    text.map_or_else(|| name.to_string(), |text| text.replace("${AWS::StackName}", stack))
}
