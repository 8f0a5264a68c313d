//! Properties that make AWS reject the deletion of a resource.

use meshsynth_facts as facts;
use serde_json::Value;

/// Whether a property prevents the deletion of a resource.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Guarded {
    /// The property enables the protection.
    By(&'static str),
    /// The value of the property is known only at deployment.
    Perhaps(&'static str),
    /// No property enables a protection.
    No,
}

/// Returns the protection of a resource from deletion.
pub fn of(type_name: &str, properties: &Value) -> Guarded {
    let Some(guard) = facts::resource(type_name).guard else { return Guarded::No };
    let values = values(properties, guard.property);
    let is_on = |value: &&Value| match guard.on {
        Some(text) => **value == text || (text == "true" && **value == true),
        None => **value == true || **value == "true",
    };
    match () {
        () if values.iter().any(is_on) => Guarded::By(guard.property),
        () if values.iter().any(|value| value.is_object()) => Guarded::Perhaps(guard.property),
        () => Guarded::No,
    }
}

/// Returns the values at a path. `*` selects all items of a list, and `List[key]` the value of an item by its key.
fn values<'a>(value: &'a Value, path: &str) -> Vec<&'a Value> {
    if let Some((list, key)) = path.strip_suffix(']').and_then(|it| it.split_once('[')) {
        let items = value[list].as_array().into_iter().flatten();
        return items.filter(|item| item["Key"] == key).map(|item| &item["Value"]).collect();
    }
    path.split('.').fold(vec![value], |found, step| {
        let next = |value: &'a Value| match (step, value) {
            ("*", Value::Array(items)) => items.iter().collect(),
            (step, value) => value.get(step).into_iter().collect::<Vec<_>>(),
        };
        found.into_iter().flat_map(next).collect()
    })
}
