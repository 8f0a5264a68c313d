//! `Fn::ForEach`: expands the loops of a template as CloudFormation does.
//!
//! Source: <https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/intrinsic-function-reference-foreach.html>.

use std::collections::BTreeMap;

use serde_json::{Map, Value};

const LOOP: &str = "Fn::ForEach::";

/// The maximum number of expanded items. CloudFormation accepts only 500 resources, but nested loops can produce any
/// number.
const MOST: usize = 10_000;

/// The loops of a template.
#[derive(Clone, Debug, Default)]
pub struct Loops {
    /// The loops that cannot be expanded, by key.
    pub left: BTreeMap<String, Value>,
    /// The loop keys of expanded resources, by logical ID.
    pub origins: BTreeMap<String, String>,
    parameters: Value,
    n_made: usize,
}

impl Loops {
    /// Expands the loops whose collections are lists, or parameters with a default.
    pub fn expand_all(template: &mut Value) -> Self {
        let mut loops = Self { parameters: template["Parameters"].clone(), ..Self::default() };
        for section in ["Conditions", "Outputs", "Resources"] {
            loops.origins.clear();
            if let Some(value) = template.get_mut(section) {
                loops.expand(value);
            }
        }
        loops
    }

    fn expand(&mut self, value: &mut Value) {
        match value {
            Value::Array(items) => items.iter_mut().for_each(|item| self.expand(item)),
            Value::Object(map) if map.keys().any(|key| key.starts_with(LOOP)) => {
                for (key, mut body) in std::mem::take(map) {
                    if !key.starts_with(LOOP) {
                        self.expand(&mut body);
                        map.insert(key, body);
                    } else if let Some(made) = self.made(&body) {
                        self.origins.extend(made.keys().map(|id| (id.clone(), key.clone())));
                        map.extend(made);
                    } else {
                        map.insert(key.clone(), body.clone());
                        self.left.insert(key, body);
                    }
                }
            }
            Value::Object(map) => map.values_mut().for_each(|item| self.expand(item)),
            _ => {}
        }
    }

    /// Returns the items that a loop produces, or `None` if they are unknown.
    fn made(&mut self, body: &Value) -> Option<Map<String, Value>> {
        let [Value::String(name), collection, Value::Object(fragment)] = body.as_array()?.as_slice() else {
            return None;
        };
        let mut made = Map::new();
        for item in self.items(collection)? {
            self.n_made += fragment.len();
            if self.n_made > MOST {
                return None;
            }
            let mut one = put(&Value::Object(fragment.clone()), name, &item);
            self.expand(&mut one);
            if let Value::Object(one) = one {
                made.extend(one);
            }
        }
        Some(made)
    }

    fn items(&self, collection: &Value) -> Option<Vec<String>> {
        let text = |it: &Value| match it {
            Value::String(text) => Some(text.clone()),
            Value::Number(number) => Some(number.to_string()),
            _ => None,
        };
        match collection {
            Value::Array(items) => items.iter().map(text).collect(),
            Value::Object(map) => {
                let default = self.parameters[map.get("Ref")?.as_str()?]["Default"].as_str()?;
                Some(default.split(',').map(|it| it.trim().to_owned()).collect())
            }
            _ => None,
        }
    }
}

/// Replaces the loop identifier in a value by an item.
fn put(value: &Value, name: &str, item: &str) -> Value {
    let plain: String = item.chars().filter(char::is_ascii_alphanumeric).collect();
    let text = |text: &str| text.replace(&format!("${{{name}}}"), item).replace(&format!("&{{{name}}}"), &plain);
    match value {
        Value::String(it) => Value::String(text(it)),
        Value::Array(items) => items.iter().map(|it| put(it, name, item)).collect(),
        Value::Object(map) if map.len() == 1 && map.get("Ref").is_some_and(|it| it == name) => {
            Value::String(item.to_owned())
        }
        Value::Object(map) => map.iter().map(|(key, it)| (text(key), put(it, name, item))).collect(),
        other => other.clone(),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn expands_nested_loops() {
        let mut template = json!({
            "Parameters": { "Zones": { "Type": "CommaDelimitedList", "Default": "a, b" } },
            "Resources": { "Fn::ForEach::Zones": ["Zone", { "Ref": "Zones" }, {
                "Fn::ForEach::Names": ["Name", ["x-1"], {
                    "Q${Zone}&{Name}": { "Type": "AWS::SQS::Queue", "Properties": { "QueueName": { "Ref": "Name" } } },
                }],
            }] },
        });
        let loops = Loops::expand_all(&mut template);
        assert!(loops.left.is_empty() && loops.origins["Qax1"] == "Fn::ForEach::Zones", "{loops:?}");
        let queue = json!({ "Type": "AWS::SQS::Queue", "Properties": { "QueueName": "x-1" } });
        assert_eq!(template["Resources"], json!({ "Qax1": queue, "Qbx1": queue }));
    }

    #[test]
    fn keeps_loops_with_unknown_or_too_many_items() {
        let fragment = json!({ "Q${N}": { "Type": "AWS::SQS::Queue" } });
        let mut template = json!({ "Resources": { "Fn::ForEach::Qs": ["N", { "Fn::Split": [",", "a"] }, fragment] } });
        assert!(Loops::expand_all(&mut template).left.contains_key("Fn::ForEach::Qs"));
        let items: Vec<String> = (0..100).map(|it| it.to_string()).collect();
        let mut body = fragment;
        for depth in 0..4 {
            body = json!({ format!("Fn::ForEach::L{depth}"): [format!("I{depth}"), items, body] });
        }
        let mut template = json!({ "Resources": body });
        assert!(!Loops::expand_all(&mut template).left.is_empty());
    }
}
