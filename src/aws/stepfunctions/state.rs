//! States and chains of states.

use crate::units::Duration;
use crate::val::Data;

use super::condition::Condition;
use super::task::Task;

/// The retries of a task.
#[derive(Clone, Debug, PartialEq)]
pub struct Retry {
    /// The errors that are retried. Default: all errors of a task (`States.TaskFailed`).
    pub errors: Vec<String>,
    /// The maximum number of retries. Default: 3.
    pub attempts: u32,
    /// The interval before the first retry. Default: 2 seconds.
    pub interval: Duration,
    /// The backoff rate, by which the interval is multiplied for each retry. Default: 2.
    pub backoff: f64,
    /// The maximum interval. Default: 1 minute.
    pub longest: Duration,
}

impl Default for Retry {
    fn default() -> Self {
        Self {
            errors: vec!["States.TaskFailed".to_owned()],
            attempts: 3,
            interval: Duration::seconds(2),
            backoff: 2.0,
            longest: Duration::minutes(1),
        }
    }
}

/// A sequence of states.
#[derive(Clone, Default)]
pub struct Chain {
    pub(super) states: Vec<State>,
}

impl Chain {
    /// Creates a sequence of states.
    pub fn new(states: impl IntoIterator<Item = State>) -> Self {
        Self { states: states.into_iter().collect() }
    }
}

impl From<State> for Chain {
    fn from(state: State) -> Self {
        Self::new([state])
    }
}

/// The branches of a choice state. All branches continue with the state after the choice, unless they end with
/// `succeed` or `fail`.
#[derive(Clone, Default)]
pub struct Choice {
    pub(super) ways: Vec<(Condition, Chain)>,
    pub(super) otherwise: Chain,
}

impl Choice {
    /// Creates a choice with one branch. The first branch with a matching condition runs.
    pub fn when(condition: Condition, then: Chain) -> Self {
        Self::default().or_when(condition, then)
    }

    /// Adds a branch.
    #[must_use]
    pub fn or_when(mut self, condition: Condition, then: Chain) -> Self {
        self.ways.push((condition, then));
        self
    }

    /// Sets the branch that runs if no condition matches. Default: continue with the state after the choice.
    #[must_use]
    pub fn otherwise(self, then: Chain) -> Self {
        Self { otherwise: then, ..self }
    }
}

/// A state of a state machine. Its name must be unique within the chain and its nested chains.
#[derive(Clone)]
pub struct State {
    pub(super) name: String,
    pub(super) kind: Kind,
    pub(super) retries: Vec<Retry>,
    pub(super) catches: Vec<(Vec<String>, Chain)>,
    pub(super) result: Option<String>,
    pub(super) timeout: Option<Duration>,
}

#[derive(Clone)]
pub(super) enum Kind {
    Task(Box<Task>),
    Choice(Choice),
    Wait(Duration),
    Parallel(Vec<Chain>),
    Map { items: String, chain: Chain, most: u32 },
    Pass(Option<Data>),
    Succeed,
    Fail { error: String, cause: String },
}

impl State {
    fn of(name: &str, kind: Kind) -> Self {
        let timeout = matches!(kind, Kind::Task(_)).then(|| Duration::minutes(5));
        Self { name: name.to_owned(), kind, retries: Vec::new(), catches: Vec::new(), result: None, timeout }
    }

    /// Creates a state that calls another service, with a timeout of 5 minutes.
    pub fn task(name: &str, task: Task) -> Self {
        Self::of(name, Kind::Task(Box::new(task)))
    }

    /// Creates a state that selects one of several branches.
    pub fn choice(name: &str, choice: Choice) -> Self {
        Self::of(name, Kind::Choice(choice))
    }

    /// Creates a state that waits up to a year.
    pub fn wait(name: &str, time: Duration) -> Self {
        Self::of(name, Kind::Wait(time))
    }

    /// Creates a state that runs several branches in parallel, and continues when all have ended.
    pub fn parallel(name: &str, ways: impl IntoIterator<Item = Chain>) -> Self {
        Self::of(name, Kind::Parallel(ways.into_iter().collect()))
    }

    /// Creates a state that runs a chain for each item of the list at a path, with up to 10 items in parallel.
    pub fn map(name: &str, items: &str, chain: impl Into<Chain>) -> Self {
        Self::of(name, Kind::Map { items: items.to_owned(), chain: chain.into(), most: 10 })
    }

    /// Creates a state that passes its input on, or replaces it with `data`.
    pub fn pass(name: &str, data: Option<Data>) -> Self {
        Self::of(name, Kind::Pass(data))
    }

    /// Creates a state that ends the execution successfully.
    pub fn succeed(name: &str) -> Self {
        Self::of(name, Kind::Succeed)
    }

    /// Creates a state that ends the execution as failed.
    pub fn fail(name: &str, error: &str, cause: &str) -> Self {
        Self::of(name, Kind::Fail { error: error.to_owned(), cause: cause.to_owned() })
    }

    /// Retries the state after an error. It is available for tasks, maps and parallel states.
    #[must_use]
    pub fn retry(mut self, retry: Retry) -> Self {
        self.retries.push(retry);
        self
    }

    /// Runs another chain if the state fails after all retries. The chain ends the execution and finds the error at
    /// `$.error`.
    #[must_use]
    pub fn catch(self, way: impl Into<Chain>) -> Self {
        self.catch_errors(["States.ALL"], way)
    }

    /// Runs another chain for only some errors, such as `SoldOut`.
    #[must_use]
    pub fn catch_errors<'a>(mut self, errors: impl IntoIterator<Item = &'a str>, way: impl Into<Chain>) -> Self {
        self.catches.push((errors.into_iter().map(str::to_owned).collect(), way.into()));
        self
    }

    /// Stores the result at a path of the data, such as `$.payment`, instead of replacing all data. The result of a
    /// function or a model is stored there as `value`.
    #[must_use]
    pub fn result_at(self, path: &str) -> Self {
        Self { result: Some(path.to_owned()), ..self }
    }

    /// Sets the timeout of a task.
    #[must_use]
    pub fn within(self, timeout: Duration) -> Self {
        Self { timeout: Some(timeout), ..self }
    }
}
