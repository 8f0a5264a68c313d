//! Steps of a test run: two at a time, after their dependencies, with counts of all results.

use std::collections::HashSet;
use std::process::{Command, Stdio};
use std::sync::{Condvar, Mutex};
use std::thread;
use std::time::Instant;

use anyhow::{Result, bail};

/// The number of parallel steps. Most steps use more than one core for a part of their time.
const N_LANES: usize = 2;

/// One command of a test run.
pub struct Step<'a> {
    name: &'static str,
    after: &'static [&'static str],
    builds: bool,
    command: Box<dyn FnOnce() -> Result<Command> + Send + 'a>,
}

impl<'a> Step<'a> {
    /// Creates a step. Its command is created when the step starts, so that it can use output of previous steps.
    pub fn new(name: &'static str, command: impl FnOnce() -> Result<Command> + Send + 'a) -> Self {
        Self { name, after: &[], builds: false, command: Box::new(command) }
    }

    /// Starts the step after these steps have ended, successfully or not.
    pub fn after(mut self, names: &'static [&'static str]) -> Self {
        self.after = names;
        self
    }

    /// Declares that the step builds in cargo's target folder. Only one such step runs at a time, because cargo locks
    /// it.
    pub fn builds(mut self) -> Self {
        self.builds = true;
        self
    }
}

/// The results of the steps so far.
#[derive(Default)]
pub struct Tally {
    /// The steps to run. Empty means all steps.
    wanted: Vec<String>,
    /// The environment variables of every command.
    environment: Vec<(&'static str, &'static str)>,
    known: Vec<&'static str>,
    n_passed: usize,
    n_failed: usize,
    failed_steps: Vec<&'static str>,
}

/// The waiting steps, and the names of the running steps.
struct Queue<'a, 't> {
    waiting: Vec<Step<'a>>,
    running: HashSet<&'static str>,
    is_building: bool,
    tally: &'t mut Tally,
}

/// The result of a step.
struct Done {
    text: String,
    /// Its output to stderr, unless it was printed immediately.
    errors: String,
    is_ok: bool,
    seconds: f64,
}

impl Done {
    fn of(command: &mut Command) -> Self {
        let start = Instant::now();
        let (text, errors, is_ok) = match command.stdin(Stdio::null()).stdout(Stdio::piped()).spawn() {
            Ok(child) => match child.wait_with_output() {
                Ok(output) => {
                    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
                    (text(&output.stdout), text(&output.stderr), output.status.success())
                }
                Err(error) => (format!("cannot wait for {command:?}: {error}\n"), String::new(), false),
            },
            Err(error) => (format!("cannot start {command:?}: {error}\n"), String::new(), false),
        };
        Self { text, errors, is_ok, seconds: start.elapsed().as_secs_f64() }
    }

    /// Returns the result of a step whose command cannot be created.
    fn failed(error: &anyhow::Error) -> Self {
        Self { text: format!("{error:#}\n"), errors: String::new(), is_ok: false, seconds: 0.0 }
    }
}

impl Tally {
    /// Creates a run of the `wanted` steps, or of all steps if the list is empty.
    ///
    /// A run of all steps on a new machine builds everything once. It omits debug information, which is half of the
    /// cost of rustc, and incremental builds, which need gigabytes.
    pub fn new(wanted: Vec<String>) -> Self {
        let environment = match wanted.is_empty() {
            true => vec![("CARGO_INCREMENTAL", "0"), ("CARGO_PROFILE_DEV_DEBUG", "0")],
            false => Vec::new(),
        };
        Self { wanted, environment, ..Self::default() }
    }

    /// Whether all steps run.
    pub fn is_whole(&self) -> bool {
        self.wanted.is_empty()
    }

    /// Whether this step ran and failed.
    pub fn has_failed(&self, name: &str) -> bool {
        self.failed_steps.contains(&name)
    }

    /// Whether this step runs.
    pub fn wants(&self, name: &str) -> bool {
        self.wanted.is_empty() || self.wanted.iter().any(|wanted| wanted == name)
    }

    /// Whether a step runs that is not in this list.
    pub fn wants_other_than(&self, names: &[&str]) -> bool {
        self.wanted.is_empty() || self.wanted.iter().any(|wanted| !names.contains(&wanted.as_str()))
    }

    /// Runs a single command, prints its output, and counts its results.
    pub fn step(&mut self, name: &'static str, mut command: Command) {
        self.known.push(name);
        if self.wants(name) {
            eprintln!("--- {name}");
            command.envs(self.environment.iter().copied());
            self.count(name, Done::of(command.stderr(Stdio::inherit())));
        }
    }

    /// Runs steps two at a time, in order of readiness. Prints the output of each step when it ends.
    pub fn run(&mut self, steps: Vec<Step<'_>>) {
        self.known.extend(steps.iter().map(|step| step.name));
        let waiting = steps.into_iter().filter(|step| self.wants(step.name)).collect();
        let environment = self.environment.clone();
        let queue = Mutex::new(Queue { waiting, running: HashSet::new(), is_building: false, tally: self });
        let ended = Condvar::new();
        let lane = || {
            let mut guard = queue.lock().expect("no lane panics");
            loop {
                let Some(step) = guard.next() else {
                    if guard.waiting.is_empty() {
                        break;
                    }
                    guard = ended.wait(guard).expect("no lane panics");
                    continue;
                };
                drop(guard);
                eprintln!("--- {} begins", step.name);
                let done = match (step.command)() {
                    Ok(mut command) => Done::of(command.envs(environment.iter().copied()).stderr(Stdio::piped())),
                    Err(error) => Done::failed(&error),
                };
                guard = queue.lock().expect("no lane panics");
                guard.running.remove(step.name);
                guard.is_building &= !step.builds;
                eprint!("{}", done.errors);
                guard.tally.count(step.name, done);
                ended.notify_all();
            }
        };
        thread::scope(|scope| {
            for _ in 1..N_LANES {
                scope.spawn(lane);
            }
            lane();
        });
    }

    fn count(&mut self, name: &'static str, done: Done) {
        print!("{}", done.text);
        let (n_passed, n_failed) = counts(&done.text);
        self.n_passed += n_passed + usize::from(done.is_ok && n_passed == 0);
        self.n_failed += n_failed + usize::from(!done.is_ok && n_failed == 0);
        if !done.is_ok {
            self.failed_steps.push(name);
        }
        eprintln!("--- {name}: {} in {:.1} s", if done.is_ok { "ok" } else { "FAILED" }, done.seconds);
    }

    /// Prints the line with all counts, and fails if a step failed.
    pub fn finish(self) -> Result<()> {
        if let Some(wanted) = self.wanted.iter().find(|wanted| !self.known.contains(&wanted.as_str())) {
            bail!("unknown step `{wanted}`; the steps are {}", self.known.join(", "));
        }
        println!("total: {} passed, {} failed", self.n_passed, self.n_failed);
        match self.failed_steps.as_slice() {
            [] => Ok(()),
            steps => bail!("failed: {}", steps.join(", ")),
        }
    }
}

impl<'a> Queue<'a, '_> {
    /// Removes and returns the first step that can start now.
    fn next(&mut self) -> Option<Step<'a>> {
        let is_ahead = |name: &str| self.running.contains(name) || self.waiting.iter().any(|step| step.name == name);
        let must_wait =
            |step: &Step<'_>| step.builds && self.is_building || step.after.iter().any(|earlier| is_ahead(earlier));
        let step = self.waiting.iter().position(|step| !must_wait(step)).map(|at| self.waiting.remove(at))?;
        self.running.insert(step.name);
        self.is_building |= step.builds;
        Some(step)
    }
}

/// Returns the sums of all `N passed` and `N failed` in a text.
fn counts(text: &str) -> (usize, usize) {
    let sum = |word: &str| {
        text.lines()
            .filter(|line| line.starts_with("test result:") || line.starts_with("judged:"))
            .filter_map(|line| {
                let before = line.split(word).next().filter(|before| before.len() < line.len())?;
                before.split_whitespace().last()?.parse::<usize>().ok()
            })
            .sum()
    };
    (sum(" passed"), sum(" failed"))
}
