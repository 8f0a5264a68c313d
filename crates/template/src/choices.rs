//! The values of parameters that conditions distinguish.
//!
//! Conditions compare parameters with texts. Each parameter therefore has one representative value per compared text,
//! and one for all other values. Allowed values and the keys of mappings restrict and complete them.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use crate::assumption::{Assumed, Values};
use crate::environment::Environment;
use crate::evaluator::Evaluator;
use crate::parameter::Parameter;
use crate::syntax::scalar;
use crate::template::Template;

/// A parameter, pseudo parameter or condition, and the values to distinguish.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Choice {
    /// The name.
    pub name: String,
    /// The values.
    pub values: Vec<Assumed>,
}

/// Returns the choices on which conditions and the selected values of mappings depend. `is_open` selects the parameters
/// that can have several values.
pub fn choices<E: Environment>(
    evaluator: &Evaluator<'_, E>,
    conditions: &BTreeSet<String>,
    keys: &Keys,
    is_open: impl Fn(&str) -> bool,
) -> Vec<Choice> {
    let template = evaluator.template;
    let mut found: Vec<Choice> = Vec::new();
    let selecting = keys.keys().filter(|name| template.parameter(name).is_some()).cloned();
    for name in conditions.iter().flat_map(|it| parameters(template, it)).chain(selecting) {
        if is_open(&name) && !found.iter().any(|it| it.name == name) {
            found.push(Choice { values: values(template, &name, keys.get(&name)), name });
        }
    }
    // Some conditions remain unknown, for example if they compare parts of values.
    let samples = combinations(&found, MOST_SAMPLES).unwrap_or_else(|| vec![combination(&found, 0)]);
    for name in conditions {
        let is_opaque = samples.iter().any(|values| {
            evaluator.budget.reset();
            Evaluator { values, ..*evaluator }.condition(name).is_none()
        });
        if is_opaque && template.condition(name).is_some() {
            let values = vec![Assumed::Holds(true), Assumed::Holds(false)];
            found.push(Choice { name: name.clone(), values });
        }
    }
    found
}

/// The maximum number of combinations in which a condition is evaluated to decide whether it is opaque.
const MOST_SAMPLES: usize = 256;

/// Returns all combinations, or `None` if there are more than `most`.
pub fn combinations(choices: &[Choice], most: usize) -> Option<Vec<Values>> {
    let count = choices.iter().try_fold(1_usize, |all, it| all.checked_mul(it.values.len()))?;
    (count <= most).then(|| (0..count).map(|at| combination(choices, at)).collect())
}

fn combination(choices: &[Choice], mut at: usize) -> Values {
    let mut values = Values::new();
    for choice in choices {
        let count = choice.values.len().max(1);
        if let Some(value) = choice.values.get(at % count) {
            values.insert(choice.name.clone(), value.clone());
        }
        at /= count;
    }
    values
}

/// Collects the conditions of a resource or another value: its attribute `Condition`, and the conditions of `Fn::If`.
pub fn conditions_of(value: &Value, found: &mut BTreeSet<String>) {
    found.extend(value.get("Condition").and_then(Value::as_str).map(str::to_owned));
    branches(value, found);
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

/// The names that select values of mappings, with the mappings.
pub type Keys = BTreeMap<String, BTreeSet<String>>;

/// Collects the names that select values of mappings.
pub fn keys_of(value: &Value, found: &mut Keys) {
    match value {
        Value::Array(items) => items.iter().for_each(|it| keys_of(it, found)),
        Value::Object(map) => {
            if let Some(argument) = map.get("Fn::FindInMap")
                && let (Some(mapping), Some(name)) = (argument[0].as_str(), argument[1]["Ref"].as_str())
            {
                found.entry(name.to_owned()).or_default().insert(mapping.to_owned());
            }
            map.values().for_each(|it| keys_of(it, found));
        }
        _ => {}
    }
}

/// Returns the parameters that a condition refers to, directly or through other conditions.
fn parameters(template: Template<'_>, condition: &str) -> BTreeSet<String> {
    let (mut found, mut seen, mut left) = (BTreeSet::new(), BTreeSet::new(), vec![condition.to_owned()]);
    while let Some(name) = left.pop() {
        if let Some(body) = template.condition(&name).filter(|_| seen.insert(name.clone())) {
            names(body, &mut found, &mut left);
        }
    }
    found.retain(|name| name.starts_with("AWS::") || template.parameter(name).is_some());
    found
}

fn names(value: &Value, found: &mut BTreeSet<String>, conditions: &mut Vec<String>) {
    match value {
        Value::Array(items) => items.iter().for_each(|it| names(it, found, conditions)),
        Value::Object(map) => {
            found.extend(map.get("Ref").and_then(Value::as_str).map(str::to_owned));
            conditions.extend(map.get("Condition").and_then(Value::as_str).map(str::to_owned));
            if let Some(argument) = map.get("Fn::Sub") {
                let text = argument.as_str().or_else(|| argument[0].as_str()).unwrap_or_default();
                let variables = text.split("${").skip(1).filter_map(|rest| rest.split_once('}')).map(|it| it.0);
                found.extend(variables.map(str::to_owned));
            }
            map.values().for_each(|it| names(it, found, conditions));
        }
        _ => {}
    }
}

/// Returns the values of a parameter that the template distinguishes.
fn values(template: Template<'_>, name: &str, mappings: Option<&BTreeSet<String>>) -> Vec<Assumed> {
    let mut uses = Uses::default();
    uses.collect(&template.document()["Conditions"], name);
    uses.compared.extend(mappings.into_iter().flatten().flat_map(|it| template.keys_of(it)).cloned());
    let Uses { compared, is_derived } = uses;
    let Some(allowed) = template.parameter(name).and_then(Parameter::allowed) else {
        return compared.into_iter().map(Assumed::Value).chain([Assumed::Other]).collect();
    };
    let (named, others): (Vec<_>, Vec<_>) = allowed.into_iter().partition(|it| is_derived || compared.contains(it));
    let mut values: Vec<Assumed> = named.into_iter().map(Assumed::Value).collect();
    match others.as_slice() {
        [] => {}
        [one] => values.push(Assumed::Value(one.clone())),
        _ => values.push(Assumed::Other),
    }
    values.dedup();
    values
}

/// The uses of a parameter.
#[derive(Default)]
struct Uses {
    /// The literals that conditions compare with the parameter, and the keys of mappings that it selects.
    compared: BTreeSet<String>,
    /// Whether a condition depends on the parameter in another manner, such as on a part of its value.
    is_derived: bool,
}

impl Uses {
    fn collect(&mut self, value: &Value, name: &str) {
        match value {
            Value::Array(items) => items.iter().for_each(|it| self.collect(it, name)),
            Value::Object(map) => {
                if let Some([a, b]) = map.get("Fn::Equals").and_then(Value::as_array).map(Vec::as_slice) {
                    for (side, other) in [(a, b), (b, a)] {
                        if side["Ref"] == name {
                            self.compared.extend(scalar(other));
                            self.is_derived |= scalar(other).is_none();
                        } else {
                            self.is_derived |= refers_to(side, name);
                        }
                    }
                }
                map.values().for_each(|it| self.collect(it, name));
            }
            _ => {}
        }
    }
}

fn refers_to(value: &Value, name: &str) -> bool {
    let mut found = BTreeSet::new();
    names(value, &mut found, &mut Vec::new());
    found.contains(name)
}
