//! Implements stack refactors with CloudFormation.

use aws_sdk_cloudformation::types as sdk;

use super::{Aws, error::map, words};
use crate::cloud::{AccountRegion, CloudError, Refactor, RefactorRequest, Refactoring, Template};

/// Returns the initialized client of an account and region.
macro_rules! client {
    ($self:ident, $place:ident, $cell:ident) => {{
        $cell = $self.clients($place).await?;
        &$cell.get().expect("it was just filled").cloudformation
    }};
}

impl Refactoring for Aws {
    async fn create_refactor(&self, place: &AccountRegion, request: &RefactorRequest) -> Result<String, CloudError> {
        let cell;
        let client = client!(self, place, cell);
        let mut call = client.create_stack_refactor().description(&request.description);
        call = call.enable_stack_creation(request.creates);
        for (name, template) in &request.stacks {
            let stack = sdk::StackDefinition::builder().stack_name(name);
            call = call.stack_definitions(match template {
                Template::Text(text) => stack.template_body(text).build(),
                Template::Address(address) => stack.template_url(address).build(),
            });
        }
        for it in &request.moves {
            let end = |(stack, id): &(String, String)| {
                sdk::ResourceLocation::builder().stack_name(stack).logical_resource_id(id).build()
            };
            let mapping = sdk::ResourceMapping::builder().source(end(&it.from)).destination(end(&it.to));
            call = call.resource_mappings(mapping.build());
        }
        let answer = call.send().await.map_err(|it| map("cloudformation:CreateStackRefactor", it))?;
        Ok(answer.stack_refactor_id().unwrap_or_default().to_owned())
    }

    async fn refactor(&self, place: &AccountRegion, id: &str) -> Result<Refactor, CloudError> {
        let cell;
        let client = client!(self, place, cell);
        let answer = client.describe_stack_refactor().stack_refactor_id(id).send().await;
        let answer = answer.map_err(|it| map("cloudformation:DescribeStackRefactor", it))?;
        Ok(Refactor {
            status: answer.status().map_or_else(String::new, |it| it.as_str().to_owned()),
            reason: answer.status_reason().unwrap_or_default().to_owned(),
            execution: answer.execution_status().map_or_else(String::new, |it| it.as_str().to_owned()),
            execution_reason: answer.execution_status_reason().unwrap_or_default().to_owned(),
            stacks: answer.stack_ids().to_vec(),
        })
    }

    async fn refactors(&self, place: &AccountRegion) -> Result<Vec<(String, String)>, CloudError> {
        let cell;
        let client = client!(self, place, cell);
        let (mut out, mut next) = (Vec::new(), None);
        loop {
            let page = client.list_stack_refactors().set_next_token(next).send().await;
            let page = page.map_err(|it| map("cloudformation:ListStackRefactors", it))?;
            let text = |value: Option<&str>| value.unwrap_or_default().to_owned();
            let rows = page.stack_refactor_summaries().iter();
            out.extend(rows.map(|row| (text(row.stack_refactor_id()), text(row.description()))));
            next = page.next_token().filter(|next| !next.is_empty()).map(str::to_owned);
            if next.is_none() {
                return Ok(out);
            }
        }
    }

    async fn execute_refactor(&self, place: &AccountRegion, id: &str) -> Result<(), CloudError> {
        let cell;
        let client = client!(self, place, cell);
        let answer = client.execute_stack_refactor().stack_refactor_id(id).send().await;
        answer.map(|_| ()).map_err(|it| map("cloudformation:ExecuteStackRefactor", it))
    }

    async fn importers(&self, place: &AccountRegion, export: &str) -> Result<Vec<String>, CloudError> {
        let cell;
        let client = client!(self, place, cell);
        let (mut out, mut next) = (Vec::new(), None);
        loop {
            let page = client.list_imports().export_name(export).set_next_token(next).send().await;
            let page = match page.map_err(|it| map("cloudformation:ListImports", it)) {
                Ok(page) => page,
                Err(error) if words::is_any(words::NOT_IMPORTED, &error.text) => return Ok(out),
                Err(error) => return Err(error),
            };
            out.extend(page.imports().iter().cloned());
            next = page.next_token().filter(|next| !next.is_empty()).map(str::to_owned);
            if next.is_none() {
                return Ok(out);
            }
        }
    }
}
