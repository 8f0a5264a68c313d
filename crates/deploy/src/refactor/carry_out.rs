//! Creates and executes a stack refactor, and waits for its end.

use std::collections::{BTreeMap, BTreeSet};

use meshsynth_model::words::count;

use super::moves::Moves;
use super::{Refactorer, unread};
use crate::assembly::digest;
use crate::cloud::{AccountRegion, Cloud, CloudError, Refactor, RefactorRequest};
use crate::failure::{Failure, of_call};
use crate::plan::StackStep;
use crate::stack::Worker;

impl<C: Cloud> Refactorer<'_, C> {
    /// Returns the description of the refactors of this app.
    fn description(&self) -> String {
        format!("meshsynth {} ", self.plan.app)
    }

    /// Waits for the refactors of an earlier run, and collects their stacks.
    pub(super) async fn finish(&self, place: &AccountRegion, made: &mut BTreeSet<String>) -> Result<(), Failure> {
        for (id, mut found) in self.ours(place).await? {
            if found.execution.ends_with("_IN_PROGRESS") {
                self.note("waiting for a stack refactor of an earlier run".to_owned());
                found = self.ended(place, &id).await?;
            }
            if found.execution == "EXECUTE_COMPLETE" {
                made.extend(found.stacks);
            }
        }
        Ok(())
    }

    /// Returns the stacks of completed refactors of this app.
    pub(super) async fn made(&self, place: &AccountRegion) -> Result<BTreeSet<String>, Failure> {
        let done = self.ours(place).await?.into_iter().filter(|(_, it)| it.execution == "EXECUTE_COMPLETE");
        Ok(done.flat_map(|(_, it)| it.stacks).collect())
    }

    async fn ours(&self, place: &AccountRegion) -> Result<Vec<(String, Refactor)>, Failure> {
        let all = self.call(async || self.cloud.refactors(place).await).await.map_err(unread)?;
        let mut out = Vec::new();
        for (id, _) in all.into_iter().filter(|(_, description)| description.starts_with(&self.description())) {
            let found = self.call(async || self.cloud.refactor(place, &id).await).await.map_err(unread)?;
            out.push((id, found));
        }
        Ok(out)
    }

    /// Creates and executes a stack refactor.
    pub(super) async fn carry_out(&self, place: &AccountRegion, found: Moves) -> Result<Refactor, Failure> {
        let mut stacks = BTreeMap::new();
        for (name, template) in &found.templates {
            let step = StackStep::unplanned(format!("{name}.{}", place.region), name, place);
            let worker = Worker::new(self.cloud, self.assembly, &step, self.settings, self.watch, self.stop);
            stacks.insert(name.clone(), worker.handed_in(template.to_string()).await?);
        }
        let description = format!("{}{}", self.description(), &digest(&format!("{found:?}"))[..16]);
        let request = RefactorRequest { description, stacks, moves: found.moves, creates: found.creates };
        let refused = |error: &CloudError| {
            of_call(
                format!("no resource was moved in {}: CloudFormation did not create a stack refactor", place.region),
                error,
            )
        };
        let id = self.call(async || self.cloud.create_refactor(place, &request).await).await;
        let id = id.map_err(|error| refused(&error))?;
        let made = loop {
            let found = self.call(async || self.cloud.refactor(place, &id).await).await;
            let found = found.map_err(|error| refused(&error))?;
            if !found.status.ends_with("_IN_PROGRESS") {
                break found;
            }
            self.pause(place, "no resource was moved").await?;
        };
        if made.status != "CREATE_COMPLETE" {
            let text = format!(
                "no resource was moved in {}: the state of the stack refactor is `{}`",
                place.region, made.status
            );
            let help = "keep the resources that CloudFormation names in their stack, and move the rest; or omit \
                 `--refactor`: the deployment then creates new resources instead of moving them";
            return Err(Failure { cause: made.reason, ..Failure::new(text, help) });
        }
        let begun = self.call(async || self.cloud.execute_refactor(place, &id).await).await;
        if let Err(error) = begun {
            // The call can have succeeded although its response was lost.
            let found = self.call(async || self.cloud.refactor(place, &id).await).await.map_err(|it| refused(&it))?;
            if !found.execution.starts_with("EXECUTE_") {
                return Err(refused(&error));
            }
        }
        let ended = self.ended(place, &id).await?;
        if ended.execution == "EXECUTE_COMPLETE" {
            // After the refactor, CloudFormation still updates the stacks for some seconds.
            for stack in &ended.stacks {
                while self
                    .call(async || self.cloud.stack(place, stack).await)
                    .await
                    .map_err(unread)?
                    .is_some_and(|it| it.is_busy())
                {
                    self.pause(place, "all resources were moved").await?;
                }
            }
            let moved = count(request.moves.len(), "resource");
            self.note(format!("moved {moved} in {} with a stack refactor", place.region));
            return Ok(ended);
        }
        let text = format!("the state of the state of the stack refactor in {} is `{}`", place.region, ended.execution);
        let mut failure = Failure {
            cause: ended.execution_reason,
            ..Failure::new(text, "fix the cause, then run the command again")
        };
        failure.notes.push(match ended.execution.as_str() {
            "ROLLBACK_COMPLETE" => "rolled back: all resources are in their previous stacks".to_owned(),
            _ => "run `aws cloudformation describe-stack-refactor` to find the stack of each resource".to_owned(),
        });
        Err(failure)
    }

    /// Waits until a refactor is complete or rolled back.
    async fn ended(&self, place: &AccountRegion, id: &str) -> Result<Refactor, Failure> {
        loop {
            let found = self.call(async || self.cloud.refactor(place, id).await).await.map_err(unread)?;
            // The refactor may not have started yet.
            if !found.execution.ends_with("_IN_PROGRESS") && found.execution != "AVAILABLE" {
                return Ok(found);
            }
            self.pause(place, "a stack refactor is in progress, and continues in AWS").await?;
        }
    }
}
