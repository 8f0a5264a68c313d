//! Parameters of an existing stack: an update keeps the current values, independent of the defaults.

use meshsynth_assembly::deployed::DeployedStack;
use serde_json::Value;

/// The mask that AWS shows for secret values.
const SECRET: &str = "****";

/// Sets the current values in both templates. Returns a note for each changed default, which only affects new stacks.
pub fn keep(stack: &DeployedStack, old: &mut Value, new: &mut Value) -> Vec<String> {
    let mut notes = Vec::new();
    for (name, value) in &stack.parameters {
        let (Some(before), Some(after)) = (parameter(old, name), parameter(new, name)) else { continue };
        let (was, is) = (before.get("Default").cloned(), after.get("Default").cloned());
        if is.is_some() && was != is && is.as_ref().map(text).as_deref() != Some(value) {
            let shown = if value == SECRET { "its value".to_owned() } else { format!("`{value}`") };
            notes.push(format!(
                "stack `{}`: the parameter `{name}` keeps {shown}: the new default applies only to new stacks",
                stack.name
            ));
        }
        let kept = if value == SECRET { was } else { Some(Value::from(value.clone())) };
        for parameter in [before, after] {
            match &kept {
                Some(kept) => {
                    parameter.insert("Default".to_owned(), kept.clone());
                    // The update has no other value, so conditions are evaluated only for this one.
                    if value != SECRET {
                        parameter.insert("AllowedValues".to_owned(), Value::Array(vec![kept.clone()]));
                    }
                }
                None => drop(parameter.remove("Default")),
            }
        }
    }
    notes
}

fn parameter<'v>(template: &'v mut Value, name: &str) -> Option<&'v mut serde_json::Map<String, Value>> {
    template.get_mut("Parameters")?.get_mut(name)?.as_object_mut()
}

fn text(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn keeps_values_and_reports_new_defaults() {
        let of =
            |stage: &str| json!({ "Parameters": { "Stage": { "Default": stage }, "Password": { "NoEcho": true } } });
        let (mut old, mut new) = (of("dev"), of("prod"));
        let parameters = [("Stage", "test"), ("Password", "****")].map(|(a, b)| (a.to_owned(), b.to_owned())).into();
        let stack = DeployedStack { name: "shop".to_owned(), parameters, ..DeployedStack::default() };
        let notes = keep(&stack, &mut old, &mut new);
        assert_eq!(old, new);
        assert_eq!(new["Parameters"]["Stage"]["Default"], "test");
        assert_eq!(new["Parameters"]["Stage"]["AllowedValues"], json!(["test"]));
        assert!(new["Parameters"]["Password"]["AllowedValues"].is_null());
        assert!(notes.len() == 1 && notes[0].contains("`Stage` keeps `test`"), "{notes:?}");
    }
}
