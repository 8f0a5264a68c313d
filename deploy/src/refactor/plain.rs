//! What a refactor may not change of a resource, and what one refers to.

use std::collections::BTreeSet;

use serde_json::{Map, Value, json};

/// Functions whose value follows what they name.
const REFERENCES: [&str; 4] = ["Fn::GetAtt", "Fn::GetStackOutput", "Fn::ImportValue", "Ref"];

/// A resource without what a refactor may change: what its references name, and its tags.
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
pub(super) fn names_stack(value: &Value) -> bool {
    match value {
        Value::String(text) => ["AWS::StackName", "AWS::StackId"].iter().any(|name| text.contains(name)),
        Value::Array(items) => items.iter().any(names_stack),
        Value::Object(fields) => fields.values().any(names_stack),
        _ => false,
    }
}

/// What of the template of its stack a value refers to, by logical id or name.
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

/// The names in the text of a substitution.
fn names(text: &str, out: &mut BTreeSet<String>) {
    let pieces = text.split("${").skip(1).filter_map(|piece| piece.split_once('}'));
    out.extend(pieces.filter_map(|(name, _)| name.split('.').next().map(|it| it.trim().to_owned())));
}
