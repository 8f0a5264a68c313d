//! Chains in the Amazon States Language.

use crate::diag::Diagnostic;
use crate::text;
use crate::tree::Scope;
use crate::val::{Bag, Data};

use super::state::{Chain, Kind, Retry, State};
use super::task::Task;

/// Returns the definition of a chain, and calls `each` for each of its tasks.
///
/// Source: <https://states-language.net/spec.html>
pub(super) fn of(scope: &Scope, chain: &Chain, each: &mut dyn FnMut(&Task)) -> Bag {
    let mut writer = Writer { scope, each, states: Bag::default() };
    let start = writer.chain(chain, None);
    let states = writer.states;
    if start.is_none() {
        let message = "the state machine or one of its branches has no state";
        scope.report(Diagnostic::error("MS0337", message).help("add at least one state, such as `State::pass`"));
    }
    Bag::default().with("StartAt", start.unwrap_or_default()).with("States", states)
}

struct Writer<'a> {
    scope: &'a Scope,
    each: &'a mut dyn FnMut(&Task),
    states: Bag,
}

impl Writer<'_> {
    /// Writes the states of a chain, which continues with `next`. Returns the name of the first
    /// state.
    fn chain(&mut self, chain: &Chain, next: Option<&str>) -> Option<String> {
        let mut after = next.map(str::to_owned);
        for state in chain.states.iter().rev() {
            self.state(state, after.as_deref());
            after = Some(state.name.clone());
        }
        match chain.states.is_empty() {
            true => None,
            false => after,
        }
    }

    fn state(&mut self, state: &State, next: Option<&str>) {
        let mut out = match &state.kind {
            Kind::Task(task) => self.task(state, task),
            Kind::Choice(choice) => {
                let mut rules = Vec::new();
                for (condition, chain) in &choice.ways {
                    let to = self.chain(chain, next).or(next.map(str::to_owned));
                    rules.push(Data::from(condition.0.clone().with("Next", self.or_end(to, &state.name))));
                }
                let to = self.chain(&choice.otherwise, next).or(next.map(str::to_owned));
                kind("Choice").with("Choices", rules).with("Default", self.or_end(to, &state.name))
            }
            Kind::Wait(time) => kind("Wait").with("Seconds", time.as_seconds() as i64),
            Kind::Parallel(ways) => {
                let ways: Vec<Data> = ways.iter().map(|way| Data::from(of(self.scope, way, self.each))).collect();
                kind("Parallel").with("Branches", ways)
            }
            Kind::Map { items, chain, most } => {
                let mode = Bag::default().with("Mode", "INLINE");
                let processor = of(self.scope, chain, self.each).with("ProcessorConfig", mode);
                let map = kind("Map").with("ItemsPath", items).with("MaxConcurrency", *most);
                map.with("ItemProcessor", processor)
            }
            Kind::Pass(data) => match data {
                Some(data) => kind("Pass").with("Result", data.clone()),
                None => kind("Pass"),
            },
            Kind::Succeed => kind("Succeed"),
            Kind::Fail { error, cause } => kind("Fail").with("Error", error).with("Cause", cause),
        };
        let leads_on = !matches!(state.kind, Kind::Choice(_) | Kind::Succeed | Kind::Fail { .. });
        if leads_on {
            match next {
                Some(next) => out.set("Next", next),
                None => out.set("End", true),
            }
        }
        if let Some(path) = &state.result {
            out.set("ResultPath", path);
        }
        if !state.retries.is_empty() {
            out.set("Retry", state.retries.iter().map(|it| Data::from(retry(it))).collect::<Vec<_>>());
        }
        let mut catches = Vec::new();
        for (errors, way) in &state.catches {
            if let Some(to) = self.chain(way, None) {
                let catch = Bag::default().with("ErrorEquals", errors.clone()).with("Next", to);
                catches.push(Data::from(catch.with("ResultPath", "$.error")));
            }
        }
        if !catches.is_empty() {
            out.set("Catch", catches);
        }
        self.put(&state.name, out);
    }

    fn task(&mut self, state: &State, task: &Task) -> Bag {
        (self.each)(task);
        let (integration, parameters, output) = task.parts();
        let resource = text!["arn:", self.scope.partition(), format!(":states:::{integration}")];
        let mut out = kind("Task").with("Resource", resource).with("Parameters", parameters);
        if let Some(timeout) = state.timeout {
            out.set("TimeoutSeconds", timeout.as_seconds() as i64);
        }
        match (output, &state.result) {
            (Some(path), None) => out.set("OutputPath", path),
            // If the state has a result path, `OutputPath` would discard the other data.
            (Some(path), Some(_)) => out.set("ResultSelector", Bag::default().with("value.$", path)),
            (None, _) => {}
        }
        out
    }

    /// Returns the next state of a choice. At the end of a chain, it adds a separate `Succeed` state.
    fn or_end(&mut self, next: Option<String>, choice: &str) -> String {
        next.unwrap_or_else(|| {
            let end = format!("{choice}: done");
            if self.states.get(&end).is_none() {
                self.states.set(end.clone(), kind("Succeed"));
            }
            end
        })
    }

    fn put(&mut self, name: &str, state: Bag) {
        if self.states.get(name).is_some() {
            let message = format!("the state machine has two states named `{name}`");
            self.scope.report(Diagnostic::error("MS0337", message).help("use a different name for each state"));
        }
        self.states.set(name.to_owned(), state);
    }
}

fn kind(word: &str) -> Bag {
    Bag::default().with("Type", word)
}

fn retry(retry: &Retry) -> Bag {
    Bag::default()
        .with("ErrorEquals", retry.errors.clone())
        .with("MaxAttempts", retry.attempts)
        .with("IntervalSeconds", retry.interval.as_seconds() as i64)
        .with("BackoffRate", retry.backoff)
        .with("MaxDelaySeconds", retry.longest.as_seconds() as i64)
        .with("JitterStrategy", "FULL")
}
