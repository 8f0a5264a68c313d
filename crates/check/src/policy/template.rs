//! Resolves intrinsic functions in template resources, as far as values are known before the deployment.

use std::collections::BTreeMap;

use super::subject::{DEFERRED, Stack};
use crate::expressions::Tree;

/// Returns the value of a property, or `None` if `AWS::NoValue` removes it.
pub fn resolved(tree: &Tree, stack: &Stack) -> Option<Tree> {
    match tree {
        Tree::Map(map) => match single(map) {
            Some(("Ref", Tree::Text(name))) => reference(name, stack),
            Some(("Fn::Sub", Tree::Text(text))) if !text.contains("${") => Some(Tree::from(text.as_str())),
            Some((name, _)) if name.starts_with("Fn::") => Some(Tree::unknown(DEFERRED)),
            _ => {
                let inner = map.iter().filter_map(|(key, value)| Some((key.clone(), resolved(value, stack)?)));
                Some(Tree::Map(inner.collect()))
            }
        },
        Tree::List(items) => Some(Tree::List(items.iter().filter_map(|item| resolved(item, stack)).collect())),
        tree => Some(tree.clone()),
    }
}

fn reference(name: &str, stack: &Stack) -> Option<Tree> {
    let known = match name {
        "AWS::NoValue" => return None,
        "AWS::Region" => stack.region.as_deref(),
        "AWS::AccountId" => stack.account.as_deref(),
        "AWS::StackName" => Some(stack.name.as_str()),
        _ => None,
    };
    Some(known.map_or_else(|| Tree::unknown(DEFERRED), Tree::from))
}

/// Returns the only entry of a map.
fn single(map: &BTreeMap<String, Tree>) -> Option<(&str, &Tree)> {
    let mut entries = map.iter();
    match (entries.next(), entries.next()) {
        (Some((key, value)), None) => Some((key, value)),
        _ => None,
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
        ]);
        let unknown = || Tree::unknown(DEFERRED);
        let wanted = [
            ("region", Tree::from("eu-west-1")),
            ("account", unknown()),
            ("plain", Tree::from("a")),
            ("bucket", unknown()),
        ];
        assert_eq!(resolved(&tree, &stack), Some(Tree::from(wanted)));
    }
}
