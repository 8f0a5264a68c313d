//! Implements the trait [`Cloud`] with CloudFormation.

use std::time::Duration;

use aws_sdk_cloudformation::types as sdk;

use super::{Aws, error::map, read, signed};
use crate::assembly::Lookup;
use crate::cloud::{
    AccountRegion, BucketObject, ChangeSet, Cloud, CloudError, Drift, Fault, Request, Secret, Stack, StackEvent,
    StackResource, Template,
};

/// Returns the initialized client of an account and region.
macro_rules! client {
    ($self:ident, $place:ident, $cell:ident) => {{
        $cell = $self.clients($place).await?;
        $cell.get().expect("it was just filled")
    }};
}

impl Cloud for Aws {
    async fn account(&self, place: &AccountRegion) -> Result<String, CloudError> {
        let cell;
        Ok(client!(self, place, cell).account.clone())
    }

    async fn stack(&self, place: &AccountRegion, name: &str) -> Result<Option<Stack>, CloudError> {
        let cell;
        let client = client!(self, place, cell);
        let answer = client.cloudformation.describe_stacks().stack_name(name).send().await;
        match answer.map_err(|it| map("cloudformation:DescribeStacks", it)) {
            Ok(answer) => Ok(answer.stacks().first().map(read::stack)),
            Err(it) if it.fault == Fault::Missing => Ok(None),
            Err(it) => Err(it),
        }
    }

    async fn stacks(&self, place: &AccountRegion) -> Result<Vec<Stack>, CloudError> {
        let cell;
        let client = client!(self, place, cell);
        let (mut out, mut next) = (Vec::new(), None);
        loop {
            let page = client.cloudformation.describe_stacks().set_next_token(next).send().await;
            let page = page.map_err(|it| map("cloudformation:DescribeStacks", it))?;
            out.extend(page.stacks().iter().map(read::stack));
            next = page.next_token().filter(|next| !next.is_empty()).map(str::to_owned);
            if next.is_none() {
                return Ok(out);
            }
        }
    }

    async fn template(&self, place: &AccountRegion, stack: &str) -> Result<String, CloudError> {
        let cell;
        let client = client!(self, place, cell);
        let call = client.cloudformation.get_template().stack_name(stack).template_stage(sdk::TemplateStage::Original);
        let answer = call.send().await.map_err(|it| map("cloudformation:GetTemplate", it))?;
        Ok(answer.template_body().unwrap_or_default().to_owned())
    }

    async fn events(
        &self,
        place: &AccountRegion,
        stack: &str,
        token: Option<&str>,
    ) -> Result<Vec<StackEvent>, CloudError> {
        let cell;
        let client = client!(self, place, cell);
        let (mut out, mut next): (Vec<StackEvent>, Option<String>) = (Vec::new(), None);
        loop {
            let call = client.cloudformation.describe_stack_events().stack_name(stack).set_next_token(next);
            let page = call.send().await.map_err(|it| map("cloudformation:DescribeStackEvents", it))?;
            out.extend(page.stack_events().iter().map(read::event));
            let newest = out.iter().find(|event| !event.token.is_empty()).map(|event| event.token.clone());
            let wanted = token.map(str::to_owned).or(newest);
            // Events are sorted newest first, so the first event of another operation ends the current one.
            let is_past = out.iter().any(|event| !event.token.is_empty() && Some(&event.token) != wanted.as_ref());
            next = page.next_token().filter(|next| !next.is_empty()).map(str::to_owned);
            if next.is_none() || is_past {
                out.retain(|event| event.token.is_empty() || Some(&event.token) == wanted.as_ref());
                return Ok(out);
            }
        }
    }

    async fn resources(&self, place: &AccountRegion, stack: &str) -> Result<Vec<StackResource>, CloudError> {
        let cell;
        let client = client!(self, place, cell);
        let (mut out, mut next) = (Vec::new(), None);
        loop {
            let call = client.cloudformation.list_stack_resources().stack_name(stack).set_next_token(next);
            let page = match call.send().await.map_err(|it| map("cloudformation:ListStackResources", it)) {
                Err(it) if it.fault == Fault::Missing => return Ok(out),
                page => page?,
            };
            out.extend(page.stack_resource_summaries().iter().map(read::resource));
            next = page.next_token().filter(|next| !next.is_empty()).map(str::to_owned);
            if next.is_none() {
                return Ok(out);
            }
        }
    }

    async fn put_template(
        &self,
        place: &AccountRegion,
        bucket: &str,
        key: &str,
        text: &str,
    ) -> Result<String, CloudError> {
        let cell;
        client!(self, place, cell).put(bucket, key, text).await
    }

    async fn object(&self, place: &AccountRegion, bucket: &str, key: &str) -> Result<Option<BucketObject>, CloudError> {
        let cell;
        client!(self, place, cell).object(bucket, key).await
    }

    async fn put_object(
        &self,
        place: &AccountRegion,
        bucket: &str,
        key: &str,
        text: &str,
        was: Option<&str>,
    ) -> Result<String, CloudError> {
        let cell;
        client!(self, place, cell).replace(bucket, key, text, was).await
    }

    async fn create_change_set(&self, place: &AccountRegion, request: &Request) -> Result<(), CloudError> {
        let cell;
        let client = client!(self, place, cell);
        let kind = match request.create {
            _ if !request.imports.is_empty() => sdk::ChangeSetType::Import,
            true => sdk::ChangeSetType::Create,
            false => sdk::ChangeSetType::Update,
        };
        let mut call = client
            .cloudformation
            .create_change_set()
            .stack_name(&request.stack)
            .change_set_name(&request.name)
            .change_set_type(kind)
            .set_role_arn(request.role.clone());
        call = match &request.template {
            Template::Text(text) => call.template_body(text),
            Template::Address(address) => call.template_url(address),
        };
        for capability in &request.capabilities {
            call = call.capabilities(sdk::Capability::from(capability.as_str()));
        }
        for (key, value) in &request.tags {
            call = call.tags(sdk::Tag::builder().key(key).value(value).build());
        }
        for (name, value) in &request.parameters {
            let parameter = sdk::Parameter::builder().parameter_key(name);
            call = call.parameters(match value {
                Some(Secret(value)) => parameter.parameter_value(value).build(),
                None => parameter.use_previous_value(true).build(),
            });
        }
        for it in &request.imports {
            let resource = sdk::ResourceToImport::builder().logical_resource_id(&it.id).resource_type(&it.kind);
            let identifier = it.identifier.iter().map(|(key, value)| (key.clone(), value.clone())).collect();
            call = call.resources_to_import(resource.set_resource_identifier(Some(identifier)).build());
        }
        call.send().await.map(|_| ()).map_err(|it| map("cloudformation:CreateChangeSet", it))
    }

    async fn change_set(&self, place: &AccountRegion, stack: &str, name: &str) -> Result<ChangeSet, CloudError> {
        let cell;
        let client = client!(self, place, cell);
        let (mut out, mut next) = (ChangeSet::default(), None);
        loop {
            let call = client.cloudformation.describe_change_set().stack_name(stack).change_set_name(name);
            let page = call.set_next_token(next).send().await;
            let page = page.map_err(|it| map("cloudformation:DescribeChangeSet", it))?;
            out.status = page.status().map_or_else(String::new, |it| it.as_str().to_owned());
            out.execution = page.execution_status().map_or_else(String::new, |it| it.as_str().to_owned());
            out.reason = page.status_reason().unwrap_or_default().to_owned();
            out.changes.extend(page.changes().iter().filter_map(read::change));
            next = page.next_token().filter(|next| !next.is_empty()).map(str::to_owned);
            if next.is_none() {
                return Ok(out);
            }
        }
    }

    async fn findings(
        &self,
        place: &AccountRegion,
        stack: &str,
        set: Option<&str>,
    ) -> Result<Vec<StackEvent>, CloudError> {
        let cell;
        let client = client!(self, place, cell);
        let (mut out, mut next) = (Vec::new(), None);
        loop {
            let filter = sdk::EventFilter::builder().failed_events(true).build();
            let call =
                client.cloudformation.describe_events().stack_name(stack).set_change_set_name(set.map(str::to_owned));
            let call = call.filters(filter);
            let page = call.set_next_token(next).send().await;
            let page = page.map_err(|it| map("cloudformation:DescribeEvents", it))?;
            out.extend(page.operation_events().iter().filter_map(read::finding));
            next = page.next_token().filter(|next| !next.is_empty()).map(str::to_owned);
            if next.is_none() {
                return Ok(out);
            }
        }
    }

    async fn delete_change_set(&self, place: &AccountRegion, stack: &str, name: &str) -> Result<(), CloudError> {
        let cell;
        let client = client!(self, place, cell);
        let answer = client.cloudformation.delete_change_set().stack_name(stack).change_set_name(name).send().await;
        match answer.map_err(|it| map("cloudformation:DeleteChangeSet", it)) {
            Err(it) if it.fault != Fault::Missing => Err(it),
            _ => Ok(()),
        }
    }

    async fn execute_change_set(
        &self,
        place: &AccountRegion,
        stack: &str,
        name: &str,
        token: &str,
    ) -> Result<(), CloudError> {
        let cell;
        let client = client!(self, place, cell);
        let call = client.cloudformation.execute_change_set().stack_name(stack).change_set_name(name);
        let answer = call.client_request_token(token).send().await;
        answer.map(|_| ()).map_err(|it| map("cloudformation:ExecuteChangeSet", it))
    }

    async fn continue_rollback(
        &self,
        place: &AccountRegion,
        stack: &str,
        skip: &[String],
        token: &str,
    ) -> Result<(), CloudError> {
        let cell;
        let client = client!(self, place, cell);
        let skip = Some(skip.to_vec()).filter(|skip| !skip.is_empty());
        let call = client.cloudformation.continue_update_rollback().stack_name(stack).client_request_token(token);
        let answer = call.set_resources_to_skip(skip).send().await;
        answer.map(|_| ()).map_err(|it| map("cloudformation:ContinueUpdateRollback", it))
    }

    async fn delete_stack(
        &self,
        place: &AccountRegion,
        stack: &str,
        retain: &[String],
        token: &str,
    ) -> Result<(), CloudError> {
        let cell;
        let client = client!(self, place, cell);
        let retain = Some(retain.to_vec()).filter(|retain| !retain.is_empty());
        let call = client.cloudformation.delete_stack().stack_name(stack).client_request_token(token);
        let answer = call.set_retain_resources(retain).send().await;
        answer.map(|_| ()).map_err(|it| map("cloudformation:DeleteStack", it))
    }

    async fn protect(&self, place: &AccountRegion, stack: &str, on: bool) -> Result<(), CloudError> {
        let cell;
        let client = client!(self, place, cell);
        let call = client.cloudformation.update_termination_protection().stack_name(stack);
        let answer = call.enable_termination_protection(on).send().await;
        answer.map(|_| ()).map_err(|it| map("cloudformation:UpdateTerminationProtection", it))
    }

    async fn set_stack_policy(&self, place: &AccountRegion, stack: &str, policy: &str) -> Result<(), CloudError> {
        let cell;
        let client = client!(self, place, cell);
        let answer = client.cloudformation.set_stack_policy().stack_name(stack).stack_policy_body(policy).send().await;
        answer.map(|_| ()).map_err(|it| map("cloudformation:SetStackPolicy", it))
    }

    async fn stack_policy(&self, place: &AccountRegion, stack: &str) -> Result<Option<String>, CloudError> {
        let cell;
        let client = client!(self, place, cell);
        let answer = client.cloudformation.get_stack_policy().stack_name(stack).send().await;
        let answer = answer.map_err(|it| map("cloudformation:GetStackPolicy", it))?;
        Ok(answer.stack_policy_body().filter(|body| !body.is_empty()).map(str::to_owned))
    }

    async fn drift(&self, place: &AccountRegion, stack: &str) -> Result<Vec<Drift>, CloudError> {
        let cell;
        let client = &client!(self, place, cell).cloudformation;
        let begun = client.detect_stack_drift().stack_name(stack).send().await;
        let begun = begun.map_err(|it| map("cloudformation:DetectStackDrift", it))?;
        let id = begun.stack_drift_detection_id().unwrap_or_default();
        loop {
            let call = client.describe_stack_drift_detection_status().stack_drift_detection_id(id);
            let answer = call.send().await;
            let answer = answer.map_err(|it| map("cloudformation:DescribeStackDriftDetectionStatus", it))?;
            match answer.detection_status().map(sdk::StackDriftDetectionStatus::as_str) {
                Some("DETECTION_IN_PROGRESS") => tokio::time::sleep(Duration::from_secs(3)).await,
                // Some resource types do not support drift detection. The other types were compared.
                _ => break,
            }
        }
        let (mut out, mut next) = (Vec::new(), None);
        loop {
            let call = client
                .describe_stack_resource_drifts()
                .stack_name(stack)
                .stack_resource_drift_status_filters(sdk::StackResourceDriftStatus::Modified)
                .stack_resource_drift_status_filters(sdk::StackResourceDriftStatus::Deleted)
                .set_next_token(next);
            let page = call.send().await.map_err(|it| map("cloudformation:DescribeStackResourceDrifts", it))?;
            out.extend(
                page.stack_resource_drifts().iter().map(|drift| Drift {
                    id: drift.logical_resource_id().unwrap_or_default().to_owned(),
                    kind: drift.resource_type().unwrap_or_default().to_owned(),
                    status: drift.stack_resource_drift_status().map_or_else(String::new, |it| it.as_str().to_owned()),
                    properties: drift
                        .property_differences()
                        .iter()
                        .filter_map(|it| it.property_path())
                        .map(str::to_owned)
                        .collect(),
                }),
            );
            next = page.next_token().filter(|next| !next.is_empty()).map(str::to_owned);
            if next.is_none() {
                return Ok(out);
            }
        }
    }

    async fn lookup(&self, place: &AccountRegion, lookup: &Lookup, subject: &str) -> Result<String, CloudError> {
        let cell;
        let client = client!(self, place, cell);
        let failed = |text: String| CloudError { fault: Fault::Refused, call: lookup.call.clone(), text };
        let answer = match lookup.call.as_str() {
            "kafka:GetBootstrapBrokers" => {
                let path = format!("/v1/clusters/{}/bootstrap-brokers", signed::encoded(subject));
                client.read(&lookup.call, "kafka", &path).await?
            }
            other => {
                return Err(failed(format!(
                    "this meshsynth version does not support the lookup `{other}`: update meshsynth"
                )));
            }
        };
        // API field names start with a lowercase letter, CloudFormation names with an uppercase letter.
        let mut field = lookup.field.clone();
        field[..1].make_ascii_lowercase();
        match answer[&field].as_str() {
            Some(value) if !value.is_empty() => Ok(value.to_owned()),
            _ => Err(failed(format!("`{subject}` has no `{}`", lookup.field))),
        }
    }
}
