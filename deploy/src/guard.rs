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
use crate::lock::{Holder, Lock, Shelf, Wish};
use crate::plan::Plan;
use crate::record::{self, Desk};

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
}

impl<'a> Site<'a> {
    /// The way to the clusters; Helm reads its files in a folder.
    pub fn clusters(&self, folder: &Path) -> Real<'a> {
        let Self { call, aws, assembly, watch, stop } = *self;
        Real { aws, assembly, ways: &call.ways, watch, stop, folder: folder.to_owned() }
    }

    /// What performs a plan.
    pub fn executor<K>(&self, plan: &'a Plan, clusters: &'a K) -> Executor<'a, Aws, K> {
        let Self { call, aws: cloud, assembly, watch, stop } = *self;
        let (settings, side_by_side) = (&call.settings, SIDE_BY_SIDE);
        Executor { cloud, clusters, assembly, plan, settings, watch, stop, side_by_side }
    }
}

/// Runs a future on this thread, and looks after whoever wishes to end.
pub(crate) fn block_on<T>(
    stop: &Stop,
    is_interrupted: fn() -> bool,
    work: impl Future<Output = Result<T>>,
) -> Result<T> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().context("cannot start")?;
    runtime.block_on(async {
        let look = async {
            loop {
                tokio::time::sleep(Duration::from_millis(100)).await;
                if is_interrupted() && !stop.is_wished() {
                    stop.wish();
                }
            }
        };
        tokio::select! {
            result = work => result,
            () = look => unreachable!("it looks for ever"),
        }
    })
}

/// The bucket that `meshsynth bootstrap` made in each place; none where it did not.
pub(crate) async fn bootstrapped(aws: &Aws, plan: &Plan) -> Result<BTreeMap<Place, String>> {
    let mut out = BTreeMap::new();
    for place in plan.places() {
        let stack = aws.stack(&place, bootstrap::STACK).await.map_err(unreadable)?;
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
    let wish = Wish { holder, earlier: &earlier, breaks: call.breaks_lock, pulse: notes.pulse.clone() };
    Ok(Lock::take(aws, &plan.app, &shelves, &wish, notes).await?)
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
            if lock.release().await {
                desk.let_go();
            }
            return (done, None);
        }
        lost = lock.keep() => lost,
    };
    stop.wish();
    (work.await, Some(lost))
}

/// A number that no other machine has: runs of two machines may begin in one second, with one process id.
#[expect(clippy::disallowed_types, reason = "it is random that is wanted, and no output depends on it")]
fn random() -> u64 {
    std::hash::RandomState::new().build_hasher().finish()
}
