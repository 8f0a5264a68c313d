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
        let of = |text: &str| format!("{called} is not taken over in the state `{}`: {text}", stack.status);
        let (text, help) = match stack.status.as_str() {
            "CREATE_FAILED" | "ROLLBACK_COMPLETE" | "ROLLBACK_FAILED" => (
                of("its creation failed"),
                format!(
                    "delete it with `aws cloudformation delete-stack --stack-name {name}`, then run the command again"
                ),
            ),
            "DELETE_FAILED" => (
                of("its deletion failed, and some resources may be deleted"),
                format!(
                    "delete it with `aws cloudformation delete-stack --stack-name {name}`, and retain the remaining \
                     resources with `--retain-resources`; then run the command again with `--import` for these \
                     resources"
                ),
            ),
            "UPDATE_ROLLBACK_FAILED" => (
                of("the rollback of an update failed"),
                format!(
                    "continue it with `aws cloudformation continue-update-rollback --stack-name {name}`, then run the \
                     command again"
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
            notes.push(format!("{rival} would revert the changes: stop deploying this stack with it"));
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
            out.push(format!("the tags {} are kept", quoted(&tags)));
        }
        let is_given = |name: &String| self.settings.parameters.contains_key(&(self.step.id.clone(), name.clone()));
        let (stay, leave): (Vec<&String>, Vec<&String>) =
            stack.parameters.iter().partition(|name| parameters.contains_key(*name));
        let stay: Vec<&str> = stay.into_iter().filter(|name| !is_given(name)).map(String::as_str).collect();
        if !stay.is_empty() {
            out.push(format!("the parameters {} keep their current values", quoted(&stay)));
        }
        let leave: Vec<&str> = leave.into_iter().map(String::as_str).filter(|it| *it != "BootstrapVersion").collect();
        if !leave.is_empty() {
            out.push(format!(
                "the parameters {} are not in the program, and are removed from the stack: save their values if you \
                 may need to revert",
                quoted(&leave)
            ));
        }
        match (&stack.role, &self.settings.role) {
            (Some(had), Some(role)) if had != role => {
                out.push(format!("CloudFormation now uses the role `{role}` instead of `{had}`"));
            }
            (Some(had), _) => out.push(format!("CloudFormation still uses the role `{had}`")),
            (None, _) => {}
        }
        if !stack.topics.is_empty() {
            let topics: Vec<&str> = stack.topics.iter().map(String::as_str).collect();
            out.push(format!("{} still receive its events", quoted(&topics)));
        }
        match (has_policy, self.settings.stack_policy.is_some()) {
            (true, true) => out.push("the stack policy in the configuration replaces its stack policy".to_owned()),
            (true, false) => out.push("its stack policy is kept: an update that it denies fails".to_owned()),
            (false, _) => {}
        }
        out.push(match (stack.protected, self.settings.protect) {
            (true, _) => "its termination protection is kept".to_owned(),
            (false, Some(true)) => "its termination protection is enabled, because of `protect = true`".to_owned(),
            (false, _) => "its termination protection is still disabled: enable it with `protect = true`".to_owned(),
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
            let text = format!("{} was not changed, because its current state cannot be saved", self.called());
            Failure { cause: format!("{error:#}"), ..self.failure(text, "free disk space, then run the command again") }
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
            "the internal entries of the AWS CDK (`CDKMetadata`, `BootstrapVersion` and its rule) are removed from \
             the stack if the program does not contain them; this does not change resources in AWS"
                .to_owned(),
        );
    }
    if resources().any(names_assets) {
        out.push(
            "code and images remain in the bucket and the repository of `cdk bootstrap`, which must be kept: `cdk gc` \
             detects their use in the template"
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
