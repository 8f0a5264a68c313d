//! States, one after another.

use crate::units::Duration;
use crate::val::Data;

use super::condition::Condition;
use super::task::Task;

/// How often a task is tried again.
#[derive(Clone, Debug, PartialEq)]
pub struct Retry {
    /// The errors that it is for. Default: all that a retry can help with (`States.TaskFailed`).
    pub errors: Vec<String>,
    /// How often. Default: 3 times.
    pub attempts: u32,
    /// How long it waits before the first time. Default: 2 seconds.
    pub interval: Duration,
    /// By how much the wait grows each time. Default: twofold.
    pub backoff: f64,
    /// The longest wait. Default: a minute.
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

/// States, one after another.
#[derive(Clone, Default)]
pub struct Chain {
    pub(super) states: Vec<State>,
}

impl Chain {
    /// States in their order.
    pub fn new(states: impl IntoIterator<Item = State>) -> Self {
        Self { states: states.into_iter().collect() }
    }
}

impl From<State> for Chain {
    fn from(state: State) -> Self {
        Self::new([state])
    }
}

/// Which way an execution goes. All ways lead on to the state after the choice, unless they end with `succeed` or `fail`.
#[derive(Clone, Default)]
pub struct Choice {
    pub(super) ways: Vec<(Condition, Chain)>,
    pub(super) otherwise: Chain,
}

impl Choice {
    /// A way for when a condition holds; the first one that does is taken.
    pub fn when(condition: Condition, then: Chain) -> Self {
        Self::default().or_when(condition, then)
    }

    /// One more way.
    #[must_use]
    pub fn or_when(mut self, condition: Condition, then: Chain) -> Self {
        self.ways.push((condition, then));
        self
    }

    /// The way for when no condition holds. Default: on to the state after the choice.
    #[must_use]
    pub fn otherwise(self, then: Chain) -> Self {
        Self { otherwise: then, ..self }
    }
}

/// One state of a state machine. Its name is unique among those of its chain and all that this leads to.
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

    /// Has another service do something, within 5 minutes.
    pub fn task(name: &str, task: Task) -> Self {
        Self::of(name, Kind::Task(Box::new(task)))
    }

    /// Goes one of several ways.
    pub fn choice(name: &str, choice: Choice) -> Self {
        Self::of(name, Kind::Choice(choice))
    }

    /// Waits, up to a year.
    pub fn wait(name: &str, time: Duration) -> Self {
        Self::of(name, Kind::Wait(time))
    }

    /// Goes several ways at once, and on when all have ended.
    pub fn parallel(name: &str, ways: impl IntoIterator<Item = Chain>) -> Self {
        Self::of(name, Kind::Parallel(ways.into_iter().collect()))
    }

    /// Goes through a chain with each item of the list at a path, 10 at a time.
    pub fn map(name: &str, items: &str, chain: impl Into<Chain>) -> Self {
        Self::of(name, Kind::Map { items: items.to_owned(), chain: chain.into(), most: 10 })
    }

    /// Hands the data on, or something in its place.
    pub fn pass(name: &str, data: Option<Data>) -> Self {
        Self::of(name, Kind::Pass(data))
    }

    /// Ends the execution well.
    pub fn succeed(name: &str) -> Self {
        Self::of(name, Kind::Succeed)
    }

    /// Ends the execution as failed.
    pub fn fail(name: &str, error: &str, cause: &str) -> Self {
        Self::of(name, Kind::Fail { error: error.to_owned(), cause: cause.to_owned() })
    }

    /// Tries it again when it fails: a task, a map or parallel ways.
    #[must_use]
    pub fn retry(mut self, retry: Retry) -> Self {
        self.retries.push(retry);
        self
    }

    /// Goes another way when it fails for good. The way ends the execution; it finds the error at `$.error`.
    #[must_use]
    pub fn catch(self, way: impl Into<Chain>) -> Self {
        self.catch_errors(["States.ALL"], way)
    }

    /// The same for some errors, such as `SoldOut`.
    #[must_use]
    pub fn catch_errors<'a>(mut self, errors: impl IntoIterator<Item = &'a str>, way: impl Into<Chain>) -> Self {
        self.catches.push((errors.into_iter().map(str::to_owned).collect(), way.into()));
        self
    }

    /// Puts what it answers at a path of the data, such as `$.payment`, in place of all of the data. What a function or a
    /// model answers is `value` there.
    #[must_use]
    pub fn result_at(self, path: &str) -> Self {
        Self { result: Some(path.to_owned()), ..self }
    }

    /// Gives a task so much time.
    #[must_use]
    pub fn within(self, timeout: Duration) -> Self {
        Self { timeout: Some(timeout), ..self }
    }
}
