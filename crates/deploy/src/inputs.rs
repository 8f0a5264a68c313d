//! Validates the inputs before a deployment starts, and reports all errors together.

use std::collections::BTreeMap;

use serde_json::Value;

use crate::assembly::Assembly;
use crate::cloud::{Cloud, Secret, Stack};
use crate::event::Event;
use crate::failure::Failure;
use crate::plan::{Plan, StackStep};
use crate::stack::{Settings, Worker};
use crate::stop::Stop;
use crate::watch::{Answer, Question, Watch};

/// The maximum size of a template in a bucket, in bytes.
///
/// Source: <https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/cloudformation-limits.html>.
const LARGEST_TEMPLATE: usize = 1_048_576;
/// The maximum size of a stack policy, in bytes.
///
/// Source: <https://docs.aws.amazon.com/AWSCloudFormation/latest/APIReference/API_SetStackPolicy.html>.
const LARGEST_POLICY: usize = 16_384;
/// A stack in these states is deleted and created again, so its parameter values are lost.
const CREATED_ANEW: [&str; 6] =
    ["CREATE_FAILED", "DELETE_COMPLETE", "DELETE_FAILED", "REVIEW_IN_PROGRESS", "ROLLBACK_COMPLETE", "ROLLBACK_FAILED"];

/// The inputs of a deployment.
pub(crate) struct Inputs<'a, C> {
    pub cloud: &'a C,
    pub assembly: &'a Assembly,
    pub plan: &'a Plan,
    pub settings: &'a Settings,
    /// The existing stacks of the plan, by ID.
    pub there: &'a BTreeMap<String, Stack>,
}

struct Nobody;

impl Watch for Nobody {
    fn say(&self, _: &Event) {}

    fn ask(&self, _: &Question) -> Answer {
        Answer::Nobody
    }
}

impl<C: Cloud> Inputs<'_, C> {
    /// Returns all errors.
    pub fn check(&self) -> Vec<Failure> {
        let mut out = self.names();
        out.extend(self.policy());
        for step in &self.plan.stacks {
            out.extend(self.ownership(step));
            out.extend(self.values(step));
            out.extend(self.template(step));
        }
        out
    }

    /// Returns errors for names that are not in the output.
    pub fn names(&self) -> Vec<Failure> {
        let mut out = self.unknown();
        out.extend(self.imports());
        out
    }

    /// Returns errors for unused values and names.
    fn unknown(&self) -> Vec<Failure> {
        let mut out = Vec::new();
        let mut unknown: Vec<&str> = Vec::new();
        for (id, name) in self.settings.parameters.keys() {
            match self.plan.stacks.iter().find(|step| step.id == *id) {
                Some(step) if !step.parameters.contains_key(name) => {
                    let help = match step.parameters.len() {
                        0 => "its template has no parameters: remove the stack from the file".to_owned(),
                        _ => format!("its parameters are {}", list(step.parameters.keys())),
                    };
                    out.push(Failure::new(format!("{} has no parameter `{name}`", called(step)), help));
                }
                Some(_) => {}
                None if unknown.contains(&id.as_str()) => {}
                None => {
                    unknown.push(id);
                    let help = format!("the output contains {}", list(self.plan.stacks.iter().map(|step| &step.id)));
                    out.push(Failure::new(
                        format!("the file has parameter values for `{id}`, which is not a stack"),
                        help,
                    ));
                }
            }
        }
        for name in &self.settings.adopt {
            if self.plan.stacks.iter().all(|step| step.name != *name) {
                let help = format!("the output contains {}", list(self.plan.stacks.iter().map(|step| &step.name)));
                out.push(Failure::new(format!("`--adopt {name}` is not the name of a stack of the output"), help));
            }
        }
        out
    }

    /// Returns errors for imports that are not in the output.
    fn imports(&self) -> Vec<Failure> {
        let Some(import) = &self.settings.import else { return Vec::new() };
        let stop = Stop::default();
        let is_there = |name: &str, stack: Option<&str>| {
            self.plan.stacks.iter().filter(|step| stack.is_none_or(|id| id == step.id)).any(|step| {
                let worker = Worker::new(self.cloud, self.assembly, step, self.settings, &Nobody, &stop);
                let resources = self.assembly.stack(&step.id).map(|stack| &stack.resources);
                resources.into_iter().flatten().any(|(id, _)| worker.is_called(id, name))
            })
        };
        let unknown =
            |text: String| Failure::new(text, "specify a construct or a logical id that `manifest.json` lists");
        let named = import.resources.iter().filter(|name| !is_there(name, None));
        let named = named.map(|name| unknown(format!("`--import={name}` is not a resource of the output")));
        let given = import.identifiers.keys().filter(|(stack, name)| !is_there(name, Some(stack)));
        let given = given.map(|(stack, name)| {
            unknown(format!("`--import-ids` contains `{name}` of `{stack}`, which is not a resource of the output"))
        });
        named.chain(given).collect()
    }

    fn policy(&self) -> Option<Failure> {
        let policy = self.settings.stack_policy.as_ref()?;
        let help = "correct the file in `stack_policy`";
        match serde_json::from_str::<Value>(policy) {
            Err(error) => {
                Some(Failure { cause: error.to_string(), ..Failure::new("the stack policy is not valid JSON", help) })
            }
            Ok(_) if policy.len() > LARGEST_POLICY => {
                let text = format!(
                    "the stack policy has {} bytes, but the CloudFormation limit is {LARGEST_POLICY}",
                    policy.len()
                );
                Some(Failure::new(text, help))
            }
            Ok(_) => None,
        }
    }

    /// Returns an error if the stack belongs to another app or tool.
    fn ownership(&self, step: &StackStep) -> Option<Failure> {
        let stack = self.there.get(&step.id)?;
        let stop = Stop::default();
        let worker = Worker::new(self.cloud, self.assembly, step, self.settings, &Nobody, &stop);
        worker.check_owner(stack).err()
    }

    /// Returns errors for missing or invalid parameter values.
    fn values(&self, step: &StackStep) -> Vec<Failure> {
        let there = self.there.get(&step.id).filter(|stack| !CREATED_ANEW.contains(&stack.status.as_str()));
        let template = self.assembly.files.get(&step.template).map(String::as_str).unwrap_or_default();
        let template = crate::assembly::parse(&step.template, template).unwrap_or_default();
        let mut out = Vec::new();
        for (name, is_wanted) in &step.parameters {
            match self.settings.parameters.get(&(step.id.clone(), name.clone())) {
                Some(value) => {
                    if let Some(why) = why_not(&template["Parameters"][name], value) {
                        let text = format!("the value for the parameter `{name}` of {} {why}", called(step));
                        out.push(Failure::new(text, "specify another value; the current value is not shown"));
                    }
                }
                None if *is_wanted && there.is_none_or(|stack| !stack.parameters.contains(name)) => {
                    let help = format!(
                        "set the environment variable `MESHSYNTH_PARAMETER_{name}`, or specify a file with \
                         `--parameters`"
                    );
                    out.push(Failure::new(format!("{} has no value for its parameter `{name}`", called(step)), help));
                }
                None => {}
            }
        }
        out
    }

    fn template(&self, step: &StackStep) -> Option<Failure> {
        let bytes = step.bytes;
        if bytes > LARGEST_TEMPLATE {
            let text = format!(
                "the template of {} has {bytes} bytes, but the CloudFormation limit is {LARGEST_TEMPLATE}",
                called(step)
            );
            return Some(Failure::new(text, "split the stack into several stacks"));
        }
        let worker = Stop::default();
        let worker = Worker::new(self.cloud, self.assembly, step, self.settings, &Nobody, &worker);
        worker.bucket().err()
    }
}

/// Combines several failures into one.
pub(crate) fn gather(app: &str, mut failures: Vec<Failure>) -> Result<(), Failure> {
    match failures.len() {
        0 => Ok(()),
        1 => Err(failures.remove(0).note("no operation was started")),
        count => {
            let mut all = Failure::new(
                format!("`{app}` cannot be deployed because of {count} problems; no operation was started"),
                "fix all of them, then run the command again",
            );
            all.notes = failures
                .iter()
                .map(|it| {
                    let cause = if it.cause.is_empty() { String::new() } else { format!(": {}", it.cause) };
                    format!("{}{cause}: {}", it.text, it.help)
                })
                .collect();
            Err(all)
        }
    }
}

fn called(step: &StackStep) -> String {
    format!("stack `{}` ({})", step.id, step.region)
}

fn list<'a>(names: impl Iterator<Item = &'a String>) -> String {
    format!("`{}`", names.map(String::as_str).collect::<Vec<_>>().join("`, `"))
}

/// Explains why a template rejects a value. Only CloudFormation checks patterns.
///
/// Source: <https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/parameters-section-structure.html>.
fn why_not(parameter: &Value, Secret(value): &Secret) -> Option<String> {
    let number = |key: &str| {
        let limit = &parameter[key];
        limit.as_f64().or_else(|| limit.as_str()?.parse().ok())
    };
    let allowed = parameter["AllowedValues"].as_array();
    let text = |it: &Value| it.as_str().map_or_else(|| it.to_string(), str::to_owned);
    // The elements of a list are compared separately, so a list is not checked here.
    let is_list = parameter["Type"].as_str().is_some_and(|it| it.starts_with("List<") || it == "CommaDelimitedList");
    if let Some(allowed) = allowed.filter(|allowed| !is_list && allowed.iter().all(|it| text(it) != *value)) {
        return Some(format!("is not one of `{}`", allowed.iter().map(text).collect::<Vec<_>>().join("`, `")));
    }
    if parameter["Type"] == "Number" {
        let Ok(given) = value.trim().parse::<f64>() else { return Some("is not a number".to_owned()) };
        if let Some(least) = number("MinValue").filter(|least| given < *least) {
            return Some(format!("is less than {least}"));
        }
        return number("MaxValue").filter(|most| given > *most).map(|most| format!("is more than {most}"));
    }
    let length = value.chars().count() as f64;
    if let Some(least) = number("MinLength").filter(|least| length < *least) {
        return Some(format!("is shorter than {least} characters"));
    }
    number("MaxLength").filter(|most| length > *most).map(|most| format!("is longer than {most} characters"))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn validates_values_against_template() {
        let why = |parameter: Value, value: &str| why_not(&parameter, &Secret(value.to_owned()));
        let size = json!({ "Type": "String", "AllowedValues": ["small", "large"] });
        assert_eq!(why(size.clone(), "tiny").unwrap(), "is not one of `small`, `large`");
        assert_eq!(why(size, "small"), None);
        let count = json!({ "Type": "Number", "MinValue": 1, "MaxValue": "3" });
        assert_eq!(why(count.clone(), "x").unwrap(), "is not a number");
        assert_eq!(why(count.clone(), "4").unwrap(), "is more than 3");
        assert_eq!(why(count, "2"), None);
        let word = json!({ "Type": "String", "MinLength": 8, "MaxLength": 41 });
        assert_eq!(why(word.clone(), "hunter2").unwrap(), "is shorter than 8 characters");
        assert_eq!(why(word, "hunter22"), None);
        assert_eq!(why(json!({ "Type": "List<Number>", "AllowedValues": [1, 2] }), "1,2"), None);
    }
}
