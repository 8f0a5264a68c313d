//! Converts SDK types into the types of this crate.

use std::collections::BTreeMap;

use aws_sdk_cloudformation::types as sdk;

use crate::cloud::{ResourceChange, ScannedResource, Stack, StackEvent, StackResource};

fn text(value: Option<&str>) -> String {
    value.unwrap_or_default().to_owned()
}

pub(super) fn stack(stack: &sdk::Stack) -> Stack {
    let pair = |key: Option<&str>, value: Option<&str>| (text(key), text(value));
    let drift = stack.drift_information().and_then(sdk::StackDriftInformation::stack_drift_status);
    Stack {
        id: text(stack.stack_id()),
        name: text(stack.stack_name()),
        status: text(stack.stack_status().map(sdk::StackStatus::as_str)),
        reason: text(stack.stack_status_reason()),
        tags: stack.tags().iter().map(|tag| pair(tag.key(), tag.value())).collect(),
        outputs: stack.outputs().iter().map(|it| pair(it.output_key(), it.output_value())).collect::<BTreeMap<_, _>>(),
        exports: stack
            .outputs()
            .iter()
            .filter(|it| it.export_name().is_some())
            .map(|it| pair(it.output_key(), it.export_name()))
            .collect(),
        parameters: stack.parameters().iter().map(|it| text(it.parameter_key())).collect(),
        values: stack.parameters().iter().map(|it| pair(it.parameter_key(), it.parameter_value())).collect(),
        protected: stack.enable_termination_protection().unwrap_or_default(),
        drifted: drift == Some(&sdk::StackDriftStatus::Drifted),
        role: stack.role_arn().map(str::to_owned),
        topics: stack.notification_arns().to_vec(),
        parent: stack.parent_id().map(str::to_owned),
        updated: stack
            .last_updated_time()
            .or(stack.creation_time())
            .and_then(|at| at.to_millis().ok())
            .unwrap_or_default(),
    }
}

pub(super) fn event(event: &sdk::StackEvent) -> StackEvent {
    StackEvent {
        id: text(event.event_id()),
        at: event.timestamp().and_then(|at| at.to_millis().ok()).unwrap_or_default(),
        resource: text(event.logical_resource_id()),
        physical: text(event.physical_resource_id()),
        kind: text(event.resource_type()),
        status: text(event.resource_status().map(sdk::ResourceStatus::as_str)),
        reason: text(event.resource_status_reason()),
        token: text(event.client_request_token()),
    }
}

/// Converts a finding of early validation into an event.
pub(super) fn finding(event: &sdk::OperationEvent) -> Option<StackEvent> {
    let reason = event.validation_status_reason().or(event.hook_status_reason()).or(event.resource_status_reason())?;
    let named = event.logical_resource_id().or(event.validation_path().and_then(resource_of));
    let path = event.validation_path().map_or_else(String::new, |path| format!(" (at `{path}`)"));
    Some(StackEvent {
        id: text(event.event_id()),
        at: event.timestamp().and_then(|at| at.to_millis().ok()).unwrap_or_default(),
        resource: text(named),
        physical: text(event.physical_resource_id()),
        kind: text(event.resource_type()),
        status: "VALIDATION_FAILED".to_owned(),
        reason: format!("{reason}{path}"),
        token: text(event.client_request_token()),
    })
}

/// Returns the logical ID in a path such as `/Resources/Queue/Properties/DelaySeconds`.
fn resource_of(path: &str) -> Option<&str> {
    path.strip_prefix("/Resources/")?.split('/').next().filter(|id| !id.is_empty())
}

pub(super) fn resource(resource: &sdk::StackResourceSummary) -> StackResource {
    StackResource {
        id: text(resource.logical_resource_id()),
        physical: text(resource.physical_resource_id()),
        kind: text(resource.resource_type()),
        status: text(resource.resource_status().map(sdk::ResourceStatus::as_str)),
    }
}

pub(super) fn scanned(resource: &sdk::ScannedResource) -> ScannedResource {
    let identifier = resource.resource_identifier().into_iter().flatten();
    ScannedResource {
        identifier: identifier.map(|(key, value)| (key.clone(), value.clone())).collect(),
        is_managed: resource.managed_by_stack().unwrap_or_default(),
    }
}

pub(super) fn change(change: &sdk::Change) -> Option<ResourceChange> {
    let change = change.resource_change()?;
    let targets = change.details().iter().filter_map(|detail| detail.target());
    let mut properties: Vec<String> =
        targets.filter_map(|target| target.path().or(target.name())).map(str::to_owned).collect();
    properties.sort();
    properties.dedup();
    Some(ResourceChange {
        id: text(change.logical_resource_id()),
        kind: text(change.resource_type()),
        action: text(change.action().map(sdk::ChangeAction::as_str)),
        replacement: text(change.replacement().map(sdk::Replacement::as_str)),
        policy: text(change.policy_action().map(sdk::PolicyAction::as_str)),
        properties,
    })
}
