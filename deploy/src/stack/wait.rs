//! Waiting for CloudFormation, telling what it does.

use std::collections::BTreeSet;
use std::time::Duration;

use super::Worker;
use crate::cloud::{Cloud, Event, Fault, Stack};
use crate::failure::Failure;
use crate::watch::Said;

impl<C: Cloud> Worker<'_, C> {
    /// Waits until CloudFormation is no longer at work; none once the stack is gone.
    ///
    /// `meanwhile` says what goes on if we leave before.
    pub(super) async fn wait(&self, id: &str, token: Option<&str>, meanwhile: &str) -> Result<Option<Stack>, Failure> {
        let place = self.place();
        let mut told = BTreeSet::new();
        let mut pause = Duration::from_secs(2);
        loop {
            let stack = match self.call(async || self.cloud.stack(&place, id).await).await {
                Ok(stack) => stack,
                Err(error) if error.fault == Fault::Missing => None,
                Err(error) => {
                    return Err(Failure::call(format!("{} {meanwhile}, and cannot be watched", self.called()), &error));
                }
            };
            // What happened is told for people: where it cannot be read now, it is read the next time.
            if let Ok(events) = self.cloud.events(&place, id, token).await {
                self.tell(events, &mut told);
            }
            match stack {
                Some(stack) if stack.is_busy() => self.doing(stack.status.clone()),
                Some(stack) if stack.status == "DELETE_COMPLETE" => return Ok(None),
                other => return Ok(other),
            }
            self.check_stop(meanwhile)?;
            self.stop.sleep(pause).await;
            pause = (pause + Duration::from_secs(1)).min(Duration::from_secs(10));
        }
    }

    /// Tells what was not yet told, in the order in which it happened.
    fn tell(&self, mut events: Vec<Event>, told: &mut BTreeSet<String>) {
        events.reverse();
        events.sort_by_key(|event| event.at);
        for event in events {
            if told.insert(event.id.clone()) && event.resource != self.step.name {
                let (construct, _) = self.origin(&event.resource);
                self.watch.say(&Said::Reached {
                    at: self.step.id.clone(),
                    name: if construct.is_empty() { event.resource } else { construct },
                    state: event.status.clone(),
                    reason: if event.status.ends_with("_FAILED") { event.reason } else { String::new() },
                });
            }
        }
    }
}
