//! Cycles of conditions, which CloudFormation rejects.

use std::collections::{BTreeMap, BTreeSet};

use crate::diag::Diagnostic;
use crate::val::Data;

use super::document::Template;

/// Reports each cycle once, from its first condition.
pub fn check(template: &Template, out: &mut Vec<Diagnostic>) {
    let mut needs: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    for entry in &template.conditions {
        named(&entry.body, needs.entry(entry.id.as_str()).or_default());
    }
    let mut told: BTreeSet<&str> = BTreeSet::new();
    for entry in &template.conditions {
        let id = entry.id.as_str();
        let below = reachable(id, &needs);
        if !below.contains(id) || told.contains(id) {
            continue;
        }
        let members: Vec<&str> = below.iter().copied().filter(|it| reachable(it, &needs).contains(id)).collect();
        told.extend(&members);
        let others: Vec<String> = members.iter().filter(|it| **it != id).map(|it| format!("`{it}`")).collect();
        let message = match others.is_empty() {
            true => format!("the condition `{id}` refers to itself"),
            false => format!("the condition `{id}` depends on itself through {}", others.join(", ")),
        };
        let diagnostic = Diagnostic::error("MS0122", message).construct(template.construct(id)).at(entry.at);
        out.push(diagnostic.help("remove one of the references between the conditions"));
    }
}

/// Collects the conditions that a condition names.
fn named<'a>(data: &'a Data, found: &mut BTreeSet<&'a str>) {
    match data {
        Data::List(items) => items.iter().for_each(|item| named(item, found)),
        Data::Map(bag) => {
            if let Some(name) = bag.get("Condition").and_then(Data::as_str).filter(|_| bag.len() == 1) {
                found.insert(name);
            }
            bag.iter().for_each(|(_, value)| named(value, found));
        }
        _ => {}
    }
}

/// Returns the conditions that a condition depends on, directly or indirectly.
fn reachable<'a>(from: &str, needs: &BTreeMap<&'a str, BTreeSet<&'a str>>) -> BTreeSet<&'a str> {
    let mut seen = BTreeSet::new();
    let mut next: Vec<&str> = needs.get(from).into_iter().flatten().copied().collect();
    while let Some(name) = next.pop() {
        if let Some((name, below)) = needs.get_key_value(name)
            && seen.insert(*name)
        {
            next.extend(below);
        }
    }
    seen
}

#[cfg(test)]
mod tests {
    use crate::rules::testing::templates::fields;

    fn codes(a: &str, b: &str) -> Vec<String> {
        let topic = r#""Topic": { "Type": "AWS::SNS::Topic", "Condition": "A" }"#;
        let text = format!(r#"{{ "Conditions": {{ "A": {a}, "B": {b} }}, "Resources": {{ {topic} }} }}"#);
        fields(&text)
    }

    #[test]
    fn reports_conditions_that_depend_on_each_other() {
        let not = |name: &str| format!(r#"{{ "Fn::Not": [{{ "Condition": "{name}" }}] }}"#);
        let fixed = r#"{ "Fn::Equals": ["a", "a"] }"#;
        assert_eq!(codes(&not("B"), &not("A")), ["MS0122 run/A"]);
        assert_eq!(codes(fixed, &not("B")), ["MS0122 run/B"]);
        assert_eq!(codes(fixed, &not("A")), [""; 0]);
    }
}
