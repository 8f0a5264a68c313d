//! Takes over stacks of other tools: the report before the takeover, the settings that remain, and the undo command.

use serde_json::{Value, json};

use super::maker::Maker;
use super::{ADOPTED_TAG, APP_TAG, INLINE_BYTES, Worker};
use crate::cloud::{Cloud, Stack};
use crate::event::Event;
use crate::failure::{Failure, of_call};
use crate::way_back::WayBack;

/// The resource type that the AWS CDK adds for its own use.
const CDK_METADATA: &str = "AWS::CDK::Metadata";

/// The owner of a stack.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Owner {
    /// This app, or no owner.
    Us,
    /// Another owner, from whom the stack is taken over.
    Other,
}

/// Whether existing tags of a stack remain, because it is or was taken over.
pub(crate) fn keeps_tags(stack: &Stack) -> bool {
    stack.tags.contains_key(ADOPTED_TAG) || !stack.tags.contains_key(APP_TAG)
}

impl<C: Cloud> Worker<'_, C> {
    /// Rejects a takeover of a stack in an unsuitable state. A deployment would repair an own stack in such a state,
    /// for example by deleting it. It must not do this to a stack of another owner.
    pub(super) fn check_adoptable(&self, stack: &Stack) -> Result<(), Failure> {
        let (called, name) = (self.called(), &stack.name);
        let of = |text: &str| format!("{called} is `{}`, and is not taken over: {text}", stack.status);
        let (text, help) = match stack.status.as_str() {
            "CREATE_FAILED" | "ROLLBACK_COMPLETE" | "ROLLBACK_FAILED" => (
                of("its creation failed"),
                format!("delete it with `aws cloudformation delete-stack --stack-name {name}`, then run again"),
            ),
            "DELETE_FAILED" => (
                of("its deletion failed, and a part of it may be gone"),
                format!(
                    "delete it with `aws cloudformation delete-stack --stack-name {name}`, and keep what is left with \
                     `--retain-resources`; then run again with `--import` for that"
                ),
            ),
            "UPDATE_ROLLBACK_FAILED" => (
                of("the rollback of an update failed"),
                format!(
                    "continue it with `aws cloudformation continue-update-rollback --stack-name {name}`, then run again"
                ),
            ),
            _ => return Ok(()),
        };
        Err(self.failure(text, format!("it was not changed; {help}")))
    }

    /// Saves the previous state of the stack and reports the takeover, before the stack is changed.
    pub(super) async fn tell_adoption(&self, stack: &Stack) -> Result<(), Failure> {
        if self.is_adoption_told.get() {
            return Ok(());
        }
        let place = self.place();
        let unread = |error| of_call(format!("{} was not changed: it cannot be read", self.called()), &error);
        let template = self.call(async || self.cloud.template(&place, &stack.name).await).await.map_err(unread)?;
        let policy = self.call(async || self.cloud.stack_policy(&place, &stack.name).await).await.map_err(unread)?;
        let back = match &self.settings.keep {
            Some(folder) => self.write_back(folder, stack, &template, policy.as_deref())?,
            None => String::new(),
        };
        let maker = Maker::of(stack);
        let mut notes = self.kept(stack, policy.is_some());
        notes.extend(of_cdk(&template));
        if let Some(rival) = maker.rival() {
            notes.push(format!("{rival} would set it back from now on: take the stack out of what it deploys"));
        }
        self.watch.say(&Event::TakesOver {
            at: self.step.id.clone(),
            name: format!("stack `{}`", stack.name),
            from: maker.to_string(),
            notes,
            back,
        });
        self.is_adoption_told.set(true);
        Ok(())
    }

    /// Returns notes about the settings that remain and those that do not.
    fn kept(&self, stack: &Stack, has_policy: bool) -> Vec<String> {
        let mut out = Vec::new();
        let quoted = |names: &[&str]| format!("`{}`", names.join("`, `"));
        let (tags, parameters) = (self.tags(), &self.step.parameters);
        let tags: Vec<&str> = stack
            .tags
            .iter()
            .filter(|(key, value)| !key.starts_with("aws:") && tags.get(*key) == Some(value))
            .map(|(key, _)| key.as_str())
            .collect();
        if !tags.is_empty() {
            out.push(format!("the tags {} stay", quoted(&tags)));
        }
        let is_given = |name: &String| self.settings.parameters.contains_key(&(self.step.id.clone(), name.clone()));
        let (stay, leave): (Vec<&String>, Vec<&String>) =
            stack.parameters.iter().partition(|name| parameters.contains_key(*name));
        let stay: Vec<&str> = stay.into_iter().filter(|name| !is_given(name)).map(String::as_str).collect();
        if !stay.is_empty() {
            out.push(format!("the parameters {} keep the values that they have", quoted(&stay)));
        }
        let leave: Vec<&str> = leave.into_iter().map(String::as_str).filter(|it| *it != "BootstrapVersion").collect();
        if !leave.is_empty() {
            out.push(format!(
                "the parameters {} are not in the program, and leave the stack: note their values if you may go back",
                quoted(&leave)
            ));
        }
        match (&stack.role, &self.settings.role) {
            (Some(had), Some(role)) if had != role => {
                out.push(format!("CloudFormation acted in the role `{had}`, and acts in `{role}` from now on"));
            }
            (Some(had), _) => out.push(format!("CloudFormation acts in the role `{had}`, as before")),
            (None, _) => {}
        }
        if !stack.topics.is_empty() {
            let topics: Vec<&str> = stack.topics.iter().map(String::as_str).collect();
            out.push(format!("{} are told of its events, as before", quoted(&topics)));
        }
        match (has_policy, self.settings.stack_policy.is_some()) {
            (true, true) => out.push("its stack policy is replaced by that of the configuration".to_owned()),
            (true, false) => out.push("its stack policy stays: an update that it denies fails".to_owned()),
            (false, _) => {}
        }
        out.push(match (stack.protected, self.settings.protect) {
            (true, _) => "it stays protected from deletion".to_owned(),
            (false, Some(true)) => "it is protected from deletion from now on, because of `protect = true`".to_owned(),
            (false, _) => "it is not protected from deletion, as before: `protect = true` does that".to_owned(),
        });
        out
    }

    /// Saves the stack to a folder. Returns the command that restores it.
    fn write_back(
        &self,
        folder: &std::path::Path,
        stack: &Stack,
        template: &str,
        policy: Option<&str>,
    ) -> Result<String, Failure> {
        let back = WayBack::new(folder, &[&self.step.region, &stack.name]);
        let file = if template.trim_start().starts_with('{') { "template.json" } else { "template.yaml" };
        // A parameter that the new template lacks has no previous value when the old template is restored.
        let parameters = stack.parameters.iter().filter(|name| self.step.parameters.contains_key(*name));
        let tags = stack.tags.iter().filter(|(key, _)| !key.starts_with("aws:"));
        let mut update = json!({
            "StackName": stack.name,
            "Capabilities": ["CAPABILITY_IAM", "CAPABILITY_NAMED_IAM", "CAPABILITY_AUTO_EXPAND"],
            "Parameters": parameters
                .map(|name| json!({ "ParameterKey": name, "UsePreviousValue": true }))
                .collect::<Vec<_>>(),
            "Tags": tags.map(|(key, value)| json!({ "Key": key, "Value": value })).collect::<Vec<_>>(),
        });
        if let Some(role) = &stack.role {
            update["RoleARN"] = json!(role);
        }
        let update = format!("{update:#}\n");
        let mut files = vec![(file, template), ("update-stack.json", update.as_str())];
        files.extend(policy.map(|policy| ("stack-policy.json", policy)));
        back.write(&files).map_err(|error| {
            let text = format!("{} was not changed: how it is cannot be written down", self.called());
            Failure { cause: format!("{error:#}"), ..self.failure(text, "make room on the disk, then run again") }
        })?;
        let (region, template_file) = (&self.step.region, back.path(file));
        let from = match template.len() > INLINE_BYTES {
            true => format!("--template-url <the address of {template_file} in a bucket>"),
            false => format!("--template-body file://{template_file}"),
        };
        let input = back.path("update-stack.json");
        Ok(format!("aws cloudformation update-stack --region {region} --cli-input-json file://{input} {from}"))
    }
}

/// Returns notes about the CDK bootstrap and assets, which remain unchanged.
fn of_cdk(template: &str) -> Vec<String> {
    let Ok(template) = meshsynth_diff::stack::parse(template) else { return Vec::new() };
    let resources = || template["Resources"].as_object().into_iter().flatten().map(|(_, it)| it);
    let mut out = Vec::new();
    let is_checked = !template["Rules"]["CheckBootstrapVersion"].is_null();
    if is_checked || resources().any(|it| it["Type"] == CDK_METADATA) {
        out.push(
            "what the AWS CDK writes for itself (`CDKMetadata`, `BootstrapVersion` and its rule) leaves the stack where the \
             program does not have it, which changes nothing in AWS"
                .to_owned(),
        );
    }
    if resources().any(names_assets) {
        out.push(
            "code and images stay in the bucket and the repository of `cdk bootstrap`, which must stay: `cdk gc` finds them \
             in use by the template"
                .to_owned(),
        );
    }
    out
}

/// Whether a resource refers to a bucket or repository of `cdk bootstrap`.
fn names_assets(resource: &Value) -> bool {
    match resource {
        Value::String(text) => {
            text.starts_with("cdk-") && text.contains("-assets-") || text.contains("/cdk-") && text.contains("-assets-")
        }
        Value::Array(items) => items.iter().any(names_assets),
        Value::Object(fields) => fields.values().any(names_assets),
        _ => false,
    }
}
