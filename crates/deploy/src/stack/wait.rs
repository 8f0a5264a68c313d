//! Waits for CloudFormation, and reports its events.
//!
//! A response can be older than the operation. A state is therefore the end of the operation only if an event with its
//! token or the time of the last update confirms it.

use std::collections::BTreeSet;
use std::time::Duration;

use super::Worker;
use crate::cloud::{Cloud, Fault, Stack, StackEvent};
use crate::event::Event;
use crate::failure::{Failure, of_call};

/// The number of unconfirmed responses before the status of the change set is queried.
const FEW_ANSWERS: u32 = 2;
/// The number of unconfirmed responses that are sufficient if events have no token, such as the events of an emulator.
const SOME_ANSWERS: u32 = 3;
/// The number of unconfirmed responses that are sufficient without any other confirmation. This takes about three
/// minutes.
const MANY_ANSWERS: u32 = 20;

/// An operation to wait for.
pub(super) struct Operation<'a> {
    /// The ID or the name of the stack.
    id: &'a str,
    /// The token of the operation, or `None` if it is unknown.
    token: Option<&'a str>,
    /// The change set that the operation executes.
    set: Option<&'a str>,
    /// The stack before the operation.
    before: Option<Stack>,
}

impl<'a> Operation<'a> {
    /// Creates an operation on an existing stack.
    pub(super) fn of(stack: &'a Stack, token: Option<&'a str>) -> Self {
        Self { id: &stack.id, token, set: None, before: Some(stack.clone()) }
    }

    /// Creates the execution of a change set.
    pub(super) fn carrying_out(name: &'a str, set: &'a str, token: &'a str, before: Option<Stack>) -> Self {
        Self { id: name, token: Some(token), set: Some(set), before }
    }

    /// Whether a state is certainly the end of the operation.
    fn is_end(&self, stack: &Stack, events: &[StackEvent]) -> bool {
        let Some(token) = self.token else { return true };
        if stack.status == "REVIEW_IN_PROGRESS" {
            return false;
        }
        let is_of_stack = |event: &&StackEvent| event.resource == stack.name && event.token == token;
        if events.iter().filter(is_of_stack).any(|event| event.status == stack.status) {
            return true;
        }
        match &self.before {
            // The stack was already busy, so only events confirm the end.
            Some(before) if before.is_busy() => false,
            Some(before) if before.id == stack.id && before.status != "REVIEW_IN_PROGRESS" => {
                stack.updated > before.updated
            }
            // A new stack was never complete before. A failed state can belong to a deleted stack of the same name.
            _ => ["CREATE_COMPLETE", "IMPORT_COMPLETE"].contains(&stack.status.as_str()),
        }
    }
}

impl<C: Cloud> Worker<'_, C> {
    /// Waits for the end of the operation. Returns `None` if the stack was deleted.
    pub(super) async fn wait(&self, operation: &Operation<'_>) -> Result<Option<Stack>, Failure> {
        let place = self.place();
        let (mut told, mut was_busy, mut n_open) = (BTreeSet::new(), false, 0);
        let mut pause = Duration::from_secs(2);
        loop {
            let stack = match self.call(async || self.cloud.stack(&place, operation.id).await).await {
                Ok(stack) => stack,
                Err(error) if error.fault == Fault::Missing => None,
                Err(_) if self.stop.is_interrupted() => return Err(self.interrupted()),
                Err(error) => {
                    let text = format!("{} {}, but its events cannot be read", self.called(), self.meanwhile.get());
                    return Err(of_call(text, &error));
                }
            };
            // Events are only reported to the user. If a read fails, the next read returns the missing events.
            let events = self.cloud.events(&place, operation.id, operation.token).await.unwrap_or_default();
            let is_tokenless = events.iter().all(|event| event.token.is_empty());
            let is_end = match &stack {
                Some(stack) if stack.is_busy() => {
                    (was_busy, n_open) = (true, 0);
                    self.doing(stack.status.clone());
                    false
                }
                Some(stack) if stack.status != "DELETE_COMPLETE" && !operation.is_end(stack, &events) => {
                    n_open += 1;
                    was_busy && is_tokenless && n_open >= SOME_ANSWERS
                        || self.is_enough(operation, stack, n_open).await?
                }
                _ => true,
            };
            self.tell(events, &mut told);
            if is_end {
                let stack = stack.filter(|stack| stack.status != "DELETE_COMPLETE");
                self.seen.replace(stack.clone());
                return Ok(stack);
            }
            self.check_stop()?;
            self.stop.sleep(pause).await;
            pause = (pause + Duration::from_secs(1)).min(Duration::from_secs(10));
        }
    }

    /// Whether a state counts as the end without a confirmation by an event or a time. CloudFormation can also reject a
    /// change set at its execution, before it changes the stack.
    async fn is_enough(&self, operation: &Operation<'_>, stack: &Stack, n_open: u32) -> Result<bool, Failure> {
        let Some(name) = operation.set.filter(|_| n_open >= FEW_ANSWERS) else { return Ok(n_open >= MANY_ANSWERS) };
        let set = self.cloud.change_set(&self.place(), self.name(), name).await.unwrap_or_default();
        match set.execution.as_str() {
            "EXECUTE_FAILED" => Err(self.unmade(&set, name).await),
            "EXECUTE_COMPLETE" => Ok(n_open > 2 * FEW_ANSWERS),
            _ if n_open >= MANY_ANSWERS => Err(self.unsure(stack)),
            _ => Ok(false),
        }
    }

    fn unsure(&self, stack: &Stack) -> Failure {
        self.failure(
            format!(
                "the state of {} is `{}`, and it is unknown whether the operation has ended",
                self.called(),
                stack.status
            ),
            "check its events in the console, then run the command again: it continues operations in progress",
        )
    }

    /// Reports new events in chronological order.
    fn tell(&self, mut events: Vec<StackEvent>, told: &mut BTreeSet<String>) {
        events.reverse();
        events.sort_by_key(|event| event.at);
        for event in events {
            if told.insert(event.id.clone()) && event.resource != self.step.name {
                let (construct, _) = self.origin(&event.resource);
                self.watch.say(&Event::Reached {
                    at: self.step.id.clone(),
                    name: if construct.is_empty() { event.resource } else { construct },
                    state: event.status.clone(),
                    reason: if event.status.ends_with("_FAILED") { event.reason } else { String::new() },
                });
            }
        }
    }
}
