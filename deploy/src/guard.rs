//! What surrounds a command: its runtime, the buckets, and the lock that is held while it changes AWS.

use std::collections::BTreeMap;
use std::hash::{BuildHasher, Hasher};
use std::path::Path;
use std::time::Duration;

use anyhow::{Context, Result};

use crate::assembly::Assembly;
use crate::aws::Aws;
use crate::bootstrap;
use crate::call::{Call, Notes, unreadable};
use crate::cloud::{Cloud, Place};
use crate::clusters::Real;
use crate::executor::Executor;
use crate::failure::Failure;
use crate::gate::Permit;
use crate::lock::{Holder, Lock, Released, Shelf, Wish};
use crate::plan::Plan;
use crate::record::{self, Desk};
use crate::retry::patiently;
use crate::watch::{Said, Stop, Watch};

/// How many stacks are at work at a time: more would only be throttled.
const SIDE_BY_SIDE: usize = 8;

/// What a command works with once its runtime stands.
pub(crate) struct Site<'a> {
    pub call: &'a Call<'a>,
    pub aws: &'a Aws,
    pub assembly: &'a Assembly,
    pub watch: &'a dyn Watch,
    pub stop: &'a Stop,
    pub gate: &'a dyn Permit,
}

impl<'a> Site<'a> {
    /// The way to the clusters; Helm reads its files in a folder.
    pub fn clusters(&self, folder: &Path) -> Real<'a> {
        let Self { call, aws, assembly, watch, stop, gate } = *self;
        Real { aws, assembly, ways: &call.ways, watch, stop, gate, folder: folder.to_owned() }
    }

    /// What performs a plan.
    pub fn executor<K>(&self, plan: &'a Plan, clusters: &'a K) -> Executor<'a, Aws, K> {
        let Self { call, aws: cloud, assembly, watch, stop, gate } = *self;
        let (settings, side_by_side) = (&call.settings, SIDE_BY_SIDE);
        Executor { cloud, clusters, assembly, plan, settings, watch, stop, gate, side_by_side }
    }
}

/// How often it is looked whether somebody wishes to end.
const LOOK_EVERY: Duration = Duration::from_millis(50);
/// How long a command may take to end by itself once somebody wishes it.
const END_WITHIN: Duration = Duration::from_secs(10);

/// Runs a future on this thread, and looks after whoever wishes to end.
pub(crate) fn block_on<T>(
    stop: &Stop,
    is_interrupted: fn() -> bool,
    work: impl Future<Output = Result<T>>,
) -> Result<T> {
    if is_interrupted() {
        return Err(Stop::in_time().into());
    }
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().context("cannot start")?;
    let result = runtime.block_on(async {
        let look = async {
            while !is_interrupted() {
                tokio::time::sleep(LOOK_EVERY).await;
            }
            stop.wish();
            tokio::time::sleep(END_WITHIN).await;
        };
        tokio::select! {
            result = work => result,
            () = look => Err(Failure::interrupted("interrupted: what was begun goes on").into()),
        }
    });
    // Nobody waits for a Helm that is still at work.
    runtime.shutdown_background();
    result
}

/// Runs a future that changes nothing: it is left where it is once somebody wishes to end.
pub(crate) fn block_on_reads<T>(call: &Call<'_>, stop: &Stop, work: impl Future<Output = Result<T>>) -> Result<T> {
    block_on(stop, call.is_interrupted, async { stop.unless(work).await? })
}

/// The bucket that `meshsynth bootstrap` made in each place; none where it did not.
pub(crate) async fn bootstrapped(aws: &Aws, plan: &Plan, stop: &Stop) -> Result<BTreeMap<Place, String>> {
    let mut out = BTreeMap::new();
    for place in plan.places() {
        let stack = patiently(stop, async || aws.stack(&place, bootstrap::STACK).await).await.map_err(unreadable)?;
        let bucket = stack.and_then(|stack| stack.outputs.get(bootstrap::OUTPUT).cloned());
        out.extend(bucket.map(|bucket| (place, bucket)));
    }
    Ok(out)
}

/// Where the lock is: in each bucket of `meshsynth bootstrap`, whatever bucket templates go by; without one, in that.
pub(crate) fn shelves(buckets: &BTreeMap<Place, String>, plan: &Plan, given: Option<&str>) -> Vec<Shelf> {
    let shelf = |(place, bucket): (&Place, &String)| Shelf { place: place.clone(), bucket: bucket.clone() };
    if !buckets.is_empty() {
        return buckets.iter().map(shelf).collect();
    }
    let first = plan.places().into_iter().next();
    given.zip(first).map(|(bucket, place)| Shelf { place, bucket: bucket.to_owned() }).into_iter().collect()
}

/// Takes the lock over machines.
pub(crate) async fn locked<'a>(
    call: &Call<'_>,
    aws: &'a Aws,
    plan: &'a Plan,
    buckets: &BTreeMap<Place, String>,
    desk: &Desk,
    notes: &Notes<'_>,
    stop: &Stop,
) -> Result<Lock<'a, Aws>> {
    let shelves = shelves(buckets, plan, call.bucket.as_deref());
    if let (true, Some(step)) = (shelves.is_empty(), plan.stacks.first()) {
        let text = format!(
            "nothing keeps a deployment from another machine away: `meshsynth bootstrap --region {}` makes a bucket for a lock",
            step.region
        );
        notes.say(&Said::Note { at: plan.app.clone(), text });
    }
    let holder = Holder {
        who: format!("{} (process {})", call.who, std::process::id()),
        since: record::timestamp(record::now()),
        token: format!("{}-{:016x}", call.settings.run, random()),
        is_over: false,
    };
    let earlier = desk.earlier();
    if !shelves.is_empty() {
        desk.hold(&holder.token)?;
    }
    let (breaks, pulse, free) = (call.breaks_lock, notes.pulse.clone(), desk.free());
    let wish = Wish { holder, earlier: &earlier, breaks, pulse, free };
    let lock = tokio::select! {
        biased;
        lock = Lock::take(aws, &plan.app, &shelves, &wish, notes) => lock?,
        () = stop.overdue() => return Err(Stop::in_time().into()),
    };
    if stop.is_interrupted() {
        let_go(&lock, desk).await;
        return Err(Stop::in_time().into());
    }
    Ok(lock)
}

/// Lets a lock go; a failure where it was another's by then.
async fn let_go(lock: &Lock<'_, Aws>, desk: &Desk) -> Option<Failure> {
    match tokio::time::timeout(END_WITHIN / 2, lock.release()).await {
        Ok(Released::Free(free)) => {
            desk.keep_free(&free);
            desk.let_go();
            None
        }
        Ok(Released::Lost(failure)) => {
            desk.let_go();
            Some(failure)
        }
        Ok(Released::Unknown) | Err(_) => None,
    }
}

/// Works while the lock is held; with the reason where it was lost, so that the work was ended.
pub(crate) async fn held<T>(
    lock: &Lock<'_, Aws>,
    stop: &Stop,
    desk: &Desk,
    work: impl Future<Output = T>,
) -> (T, Option<Failure>) {
    let mut work = std::pin::pin!(work);
    let lost = tokio::select! {
        done = &mut work => {
            return (done, let_go(lock, desk).await);
        }
        lost = lock.keep() => lost,
    };
    stop.lose();
    (work.await, Some(lost))
}

/// A number that no other machine has: runs of two machines may begin in one second, with one process id.
#[expect(clippy::disallowed_types, reason = "it is random that is wanted, and no output depends on it")]
fn random() -> u64 {
    std::hash::RandomState::new().build_hasher().finish()
}
