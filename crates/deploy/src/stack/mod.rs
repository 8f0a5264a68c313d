//! Deploys one stack from any state to the state of its template.

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

use meshsynth_model::words::count;

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

/// The tag with the name of the app. It identifies the stacks of the app.
pub const APP_TAG: &str = "meshsynth:app";
/// The tag with the ID of the stack in the program.
pub const STACK_TAG: &str = "meshsynth:stack";
/// The tag of a stack that was taken over. Its earlier tags remain.
pub const ADOPTED_TAG: &str = "meshsynth:adopted";
/// The maximum size of a template in an API call, in bytes.
///
/// Source: <https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/cloudformation-limits.html>.
const INLINE_BYTES: usize = 51_200;
/// The time limit for the retries of one call.
const RETRY_TIMEOUT: Duration = Duration::from_secs(600);

/// The settings of stack deployments.
#[derive(Clone, Debug, Default)]
pub struct Settings {
    /// The changes that require an approval.
    pub approval: Approval,
    /// Whether the user approved the creation of all stacks.
    pub is_approved: bool,
    /// The names of stacks to take over from other tools.
    pub adopt: Vec<String>,
    /// The import settings. `None` imports nothing.
    pub import: Option<ImportSettings>,
    /// The IDs of stacks that stack refactors of this app created. These stacks belong to the app without a tag.
    pub made: BTreeSet<String>,
    /// The folder for the previous state of resources that are taken over. `None` saves nothing.
    pub keep: Option<PathBuf>,
    /// The logical IDs that a rollback skips.
    pub skip: Vec<String>,
    /// The logical IDs that a deletion retains.
    pub retain: Vec<String>,
    /// The parameter values, by stack ID and parameter name.
    pub parameters: BTreeMap<(String, String), Secret>,
    /// The buckets for large templates, by account and region.
    pub buckets: BTreeMap<AccountRegion, String>,
    /// The role that CloudFormation assumes.
    pub role: Option<String>,
    /// Whether termination protection is enabled. By default, it is enabled for stateful stacks.
    pub protect: Option<bool>,
    /// The stack policy as JSON.
    pub stack_policy: Option<String>,
    /// The tags of every stack.
    pub tags: BTreeMap<String, String>,
    /// A token that is unique to this run. It contains letters, digits and `-`.
    pub run: String,
}

/// The worker for one stack.
pub struct Worker<'a, C> {
    /// AWS.
    pub cloud: &'a C,
    /// The assembly.
    pub assembly: &'a Assembly,
    /// The plan of the stack.
    pub step: &'a StackStep,
    /// The settings.
    pub settings: &'a Settings,
    /// The receiver of events and questions.
    pub watch: &'a dyn Watch,
    /// Whether the run was cancelled.
    pub stop: &'a Stop,
    /// The stack as it was last read.
    seen: RefCell<Option<Stack>>,
    /// The effect in AWS if the run ends now.
    meanwhile: Cell<&'static str>,
    /// The number of calls. It makes the retry delays of the calls differ.
    n_again: Cell<u64>,
    /// Whether the takeover of the stack was reported.
    is_adoption_told: Cell<bool>,
}

/// The effect on a stack if the run started no operation.
const AS_IT_WAS: &str = "was not changed";

/// The result of a stack deployment.
#[derive(Clone, Debug, PartialEq)]
pub struct Deployed {
    /// A description.
    pub text: String,
    /// The outputs.
    pub outputs: BTreeMap<String, String>,
}

/// The next operation for a stack.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Start {
    Create,
    Update,
    /// An import of resources, into a new or an existing stack.
    Import {
        is_new: bool,
    },
}

impl Start {
    /// Whether the stack does not exist yet.
    fn is_new(self) -> bool {
        matches!(self, Start::Create | Start::Import { is_new: true })
    }
}

/// The result of an import.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Imported {
    /// There is nothing to import.
    Nothing,
    /// The stack contains the imported resources.
    Done,
    /// The stack is no longer in the state that was read.
    Moved,
}

impl<'a, C> Worker<'a, C> {
    /// Creates a worker for a stack.
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

    /// Returns the failure for an interruption at this point.
    pub fn interrupted(&self) -> Failure {
        let (name, region) = (&self.step.name, &self.step.region);
        Failure::interrupted(format!("interrupted: stack `{name}` ({region}) {}", self.meanwhile.get()))
    }
}

impl<C: Cloud> Worker<'_, C> {
    /// Deploys the stack.
    pub async fn deploy(&self) -> Result<Deployed, Failure> {
        // Another process can change the stack between two calls, so its state is read again.
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
            format!("another process changes {} during the deployment", self.called()),
            "find and stop the process that changes it, then run the command again",
        ))
    }

    fn place(&self) -> AccountRegion {
        AccountRegion { account: self.step.account.clone(), region: self.step.region.clone() }
    }

    fn name(&self) -> &str {
        &self.step.name
    }

    /// Returns the name of the stack for messages.
    fn called(&self) -> String {
        format!("stack `{}` ({})", self.step.name, self.step.region)
    }

    fn app(&self) -> &str {
        &self.assembly.manifest.app
    }

    /// Returns a token that identifies an operation. AWS accepts at most 128 characters.
    fn token(&self, what: &str) -> String {
        let mut token = format!("{}-{}-{what}", self.token_stem(), self.settings.run);
        token.truncate(128);
        token
    }

    /// Returns the token prefix of all runs of this app.
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
                format!(
                    "{} {}, but this run stopped following it, because it lost the lock",
                    self.called(),
                    self.meanwhile.get()
                ),
                "check `meshsynth status`, then run the command again",
            )),
            false => Ok(()),
        }
    }

    async fn read(&self) -> Result<Option<Stack>, Failure> {
        let place = self.place();
        let found = self.call(async || self.cloud.stack(&place, self.name()).await).await;
        let found = found.map_err(|error| of_call(format!("{} cannot be read", self.called()), &error))?;
        self.seen.replace(found.clone());
        Ok(found)
    }

    /// Returns the display name of a resource.
    fn shown(&self, id: &str) -> String {
        let (construct, _) = self.origin(id);
        if construct.is_empty() { id.to_owned() } else { construct }
    }

    /// Returns the construct of a resource and the line in the user's program.
    fn origin(&self, id: &str) -> (String, String) {
        let resource = self.assembly.stack(&self.step.id).and_then(|stack| stack.resources.get(id));
        resource.map_or_else(Default::default, |it| {
            (it.construct.trim_end_matches("/resource").to_owned(), it.source.clone())
        })
    }

    fn is_stateful(&self, id: &str) -> bool {
        self.step.stateful.iter().any(|it| it == id)
    }

    /// Makes a call, and retries transient errors.
    async fn call<T>(&self, call: impl AsyncFn() -> Result<T, CloudError>) -> Result<T, CloudError> {
        self.n_again.set(self.n_again.get() + 1);
        let caller = (&self.settings.run, &self.step.id, self.n_again.get());
        let wait = async |pause: Duration, error: &CloudError| {
            self.doing(format!("waiting {:.1} s: {error}", pause.as_secs_f64()));
            self.stop.sleep(pause).await;
        };
        retry(Backoff::jittered(caller, RETRY_TIMEOUT), self.stop, wait, call).await
    }

    /// Reports the changes, and prompts the user if an approval is required and was not given before.
    fn ask(&self, judgement: Judgement, is_approved: bool) -> Result<(), Failure> {
        let Judgement { changes, ways, access, .. } = judgement.clone();
        let count = count(changes.len(), "change");
        self.watch.say(&Event::Changes { at: self.step.id.clone(), changes, ways, access });
        let Some(why) = self.settings.approval.why(&judgement).filter(|_| !is_approved) else { return Ok(()) };
        match self.watch.ask(&Question { at: self.step.id.clone(), judgement, why: why.clone() }) {
            Answer::Yes => Ok(()),
            Answer::Interrupted => {
                self.stop.cancel();
                Err(self.interrupted())
            }
            Answer::No => Err(self.failure(
                format!("{} was not changed: the changes were not approved", self.called()),
                "run the command again to approve the changes",
            )),
            Answer::Nobody => Err(self.failure(
                format!(
                    "{} has {count} pending approval ({why}), but stdin or stderr is not a terminal",
                    self.called()
                ),
                "check the changes above, then pass `--require-approval never`; or deploy from a terminal",
            )),
        }
    }

    /// Sets termination protection and the stack policy after the deployment.
    async fn settle(&self) -> Result<(), Failure> {
        let place = self.place();
        let stack = self.seen.borrow().clone();
        let is_adopted = stack.as_ref().is_some_and(|stack| stack.tags.contains_key(ADOPTED_TAG));
        // A stack that was taken over without protection is protected only on request.
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

    /// Returns the name of the change set. It is derived from the contents, so a later run finds the change set of an
    /// interrupted run.
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
            // AWS manages the tags with the prefix `aws:`.
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
