//! Executes a plan. Each stack and cluster starts after its dependencies are complete.
//!
//! After a failure, no further stack or cluster starts. Operations in progress are followed to their end, so that the
//! report is complete.

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use futures_util::StreamExt;
use futures_util::stream::FuturesUnordered;

use crate::assembly::Assembly;
use crate::cloud::Cloud;
use crate::event::Event;
use crate::failure::{Failure, Kind};
use crate::gate::Permit;
use crate::plan::{ClusterStep, Plan};
use crate::stack::{Deployed, Remnants, Settings, Worker};
use crate::stop::Stop;
use crate::watch::Watch;

/// The stack outputs, by stack ID.
pub type Outputs = BTreeMap<String, BTreeMap<String, String>>;

/// Deploys to clusters.
#[allow(async_fn_in_trait, reason = "a deployment runs on one thread, so its futures need not be Send")]
pub trait Clusters {
    /// Deploys to one cluster. Returns a description.
    async fn deploy(&self, step: &ClusterStep, outputs: &Outputs) -> Result<String, Failure>;
}

/// An implementation for deployments without clusters.
pub struct NoClusters;

impl Clusters for NoClusters {
    async fn deploy(&self, _: &ClusterStep, _: &Outputs) -> Result<String, Failure> {
        Ok("not deployed, because of `--stacks-only`".to_owned())
    }
}

/// The executor of plans.
pub struct Executor<'a, C, K> {
    /// AWS.
    pub cloud: &'a C,
    /// The clusters.
    pub clusters: &'a K,
    /// The assembly.
    pub assembly: &'a Assembly,
    /// The plan.
    pub plan: &'a Plan,
    /// The stack settings.
    pub settings: &'a Settings,
    /// The receiver of events and questions.
    pub watch: &'a dyn Watch,
    /// Whether the run was cancelled.
    pub stop: &'a Stop,
    /// The check before each new operation.
    pub gate: &'a dyn Permit,
    /// The maximum number of concurrent stacks.
    pub max_concurrent: usize,
}

/// The result of a plan.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Report {
    /// The IDs of completed stacks and clusters.
    pub done: Vec<String>,
    /// The failures, by ID.
    pub failed: Vec<(String, Failure)>,
    /// The IDs of stacks and clusters that were not started.
    pub skipped: Vec<String>,
    /// The outputs of completed stacks.
    pub outputs: Outputs,
    /// Whether the user interrupted the run.
    pub interrupted: bool,
}

impl Report {
    /// Creates the report of a run that failed before it started any part of its plan.
    pub(crate) fn unbegun(plan: &Plan, watch: &dyn Watch, failure: Failure) -> Self {
        let interrupted = failure.kind == Kind::Interrupted;
        watch.say(&Event::Failed { at: plan.app.clone(), failure: failure.clone() });
        let ids = plan.stacks.iter().map(|step| &step.id).chain(plan.clusters.iter().map(|step| &step.id));
        Self {
            failed: vec![(plan.app.clone(), failure)],
            skipped: ids.cloned().collect(),
            interrupted,
            ..Self::default()
        }
    }

    /// Whether all stacks and clusters are complete.
    pub fn is_fine(&self) -> bool {
        self.failed.is_empty() && self.skipped.is_empty()
    }

    /// Adds the failure that the run lost its lock.
    pub fn lose(&mut self, app: &str, lost: Option<Failure>) {
        if let Some(lost) = lost.filter(|_| self.failed.iter().all(|(_, failure)| failure.kind != Kind::LockLost)) {
            self.failed.push((app.to_owned(), lost));
        }
    }

    /// Adds a failure if the record of a successful deployment cannot be written.
    pub(crate) fn remember(&mut self, app: &str, written: anyhow::Result<()>) {
        if let Err(error) = written {
            let text = format!("`{app}` was deployed, but its record cannot be written");
            let help =
                "free disk space, then run the command again: it detects the completed deployment and changes nothing";
            let failure = Failure { cause: format!("{error:#}"), ..Failure::new(text, help) };
            self.failed.push((app.to_owned(), failure));
        }
    }

    /// Whether the user interrupted the run.
    pub fn is_interrupted(&self) -> bool {
        self.interrupted || self.failed.iter().any(|(_, failure)| failure.kind == Kind::Interrupted)
    }
}

/// The reason why a stack or cluster was not started.
pub(crate) enum NotBegun<'a> {
    /// A dependency is not complete.
    Needs(&'a str),
    /// Another stack or cluster failed.
    Failed,
    /// The user interrupted the run.
    Interrupted,
    /// Another run has the lock.
    LockLost,
}

impl fmt::Display for NotBegun<'_> {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            NotBegun::Needs(need) => write!(out, "its dependency `{need}` did not complete"),
            NotBegun::Failed => out.write_str("another part of the deployment failed"),
            NotBegun::Interrupted => out.write_str("the run was interrupted"),
            NotBegun::LockLost => out.write_str("the lock was lost"),
        }
    }
}

enum Ended {
    Stack(Deployed),
    Cluster(String),
    /// Another run has the lock, so the stack or cluster was not started.
    Barred(Failure),
}

impl<C: Cloud, K: Clusters> Executor<'_, C, K> {
    /// Deploys everything.
    pub async fn deploy(&self) -> Report {
        let mut report = Report::default();
        self.deploy_part(&mut report, |_, _| true).await;
        report
    }

    /// Deploys the stacks (`true`) and clusters (`false`) that `is_part` selects, and adds the results to a report.
    /// Dependencies that are complete in the report count as met.
    pub async fn deploy_part(&self, report: &mut Report, is_part: impl Fn(bool, &str) -> bool) {
        let stacks = self.plan.stacks.iter().map(|step| (step.id.as_str(), &step.needs));
        let clusters = self.plan.clusters.iter().map(|step| (step.id.as_str(), &step.needs));
        let nodes: Vec<(bool, &str, &Vec<String>)> =
            stacks.map(|(id, needs)| (true, id, needs)).chain(clusters.map(|(id, needs)| (false, id, needs))).collect();
        let is_done = |id: &&str| report.outputs.contains_key(*id);
        let mut done: BTreeSet<&str> = self.plan.stacks.iter().map(|step| step.id.as_str()).filter(is_done).collect();
        let nodes: Vec<_> = nodes.into_iter().filter(|(is_stack, id, _)| is_part(*is_stack, id)).collect();
        let outputs = RefCell::new(std::mem::take(&mut report.outputs));
        let mut begun = BTreeSet::new();
        let mut at_work = FuturesUnordered::new();
        loop {
            let may_begin = report.failed.is_empty() && !self.stop.is_cancelled();
            for &(is_stack, id, needs) in nodes.iter().filter(|_| may_begin) {
                let is_ready = needs.iter().all(|need| done.contains(need.as_str()));
                if is_ready && at_work.len() < self.max_concurrent.max(1) && begun.insert((is_stack, id)) {
                    let outputs = &outputs;
                    at_work.push(async move { (is_stack, id, self.one(is_stack, id, outputs).await) });
                }
            }
            let Some((is_stack, id, result)) = at_work.next().await else { break };
            match result {
                Ok(Ended::Barred(lost)) => {
                    begun.remove(&(is_stack, id));
                    report.lose(&self.plan.app, Some(lost));
                }
                Ok(ended) => {
                    let text = match ended {
                        Ended::Barred(_) => unreachable!("see the error above"),
                        Ended::Cluster(text) => text,
                        Ended::Stack(deployed) => {
                            outputs.borrow_mut().insert(id.to_owned(), deployed.outputs);
                            deployed.text
                        }
                    };
                    if is_stack {
                        done.insert(id);
                    }
                    self.watch.say(&Event::Done { at: id.to_owned(), text });
                    report.done.push(id.to_owned());
                }
                Err(failure) => {
                    self.watch.say(&Event::Failed { at: id.to_owned(), failure: failure.clone() });
                    report.failed.push((id.to_owned(), failure));
                }
            }
        }
        drop(at_work);
        for (is_stack, id, needs) in nodes {
            if !begun.contains(&(is_stack, id)) {
                let need = needs.iter().find(|need| !done.contains(need.as_str()));
                self.skip(report, id, need.map(String::as_str));
            }
        }
        report.outputs = outputs.into_inner();
        report.interrupted = self.stop.is_interrupted();
    }

    /// Reports why a stack or cluster was not started.
    pub(crate) fn skip(&self, report: &mut Report, id: &str, need: Option<&str>) {
        let is_lost = report.failed.iter().any(|(_, failure)| failure.kind == Kind::LockLost);
        let because = match need {
            _ if self.stop.is_interrupted() => NotBegun::Interrupted,
            _ if is_lost || self.stop.is_cancelled() => NotBegun::LockLost,
            Some(need) => NotBegun::Needs(need),
            None => NotBegun::Failed,
        };
        self.watch.say(&Event::Skipped { at: id.to_owned(), because: because.to_string() });
        report.skipped.push(id.to_owned());
    }

    async fn one(&self, is_stack: bool, id: &str, outputs: &RefCell<Outputs>) -> Result<Ended, Failure> {
        if let Err(lost) = self.gate.permit().await {
            return Ok(Ended::Barred(lost));
        }
        self.check_begin(id)?;
        self.watch.say(&Event::Began { at: id.to_owned() });
        if is_stack {
            let worker = self.worker(id);
            return self.bounded(worker.deploy(), || worker.interrupted()).await.map(Ended::Stack);
        }
        let step = self.plan.clusters.iter().find(|step| step.id == id).expect("the id comes from the plan");
        let outputs = outputs.borrow().clone();
        let interrupted = || Failure::interrupted(format!("interrupted: cluster `{id}` is partly deployed"));
        self.bounded(self.clusters.deploy(step, &outputs), interrupted).await.map(Ended::Cluster)
    }

    /// Checks for an interruption that occurred during the lock check.
    fn check_begin(&self, id: &str) -> Result<(), Failure> {
        match self.stop.is_interrupted() {
            true => Err(Failure::interrupted(format!("interrupted: `{id}` was not started"))),
            false => Ok(()),
        }
    }

    /// Runs an operation. After an interruption, the operation gets a limited time to end.
    pub(crate) async fn bounded<T>(
        &self,
        work: impl Future<Output = Result<T, Failure>>,
        interrupted: impl FnOnce() -> Failure,
    ) -> Result<T, Failure> {
        // The future is large, and many futures run concurrently.
        let work = Box::pin(work);
        tokio::select! {
            biased;
            result = work => result,
            () = self.stop.overdue() => Err(interrupted()),
        }
    }

    fn worker(&self, id: &str) -> Worker<'_, C> {
        let step = self.plan.stacks.iter().find(|step| step.id == id).expect("the id comes from the plan");
        Worker::new(self.cloud, self.assembly, step, self.settings, self.watch, self.stop)
    }

    /// Destroys all stacks in reverse dependency order. Returns the resources that remain in AWS, by stack.
    pub async fn destroy(&self) -> (Report, Remnants) {
        let mut report = Report::default();
        let mut remnants = Vec::new();
        for row in self.plan.order.iter().rev() {
            if report.failed.is_empty() && !self.stop.is_cancelled() {
                report.lose(&self.plan.app, self.gate.permit().await.err());
            }
            if !report.failed.is_empty() || self.stop.is_cancelled() {
                row.iter().for_each(|id| self.skip(&mut report, id, None));
                continue;
            }
            let mut at_work: FuturesUnordered<_> = row
                .iter()
                .map(|id| async move {
                    self.watch.say(&Event::Began { at: id.clone() });
                    let worker = self.worker(id);
                    (id, self.bounded(worker.destroy(), || worker.interrupted()).await)
                })
                .collect();
            while let Some((id, result)) = at_work.next().await {
                match result {
                    Ok(stays) => {
                        let text = if stays.is_some() { "deleted" } else { "does not exist" };
                        self.watch.say(&Event::Done { at: id.clone(), text: text.to_owned() });
                        report.done.push(id.clone());
                        remnants.extend(stays.filter(|it| !it.is_empty()).map(|it| (id.clone(), it)));
                    }
                    Err(failure) => {
                        self.watch.say(&Event::Failed { at: id.clone(), failure: failure.clone() });
                        report.failed.push((id.clone(), failure));
                    }
                }
            }
        }
        report.interrupted = self.stop.is_interrupted();
        (report, remnants)
    }
}
