//! The session of a command: its assembly, AWS, its runtime, and the lock while it changes AWS.

use std::collections::BTreeMap;
use std::hash::{BuildHasher, Hasher};
use std::path::{Path, PathBuf};
use std::rc::Rc;
use std::time::Duration;

use anyhow::{Context, Result};

use crate::assembly::Assembly;
use crate::aws::{Aws, AwsAccess};
use crate::backend::Backend;
use crate::bootstrap;
use crate::cloud::{AccountRegion, Cloud};
use crate::clusters::{ClusterAccess, LiveClusters};
use crate::event::Event;
use crate::executor::Executor;
use crate::failure::{Failure, unreadable};
use crate::gate::Permit;
use crate::journal::Journal;
use crate::lock::{Holder, Lock, LockLocation, LockRequest, Released};
use crate::plan::Plan;
use crate::record::Record;
use crate::retry::retry_throttled;
use crate::stack::Settings;
use crate::state_dir::StateDir;
use crate::stop::Stop;
use crate::time::{now, timestamp};
use crate::watch::Watch;

/// The number of concurrent stacks. A higher number would only cause throttling.
const MAX_CONCURRENT_STACKS: usize = 8;
/// The interval between checks for an interruption.
const POLL_INTERVAL: Duration = Duration::from_millis(50);
/// The time limit for a command to end after an interruption.
const END_TIMEOUT: Duration = Duration::from_secs(10);

/// The options of a command: the assembly, the access to AWS and clusters, and the receiver of events.
pub struct Options<'a> {
    /// The folder of the assembly.
    pub folder: PathBuf,
    /// The folder of all outputs. It contains the local lock and the journal.
    pub output: PathBuf,
    /// The stack settings.
    pub settings: Settings,
    /// The AWS access.
    pub aws: AwsAccess,
    /// The bucket for large templates, in every region. `None` uses the buckets of `meshsynth bootstrap`.
    pub bucket: Option<String>,
    /// The cluster settings.
    pub clusters: ClusterAccess,
    /// The user, for other users who find the app locked.
    pub who: String,
    /// Whether stack refactors first move the resources that the program moves.
    pub refactors: bool,
    /// Whether to take the lock from its current owner.
    pub breaks_lock: bool,
    /// The order of regions for a deployment that changes one at a time. Unlisted regions are last.
    pub by_region: Option<Vec<String>>,
    /// The receiver of events and questions.
    pub watch: &'a dyn Watch,
    /// Whether the user interrupted the run.
    pub is_interrupted: fn() -> bool,
}

/// The session of a command.
pub(crate) struct Session<'a, C = Aws> {
    pub options: &'a Options<'a>,
    pub assembly: Assembly,
    pub aws: Rc<C>,
    pub stop: Stop,
}

impl<'a> Session<'a> {
    /// Opens a session for the assembly in the folder of the options.
    pub fn open(options: &'a Options<'a>) -> Result<Self> {
        Ok(Self::of(options, Assembly::read(&options.folder)?))
    }

    /// Creates a session for an assembly in memory.
    pub fn of(options: &'a Options<'a>, assembly: Assembly) -> Self {
        Self { options, assembly, aws: Rc::new(Aws::new(options.aws.clone())), stop: Stop::default() }
    }
}

impl<C: Backend> Session<'_, C> {
    /// Returns AWS.
    pub fn aws(&self) -> &C {
        &self.aws
    }

    /// Returns the name of the app.
    pub fn app(&self) -> &str {
        &self.assembly.manifest.app
    }

    /// Returns the record of the last deployment from this folder.
    pub fn last(&self) -> Result<Option<Record>> {
        Record::read(&self.options.output, self.app())
    }

    /// Locks the folder with the local state of the app.
    pub fn state_dir(&self) -> Result<StateDir> {
        StateDir::take(&self.options.output, self.app(), &self.options.who)
    }

    /// Returns the clusters of the assembly. Helm reads its files from `folder`.
    pub fn clusters<'s>(&'s self, watch: &'s dyn Watch, gate: &'s dyn Permit, folder: &Path) -> LiveClusters<'s, C> {
        let (Self { options, assembly, stop, .. }, aws) = (self, self.aws());
        LiveClusters { aws, assembly, access: &options.clusters, watch, stop, gate, folder: folder.to_owned() }
    }

    /// Returns the executor of a plan.
    pub fn executor<'s, K>(
        &'s self,
        plan: &'s Plan,
        clusters: &'s K,
        settings: &'s Settings,
        watch: &'s dyn Watch,
        gate: &'s dyn Permit,
    ) -> Executor<'s, C, K> {
        let (Self { assembly, stop, .. }, cloud) = (self, self.aws());
        let max_concurrent = MAX_CONCURRENT_STACKS;
        Executor { cloud, clusters, assembly, plan, settings, watch, stop, gate, max_concurrent }
    }

    /// Runs a future on this thread. After an interruption, the future has a limited time to end.
    pub fn run<T>(&self, work: impl Future<Output = Result<T>>) -> Result<T> {
        let is_interrupted = self.options.is_interrupted;
        if is_interrupted() {
            return Err(Stop::in_time().into());
        }
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().context("cannot start")?;
        let result = runtime.block_on(async {
            let overdue = async {
                while !is_interrupted() {
                    tokio::time::sleep(POLL_INTERVAL).await;
                }
                self.stop.cancel();
                tokio::time::sleep(END_TIMEOUT).await;
            };
            tokio::select! {
                result = work => result,
                () = overdue => Err(Failure::interrupted("interrupted: operations in progress continue").into()),
            }
        });
        // The command does not wait for a running Helm process.
        runtime.shutdown_background();
        result
    }

    /// Runs a read-only future, which an interruption stops immediately.
    pub fn read<T>(&self, work: impl Future<Output = Result<T>>) -> Result<T> {
        self.run(async { self.stop.unless(work).await? })
    }

    /// Returns the buckets of `meshsynth bootstrap` by account and region. Locations without a bucket are omitted.
    pub async fn buckets(&self, plan: &Plan) -> Result<BTreeMap<AccountRegion, String>> {
        let mut out = BTreeMap::new();
        for place in plan.places() {
            let found = retry_throttled(&self.stop, async || self.aws.stack(&place, bootstrap::STACK).await).await;
            let bucket = found.map_err(unreadable)?.and_then(|it| it.outputs.get(bootstrap::OUTPUT).cloned());
            out.extend(bucket.map(|bucket| (place, bucket)));
        }
        Ok(out)
    }

    /// Acquires the lock across machines.
    pub async fn lock<'s>(
        &'s self,
        plan: &'s Plan,
        buckets: &BTreeMap<AccountRegion, String>,
        state: &StateDir,
        journal: &Journal<'_>,
    ) -> Result<Lock<'s, C>> {
        let locations = lock_locations(buckets, plan, self.options.bucket.as_deref());
        if let (true, Some(step)) = (locations.is_empty(), plan.stacks.first()) {
            let text = format!(
                "without a lock, other machines can deploy at the same time: `meshsynth bootstrap --region {}` \
                 creates a bucket for the lock",
                step.region
            );
            journal.say(&Event::Note { at: plan.app.clone(), text });
        }
        let holder = Holder {
            who: format!("{} (process {})", self.options.who, std::process::id()),
            since: timestamp(now()),
            token: format!("{}-{:016x}", self.options.settings.run, random()),
            is_over: false,
        };
        let earlier = state.earlier();
        if !locations.is_empty() {
            state.hold(&holder.token)?;
        }
        let (breaks, lease, free) = (self.options.breaks_lock, journal.lease.clone(), state.free());
        let request = LockRequest { holder, earlier: &earlier, breaks, lease, free };
        let lock = tokio::select! {
            biased;
            lock = Lock::take(self.aws(), &plan.app, &locations, &request, journal) => lock?,
            () = self.stop.overdue() => return Err(Stop::in_time().into()),
        };
        if self.stop.is_interrupted() {
            release(&lock, state).await;
            return Err(Stop::in_time().into());
        }
        Ok(lock)
    }

    /// Runs an operation with the lock, and then releases it. Returns a failure if the lock was lost, which also ends
    /// the operation.
    pub async fn hold<T>(
        &self,
        lock: &Lock<'_, C>,
        state: &StateDir,
        work: impl Future<Output = T>,
    ) -> (T, Option<Failure>) {
        let mut work = std::pin::pin!(work);
        let lost = tokio::select! {
            done = &mut work => {
                return (done, release(lock, state).await);
            }
            lost = lock.keep() => lost,
        };
        self.stop.lose_lock();
        (work.await, Some(lost))
    }
}

/// Returns the lock locations: the buckets of `meshsynth bootstrap`, or otherwise the given bucket. The bucket for
/// templates is irrelevant.
pub(crate) fn lock_locations(
    buckets: &BTreeMap<AccountRegion, String>,
    plan: &Plan,
    given: Option<&str>,
) -> Vec<LockLocation> {
    let location =
        |(place, bucket): (&AccountRegion, &String)| LockLocation { place: place.clone(), bucket: bucket.clone() };
    if !buckets.is_empty() {
        return buckets.iter().map(location).collect();
    }
    let first = plan.places().into_iter().next();
    given.zip(first).map(|(bucket, place)| LockLocation { place, bucket: bucket.to_owned() }).into_iter().collect()
}

/// Releases a lock. Returns a failure if another run had it.
async fn release(lock: &Lock<'_, impl Cloud>, state: &StateDir) -> Option<Failure> {
    match tokio::time::timeout(END_TIMEOUT / 2, lock.release()).await {
        Ok(Released::Free(free)) => {
            state.keep_free(&free);
            state.let_go();
            None
        }
        Ok(Released::Lost(failure)) => {
            state.let_go();
            Some(failure)
        }
        Ok(Released::Unknown) | Err(_) => None,
    }
}

/// Returns a random number. Runs on two machines can start in the same second with the same process ID.
#[expect(clippy::disallowed_types, reason = "it is random that is wanted, and no output depends on it")]
fn random() -> u64 {
    std::hash::RandomState::new().build_hasher().finish()
}
