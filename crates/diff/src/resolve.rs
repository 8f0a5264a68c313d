//! Resolution of a template with the defaults of its parameters, as in CloudFormation.
//!
//! Parameters, mappings and conditions affect properties, resources and outputs, so their changes are evaluated there.
//! Values that are known only at deployment remain unresolved.

use std::collections::hash_map::DefaultHasher;
use std::hash::{Hash, Hasher};

use meshsynth_assembly::Stack;
use meshsynth_template::{Budget, Evaluator, Mode, Residual, Template, Values};
use serde_json::{Map, Value};

/// Returns the resolved template, or `None` if it has no parameters, mappings or conditions.
pub fn template(raw: &Value, stack: &Stack) -> Option<Value> {
    if ["Parameters", "Mappings", "Conditions"].iter().all(|section| raw[section].is_null()) {
        return None;
    }
    let (environment, values, budget) = (environment(stack), Values::new(), Budget::default());
    let evaluator = evaluator(raw, &environment, &values, &budget);
    let mut resolved = raw.as_object()?.clone();
    for section in ["Resources", "Outputs"] {
        let Some(Value::Object(entries)) = raw.get(section) else { continue };
        let entries = entries.iter().filter_map(|(id, it)| Some((id.clone(), entry(&evaluator, it)?)));
        resolved.insert(section.to_owned(), Value::Object(entries.collect()));
    }
    Some(Value::Object(resolved))
}

/// Returns the environment of a stack. Its pseudo parameters remain in values, and decide conditions.
pub fn environment(stack: &Stack) -> Residual {
    Residual::of(&stack.name, &stack.region, stack.account.as_deref().unwrap_or_default())
}

/// Returns the evaluator of a template.
pub fn evaluator<'a>(
    raw: &'a Value,
    environment: &'a Residual,
    values: &'a Values,
    budget: &'a Budget,
) -> Evaluator<'a, Residual> {
    Evaluator { template: Template::new(raw), environment, values, budget, mode: Mode::Show }
}

/// Returns a resource or an output, or `None` if its condition is false.
fn entry(evaluator: &Evaluator<'_, Residual>, entry: &Value) -> Option<Value> {
    evaluator.budget.reset();
    let mut resolved = evaluator.value(entry, 0)?;
    if let Some(name) = entry["Condition"].as_str() {
        match evaluator.condition(name) {
            Some(false) => return None,
            Some(true) => drop(resolved.as_object_mut().and_then(|entry| entry.remove("Condition"))),
            None => {}
        }
    }
    Some(resolved)
}

/// Hides the defaults of `NoEcho` parameters in a template section. A report shows only that they differ.
pub fn without_secrets(name: &str, section: &Value) -> Value {
    let mut section = section.clone();
    if name == "Parameters" {
        for parameter in section.as_object_mut().into_iter().flat_map(Map::values_mut) {
            let is_secret = parameter["NoEcho"] == true || parameter["NoEcho"] == "true";
            if is_secret && !parameter["Default"].is_null() {
                parameter["Default"] = hidden(&parameter["Default"]).into();
            }
        }
    }
    section
}

fn hidden(value: &Value) -> String {
    let mut hasher = DefaultHasher::new();
    value.to_string().hash(&mut hasher);
    format!("(hidden, {:08x})", hasher.finish() as u32)
}
