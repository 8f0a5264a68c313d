//! Finds the first cause of a failure among the events that follow from it.

use std::time::Duration;

use super::Worker;
use crate::aws::words;
use crate::cloud::{ChangeSet, Cloud, StackEvent};
use crate::failure::Failure;

/// The first cause of a failure.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Cause {
    event: Option<StackEvent>,
    /// Other resources with an independent failure.
    others: Vec<String>,
    /// The findings of early validation.
    findings: Vec<StackEvent>,
}

/// Returns the findings of one operation. Findings without a known operation are included if no finding has its token.
fn of_operation(mut findings: Vec<StackEvent>, token: Option<&str>) -> Vec<StackEvent> {
    let is_ours = |it: &StackEvent| token.is_some_and(|token| it.token == token);
    let is_known = findings.iter().any(is_ours);
    findings
        .retain(|it| !it.resource.is_empty() && (is_ours(it) || !is_known && (it.token.is_empty() || token.is_none())));
    findings.sort_by(|a, b| (a.at, &a.resource, &a.reason).cmp(&(b.at, &b.resource, &b.reason)));
    findings.dedup_by(|a, b| (&a.resource, &a.reason) == (&b.resource, &b.reason));
    findings
}

impl<C: Cloud> Worker<'_, C> {
    /// Finds the first cause. Events can arrive late and in any order.
    pub(super) async fn cause(&self, stack: &str, token: Option<&str>) -> Cause {
        let place = self.place();
        for attempt in 0..6 {
            let events = self.call(async || self.cloud.events(&place, stack, token).await).await.unwrap_or_default();
            let mut cause = first(events, &self.step.name, token);
            // If the event names no resource, early validation can be the cause.
            if cause.event.as_ref().is_none_or(|event| event.resource == self.step.name) {
                let found = self.cloud.findings(&place, stack, None).await.unwrap_or_default();
                cause.findings = of_operation(found, token);
            }
            let is_named = cause.event.as_ref().is_some_and(|event| event.resource != self.step.name);
            let is_told = cause.event.is_some() && attempt > 0;
            if is_named || is_told || !cause.findings.is_empty() || self.stop.is_cancelled() {
                return cause;
            }
            self.doing("waiting for the cause from CloudFormation");
            self.stop.sleep(Duration::from_secs(5)).await;
        }
        Cause::default()
    }

    /// Returns the findings of early validation for a change set or its execution.
    pub(super) async fn findings(&self, set: &str, token: &str) -> Vec<StackEvent> {
        let place = self.place();
        let of_set = self.cloud.findings(&place, self.name(), Some(set)).await.unwrap_or_default();
        if !of_set.is_empty() {
            return of_set;
        }
        of_operation(self.cloud.findings(&place, self.name(), None).await.unwrap_or_default(), Some(token))
    }

    /// Returns the error for a change set that CloudFormation could not create or execute.
    pub(super) async fn unmade(&self, set: &ChangeSet, name: &str) -> Failure {
        let status = if set.execution == "EXECUTE_FAILED" { &set.execution } else { &set.status };
        let mut failure = self.failure(
            format!("{} was not changed: the state of its change set is `{status}`", self.called()),
            "fix the error that CloudFormation reports, synthesize, and run the command again",
        );
        failure.cause.clone_from(&set.reason);
        if let Some(help) = words::missing_parameter(&set.reason) {
            help.clone_into(&mut failure.help);
        }
        let token = self.token(name.trim_start_matches("meshsynth-"));
        let findings = self.findings(name, &token).await;
        self.name_findings(failure, &findings)
    }

    /// Adds the findings of early validation: the first as the cause, the others as notes.
    pub(super) fn name_findings(&self, mut failure: Failure, findings: &[StackEvent]) -> Failure {
        if let Some(first) = findings.first() {
            let (construct, source) = self.origin(&first.resource);
            failure.cause = format!("`{}` ({}): {}", first.resource, first.kind, first.reason);
            failure.construct = construct;
            failure.source = source;
        }
        for finding in findings.iter().skip(1) {
            let (_, source) = self.origin(&finding.resource);
            let at = if source.is_empty() { String::new() } else { format!(" at {source}") };
            failure.notes.push(format!("`{}`{at}: {}", finding.resource, finding.reason));
        }
        failure
    }

    /// Adds a cause to a failure: the message, the program line and the fix.
    pub(super) fn explain(&self, mut failure: Failure, cause: Cause) -> Failure {
        if !cause.findings.is_empty() {
            "fix the errors of the early validation, synthesize, and run the command again"
                .clone_into(&mut failure.help);
            return self.name_findings(failure, &cause.findings);
        }
        let Some(event) = cause.event else {
            return failure.note("CloudFormation reports no cause: check the events of the stack");
        };
        if event.resource == self.step.name {
            failure.cause = format!("`{}`: {}", event.status, event.reason);
        } else {
            let (construct, source) = self.origin(&event.resource);
            failure.cause = format!("`{}` ({}), `{}`: {}", event.resource, event.kind, event.status, event.reason);
            failure.construct = construct;
            failure.source = source;
        }
        if let Some(help) = words::help(&event.reason) {
            help.clone_into(&mut failure.help);
        }
        if !cause.others.is_empty() {
            failure.notes.insert(0, format!("also failed independently: `{}`", cause.others.join("`, `")));
        }
        failure
    }
}

/// Returns the first event that is a cause.
pub(super) fn first(mut events: Vec<StackEvent>, stack: &str, token: Option<&str>) -> Cause {
    // If events have no token, the operation starts with the last start event of the stack.
    if events.iter().all(|event| event.token.is_empty()) {
        let starts = ["CREATE_IN_PROGRESS", "DELETE_IN_PROGRESS", "UPDATE_IN_PROGRESS"];
        let is_start = |event: &&StackEvent| event.resource == stack && starts.contains(&event.status.as_str());
        let begin = events.iter().filter(is_start).map(|event| event.at).max();
        events.retain(|event| begin.is_none_or(|begin| event.at >= begin));
    }
    let is_of_operation = |event: &StackEvent| token.is_none_or(|token| event.token.is_empty() || event.token == token);
    events.retain(|event| event.status.ends_with("_FAILED") && is_of_operation(event) && !event.reason.is_empty());
    events.sort_by(|a, b| (a.at, &a.resource).cmp(&(b.at, &b.resource)));
    events.dedup_by(|a, b| a.id == b.id);
    let is_echo = |event: &StackEvent| words::is_echo(&event.reason);
    let (of_stack, of_resources): (Vec<StackEvent>, Vec<StackEvent>) =
        events.into_iter().filter(|event| !is_echo(event)).partition(|event| event.resource == stack);
    // A failure during the cleanup is not the cause of the cleanup.
    let is_begin = |event: &&StackEvent| !event.status.starts_with("DELETE_") && !event.status.contains("ROLLBACK");
    let first = of_resources.iter().find(is_begin).or(of_resources.first()).or(of_stack.first()).cloned();
    let others = of_resources.iter().filter(|event| {
        first.as_ref().is_some_and(|first| first.resource != event.resource && first.status == event.status)
    });
    let mut others: Vec<String> = others.map(|event| event.resource.clone()).collect();
    others.dedup();
    Cause { event: first, others, findings: Vec::new() }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn event(at: i64, resource: &str, status: &str, reason: &str) -> StackEvent {
        let text = |text: &str| text.to_owned();
        StackEvent {
            id: format!("{resource}-{at}"),
            at,
            resource: text(resource),
            status: text(status),
            reason: text(reason),
            token: text("t"),
            ..StackEvent::default()
        }
    }

    fn name(events: &[StackEvent]) -> Option<String> {
        first(events.to_vec(), "shop", Some("t")).event.map(|event| event.resource)
    }

    #[test]
    fn finds_first_cause_in_any_event_order() {
        let mut events = vec![
            event(1, "Vpc", "CREATE_COMPLETE", ""),
            event(3, "Queue", "CREATE_FAILED", "Resource creation cancelled"),
            event(3, "Db", "CREATE_FAILED", "quota exceeded"),
            event(4, "Cache", "CREATE_FAILED", "no subnet"),
            event(5, "shop", "ROLLBACK_IN_PROGRESS", "The following resource(s) failed to create: [Db, Queue]."),
            event(6, "Vpc", "DELETE_FAILED", "in use"),
        ];
        for turn in 0..events.len() {
            events.rotate_left(1);
            let cause = first(events.clone(), "shop", Some("t"));
            assert_eq!(cause.event.unwrap().resource, "Db", "turn {turn}");
            assert_eq!(cause.others, ["Cache"]);
        }
    }

    #[test]
    fn ignores_events_of_other_operations() {
        let mut old = event(1, "Db", "CREATE_FAILED", "long ago");
        old.token = "another".to_owned();
        assert_eq!(name(&[old.clone()]), None);
        assert_eq!(name(&[old, event(9, "Cache", "UPDATE_FAILED", "now")]).as_deref(), Some("Cache"));
    }

    #[test]
    fn stack_itself_is_the_cause_if_no_resource_is() {
        let events = [event(2, "shop", "UPDATE_FAILED", "Export shop:Vpc cannot be deleted as it is in use by blog")];
        assert_eq!(name(&events).as_deref(), Some("shop"));
        let both = [events[0].clone(), event(3, "Db", "UPDATE_FAILED", "no")];
        assert_eq!(name(&both).as_deref(), Some("Db"));
    }

    #[test]
    fn uses_failed_deletion_without_other_cause() {
        let events =
            [event(2, "Bucket", "DELETE_FAILED", "it is not empty"), event(1, "shop", "DELETE_IN_PROGRESS", "")];
        assert_eq!(name(&events).as_deref(), Some("Bucket"));
    }
}
