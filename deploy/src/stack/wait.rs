//! Waiting for CloudFormation, telling what it does.
//!
//! One answer may be older than the operation that is waited for, so a state counts as its end only where an event
//! with its token or the time of the last update says so.

use std::collections::BTreeSet;
use std::time::Duration;

use super::Worker;
use crate::cloud::{Cloud, Fault, Stack, StackEvent};
use crate::event::Event;
use crate::failure::{Failure, of_call};

/// So many answers are waited for before the change set is asked whether it was carried out.
const FEW_ANSWERS: u32 = 2;
/// So many answers after work was seen are enough where events carry no token, as those of an emulator.
const SOME_ANSWERS: u32 = 3;
/// So many answers are enough where nothing else tells the end: about three minutes of them.
const MANY_ANSWERS: u32 = 20;

/// What is waited for.
pub(super) struct Operation<'a> {
    /// The id of the stack, or its name.
    id: &'a str,
    /// The token of the operation; none where nobody knows it.
    token: Option<&'a str>,
    /// The change set that it carries out.
    set: Option<&'a str>,
    /// How the stack was before.
    before: Option<Stack>,
}

impl<'a> Operation<'a> {
    /// An operation on a stack that is there.
    pub(super) fn of(stack: &'a Stack, token: Option<&'a str>) -> Self {
        Self { id: &stack.id, token, set: None, before: Some(stack.clone()) }
    }

    /// A change set that is carried out.
    pub(super) fn carrying_out(name: &'a str, set: &'a str, token: &'a str, before: Option<Stack>) -> Self {
        Self { id: name, token: Some(token), set: Some(set), before }
    }

    /// Whether a state is certainly the one in which the operation ended.
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
            // What was followed was at work already, so only its events tell its end.
            Some(before) if before.is_busy() => false,
            Some(before) if before.id == stack.id && before.status != "REVIEW_IN_PROGRESS" => {
                stack.updated > before.updated
            }
            // A new stack was never whole before. One that failed may be another of its name, which is gone by now.
            _ => ["CREATE_COMPLETE", "IMPORT_COMPLETE"].contains(&stack.status.as_str()),
        }
    }
}

impl<C: Cloud> Worker<'_, C> {
    /// Waits until CloudFormation is no longer at work; none once the stack is gone.
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
                    let text = format!("{} {}, and cannot be watched", self.called(), self.meanwhile.get());
                    return Err(of_call(text, &error));
                }
            };
            // What happened is told for people: where it cannot be read now, it is read the next time.
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

    /// Whether a state is taken for the end without an event or a time that says so. A change set may be refused once it
    /// is carried out, before anything is done to the stack.
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
            format!("{} is `{}`, and it is unknown whether the operation has ended", self.called(), stack.status),
            "look at its events in the console, then run again: operations in progress are found",
        )
    }

    /// Tells what was not yet told, in the order in which it happened.
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
