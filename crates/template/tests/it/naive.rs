//! An independent evaluator for complete sets of parameter values. It shares no code with the crate.

use std::collections::BTreeMap;

use serde_json::{Value, json};

/// The values of all parameters.
pub type Given = BTreeMap<String, String>;

/// Returns whether a condition is true.
pub fn holds(template: &Value, given: &Given, condition: &Value) -> bool {
    let (key, inner) = condition.as_object().unwrap().iter().next().unwrap();
    match key.as_str() {
        "Condition" => holds(template, given, &template["Conditions"][inner.as_str().unwrap()]),
        "Fn::Not" => !holds(template, given, &inner[0]),
        "Fn::And" => inner.as_array().unwrap().iter().all(|it| holds(template, given, it)),
        "Fn::Or" => inner.as_array().unwrap().iter().any(|it| holds(template, given, it)),
        "Fn::Equals" => plain(&value(template, given, &inner[0])) == plain(&value(template, given, &inner[1])),
        other => panic!("unexpected `{other}`"),
    }
}

fn plain(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        other => other.to_string(),
    }
}

/// Returns a value in which every parameter is replaced. Null is `AWS::NoValue`.
pub fn value(template: &Value, given: &Given, of: &Value) -> Value {
    let each = |items: &Value| -> Vec<Value> {
        let items = items.as_array().unwrap().iter().map(|it| value(template, given, it));
        items.filter(|it| !it.is_null()).collect()
    };
    if of["Ref"] == "AWS::NoValue" {
        return Value::Null;
    }
    if let Some(name) = of["Ref"].as_str() {
        return given[name].clone().into();
    }
    if let Some(parts) = of["Fn::If"].as_array() {
        let is_true = holds(template, given, &json!({ "Condition": parts[0] }));
        return value(template, given, if is_true { &parts[1] } else { &parts[2] });
    }
    if let Some(parts) = of["Fn::Join"].as_array() {
        let items = each(&parts[1]);
        return items.iter().map(plain).collect::<Vec<_>>().join(parts[0].as_str().unwrap()).into();
    }
    if let Some(parts) = of["Fn::Select"].as_array() {
        return each(&parts[1])[usize::try_from(parts[0].as_u64().unwrap()).unwrap()].clone();
    }
    if let Some(text) = of["Fn::Sub"].as_str() {
        let mut out = text.to_owned();
        for (name, value) in given {
            out = out.replace(&format!("${{{name}}}"), value);
        }
        return out.into();
    }
    if let Some(parts) = of["Fn::FindInMap"].as_array() {
        let keys: Vec<String> = parts.iter().take(3).map(|it| plain(&value(template, given, it))).collect();
        let found = &template["Mappings"][&keys[0]][&keys[1]][&keys[2]];
        return if found.is_null() { value(template, given, &parts[3]["DefaultValue"]) } else { found.clone() };
    }
    match of {
        Value::Array(_) => each(of).into(),
        Value::Object(map) => {
            let entries = map.iter().map(|(key, it)| (key.clone(), value(template, given, it)));
            Value::Object(entries.filter(|(_, it)| !it.is_null()).collect())
        }
        scalar => scalar.clone(),
    }
}
