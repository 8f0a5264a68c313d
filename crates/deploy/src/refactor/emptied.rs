//! Stacks that lose all their resources. CloudFormation does not support empty stacks, so each stack gets a wait
//! condition handle before the refactor. The handle creates nothing in AWS. If only the handle remains after the
//! refactor, the stack is deleted.

use std::collections::BTreeSet;

use super::estate::Estate;
use super::moves::Moves;
use super::templates::{HANDLE, is_emptied, moved_to};
use super::{Refactorer, unread};
use crate::cloud::{AccountRegion, Cloud, Fault};
use crate::failure::{Failure, of_call};
use crate::plan::StackStep;
use crate::stack::{Settings, Worker};

impl<C: Cloud> Refactorer<'_, C> {
    /// Adds a handle to a stack before its other resources move.
    pub(super) async fn hold(
        &self,
        place: &AccountRegion,
        estate: &Estate,
        moves: &Moves,
        name: &str,
        settings: &Settings,
    ) -> Result<(), Failure> {
        let deployed = &estate.deployed[name];
        if !deployed["Resources"][HANDLE].is_null() {
            return Ok(());
        }
        let mut template = deployed.clone();
        template["Resources"][HANDLE] = moves.templates[name]["Resources"][HANDLE].clone();
        let step = StackStep::unplanned(format!("{name}.{}", place.region), name, place);
        Worker::new(self.cloud, self.assembly, &step, settings, self.watch, self.stop).add(HANDLE, &template).await
    }

    /// Deletes an emptied stack, and returns its ID. If termination protection is enabled for the stack, it is first
    /// enabled for the stacks that received its resources.
    pub(super) async fn delete_emptied(
        &self,
        place: &AccountRegion,
        name: &str,
        destinations: &BTreeSet<String>,
        settings: &Settings,
    ) -> Result<Option<String>, Failure> {
        let Some(stack) = self.settled(place, name).await? else { return Ok(None) };
        let text = self.call(async || self.cloud.template(place, &stack.id).await).await.map_err(unread)?;
        let template = meshsynth_diff::stack::parse(&text).unwrap_or_default();
        let left = self.call(async || self.cloud.resources(place, &stack.id).await).await.map_err(unread)?;
        let left = left.into_iter().filter(|it| it.status != "DELETE_COMPLETE" && it.id != HANDLE);
        let left: Vec<String> = left.map(|it| format!("`{}`", it.id)).collect();
        if !is_emptied(&template) || !left.is_empty() {
            return Err(Failure {
                notes: left.iter().map(|it| format!("it contains {it}")).collect(),
                ..Failure::new(
                    format!("stack `{name}` ({}) is not deleted, because it is not empty", place.region),
                    "check it in the console; `meshsynth destroy --orphans` deletes the stack and its resources",
                )
            });
        }
        if stack.protected && settings.protect != Some(false) {
            // After an interrupted run, the stack itself contains the names.
            let found = if destinations.is_empty() { moved_to(&template) } else { destinations.clone() };
            for destination in &found {
                match self.call(async || self.cloud.protect(place, destination, true).await).await {
                    Ok(()) => {}
                    // An earlier run moved the resources there, and the destination was deleted since.
                    Err(error) if error.fault == Fault::Missing => {
                        self.note(format!(
                            "the stack `{destination}` does not exist, so its termination protection cannot be enabled"
                        ));
                        continue;
                    }
                    Err(error) => {
                        let text = format!(
                            "termination protection cannot be enabled for stack `{destination}`, as for `{name}`"
                        );
                        return Err(of_call(text, &error));
                    }
                }
                self.note(format!("enabled termination protection for stack `{destination}`, as for `{name}`"));
            }
        }
        let step = StackStep::unplanned(format!("{name}.{}", place.region), name, place);
        Worker::new(self.cloud, self.assembly, &step, settings, self.watch, self.stop).destroy().await?;
        self.note(format!("deleted the empty stack `{name}` ({})", place.region));
        Ok(Some(stack.id))
    }
}
