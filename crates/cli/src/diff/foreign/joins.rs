//! Stack outputs that are inputs of another system. The same output is the same value, independent of its notation on
//! each side.

use anyhow::Result;
use meshsynth_model::problem::{Problem, did_you_mean};
use serde_json::{Value, json};

use super::platform::Platform;
use super::template::Template;
use crate::config::{Handed, Join};

/// Replaces placeholders and parameters by one marker for each output, on both sides.
///
/// # Errors
///
/// If neither side has the stack or output of a join.
pub fn put(joins: &[Join], base: &mut Platform, head: &mut Platform) -> Result<()> {
    for join in joins {
        let known = [find(base, join), find(head, join)];
        if known.iter().all(Result::is_err) {
            let [_, of_head] = known;
            return Ok(of_head.map(drop)?);
        }
        for (side, known) in [(&mut *base, &known[0]), (&mut *head, &known[1])] {
            let Ok((id, output)) = known else { continue };
            match &join.into {
                Handed::Text(text) => {
                    let placeholder = format!("${{{id}.{output}}}");
                    let holders = side.objects.iter_mut().filter(|object| object.document.may_hold(text));
                    holders.for_each(|object| replace(object.document.make(), text, &placeholder));
                    side.releases.iter_mut().for_each(|(.., values)| replace(values, text, &placeholder));
                    side.bindings[&placeholder] = json!({ "stack": id, "output": output });
                }
                Handed::Parameter(stack, parameter) => {
                    let Some(from) = side.templates.iter().find(|it| it.id == *id) else { continue };
                    let value = json!({ "Fn::GetStackOutput": {
                        "StackName": from.name, "OutputName": output, "Region": from.region.clone().unwrap_or_default(),
                    } });
                    let readers = side.templates.iter_mut().filter(|it| is_called(it, stack));
                    for reader in readers {
                        refer(&mut reader.document, parameter, &value);
                        reader.text = None;
                    }
                }
            }
        }
    }
    Ok(())
}

fn is_called(template: &Template, name: &str) -> bool {
    template.id == name || template.name == name
}

/// Returns the ID of the stack and the logical ID of the output that a join refers to.
fn find(side: &Platform, join: &Join) -> Result<(String, String), Problem> {
    let problem = |text: String| Problem::setting(text).at(&join.place);
    let Some(template) = side.templates.iter().find(|it| is_called(it, &join.stack)) else {
        let names: Vec<&str> = side.templates.iter().map(|it| it.id.as_str()).collect();
        return Err(problem(format!("there is no stack `{}`", join.stack)).help(did_you_mean(&join.stack, &names)));
    };
    let outputs = template.document["Outputs"].as_object();
    let is_it = |(id, output): &(&String, &Value)| **id == join.output || output["Export"]["Name"] == join.output;
    match outputs.into_iter().flatten().find(is_it) {
        Some((output, _)) => Ok((template.id.clone(), output.clone())),
        None => {
            let names: Vec<&str> = outputs.into_iter().flatten().map(|(id, _)| id.as_str()).collect();
            let text = format!("stack `{}` has no output `{}`", template.id, join.output);
            Err(problem(text).help(did_you_mean(&join.output, &names)))
        }
    }
}

fn replace(value: &mut Value, text: &str, by: &str) {
    match value {
        Value::String(own) if own.contains(text) => *own = own.replace(text, by),
        Value::Array(items) => items.iter_mut().for_each(|item| replace(item, text, by)),
        Value::Object(map) => map.values_mut().for_each(|value| replace(value, text, by)),
        _ => {}
    }
}

/// Replaces references to a parameter by a value.
fn refer(value: &mut Value, parameter: &str, by: &Value) {
    match value {
        Value::Object(map) if map.len() == 1 && map.get("Ref").is_some_and(|name| name == parameter) => {
            *value = by.clone();
        }
        Value::Object(map) => {
            if let Some(sub) = map.get_mut("Fn::Sub") {
                named(sub, parameter, by);
            }
            map.values_mut().for_each(|value| refer(value, parameter, by));
        }
        Value::Array(items) => items.iter_mut().for_each(|item| refer(item, parameter, by)),
        _ => {}
    }
}

/// Adds the value to the variable map of an `Fn::Sub` that uses the parameter.
fn named(sub: &mut Value, parameter: &str, by: &Value) {
    let mark = format!("${{{parameter}}}");
    let text = sub.as_str().or_else(|| sub[0].as_str()).unwrap_or_default().to_owned();
    if !text.contains(&mark) || sub[1].get(parameter).is_some() {
        return;
    }
    let mut names = sub.get(1).cloned().unwrap_or_else(|| json!({}));
    names[parameter] = by.clone();
    *sub = json!([text, names]);
}
