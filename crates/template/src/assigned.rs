//! Templates with assumed values.

use serde_json::{Value, json};

use crate::assumption::Assumed;
use crate::environment::Environment;
use crate::evaluator::Evaluator;

/// Returns the template with the assumed values as defaults. Conditions that the values decide become constants.
pub fn assigned<E: Environment>(evaluator: &Evaluator<'_, E>) -> Value {
    let mut document = evaluator.template.document().clone();
    let conditions: Vec<(String, bool)> = evaluator
        .template
        .section("Conditions")
        .filter_map(|(name, _)| {
            evaluator.budget.reset();
            Some((name.clone(), evaluator.condition(name)?))
        })
        .collect();
    for (name, holds) in conditions {
        document["Conditions"][&name] = json!({ "Fn::Equals": [holds.to_string(), "true"] });
    }
    for (name, assumed) in evaluator.values {
        let Some(parameter) = document["Parameters"].get_mut(name).and_then(Value::as_object_mut) else { continue };
        match assumed {
            Assumed::Value(value) => _ = parameter.insert("Default".to_owned(), value.as_str().into()),
            Assumed::Other => _ = parameter.remove("Default"),
            Assumed::Holds(_) => {}
        }
    }
    document
}
