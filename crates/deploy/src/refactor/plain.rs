//! Compares resources for a refactor, and finds their references.

use std::collections::BTreeSet;

use serde_json::{Map, Value, json};

/// The intrinsic functions that a refactor can change.
const REFERENCES: [&str; 4] = ["Fn::GetAtt", "Fn::GetStackOutput", "Fn::ImportValue", "Ref"];

/// Removes the parts of a resource that a refactor can change: the targets of references, and tags.
pub(super) fn plain(resource: &Value) -> Value {
    let mut out = resource.clone();
    if let Some(fields) = out.as_object_mut() {
        fields.remove("DependsOn");
        if let Some(properties) = fields.get_mut("Properties").and_then(Value::as_object_mut) {
            properties.remove("Tags");
        }
    }
    unreferenced(&out)
}

/// Replaces each reference by a mark.
fn unreferenced(value: &Value) -> Value {
    match value {
        Value::Array(items) => items.iter().map(unreferenced).collect(),
        Value::Object(fields) => match fields.iter().next() {
            Some((function, of)) if fields.len() == 1 && REFERENCES.contains(&function.as_str()) => {
                // Pseudo parameters do not change.
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

/// Replaces each variable of a `Fn::Sub` text by a mark, except for pseudo parameters.
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

/// Whether a value depends on the name or ID of its stack.
pub(super) fn names_stack(value: &Value) -> bool {
    match value {
        Value::String(text) => ["AWS::StackName", "AWS::StackId"].iter().any(|name| text.contains(name)),
        Value::Array(items) => items.iter().any(names_stack),
        Value::Object(fields) => fields.values().any(names_stack),
        _ => false,
    }
}

/// Collects the logical IDs and names that a value refers to.
pub(super) fn references(value: &Value, out: &mut BTreeSet<String>) {
    match value {
        Value::Array(items) => items.iter().for_each(|inner| references(inner, out)),
        Value::Object(fields) => {
            for (key, inner) in fields {
                match (key.as_str(), inner) {
                    ("Ref", Value::String(id)) => drop(out.insert(id.clone())),
                    ("Fn::GetAtt", Value::String(text)) => {
                        out.extend(text.split('.').next().map(str::to_owned));
                    }
                    ("Fn::GetAtt", Value::Array(parts)) => {
                        out.extend(parts.first().and_then(Value::as_str).map(str::to_owned));
                        references(inner, out);
                    }
                    ("Fn::Sub", Value::String(text)) => names(text, out),
                    ("Fn::Sub", Value::Array(parts)) => {
                        parts.first().and_then(Value::as_str).into_iter().for_each(|text| names(text, out));
                        references(inner, out);
                    }
                    _ => references(inner, out),
                }
            }
        }
        _ => {}
    }
}

/// Collects the variables of a `Fn::Sub` text.
fn names(text: &str, out: &mut BTreeSet<String>) {
    let pieces = text.split("${").skip(1).filter_map(|piece| piece.split_once('}'));
    out.extend(pieces.filter_map(|(name, _)| name.split('.').next().map(|it| it.trim().to_owned())));
}
