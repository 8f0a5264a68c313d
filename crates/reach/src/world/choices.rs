//! Values that the files do not determine, and that decide conditions.
//!
//! A condition on a parameter without a value can be true or false. The world is therefore built once for each
//! combination of values, and an answer is certain only if all combinations agree.

use std::collections::BTreeSet;

use serde_json::Value;

use super::assumption::{Assumed, Assumptions, text};
use super::resolve::{Resolver, Template};

/// A parameter or a condition without a value, and its possible values.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Choice {
    /// The stack; `None` for a pseudo parameter.
    stack: Option<usize>,
    name: String,
    values: Vec<Assumed>,
}

/// The maximum number of combinations.
const MOST: usize = 32;

/// Types that neither open nor close a path.
const IRRELEVANT: [&str; 8] = [
    "AWS::ApplicationAutoScaling::",
    "AWS::AutoScaling::ScalingPolicy",
    "AWS::Budgets::",
    "AWS::CloudWatch::",
    "AWS::Config::",
    "AWS::Logs::",
    "AWS::SSM::Document",
    "AWS::Synthetics::",
];

/// Returns the choices of all templates.
pub(super) fn choices(templates: &[Template]) -> Vec<Choice> {
    let resolver = Resolver::new(templates, Assumptions::new());
    let mut found: Vec<Choice> = Vec::new();
    let mut opaque = Vec::new();
    for (at, template) in templates.iter().enumerate() {
        for condition in used(&template.document) {
            if resolver.holds_named(at, &condition).is_some() {
                continue;
            }
            for name in parameters(&template.document, &condition) {
                if resolver.is_open(at, &name) {
                    let choice = of_parameter(at, template, name);
                    found.extend((!found.contains(&choice)).then_some(choice));
                }
            }
            opaque.push((at, condition));
        }
    }
    // Some conditions remain unknown, for example if they compare parts of a value.
    let first = combination(&found, 0);
    let resolver = Resolver::new(templates, first);
    for (at, name) in opaque {
        let choice = Choice { stack: Some(at), name, values: vec![Assumed::Holds(true), Assumed::Holds(false)] };
        if resolver.holds_named(at, &choice.name).is_none() && !found.contains(&choice) {
            found.push(choice);
        }
    }
    found
}

/// Returns all combinations, or `None` if there are too many.
pub(super) fn combinations(choices: &[Choice]) -> Option<Vec<Assumptions>> {
    let count = choices.iter().try_fold(1_usize, |all, it| all.checked_mul(it.values.len()))?;
    (count <= MOST).then(|| (0..count).map(|at| combination(choices, at)).collect())
}

fn combination(choices: &[Choice], mut at: usize) -> Assumptions {
    let mut assumed = Assumptions::new();
    for choice in choices {
        let count = choice.values.len().max(1);
        if let Some(value) = choice.values.get(at % count) {
            assumed.insert((choice.stack, choice.name.clone()), value.clone());
        }
        at /= count;
    }
    assumed
}

/// Describes a combination, such as "`Env` of stack `shop` is `prod`".
pub(super) fn words(assumed: &Assumptions, templates: &[String]) -> Vec<String> {
    let one = |((stack, name), value): (&(Option<usize>, String), &Assumed)| {
        let of = stack.and_then(|at| templates.get(at)).map_or_else(String::new, |it| format!(" of stack `{it}`"));
        match value {
            Assumed::Value(value) => format!("`{name}`{of} is `{value}`"),
            Assumed::Other => format!("`{name}`{of} has another value"),
            Assumed::Holds(true) => format!("the condition `{name}`{of} is true"),
            Assumed::Holds(false) => format!("the condition `{name}`{of} is false"),
        }
    };
    assumed.iter().map(one).collect()
}

/// Returns the conditions that decide whether relevant resources exist, or which properties they have.
fn used(document: &Value) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    for (_, resource) in document["Resources"].as_object().into_iter().flatten() {
        let type_name = resource["Type"].as_str().unwrap_or_default();
        if IRRELEVANT.iter().any(|it| type_name.starts_with(it)) {
            continue;
        }
        found.extend(resource["Condition"].as_str().map(str::to_owned));
        branches(resource, &mut found);
    }
    for (_, output) in document["Outputs"].as_object().into_iter().flatten() {
        branches(&output["Value"], &mut found);
    }
    found
}

fn branches(value: &Value, found: &mut BTreeSet<String>) {
    match value {
        Value::Array(items) => items.iter().for_each(|it| branches(it, found)),
        Value::Object(map) => {
            found.extend(map.get("Fn::If").and_then(|it| it[0].as_str()).map(str::to_owned));
            map.values().for_each(|it| branches(it, found));
        }
        _ => {}
    }
}

/// Returns the names that a condition refers to, directly or through other conditions.
fn parameters(document: &Value, condition: &str) -> BTreeSet<String> {
    let (mut found, mut seen, mut left) = (BTreeSet::new(), BTreeSet::new(), vec![condition.to_owned()]);
    while let Some(name) = left.pop() {
        if let Some(body) = document["Conditions"].get(&name).filter(|_| seen.insert(name.clone())) {
            names(body, &mut found, &mut left);
        }
    }
    found
}

fn names(value: &Value, found: &mut BTreeSet<String>, conditions: &mut Vec<String>) {
    match value {
        Value::Array(items) => items.iter().for_each(|it| names(it, found, conditions)),
        Value::Object(map) => {
            found.extend(map.get("Ref").and_then(Value::as_str).map(str::to_owned));
            conditions.extend(map.get("Condition").and_then(Value::as_str).map(str::to_owned));
            map.values().for_each(|it| names(it, found, conditions));
        }
        _ => {}
    }
}

/// Returns the values of a parameter that conditions distinguish.
fn of_parameter(at: usize, template: &Template, name: String) -> Choice {
    let mut compared = BTreeSet::new();
    compared_with(&template.document["Conditions"], &name, &mut compared);
    let allowed = template.document["Parameters"][&name]["AllowedValues"].as_array();
    let allowed: Option<Vec<String>> = allowed.map(|all| all.iter().map(text).collect());
    let mut values: Vec<Assumed> = Vec::new();
    match allowed {
        Some(allowed) => {
            let (named, others): (Vec<String>, Vec<String>) = allowed.into_iter().partition(|it| compared.contains(it));
            values.extend(named.into_iter().map(Assumed::Value));
            match others.as_slice() {
                [] => {}
                [one] => values.push(Assumed::Value(one.clone())),
                _ => values.push(Assumed::Other),
            }
        }
        None => {
            values.extend(compared.into_iter().map(Assumed::Value));
            values.push(Assumed::Other);
        }
    }
    let stack = (!name.starts_with("AWS::")).then_some(at);
    Choice { stack, name, values }
}

/// Collects the literals that conditions compare with a parameter.
fn compared_with(value: &Value, name: &str, found: &mut BTreeSet<String>) {
    match value {
        Value::Array(items) => items.iter().for_each(|it| compared_with(it, name, found)),
        Value::Object(map) => {
            if let Some([a, b]) = map.get("Fn::Equals").and_then(Value::as_array).map(Vec::as_slice) {
                for (side, other) in [(a, b), (b, a)] {
                    let is_literal = !other.is_object() && !other.is_array();
                    found.extend((side["Ref"] == name && is_literal).then(|| text(other)));
                }
            }
            map.values().for_each(|it| compared_with(it, name, found));
        }
        _ => {}
    }
}
