//! Deletes a stack: the remains of a failed stack, or a complete stack.

use super::Worker;
use super::wait::Operation;
use crate::cloud::{Cloud, Fault, Stack, StackResource};
use crate::failure::{Failure, of_call};
use crate::judgement::Judgement;

/// A resource that remains in AWS after its stack was deleted.
#[derive(Clone, Debug, PartialEq)]
pub struct Remnant {
    /// The logical ID.
    pub id: String,
    /// The resource type.
    pub kind: String,
    /// The physical ID.
    pub physical: String,
}

/// The resources that remain in AWS, by stack.
pub type Remnants = Vec<(String, Vec<Remnant>)>;

impl<C: Cloud> Worker<'_, C> {
    /// Deletes the remains of a stack that was never complete, so that it can be created.
    pub(super) async fn clear(&self, stack: &Stack) -> Result<(), Failure> {
        let left = self.left(stack).await?;
        self.note(format!("`{}` from an earlier run: the stack is deleted, then created again", stack.status));
        let going: Vec<&StackResource> = left.iter().filter(|it| it.status != "DELETE_SKIPPED").collect();
        // A complete rollback has already deleted its resources.
        if !going.is_empty() && stack.status != "ROLLBACK_COMPLETE" {
            let place = self.place();
            let template = self.call(async || self.cloud.template(&place, &stack.name).await).await.ok();
            let template = template.and_then(|text| meshsynth_diff::stack::parse(&text).ok());
            let called = |id: &str| self.shown(id);
            self.ask(Judgement::of_removal(&going, template.as_ref(), called, |id| self.is_stateful(id)), false)?;
        }
        let retained: Vec<String> = left
            .iter()
            .filter(|it| it.status == "DELETE_SKIPPED" || stack.status == "ROLLBACK_COMPLETE")
            .map(|it| format!("`{}` (`{}`)", it.id, it.physical))
            .collect();
        if !retained.is_empty() {
            self.note(format!("retained in AWS, outside the stack: {}", retained.join(", ")));
        }
        self.delete(stack).await
    }

    /// Deletes the stack. Returns the resources that remain in AWS. Disables termination protection first if the
    /// settings request it.
    pub async fn destroy(&self) -> Result<Option<Vec<Remnant>>, Failure> {
        let place = self.place();
        for _ in 0..4 {
            self.check_stop()?;
            let Some(stack) = self.read().await?.filter(|stack| stack.status != "DELETE_COMPLETE") else {
                return Ok(None);
            };
            self.check_ours(&stack)?;
            if stack.is_busy() {
                self.note(format!("waiting for `{}`", stack.status));
                self.meanwhile.set("is being changed by an earlier operation, which continues in AWS");
                self.wait(&Operation::of(&stack, None)).await?;
                self.meanwhile.set(super::AS_IT_WAS);
                continue;
            }
            if stack.protected {
                let done = self.call(async || self.cloud.protect(&place, self.name(), false).await).await;
                done.map_err(|error| {
                    of_call(format!("the termination protection of {} cannot be disabled", self.called()), &error)
                })?;
            }
            self.delete(&stack).await?;
            let after = self.call(async || self.cloud.resources(&place, &stack.id).await).await.unwrap_or_default();
            let stays = after.into_iter().filter(|it| it.status == "DELETE_SKIPPED" && !it.physical.is_empty());
            return Ok(Some(stays.map(|it| Remnant { id: it.id, kind: it.kind, physical: it.physical }).collect()));
        }
        Err(self.failure(
            format!("{} does not reach a stable state", self.called()),
            "find and stop the process that changes it, then run the command again",
        ))
    }

    /// Deletes the stack, and waits for the end of the operation.
    async fn delete(&self, stack: &Stack) -> Result<(), Failure> {
        let place = self.place();
        self.check_stop()?;
        // AWS accepts retained resources only if an earlier deletion failed.
        let retain = if stack.status == "DELETE_FAILED" { self.settings.retain.as_slice() } else { &[] };
        let token = self.token(&format!("delete-{}", stack.status.to_lowercase().replace('_', "-")));
        self.doing("deleting the stack");
        self.meanwhile.set("is being deleted by CloudFormation, which continues");
        let begun = self.call(async || self.cloud.delete_stack(&place, &stack.id, retain, &token).await).await;
        match begun {
            Ok(()) => {}
            Err(error) if error.fault == Fault::Missing => return Ok(()),
            Err(error) => return Err(of_call(format!("{} is not deleted", self.called()), &error)),
        }
        let after = self.wait(&Operation::of(stack, Some(&token))).await?;
        let Some(after) = after else { return Ok(()) };
        let cause = self.cause(&after.id, Some(&token)).await;
        let left = self.left(&after).await?;
        let stuck: Vec<&StackResource> = left.iter().filter(|it| it.status == "DELETE_FAILED").collect();
        let names: Vec<&str> = stuck.iter().map(|it| it.id.as_str()).collect();
        let help = match names.as_slice() {
            [] => "fix the cause, then run the command again".to_owned(),
            names => format!(
                "fix the cause and run the command again; or pass `--retain {}` to retain these resources in AWS, \
                 outside the stack",
                names.join(",")
            ),
        };
        let mut failure =
            self.failure(format!("{} is not deleted: its state is `{}`", self.called(), after.status), "");
        let still: Vec<String> = left.iter().map(|it| format!("`{}` (`{}`)", it.id, it.physical)).collect();
        if !still.is_empty() {
            failure.notes.push(format!("still in AWS: {}", still.join(", ")));
        }
        let mut failure = self.explain(failure, cause);
        failure.help = help;
        Err(failure)
    }

    /// Returns the resources of a stack that still exist in AWS.
    async fn left(&self, stack: &Stack) -> Result<Vec<StackResource>, Failure> {
        let place = self.place();
        let all = self.call(async || self.cloud.resources(&place, &stack.id).await).await;
        let all = all.map_err(|error| of_call(format!("{} cannot be read", self.called()), &error))?;
        Ok(all.into_iter().filter(|it| it.status != "DELETE_COMPLETE" && !it.physical.is_empty()).collect())
    }
}
