//! Kubernetes: bindings filled, waves of server-side apply, readiness, and prune of what is ours and gone.

mod apply;
mod approve;
mod client;
mod compare;
mod controllers;
mod drift;
mod fields;
mod look;
mod object;
mod pause;
mod pods;
mod prune;
mod ready;
mod refusal;
mod rehearse;
mod rights;
mod spare;
mod survey;
mod takeover;
mod tally;
mod yields;

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::fmt;
use std::time::Duration;

use serde_json::Value;

use self::pause::Pause;
use crate::failure::Failure;
use crate::gate::Permit;
use crate::watch::{Said, Stop, Watch};

pub use client::{Client, Connection};
pub use compare::Change;
pub use controllers::table as controllers;
pub use drift::{Compared, Drifted, Field};
pub use fields::Writer;
pub use look::Seen;
pub use object::{Object, fill, objects};
pub use rights::Rights;

/// The label by which an object is known to be ours.
pub const APP_LABEL: &str = "meshsynth/app";
/// Our name as a manager of fields.
pub const MANAGER: &str = "meshsynth";

/// An API server, as far as a deployment needs it. Every call may be made again.
#[allow(async_fn_in_trait, reason = "one thread runs a deployment, so no future has to be Send")]
pub trait Kube {
    /// Reads a document; none where there is none.
    async fn get(&self, path: &str) -> Result<Option<Value>, KubeError>;
    /// Applies an object, server-side.
    async fn apply(&self, path: &str, object: &Value, force: bool) -> Result<Value, KubeError>;
    /// Applies an object as a deployment would, and changes nothing.
    async fn try_apply(&self, path: &str, object: &Value, force: bool) -> Result<Value, KubeError>;
    /// What an object would be if it were applied now, whoever manages its fields; nothing is changed.
    async fn would_apply(&self, path: &str, object: &Value) -> Result<Value, KubeError>;
    /// Merges a patch into an object that is as it was read.
    async fn merge(&self, path: &str, patch: &Value) -> Result<Value, KubeError>;
    /// Deletes an object; fine where there is none. Answers what is left of it, where a finalizer holds it.
    async fn delete(&self, path: &str, uid: &str) -> Result<Option<Value>, KubeError>;
    /// Posts a question, which is answered and not kept.
    async fn ask(&self, path: &str, question: &Value) -> Result<Value, KubeError>;
}

/// A call that failed.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct KubeError {
    /// The status; 0 where there was no answer.
    pub code: u16,
    /// Such as `Conflict`.
    pub reason: String,
    /// What the server said.
    pub text: String,
    /// Each with its reason, field and message.
    pub causes: Vec<(String, String, String)>,
}

impl KubeError {
    /// Whether the same call may succeed a little later.
    pub fn is_passing(&self) -> bool {
        [0, 429, 502, 503, 504].contains(&self.code)
            || (self.code == 500 && self.text.contains("failed calling webhook"))
    }
}

impl fmt::Display for KubeError {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.code {
            0 => out.write_str(&self.text),
            code => write!(out, "{code} {}: {}", self.reason, self.text),
        }
    }
}

impl std::error::Error for KubeError {}

/// How clusters are deployed to.
#[derive(Clone, Debug)]
pub struct Settings {
    /// Whether fields of other managers are taken over.
    pub force: bool,
    /// How long a wave may take to become ready.
    pub patience: Duration,
    /// How long one call is tried again.
    pub call_patience: Duration,
}

impl Default for Settings {
    fn default() -> Self {
        Self { force: false, patience: Duration::from_secs(900), call_patience: Duration::from_secs(120) }
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
    pub approval: crate::approval::Approval,
    /// Who is told.
    pub watch: &'a dyn Watch,
    /// Whether somebody wishes to end.
    pub stop: &'a Stop,
    /// Whether more may be begun.
    gate: Option<&'a dyn Permit>,
    /// The Helm releases that come with the objects: their namespaces and names.
    pub releases: Vec<(String, String)>,
    /// Where kinds are served, by `apiVersion`.
    served: RefCell<BTreeMap<String, Vec<object::Served>>>,
    /// The objects as they were before they were applied, by their rows.
    before: RefCell<BTreeMap<String, Value>>,
    /// What became of each object, by its row.
    outcomes: RefCell<BTreeMap<String, tally::Outcome>>,
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
            approval: crate::approval::Approval::Never,
            watch,
            stop,
            gate: None,
            releases: Vec::new(),
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
    pub fn asking(self, approval: crate::approval::Approval) -> Self {
        Self { approval, ..self }
    }

    /// Who begins no wave without asking whether the lock is still ours.
    pub fn behind(self, gate: &'a dyn Permit) -> Self {
        Self { gate: Some(gate), ..self }
    }
}

impl<K> Worker<'_, K> {
    fn doing(&self, text: impl Into<String>) {
        self.watch.say(&Said::Doing { at: self.cluster.to_owned(), text: text.into() });
    }

    /// Asks whether another wave may be begun.
    async fn check_gate(&self) -> Result<(), Failure> {
        match self.gate {
            Some(gate) => gate.permit().await,
            None => Ok(()),
        }
    }

    fn check_stop(&self, done: &str) -> Result<(), Failure> {
        if self.stop.is_wished() {
            return Err(Failure::interrupted(format!("interrupted: cluster `{}` {done}", self.cluster)));
        }
        Ok(())
    }
}

impl<K: Kube> Worker<'_, K> {
    /// Makes a call, and makes it again while the fault is one that passes.
    async fn call<T>(&self, call: impl AsyncFn() -> Result<T, KubeError>) -> Result<T, KubeError> {
        let mut pause = Pause::new(self, "the API server");
        let mut time = Duration::from_secs(1);
        loop {
            match call().await {
                Err(error)
                    if error.is_passing()
                        && pause.elapsed() < self.settings.call_patience
                        && !self.stop.is_wished() =>
                {
                    pause.take(time, &error.to_string()).await;
                    time = (time * 2).min(Duration::from_secs(15));
                }
                result => return result,
            }
        }
    }

    /// A failed call, in words.
    fn failed(&self, what: &str, error: &KubeError) -> Failure {
        let help = match error.code {
            0 => "check that the API server can be reached from here, then run again: what is applied stays applied",
            401 => "sign in again, or name another context with `--context`, then run again",
            403 => "allow it by an access entry of EKS or a role of the cluster, then run again",
            429 | 502..=504 => "the API server is not ready: run again later",
            _ => "fix what the API server says, synthesize, and run again",
        };
        Failure { cause: error.to_string(), ..Failure::new(format!("cluster `{}`: {what}", self.cluster), help) }
    }
}
