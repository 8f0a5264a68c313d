//! The worker for one cluster, and its calls to the API server.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::path::PathBuf;
use std::time::Duration;

use serde_json::Value;

use super::api::{Kube, KubeError};
use super::object::Served;
use super::outcome::Outcome;
use super::pause::Pause;
use crate::approval::Approval;
use crate::assembly::Assembly;
use crate::event::Event;
use crate::failure::{Failure, Kind};
use crate::gate::Permit;
use crate::retry::{Backoff, retry};
use crate::stop::Stop;
use crate::watch::Watch;

/// The first delay before a retry.
const FIRST_PAUSE: Duration = Duration::from_secs(1);
/// The maximum delay before a retry.
const LONGEST_PAUSE: Duration = Duration::from_secs(15);

/// The settings for deployments to clusters.
#[derive(Clone, Debug)]
pub struct Settings {
    /// Whether to take over fields of other managers.
    pub force: bool,
    /// The field managers or tools from which whole objects are taken over.
    pub take_over: Vec<String>,
    /// The folder for the previous state of objects that are taken over. `None` saves nothing.
    pub keep: Option<PathBuf>,
    /// The time limit for a wave to become ready.
    pub ready_timeout: Duration,
    /// The time limit for the retries of one call.
    pub call_timeout: Duration,
}

impl Default for Settings {
    fn default() -> Self {
        let (force, take_over, keep) = (false, Vec::new(), None);
        Self { force, take_over, keep, ready_timeout: Duration::from_secs(900), call_timeout: Duration::from_secs(120) }
    }
}

/// The worker for one cluster.
pub struct Worker<'a, K> {
    /// The cluster.
    pub kube: &'a K,
    /// The id of the cluster.
    pub cluster: &'a str,
    /// The name of the app.
    pub app: &'a str,
    /// The settings.
    pub settings: &'a Settings,
    /// The changes that require an approval.
    pub approval: Approval,
    /// The receiver of events and questions.
    pub watch: &'a dyn Watch,
    /// Whether the run was cancelled.
    pub stop: &'a Stop,
    /// The check before each new wave.
    gate: Option<&'a dyn Permit>,
    /// The Helm releases of the cluster: namespaces and names.
    pub releases: Vec<(String, String)>,
    /// The platform of the cluster. It determines the access paths.
    pub(super) rest: Option<&'a Assembly>,
    /// The values of placeholders.
    pub(super) values: Option<&'a BTreeMap<String, String>>,
    /// The effects on Helm releases that belong to other owners. They require an approval.
    pub(super) foreign: Vec<String>,
    /// The objects that this app did not create, by inventory entry: the owner, and whether the user named it.
    pub(super) strangers: RefCell<BTreeMap<String, (String, bool)>>,
    /// The served kinds, by `apiVersion`.
    pub(super) served: RefCell<BTreeMap<String, Vec<Served>>>,
    /// The objects before the deployment, by inventory entry.
    pub(super) before: RefCell<BTreeMap<String, Value>>,
    /// The outcome of each object, by inventory entry.
    pub(super) outcomes: RefCell<BTreeMap<String, Outcome>>,
}

impl<'a, K> Worker<'a, K> {
    /// Creates a worker that prompts for no approval.
    pub fn new(
        kube: &'a K,
        cluster: &'a str,
        app: &'a str,
        settings: &'a Settings,
        watch: &'a dyn Watch,
        stop: &'a Stop,
    ) -> Self {
        Self {
            kube,
            cluster,
            app,
            settings,
            approval: Approval::Never,
            watch,
            stop,
            gate: None,
            releases: Vec::new(),
            rest: None,
            values: None,
            foreign: Vec::new(),
            strangers: RefCell::default(),
            served: RefCell::default(),
            before: RefCell::default(),
            outcomes: RefCell::default(),
        }
    }

    /// Sets the Helm releases that are also deployed: namespaces and names.
    pub fn releasing(self, releases: Vec<(String, String)>) -> Self {
        Self { releases, ..self }
    }

    /// Sets the effects on Helm releases of other owners, which require an approval.
    pub fn affecting(self, foreign: Vec<String>) -> Self {
        Self { foreign, ..self }
    }

    /// Sets the changes that require an approval.
    pub fn asking(self, approval: Approval) -> Self {
        Self { approval, ..self }
    }

    /// Sets the platform for the evaluation of changes.
    pub fn within(self, rest: &'a Assembly) -> Self {
        Self { rest: Some(rest), ..self }
    }

    /// Sets the values of placeholders, so that the evaluation maps physical names to resources.
    pub fn knowing(self, values: &'a BTreeMap<String, String>) -> Self {
        Self { values: Some(values), ..self }
    }

    /// Sets the lock check before each wave.
    pub fn behind(self, gate: &'a dyn Permit) -> Self {
        Self { gate: Some(gate), ..self }
    }
}

impl<K> Worker<'_, K> {
    /// Starts to wait for an object.
    pub(super) fn pause(&self, name: impl Into<String>) -> Pause<'_> {
        Pause::new(self.watch, self.stop, self.cluster, name)
    }

    /// Reports the current operation.
    pub(super) fn doing(&self, text: impl Into<String>) {
        self.watch.say(&Event::Doing { at: self.cluster.to_owned(), text: text.into() });
    }

    /// Reports a note.
    pub(super) fn note(&self, text: String) {
        self.watch.say(&Event::Note { at: self.cluster.to_owned(), text });
    }

    /// Checks whether another wave may start.
    pub(super) async fn check_gate(&self) -> Result<(), Failure> {
        match self.gate {
            Some(gate) => gate.permit().await,
            None => Ok(()),
        }
    }

    /// Returns a failure if the run was cancelled.
    pub(super) fn check_stop(&self, done: &str) -> Result<(), Failure> {
        if self.stop.is_cancelled() {
            return Err(Failure::interrupted(format!("interrupted: cluster `{}` {done}", self.cluster)));
        }
        Ok(())
    }
}

impl<K: Kube> Worker<'_, K> {
    /// Makes a call, and retries transient errors.
    pub(super) async fn call<T>(&self, call: impl AsyncFn() -> Result<T, KubeError>) -> Result<T, KubeError> {
        let mut pause = self.pause("the API server");
        let wait = async |time: Duration, error: &KubeError| pause.take(time, &error.to_string()).await;
        let backoff = Backoff::doubling(FIRST_PAUSE, LONGEST_PAUSE, self.settings.call_timeout);
        retry(backoff, self.stop, wait, call).await
    }

    /// Creates the failure of a call.
    pub(super) fn failed(&self, what: &str, error: &KubeError) -> Failure {
        let help = match error.code {
            0 => {
                "check that this machine can reach the API server, then run the command again; applied objects are kept"
            }
            401 => "sign in again, or specify another context with `--context`, then run the command again",
            403 => "grant the permission with an EKS access entry or a role of the cluster, then run the command again",
            429 | 502..=504 => "the API server is not ready: run the command again later",
            _ => "fix the error that the API server reports, synthesize, and run the command again",
        };
        let kind = if error.code == 401 { Kind::NotSignedIn } else { Kind::Failed };
        let text = format!("cluster `{}`: {what}", self.cluster);
        Failure { cause: error.to_string(), kind, ..Failure::new(text, help) }
    }
}
