//! Parameters of a stack that is there: an update keeps the values that it has, whatever the defaults are.

use meshsynth_assembly::deployed::DeployedStack;
use serde_json::Value;

/// What AWS shows of a value that is secret.
const SECRET: &str = "****";

/// Gives both templates the values that the stack has; a note for each default that changes and holds for new stacks alone.
pub fn keep(stack: &DeployedStack, old: &mut Value, new: &mut Value) -> Vec<String> {
    let mut notes = Vec::new();
    for (name, value) in &stack.parameters {
        let (Some(before), Some(after)) = (parameter(old, name), parameter(new, name)) else { continue };
        let (was, is) = (before.get("Default").cloned(), after.get("Default").cloned());
        if is.is_some() && was != is && is.as_ref().map(text).as_deref() != Some(value) {
            let shown = if value == SECRET { "its value".to_owned() } else { format!("`{value}`") };
            notes.push(format!(
                "stack `{}`: the parameter `{name}` keeps {shown}: its new default holds for new stacks",
                stack.name
            ));
        }
        let kept = if value == SECRET { was } else { Some(Value::from(value.clone())) };
        for parameter in [before, after] {
            match &kept {
                Some(kept) => drop(parameter.insert("Default".to_owned(), kept.clone())),
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
    fn values_stay_and_a_new_default_is_told() {
        let of =
            |stage: &str| json!({ "Parameters": { "Stage": { "Default": stage }, "Password": { "NoEcho": true } } });
        let (mut old, mut new) = (of("dev"), of("prod"));
        let parameters = [("Stage", "test"), ("Password", "****")].map(|(a, b)| (a.to_owned(), b.to_owned())).into();
        let stack = DeployedStack { name: "shop".to_owned(), parameters, ..DeployedStack::default() };
        let notes = keep(&stack, &mut old, &mut new);
        assert_eq!(old, new);
        assert_eq!(new["Parameters"]["Stage"]["Default"], "test");
        assert!(notes.len() == 1 && notes[0].contains("`Stage` keeps `test`"), "{notes:?}");
    }
}
