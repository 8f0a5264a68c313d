//! A command at work: its assembly, AWS, its runtime, and the lock that is held while it changes AWS.

use std::collections::BTreeMap;
use std::hash::{BuildHasher, Hasher};
use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::{Context, Result};

use crate::assembly::Assembly;
use crate::aws::{Aws, AwsAccess};
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

/// How many stacks are deployed at a time: more would only be throttled.
const MAX_CONCURRENT_STACKS: usize = 8;
/// How often it is checked whether the run was interrupted.
const POLL_INTERVAL: Duration = Duration::from_millis(50);
/// How long a command may take to end by itself once it was interrupted.
const END_TIMEOUT: Duration = Duration::from_secs(10);

/// How a command is run: where its assembly is, how AWS and clusters are reached, and who is told.
pub struct Options<'a> {
    /// The folder of the assembly.
    pub folder: PathBuf,
    /// The folder of all outputs: the lock of this machine and the journal lie below it.
    pub output: PathBuf,
    /// How stacks are deployed.
    pub settings: Settings,
    /// How AWS is reached.
    pub aws: AwsAccess,
    /// A bucket for large templates, in every region; none for those of `meshsynth bootstrap`.
    pub bucket: Option<String>,
    /// How clusters are reached.
    pub clusters: ClusterAccess,
    /// Who runs it, for whoever finds it locked.
    pub who: String,
    /// Whether what the program moves is moved by stack refactors first.
    pub refactors: bool,
    /// Whether the lock is taken from whoever holds it.
    pub breaks_lock: bool,
    /// The order of regions, where one is changed at a time; those that it does not name come last.
    pub by_region: Option<Vec<String>>,
    /// Who is told and asked.
    pub watch: &'a dyn Watch,
    /// Whether the user interrupted the run.
    pub is_interrupted: fn() -> bool,
}

/// A command at work.
pub(crate) struct Session<'a> {
    pub options: &'a Options<'a>,
    pub assembly: Assembly,
    pub aws: Aws,
    pub stop: Stop,
}

impl<'a> Session<'a> {
    /// A session on the assembly in the folder of the options.
    pub fn open(options: &'a Options<'a>) -> Result<Self> {
        Ok(Self::of(options, Assembly::read(&options.folder)?))
    }

    /// A session on an assembly in memory.
    pub fn of(options: &'a Options<'a>, assembly: Assembly) -> Self {
        Self { options, assembly, aws: Aws::new(options.aws.clone()), stop: Stop::default() }
    }

    /// The name of the app.
    pub fn app(&self) -> &str {
        &self.assembly.manifest.app
    }

    /// What was deployed last from here.
    pub fn last(&self) -> Result<Option<Record>> {
        Record::read(&self.options.output, self.app())
    }

    /// Takes the folder in which this machine keeps the state of the app.
    pub fn state_dir(&self) -> Result<StateDir> {
        StateDir::take(&self.options.output, self.app(), &self.options.who)
    }

    /// The clusters of the assembly; Helm reads its files in a folder.
    pub fn clusters<'s>(&'s self, watch: &'s dyn Watch, gate: &'s dyn Permit, folder: &Path) -> LiveClusters<'s> {
        let Self { options, aws, assembly, stop } = self;
        LiveClusters { aws, assembly, access: &options.clusters, watch, stop, gate, folder: folder.to_owned() }
    }

    /// What performs a plan.
    pub fn executor<'s, K>(
        &'s self,
        plan: &'s Plan,
        clusters: &'s K,
        settings: &'s Settings,
        watch: &'s dyn Watch,
        gate: &'s dyn Permit,
    ) -> Executor<'s, Aws, K> {
        let Self { aws: cloud, assembly, stop, .. } = self;
        let max_concurrent = MAX_CONCURRENT_STACKS;
        Executor { cloud, clusters, assembly, plan, settings, watch, stop, gate, max_concurrent }
    }

    /// Runs a future on this thread until it ends, or until some time after the user interrupted it.
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
        // Nobody waits for a Helm that is still at work.
        runtime.shutdown_background();
        result
    }

    /// Runs a future that changes nothing: it is dropped once the user interrupts it.
    pub fn read<T>(&self, work: impl Future<Output = Result<T>>) -> Result<T> {
        self.run(async { self.stop.unless(work).await? })
    }

    /// The bucket that `meshsynth bootstrap` made in each place; none where it did not.
    pub async fn buckets(&self, plan: &Plan) -> Result<BTreeMap<AccountRegion, String>> {
        let mut out = BTreeMap::new();
        for place in plan.places() {
            let found = retry_throttled(&self.stop, async || self.aws.stack(&place, bootstrap::STACK).await).await;
            let bucket = found.map_err(unreadable)?.and_then(|it| it.outputs.get(bootstrap::OUTPUT).cloned());
            out.extend(bucket.map(|bucket| (place, bucket)));
        }
        Ok(out)
    }

    /// Takes the lock over machines.
    pub async fn lock<'s>(
        &'s self,
        plan: &'s Plan,
        buckets: &BTreeMap<AccountRegion, String>,
        state: &StateDir,
        journal: &Journal<'_>,
    ) -> Result<Lock<'s, Aws>> {
        let locations = lock_locations(buckets, plan, self.options.bucket.as_deref());
        if let (true, Some(step)) = (locations.is_empty(), plan.stacks.first()) {
            let text = format!(
                "deployments from other machines are not locked out: `meshsynth bootstrap --region {}` creates a bucket for the lock",
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
            lock = Lock::take(&self.aws, &plan.app, &locations, &request, journal) => lock?,
            () = self.stop.overdue() => return Err(Stop::in_time().into()),
        };
        if self.stop.is_interrupted() {
            release(&lock, state).await;
            return Err(Stop::in_time().into());
        }
        Ok(lock)
    }

    /// Works while the lock is held, then releases it; with the reason where it was lost, so that the work was ended.
    pub async fn hold<T>(
        &self,
        lock: &Lock<'_, Aws>,
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

/// Where the lock is: in each bucket of `meshsynth bootstrap`, whatever bucket templates go by; without one, in that.
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

/// Releases a lock; a failure where it was another's by then.
async fn release(lock: &Lock<'_, Aws>, state: &StateDir) -> Option<Failure> {
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

/// A number that no other machine has: runs of two machines may begin in one second, with one process id.
#[expect(clippy::disallowed_types, reason = "it is random that is wanted, and no output depends on it")]
fn random() -> u64 {
    std::hash::RandomState::new().build_hasher().finish()
}
