//! What works on one cluster, and how it calls the API server.

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

/// The first pause before a call is made again.
const FIRST_PAUSE: Duration = Duration::from_secs(1);
/// The longest pause before a call is made again.
const LONGEST_PAUSE: Duration = Duration::from_secs(15);

/// How clusters are deployed to.
#[derive(Clone, Debug)]
pub struct Settings {
    /// Whether fields of other managers are taken over.
    pub force: bool,
    /// The field managers, or their tools, from which whole objects are taken over.
    pub take_over: Vec<String>,
    /// The folder in which it is written down how an object was that is taken over; none for nowhere.
    pub keep: Option<PathBuf>,
    /// How long a wave may take to become ready.
    pub ready_timeout: Duration,
    /// How long one call is tried again.
    pub call_timeout: Duration,
}

impl Default for Settings {
    fn default() -> Self {
        let (force, take_over, keep) = (false, Vec::new(), None);
        Self { force, take_over, keep, ready_timeout: Duration::from_secs(900), call_timeout: Duration::from_secs(120) }
    }
}

/// What works on one cluster.
pub struct Worker<'a, K> {
    /// The cluster.
    pub kube: &'a K,
    /// The id of the cluster.
    pub cluster: &'a str,
    /// The name of the app.
    pub app: &'a str,
    /// How it is done.
    pub settings: &'a Settings,
    /// When somebody is asked.
    pub approval: Approval,
    /// Who is told.
    pub watch: &'a dyn Watch,
    /// Whether the run was cancelled.
    pub stop: &'a Stop,
    /// Whether more may be begun.
    gate: Option<&'a dyn Permit>,
    /// The Helm releases that come with the objects: their namespaces and names.
    pub releases: Vec<(String, String)>,
    /// The platform around the cluster, which says with it who reaches what.
    pub(super) rest: Option<&'a Assembly>,
    /// Where kinds are served, by `apiVersion`.
    pub(super) served: RefCell<BTreeMap<String, Vec<Served>>>,
    /// The objects as they were before they were applied, by their rows.
    pub(super) before: RefCell<BTreeMap<String, Value>>,
    /// What became of each object, by its row.
    pub(super) outcomes: RefCell<BTreeMap<String, Outcome>>,
}

impl<'a, K> Worker<'a, K> {
    /// Somebody who looks and acts without asking.
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
            served: RefCell::default(),
            before: RefCell::default(),
            outcomes: RefCell::default(),
        }
    }

    /// Who deploys these Helm releases as well: their namespaces and names.
    pub fn releasing(self, releases: Vec<(String, String)>) -> Self {
        Self { releases, ..self }
    }

    /// Who asks before something is taken away.
    pub fn asking(self, approval: Approval) -> Self {
        Self { approval, ..self }
    }

    /// Who judges a change by the whole platform.
    pub fn within(self, rest: &'a Assembly) -> Self {
        Self { rest: Some(rest), ..self }
    }

    /// Who begins no wave without asking whether the lock is still ours.
    pub fn behind(self, gate: &'a dyn Permit) -> Self {
        Self { gate: Some(gate), ..self }
    }
}

impl<K> Worker<'_, K> {
    /// A wait for something, told every half minute.
    pub(super) fn pause(&self, name: impl Into<String>) -> Pause<'_> {
        Pause::new(self.watch, self.stop, self.cluster, name)
    }

    /// Says what it does or waits for.
    pub(super) fn doing(&self, text: impl Into<String>) {
        self.watch.say(&Event::Doing { at: self.cluster.to_owned(), text: text.into() });
    }

    /// Asks whether another wave may be begun.
    pub(super) async fn check_gate(&self) -> Result<(), Failure> {
        match self.gate {
            Some(gate) => gate.permit().await,
            None => Ok(()),
        }
    }

    /// A failure where the run was cancelled.
    pub(super) fn check_stop(&self, done: &str) -> Result<(), Failure> {
        if self.stop.is_cancelled() {
            return Err(Failure::interrupted(format!("interrupted: cluster `{}` {done}", self.cluster)));
        }
        Ok(())
    }
}

impl<K: Kube> Worker<'_, K> {
    /// Makes a call, and makes it again while the fault is one that passes.
    pub(super) async fn call<T>(&self, call: impl AsyncFn() -> Result<T, KubeError>) -> Result<T, KubeError> {
        let mut pause = self.pause("the API server");
        let wait = async |time: Duration, error: &KubeError| pause.take(time, &error.to_string()).await;
        let backoff = Backoff::doubling(FIRST_PAUSE, LONGEST_PAUSE, self.settings.call_timeout);
        retry(backoff, self.stop, wait, call).await
    }

    /// A failed call, in words.
    pub(super) fn failed(&self, what: &str, error: &KubeError) -> Failure {
        let help = match error.code {
            0 => "check that the API server can be reached from here, then run again: what is applied stays applied",
            401 => "sign in again, or name another context with `--context`, then run again",
            403 => "allow it by an access entry of EKS or a role of the cluster, then run again",
            429 | 502..=504 => "the API server is not ready: run again later",
            _ => "fix the error that the API server reports, synthesize, and run again",
        };
        let kind = if error.code == 401 { Kind::NotSignedIn } else { Kind::Failed };
        let text = format!("cluster `{}`: {what}", self.cluster);
        Failure { cause: error.to_string(), kind, ..Failure::new(text, help) }
    }
}
