//! The simulated AWS behind the trait, with injected faults.

use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;

use meshsynth_deploy::assembly::Lookup;
use meshsynth_deploy::cloud::{
    AccountRegion, BucketObject, ChangeSet, Cloud, CloudError, Drift, Fault, Importing, Request, Scan, ScannedResource,
    Stack, StackEvent, StackResource,
};
use tokio::sync::Notify;
use tokio::time::Instant;

use crate::cluster::Cluster;
use crate::fake_import::identifiers;
use crate::schedule::Hit;
use crate::world::{World, error};

/// A deterministic random number generator.
pub struct Random(Cell<u64>);

impl Random {
    pub fn new(seed: u64) -> Self {
        Self(Cell::new(seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1))
    }

    pub fn below(&self, limit: u64) -> u64 {
        let mut x = self.0.get();
        x ^= x << 13;
        x ^= x >> 7;
        x ^= x << 17;
        self.0.set(x);
        (x >> 11) % limit
    }
}

/// The probabilities of faults, per 1000 calls.
#[derive(Clone, Copy, Default)]
pub struct Odds {
    pub throttled: u64,
    /// The call does not arrive.
    pub lost: u64,
    /// The call is executed, but its response is lost.
    pub unanswered: u64,
    /// The process is killed.
    pub killed: u64,
    /// Change sets disappear.
    pub expired: u64,
}

/// An action at a call, with the number of the call.
pub type AtCall = (u32, Box<dyn FnOnce(&Fake)>);

pub struct Fake {
    pub world: RefCell<World>,
    pub random: Random,
    pub odds: Cell<Odds>,
    /// Whether the process was killed. Later calls have no effect.
    pub dead: Cell<bool>,
    /// Signals that the process was killed.
    pub death: Notify,
    /// The number of calls.
    pub n_calls: Cell<u32>,
    /// An action before a call: an interruption, or a lock that another run acquires.
    pub at_call: RefCell<Option<AtCall>>,
    /// The number of next calls that are throttled.
    pub throttled: Cell<u32>,
    /// The call that is hit, and how.
    pub hit: Cell<Option<(u32, Hit)>>,
    /// The clusters, by name.
    pub clusters: RefCell<BTreeMap<String, std::rc::Rc<Cluster>>>,
    /// The first call without a response. Later calls have no response either.
    pub silent_from: Cell<Option<u32>>,
    begin: Cell<Instant>,
}

impl Fake {
    pub fn new(seed: u64) -> Self {
        let world = World { now: 1_000_000, takes: 20_000, ..World::default() };
        Self {
            world: RefCell::new(world),
            random: Random::new(seed),
            odds: Cell::default(),
            dead: Cell::default(),
            death: Notify::new(),
            n_calls: Cell::default(),
            at_call: RefCell::default(),
            throttled: Cell::default(),
            hit: Cell::default(),
            clusters: RefCell::default(),
            silent_from: Cell::default(),
            begin: Cell::new(Instant::now()),
        }
    }

    fn is_hit(&self, odds: u64) -> bool {
        odds > 0 && self.random.below(1000) < odds
    }

    /// Kills the process.
    pub async fn die(&self) {
        self.dead.set(true);
        self.death.notify_waiters();
        std::future::pending::<()>().await;
    }

    /// Executes a call, or injects a fault. The outer result reports the fault.
    fn reach<T>(
        &self,
        name: &str,
        odds: Odds,
        work: impl FnOnce(&mut World) -> Result<T, CloudError>,
    ) -> Result<Result<T, CloudError>, CloudError> {
        let mut world = self.world.borrow_mut();
        world.now = 1_000_000 + u64::try_from(self.begin.get().elapsed().as_millis()).unwrap();
        world.settle();
        *world.calls.entry(name.to_owned()).or_default() += 1;
        let n_throttled = self.throttled.get();
        self.throttled.set(n_throttled.saturating_sub(1));
        if n_throttled > 0 || self.is_hit(odds.throttled) {
            return Err(error(Fault::Throttled, name, "Rate exceeded"));
        }
        if self.is_hit(odds.lost) {
            return Err(error(Fault::Unreachable, name, "connection reset"));
        }
        if self.is_hit(odds.expired) {
            world.stacks.values_mut().for_each(|kept| kept.sets.clear());
        }
        Ok(work(&mut world))
    }

    pub async fn call<T>(
        &self,
        name: &str,
        work: impl FnOnce(&mut World) -> Result<T, CloudError>,
    ) -> Result<T, CloudError> {
        let number = self.n_calls.get();
        self.n_calls.set(number + 1);
        let is_due = self.at_call.borrow().as_ref().is_some_and(|(at, _)| *at == number);
        if let Some((_, happens)) = is_due.then(|| self.at_call.take()).flatten() {
            happens(self);
        }
        if self.silent_from.get().is_some_and(|from| number >= from) {
            std::future::pending::<()>().await;
        }
        let hit = self.hit_at(number);
        if let Some(fault) = self.before(hit).await {
            return Err(error(fault, name, "injected"));
        }
        let odds = self.odds.get();
        let is_last = self.is_hit(odds.killed);
        if is_last && self.random.below(2) == 0 {
            self.die().await;
        }
        tokio::time::sleep(std::time::Duration::from_millis(50 + self.random.below(100))).await;
        let result = self.reach(name, odds, work)?;
        if self.after(hit).await {
            return Err(error(Fault::Unreachable, name, "timed out"));
        }
        if is_last {
            self.die().await;
        }
        if self.is_hit(odds.unanswered) {
            return Err(error(Fault::Unreachable, name, "timed out"));
        }
        result
    }
}

impl Cloud for Fake {
    async fn account(&self, _: &AccountRegion) -> Result<String, CloudError> {
        self.call("GetCallerIdentity", |_| Ok("111122223333".to_owned())).await
    }

    async fn stack(&self, place: &AccountRegion, name: &str) -> Result<Option<Stack>, CloudError> {
        self.call("DescribeStacks", |world| Ok(world.seen(&place.region, name))).await
    }

    async fn stacks(&self, place: &AccountRegion) -> Result<Vec<Stack>, CloudError> {
        self.call("DescribeStacks", |world| {
            let rows = world.stacks.iter().filter(|((region, _), _)| *region == place.region);
            Ok(rows.map(|(_, kept)| kept.stack.clone()).collect())
        })
        .await
    }

    async fn template(&self, place: &AccountRegion, stack: &str) -> Result<String, CloudError> {
        self.call("GetTemplate", |world| {
            let kept = world.find(&place.region, stack);
            Ok(kept.ok_or_else(|| error(Fault::Missing, "GetTemplate", "none"))?.template.clone())
        })
        .await
    }

    async fn events(
        &self,
        place: &AccountRegion,
        stack: &str,
        token: Option<&str>,
    ) -> Result<Vec<StackEvent>, CloudError> {
        let mut events = self
            .call("DescribeStackEvents", |world| {
                let seen = i64::try_from(world.now.saturating_sub(world.events_late)).unwrap();
                let kept = world.find(&place.region, stack);
                let kept = kept.ok_or_else(|| error(Fault::Missing, "DescribeStackEvents", "no stack"))?;
                let is_seen = |event: &&StackEvent| event.at <= seen && token.is_none_or(|token| event.token == token);
                Ok(kept.events.iter().filter(is_seen).cloned().collect::<Vec<_>>())
            })
            .await?;
        // Shuffles the events, because AWS can return them in any order.
        for idx in (1..events.len()).rev() {
            events.swap(idx, usize::try_from(self.random.below(idx as u64 + 1)).unwrap());
        }
        Ok(events)
    }

    async fn resources(&self, place: &AccountRegion, stack: &str) -> Result<Vec<StackResource>, CloudError> {
        self.call("ListStackResources", |world| {
            let kept = world.find(&place.region, stack);
            Ok(kept.map(|kept| kept.resources.values().cloned().collect()).unwrap_or_default())
        })
        .await
    }

    async fn put_template(&self, _: &AccountRegion, bucket: &str, key: &str, text: &str) -> Result<String, CloudError> {
        self.call("PutObject", |world| {
            let address = format!("https://{bucket}.s3.amazonaws.com/{key}");
            world.bucket.insert(address.clone(), text.to_owned());
            Ok(address)
        })
        .await
    }

    async fn object(&self, _: &AccountRegion, bucket: &str, key: &str) -> Result<Option<BucketObject>, CloudError> {
        self.call("GetObject", |world| {
            Ok(world.objects.get(&format!("{bucket}/{key}")).map(|(text, version, at)| BucketObject {
                text: text.clone(),
                version: format!("\"{version}\""),
                age: std::time::Duration::from_millis(world.now - at),
            }))
        })
        .await
    }

    async fn put_object(
        &self,
        _: &AccountRegion,
        bucket: &str,
        key: &str,
        text: &str,
        was: Option<&str>,
    ) -> Result<String, CloudError> {
        self.call("PutObjectIf", |world| world.put_object(&format!("{bucket}/{key}"), text, was)).await
    }

    async fn create_change_set(&self, place: &AccountRegion, request: &Request) -> Result<(), CloudError> {
        self.call("CreateChangeSet", |world| world.create_change_set(&place.region, request)).await
    }

    async fn change_set(&self, place: &AccountRegion, stack: &str, name: &str) -> Result<ChangeSet, CloudError> {
        self.call("DescribeChangeSet", |world| {
            let set = world.find(&place.region, stack).and_then(|kept| kept.sets.get(name));
            let (set, _, made) = set.ok_or_else(|| error(Fault::Missing, "DescribeChangeSet", "none"))?;
            let is_pending = world.now < made + 1_500;
            let pending = ChangeSet { status: "CREATE_PENDING".to_owned(), ..ChangeSet::default() };
            Ok(if is_pending { pending } else { set.clone() })
        })
        .await
    }

    async fn findings(&self, _: &AccountRegion, _: &str, set: Option<&str>) -> Result<Vec<StackEvent>, CloudError> {
        self.call("DescribeEvents", |world| Ok(world.found(set))).await
    }

    async fn delete_change_set(&self, place: &AccountRegion, stack: &str, name: &str) -> Result<(), CloudError> {
        self.call("DeleteChangeSet", |world| {
            if let Some(kept) = world.find_mut(&place.region, stack) {
                kept.sets.remove(name);
            }
            Ok(())
        })
        .await
    }

    async fn execute_change_set(
        &self,
        place: &AccountRegion,
        stack: &str,
        name: &str,
        token: &str,
    ) -> Result<(), CloudError> {
        self.call("ExecuteChangeSet", |world| world.execute(&place.region, stack, name, token)).await
    }

    async fn continue_rollback(
        &self,
        place: &AccountRegion,
        stack: &str,
        skip: &[String],
        token: &str,
    ) -> Result<(), CloudError> {
        self.call("ContinueUpdateRollback", |world| world.continue_rollback(&place.region, stack, skip, token)).await
    }

    async fn delete_stack(
        &self,
        place: &AccountRegion,
        stack: &str,
        retain: &[String],
        token: &str,
    ) -> Result<(), CloudError> {
        self.call("DeleteStack", |world| world.delete(&place.region, stack, retain, token)).await
    }

    async fn protect(&self, place: &AccountRegion, stack: &str, on: bool) -> Result<(), CloudError> {
        self.call("UpdateTerminationProtection", |world| {
            let kept = world.find_mut(&place.region, stack);
            kept.ok_or_else(|| error(Fault::Missing, "UpdateTerminationProtection", "none"))?.stack.protected = on;
            Ok(())
        })
        .await
    }

    async fn set_stack_policy(&self, _: &AccountRegion, _: &str, _: &str) -> Result<(), CloudError> {
        self.call("SetStackPolicy", |_| Ok(())).await
    }

    async fn stack_policy(&self, place: &AccountRegion, stack: &str) -> Result<Option<String>, CloudError> {
        self.call("GetStackPolicy", |world| {
            let kept = world.find(&place.region, stack);
            Ok(kept.ok_or_else(|| error(Fault::Missing, "GetStackPolicy", "none"))?.policy.clone())
        })
        .await
    }

    async fn drift(&self, _: &AccountRegion, _: &str) -> Result<Vec<Drift>, CloudError> {
        self.call("DetectStackDrift", |_| Ok(Vec::new())).await
    }

    async fn lookup(&self, _: &AccountRegion, lookup: &Lookup, subject: &str) -> Result<String, CloudError> {
        self.call(&lookup.call, |_| Ok(format!("{}({subject})", lookup.field))).await
    }
}

impl Importing for Fake {
    async fn identifiers(
        &self,
        _: &AccountRegion,
        template: &str,
    ) -> Result<BTreeMap<String, Vec<String>>, CloudError> {
        self.call("GetTemplateSummary", |_| Ok(identifiers(template))).await
    }

    async fn owner(&self, place: &AccountRegion, physical: &str) -> Result<Option<String>, CloudError> {
        self.call("DescribeStackResources", |world| Ok(world.owner(&place.region, physical))).await
    }

    async fn latest_scan(&self, _: &AccountRegion) -> Result<Option<Scan>, CloudError> {
        self.call("ListResourceScans", |world| world.scans.last().map(|it| world.scan(&it.id)).transpose()).await
    }

    async fn start_scan(&self, _: &AccountRegion, types: &[String], _: &str) -> Result<String, CloudError> {
        self.call("StartResourceScan", |world| world.start_scan(types)).await
    }

    async fn scan(&self, _: &AccountRegion, id: &str) -> Result<Scan, CloudError> {
        self.call("DescribeResourceScan", |world| world.scan(id)).await
    }

    async fn scanned(
        &self,
        _: &AccountRegion,
        _: &str,
        kind: &str,
        tag: Option<(&str, &str)>,
    ) -> Result<Vec<ScannedResource>, CloudError> {
        self.call("ListResourceScanResources", |world| Ok(world.scanned(kind, tag.map(|(_, value)| value)))).await
    }
}

/// Returns the number of calls by name.
pub fn calls(fake: &Fake) -> BTreeMap<String, u32> {
    fake.world.borrow().calls.clone()
}
