//! Resolves intrinsic functions in template resources, as far as values are known before the deployment.

use std::collections::BTreeMap;

use meshsynth_template::{Budget, Evaluator, Mode, Outcome, Residual, Template, Values};
use serde_json::Value;

use super::subject::{DEFERRED, Stack};
use crate::expressions::Tree;

/// Returns the value of a property, or `None` if `AWS::NoValue` removes it.
pub fn resolved(tree: &Tree, stack: &Stack) -> Option<Tree> {
    match tree {
        Tree::Map(map) if is_function(map) => evaluated(tree, stack),
        Tree::Map(map) => {
            let inner = map.iter().filter_map(|(key, value)| Some((key.clone(), resolved(value, stack)?)));
            Some(Tree::Map(inner.collect()))
        }
        Tree::List(items) => Some(Tree::List(items.iter().filter_map(|item| resolved(item, stack)).collect())),
        tree => Some(tree.clone()),
    }
}

/// Whether a map consists of one intrinsic function.
fn is_function(map: &BTreeMap<String, Tree>) -> bool {
    let is_name = |key: &String| key == "Ref" || key.starts_with("Fn::");
    map.len() == 1 && map.keys().all(is_name)
}

fn evaluated(function: &Tree, stack: &Stack) -> Option<Tree> {
    let Some(value) = json(function) else { return Some(Tree::unknown(DEFERRED)) };
    let text = |value: &Option<String>| value.clone().unwrap_or_default();
    let environment = Residual::of(&stack.name, &text(&stack.region), &text(&stack.account));
    let (values, budget) = (Values::new(), Budget::default());
    // The values of parameters are known only at deployment.
    let template = Template::new(&Value::Null);
    let evaluator =
        Evaluator { template, environment: &environment, values: &values, budget: &budget, mode: Mode::Decide };
    match evaluator.outcome(&value) {
        Outcome::Known(value) => Some(tree(&value)),
        Outcome::Unknown(_) => Some(Tree::unknown(DEFERRED)),
        Outcome::Absent => None,
    }
}

/// Returns a tree as JSON, or `None` if a part of it is unknown.
fn json(tree: &Tree) -> Option<Value> {
    Some(match tree {
        Tree::Null => Value::Null,
        Tree::Bool(value) => (*value).into(),
        Tree::Int(value) => (*value).into(),
        Tree::Float(value) => (*value).into(),
        Tree::Text(text) => text.as_str().into(),
        Tree::List(items) => items.iter().map(json).collect::<Option<Vec<Value>>>()?.into(),
        Tree::Map(map) => {
            let entries = map.iter().map(|(key, value)| Some((key.clone(), json(value)?)));
            Value::Object(entries.collect::<Option<_>>()?)
        }
        Tree::Unknown(_) => return None,
    })
}

fn tree(value: &Value) -> Tree {
    match value {
        Value::Null => Tree::Null,
        Value::Bool(value) => Tree::Bool(*value),
        Value::Number(number) => {
            number.as_i64().map_or_else(|| Tree::Float(number.as_f64().unwrap_or_default()), Tree::Int)
        }
        Value::String(text) => Tree::from(text.as_str()),
        Value::Array(items) => Tree::List(items.iter().map(tree).collect()),
        Value::Object(map) => Tree::Map(map.iter().map(|(key, value)| (key.clone(), tree(value))).collect()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn resolves_known_intrinsic_functions() {
        let stack = Stack { name: "data".to_owned(), region: Some("eu-west-1".to_owned()), ..Stack::default() };
        let of = |name: &str, value: &str| Tree::from([(name, Tree::from(value))]);
        let tree = Tree::from([
            ("gone", of("Ref", "AWS::NoValue")),
            ("region", of("Ref", "AWS::Region")),
            ("account", of("Ref", "AWS::AccountId")),
            ("plain", of("Fn::Sub", "a")),
            ("bucket", of("Fn::GetAtt", "Bucket.Arn")),
            ("name", of("Fn::Sub", "${AWS::StackName}-${AWS::Region}")),
            ("part", of("Fn::Sub", "${AWS::AccountId}-a")),
        ]);
        let unknown = || Tree::unknown(DEFERRED);
        let wanted = [
            ("region", Tree::from("eu-west-1")),
            ("account", unknown()),
            ("plain", Tree::from("a")),
            ("bucket", unknown()),
            ("name", Tree::from("data-eu-west-1")),
            ("part", unknown()),
        ];
        assert_eq!(resolved(&tree, &stack), Some(Tree::from(wanted)));
    }
}
