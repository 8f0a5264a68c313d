//! Normalizes template sections that have two equivalent notations.

use serde_json::{Map, Value};

use super::platform::Platform;

/// Normalizes the templates of a platform.
pub fn write(platform: &mut Platform) {
    platform.templates.iter_mut().for_each(|it| plain(&mut it.document));
}

/// Normalizes `Fn::GetAtt` and `DependsOn`, which can be a text or a list. The order of `DependsOn` has no meaning.
fn plain(document: &mut Value) {
    let resources = document.get_mut("Resources").and_then(Value::as_object_mut);
    for body in resources.into_iter().flat_map(|all| all.values_mut()) {
        let Some(needs) = body.get_mut("DependsOn") else { continue };
        if needs.is_string() {
            *needs = Value::Array(vec![needs.take()]);
        }
        if let Value::Array(ids) = needs {
            ids.sort_by_key(ToString::to_string);
            ids.dedup();
        }
    }
    transforms(document);
    // Only one format version exists, and it is the default.
    if let Some(sections) = document.as_object_mut() {
        sections.remove("AWSTemplateFormatVersion");
    }
    get_att(document);
}

/// Normalizes transforms: a single transform or a list, by name or with empty parameters.
fn transforms(document: &mut Value) {
    let Some(all) = document.get_mut("Transform") else { return };
    if !all.is_array() {
        *all = Value::Array(vec![all.take()]);
    }
    for one in all.as_array_mut().into_iter().flatten() {
        let is_plain = one.get("Parameters").and_then(Value::as_object).is_none_or(Map::is_empty);
        if let Some(name) = one.get("Name").filter(|name| is_plain && name.is_string()) {
            *one = name.clone();
        }
    }
}

fn get_att(value: &mut Value) {
    match value {
        Value::Array(items) => items.iter_mut().for_each(get_att),
        Value::Object(map) => {
            let is_one = map.len() == 1;
            for (key, inner) in map.iter_mut() {
                match inner.as_str().and_then(|text| text.split_once('.')).filter(|_| is_one && key == "Fn::GetAtt") {
                    Some((id, name)) => *inner = Value::Array(vec![id.into(), name.into()]),
                    None => get_att(inner),
                }
            }
        }
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::plain;

    #[test]
    fn normalizes_equivalent_notations() {
        let mut one =
            json!({ "Resources": { "A": { "DependsOn": "B", "Properties": { "X": { "Fn::GetAtt": "B.Arn.Of" } } } } });
        let mut other = json!({ "Resources": { "A": { "DependsOn": ["B"], "Properties": { "X": { "Fn::GetAtt": ["B", "Arn.Of"] } } } } });
        plain(&mut one);
        plain(&mut other);
        assert_eq!(one, other);
        for transform in [json!(["A"]), json!({ "Name": "A" }), json!([{ "Name": "A", "Parameters": {} }])] {
            let (mut one, mut other) = (json!({ "Transform": "A" }), json!({ "Transform": transform }));
            plain(&mut one);
            plain(&mut other);
            assert_eq!(one, other);
        }
        let mut nothing = json!({ "Outputs": {} });
        plain(&mut nothing);
        assert_eq!(nothing, json!({ "Outputs": {} }));
    }
}
