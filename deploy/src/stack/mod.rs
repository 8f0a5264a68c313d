//! One stack, from whatever state it is in to the state that its template describes.

mod add;
mod adopt;
mod begin;
mod cause;
mod change;
mod identifier;
mod import;
mod import_template;
mod locate;
mod look;
mod maker;
mod remove;
mod wait;

use std::cell::{Cell, RefCell};
use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;
use std::time::Duration;

use meshsynth_assembly::words::count;

use crate::approval::Approval;
use crate::assembly::{self, Assembly};
use crate::cloud::{AccountRegion, Cloud, CloudError, Secret, Stack};
use crate::event::Event;
use crate::failure::{Failure, of_call};
use crate::judgement::Judgement;
use crate::plan::StackStep;
use crate::retry::{Backoff, retry};
use crate::stop::Stop;
use crate::watch::{Answer, Question, Watch};

pub(crate) use adopt::keeps_tags;
pub use import::ImportSettings;
pub use remove::{Remnant, Remnants};

/// The tags by which a stack is known to be ours.
pub const APP_TAG: &str = "meshsynth:app";
/// The tag with the id of the stack in the program.
pub const STACK_TAG: &str = "meshsynth:stack";
/// The tag of a stack that others made and that was taken over: the tags that it had stay.
pub const ADOPTED_TAG: &str = "meshsynth:adopted";
/// The largest template that fits into a call, in bytes.
///
/// Source: <https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/cloudformation-limits.html>.
const INLINE_BYTES: usize = 51_200;
/// How long one call is tried again while AWS does not answer or takes no more calls.
const RETRY_TIMEOUT: Duration = Duration::from_secs(600);

/// How stacks are deployed.
#[derive(Clone, Debug, Default)]
pub struct Settings {
    /// When somebody is asked.
    pub approval: Approval,
    /// Names of stacks that other tools made and that become ours.
    pub adopt: Vec<String>,
    /// What is imported that is in no stack; none for nothing.
    pub import: Option<ImportSettings>,
    /// The ids of stacks that stack refactors of ours created, so that they are ours without a tag.
    pub made: BTreeSet<String>,
    /// The folder in which it is written down how something was that is taken over; none for nowhere.
    pub keep: Option<PathBuf>,
    /// Logical ids that a rollback leaves as they are.
    pub skip: Vec<String>,
    /// Logical ids that a deletion leaves in AWS.
    pub retain: Vec<String>,
    /// The values of parameters, by the id of the stack and the name.
    pub parameters: BTreeMap<(String, String), Secret>,
    /// The bucket for templates that are too large for a call, by account and region.
    pub buckets: BTreeMap<AccountRegion, String>,
    /// The role that CloudFormation acts in.
    pub role: Option<String>,
    /// Whether stacks are protected from deletion; by default those that hold data.
    pub protect: Option<bool>,
    /// What updates may touch, as JSON.
    pub stack_policy: Option<String>,
    /// Tags of every stack.
    pub tags: BTreeMap<String, String>,
    /// A token that tells this run from others: letters, digits and `-`.
    pub run: String,
}

/// What works on one stack.
pub struct Worker<'a, C> {
    /// AWS.
    pub cloud: &'a C,
    /// The assembly.
    pub assembly: &'a Assembly,
    /// What the plan says.
    pub step: &'a StackStep,
    /// How it is done.
    pub settings: &'a Settings,
    /// Who is told.
    pub watch: &'a dyn Watch,
    /// Whether the run was cancelled.
    pub stop: &'a Stop,
    /// How the stack was when it was last looked at.
    seen: RefCell<Option<Stack>>,
    /// What goes on in AWS if we leave now.
    meanwhile: Cell<&'static str>,
    /// How often calls were made again, so that pauses differ.
    n_again: Cell<u64>,
    /// Whether it was told that the stack is taken over.
    is_adoption_told: Cell<bool>,
}

/// What goes on where nothing was started.
const AS_IT_WAS: &str = "was not changed";

/// How a stack was deployed.
#[derive(Clone, Debug, PartialEq)]
pub struct Deployed {
    /// In words.
    pub text: String,
    /// Its outputs.
    pub outputs: BTreeMap<String, String>,
}

/// How it goes on with a stack that is there, or is not.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Start {
    Create,
    Update,
    /// Resources are imported, into a new stack or one that is there.
    Import {
        is_new: bool,
    },
}

impl Start {
    /// Whether there is no stack yet.
    fn is_new(self) -> bool {
        matches!(self, Start::Create | Start::Import { is_new: true })
    }
}

/// How an import ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Imported {
    /// There is nothing to import.
    Nothing,
    /// The stack has what it imported.
    Done,
    /// The stack is no longer in the state that we found.
    Moved,
}

impl<'a, C> Worker<'a, C> {
    /// Somebody who works on a stack.
    pub fn new(
        cloud: &'a C,
        assembly: &'a Assembly,
        step: &'a StackStep,
        settings: &'a Settings,
        watch: &'a dyn Watch,
        stop: &'a Stop,
    ) -> Self {
        let (seen, meanwhile, n_again) = (RefCell::default(), Cell::new(AS_IT_WAS), Cell::default());
        let is_adoption_told = Cell::default();
        Self { cloud, assembly, step, settings, watch, stop, seen, meanwhile, n_again, is_adoption_told }
    }

    /// What is said where somebody ends the run now.
    pub fn interrupted(&self) -> Failure {
        let (name, region) = (&self.step.name, &self.step.region);
        Failure::interrupted(format!("interrupted: stack `{name}` ({region}) {}", self.meanwhile.get()))
    }
}

impl<C: Cloud> Worker<'_, C> {
    /// Deploys it.
    pub async fn deploy(&self) -> Result<Deployed, Failure> {
        // Somebody may change the stack between two calls, so what was found once is looked at again.
        let mut is_imported = false;
        for _ in 0..6 {
            let start = self.begin().await?;
            if !is_imported {
                let imported = self.import(start).await?;
                is_imported = imported != Imported::Moved;
                if imported != Imported::Nothing {
                    continue;
                }
            }
            if let Some(done) = self.change(start).await? {
                self.settle().await?;
                return Ok(done);
            }
        }
        Err(self.failure(
            format!("{} keeps changing while it is deployed", self.called()),
            "another process keeps changing it: find out which, then run again",
        ))
    }

    fn place(&self) -> AccountRegion {
        AccountRegion { account: self.step.account.clone(), region: self.step.region.clone() }
    }

    fn name(&self) -> &str {
        &self.step.name
    }

    /// The stack, as messages call it.
    fn called(&self) -> String {
        format!("stack `{}` ({})", self.step.name, self.step.region)
    }

    fn app(&self) -> &str {
        &self.assembly.manifest.app
    }

    /// A token that says whose an operation is. Tokens of 128 characters are the longest that AWS takes.
    fn token(&self, what: &str) -> String {
        let mut token = format!("{}-{}-{what}", self.token_stem(), self.settings.run);
        token.truncate(128);
        token
    }

    /// How the tokens of every run of this app begin.
    fn token_stem(&self) -> String {
        let app: String = self.app().chars().take(60).collect();
        format!("meshsynth-{app}")
    }

    fn failure(&self, text: impl Into<String>, help: impl Into<String>) -> Failure {
        Failure::new(text, help)
    }

    fn doing(&self, text: impl Into<String>) {
        self.watch.say(&Event::Doing { at: self.step.id.clone(), text: text.into() });
    }

    fn note(&self, text: impl Into<String>) {
        self.watch.say(&Event::Note { at: self.step.id.clone(), text: text.into() });
    }

    fn check_stop(&self) -> Result<(), Failure> {
        match self.stop.is_cancelled() {
            true if self.stop.is_interrupted() => Err(self.interrupted()),
            true => Err(self.failure(
                format!("{} {}, and is not followed: the lock was lost", self.called(), self.meanwhile.get()),
                "look at `meshsynth status`, then run again",
            )),
            false => Ok(()),
        }
    }

    /// Reads the stack.
    async fn read(&self) -> Result<Option<Stack>, Failure> {
        let place = self.place();
        let found = self.call(async || self.cloud.stack(&place, self.name()).await).await;
        let found = found.map_err(|error| of_call(format!("{} cannot be read", self.called()), &error))?;
        self.seen.replace(found.clone());
        Ok(found)
    }

    /// A resource as people call it.
    fn shown(&self, id: &str) -> String {
        let (construct, _) = self.origin(id);
        if construct.is_empty() { id.to_owned() } else { construct }
    }

    /// A resource as the program calls it, with the user's line.
    fn origin(&self, id: &str) -> (String, String) {
        let resource = self.assembly.stack(&self.step.id).and_then(|stack| stack.resources.get(id));
        resource.map_or_else(Default::default, |it| {
            (it.construct.trim_end_matches("/resource").to_owned(), it.source.clone())
        })
    }

    fn is_stateful(&self, id: &str) -> bool {
        self.step.stateful.iter().any(|it| it == id)
    }

    /// Makes a call, and makes it again while the fault is one that passes.
    async fn call<T>(&self, call: impl AsyncFn() -> Result<T, CloudError>) -> Result<T, CloudError> {
        self.n_again.set(self.n_again.get() + 1);
        let caller = (&self.settings.run, &self.step.id, self.n_again.get());
        let wait = async |pause: Duration, error: &CloudError| {
            self.doing(format!("waiting {:.1} s: {error}", pause.as_secs_f64()));
            self.stop.sleep(pause).await;
        };
        retry(Backoff::jittered(caller, RETRY_TIMEOUT), self.stop, wait, call).await
    }

    /// Shows what changes, and asks whether it may be done.
    fn ask(&self, judgement: Judgement) -> Result<(), Failure> {
        let Judgement { changes, ways, access } = judgement.clone();
        let count = count(changes.len(), "change");
        self.watch.say(&Event::Changes { at: self.step.id.clone(), changes, ways, access });
        let Some(why) = self.settings.approval.why(&judgement) else { return Ok(()) };
        match self.watch.ask(&Question { at: self.step.id.clone(), judgement, why }) {
            Answer::Yes => Ok(()),
            Answer::Interrupted => {
                self.stop.cancel();
                Err(self.interrupted())
            }
            Answer::No => Err(self.failure(
                format!("{} is not changed: it was not approved", self.called()),
                "it was not changed; run again to be asked again",
            )),
            Answer::Nobody => Err(self.failure(
                format!("{} has {count} to be approved, and stdin or stderr is not a terminal: {why}", self.called()),
                "look at the changes above, then pass `--require-approval never`; or deploy from a terminal",
            )),
        }
    }

    /// What is said of a stack once it is as it should be: protection, and what updates may touch.
    async fn settle(&self) -> Result<(), Failure> {
        let place = self.place();
        let stack = self.seen.borrow().clone();
        let is_adopted = stack.as_ref().is_some_and(|stack| stack.tags.contains_key(ADOPTED_TAG));
        // What others left unprotected is protected where somebody says so.
        let wanted = self.settings.protect.unwrap_or(!self.step.stateful.is_empty() && !is_adopted);
        let is_protected = stack.as_ref().is_some_and(|stack| stack.protected);
        if wanted && !is_protected {
            let done = self.call(async || self.cloud.protect(&place, self.name(), true).await).await;
            done.map_err(|error| {
                of_call(format!("{} is deployed, but termination protection cannot be enabled", self.called()), &error)
            })?;
        }
        if let Some(policy) = &self.settings.stack_policy {
            let done = self.call(async || self.cloud.set_stack_policy(&place, self.name(), policy).await).await;
            done.map_err(|error| {
                of_call(format!("{} is deployed, but its stack policy cannot be set", self.called()), &error)
            })?;
        }
        Ok(())
    }

    /// The name of the change set: what it holds, so that a run that was cut off finds its own.
    fn change_set_name(&self) -> String {
        let mut text = format!("{}\n{:?}\n{:?}", self.step.digest, self.tags(), self.settings.role);
        for name in self.step.parameters.keys() {
            if let Some(Secret(value)) = self.settings.parameters.get(&(self.step.id.clone(), name.clone())) {
                text += &format!("\n{name}={}", assembly::digest(value));
            }
        }
        format!("meshsynth-{}", &assembly::digest(&text)[..16])
    }

    fn tags(&self) -> BTreeMap<String, String> {
        let mut tags = self.settings.tags.clone();
        if let Some(stack) = self.seen.borrow().as_ref().filter(|stack| stack.is_there() && keeps_tags(stack)) {
            let is_made = self.settings.made.contains(&stack.id);
            // AWS keeps its own.
            let kept = stack.tags.iter().filter(|(key, _)| !key.starts_with("aws:"));
            tags.extend(kept.map(|(key, value)| (key.clone(), value.clone())));
            if !is_made {
                tags.insert(ADOPTED_TAG.to_owned(), "true".to_owned());
            }
        }
        tags.extend(self.assembly.stack(&self.step.id).map(|stack| stack.tags.clone()).unwrap_or_default());
        tags.insert(APP_TAG.to_owned(), self.app().to_owned());
        tags.insert(STACK_TAG.to_owned(), self.step.id.clone());
        tags
    }
}
