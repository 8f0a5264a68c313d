//! Values that the files do not determine, and that decide conditions.
//!
//! A condition on a parameter without a value can be true or false. The world is therefore built once for each
//! combination of values, and an answer is certain only if all combinations agree.

use std::collections::BTreeSet;

use meshsynth_template::{Assumed, conditions_of};
use serde_json::Value;

use super::assumption::Assumptions;
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
    let resolver = Resolver::new(templates, &Assumptions::new());
    let mut found: Vec<Choice> = Vec::new();
    for (at, template) in templates.iter().enumerate() {
        let mut conditions = used(&template.document);
        conditions.retain(|name| resolver.condition(at, name).is_none());
        for meshsynth_template::Choice { name, values } in resolver.choices(at, &conditions) {
            let stack = (!name.starts_with("AWS::")).then_some(at);
            match found.iter_mut().find(|it| it.stack.is_none() && it.name == name) {
                // Two templates can compare a pseudo parameter with different values.
                Some(known) => {
                    let new: Vec<Assumed> = values.into_iter().filter(|it| !known.values.contains(it)).collect();
                    known.values.extend(new);
                }
                None => found.push(Choice { stack, name, values }),
            }
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
        if !IRRELEVANT.iter().any(|it| type_name.starts_with(it)) {
            conditions_of(resource, &mut found);
        }
    }
    for (_, output) in document["Outputs"].as_object().into_iter().flatten() {
        conditions_of(&output["Value"], &mut found);
    }
    found
}
