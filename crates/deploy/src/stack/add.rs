//! Adds one resource to a deployed stack without other changes.

use serde_json::Value;

use super::change::Made;
use super::{Start, Worker};
use crate::assembly::digest;
use crate::cloud::{Cloud, Request, ResourceChange, Stack};
use crate::failure::Failure;

/// The capabilities that the IAM resources of an existing template can require. The update does not change these
/// resources.
const CAPABILITIES: [&str; 2] = ["CAPABILITY_IAM", "CAPABILITY_NAMED_IAM"];

impl<C: Cloud> Worker<'_, C> {
    /// Updates the stack to a template with one additional resource.
    ///
    /// # Errors
    ///
    /// If the update would change other resources. In this case, the stack is not changed.
    pub(crate) async fn add(&self, id: &str, template: &Value) -> Result<(), Failure> {
        for _ in 0..6 {
            self.check_stop()?;
            let Some(stack) = self.read().await? else {
                return Err(self.failure(format!("{} was deleted", self.called()), "run the command again"));
            };
            self.check_ours(&stack)?;
            let request = self.addition(&stack, template).await?;
            let set = match self.make(Start::Update, &request).await? {
                Made::Ready(set) => set,
                Made::Nothing => return Ok(()),
                Made::Moved => continue,
            };
            let is_alone = |it: &ResourceChange| it.id == id && it.action == "Add";
            let others: Vec<String> =
                set.changes.iter().filter(|it| !is_alone(it)).map(|it| format!("`{}` ({})", it.id, it.kind)).collect();
            if !others.is_empty() || set.changes.is_empty() || self.stop.is_cancelled() {
                self.withdraw(Start::Update, &request.name).await;
                self.check_stop()?;
                return Err(Failure {
                    notes: others.into_iter().map(|it| format!("{it} would also change")).collect(),
                    ..self.failure(
                        format!("{} was not changed, because the update must only add `{id}`", self.called()),
                        "first deploy the other changes under the old name, then run the command again",
                    )
                });
            }
            if self.carry_out(Start::Update, &request.name, &set).await?.is_some() {
                return Ok(());
            }
        }
        Err(self.failure(
            format!("another process changes {} during the preparation", self.called()),
            "find and stop the process that changes it, then run the command again",
        ))
    }

    async fn addition(&self, stack: &Stack, template: &Value) -> Result<Request, Failure> {
        let text = template.to_string();
        let name = format!("meshsynth-add-{}", &digest(&text)[..16]);
        let template = self.handed_in(text).await?;
        let tags = stack.tags.iter().filter(|(key, _)| !key.starts_with("aws:"));
        Ok(Request {
            stack: stack.name.clone(),
            name,
            create: false,
            template,
            parameters: stack.parameters.iter().map(|name| (name.clone(), None)).collect(),
            capabilities: CAPABILITIES.map(str::to_owned).to_vec(),
            tags: tags.map(|(key, value)| (key.clone(), value.clone())).collect(),
            // CloudFormation uses the existing role of the stack.
            role: if stack.role.is_some() { None } else { self.settings.role.clone() },
            imports: Vec::new(),
        })
    }
}
