//! Tests outdated responses, lost locks, and throttling.

use std::time::Duration;

use meshsynth_deploy::cloud::AccountRegion;
use meshsynth_deploy::event::Event;
use meshsynth_deploy::executor::{Executor, NoClusters, Report};
use meshsynth_deploy::failure::Kind;
use meshsynth_deploy::gate::Gate;
use meshsynth_deploy::lock::{Holder, Lease, Lock, LockLocation, LockRequest, Released};
use meshsynth_deploy::plan::Plan;
use meshsynth_deploy::stop::Stop;
use tokio::time::Instant;

use crate::fake::Fake;
use crate::platform::{Notes, TOKYO, deploy, deploy_with, failure, settings, shop};
use crate::states::{assert_fine, changed};
use crate::world::Badly;

#[tokio::test(start_paused = true)]
async fn ignores_success_in_outdated_response() {
    for stale in [1_000, 5_000, 15_000, 60_000] {
        let fake = Fake::new(41);
        assert_fine(&fake, &deploy(&fake, &shop()).await.0);
        tokio::time::sleep(Duration::from_secs(100)).await;
        fake.world.borrow_mut().stale = stale;
        fake.world.borrow_mut().failing.insert("Cache".to_owned(), (1, Badly::RolledBack));
        let next = changed(&["Cache", "OrdersDb", "Queue"], 2);
        let text = failure(&deploy_with(&fake, &next, &settings("run2"), &Notes::default()).await);
        assert!(text.contains("was not updated: its state is `UPDATE_ROLLBACK_COMPLETE`"), "{stale}: {text}");
        tokio::time::sleep(Duration::from_secs(100)).await;
        assert_fine(&fake, &deploy_with(&fake, &next, &settings("run3"), &Notes::default()).await);
    }
}

#[tokio::test(start_paused = true)]
async fn distinguishes_new_stack_from_earlier_stack() {
    for stale in [3_000, 15_000] {
        let fake = Fake::new(42);
        fake.world.borrow_mut().failing.insert("Queue".to_owned(), (1, Badly::RolledBack));
        assert!(!deploy(&fake, &shop()).await.0.is_fine());
        tokio::time::sleep(Duration::from_secs(100)).await;
        fake.world.borrow_mut().stale = stale;
        assert_fine(&fake, &deploy_with(&fake, &shop(), &settings("run2"), &Notes::default()).await);
    }
}

#[tokio::test(start_paused = true)]
async fn throttled_calls_delay_deployment_by_seconds() {
    let cost = async |throttled: u32| {
        let fake = Fake::new(43);
        fake.throttled.set(throttled);
        let begin = Instant::now();
        let (report, _) = deploy(&fake, &shop()).await;
        assert_fine(&fake, &report);
        begin.elapsed()
    };
    let (plain, throttled) = (cost(0).await, cost(16).await);
    assert!(throttled < plain + Duration::from_secs(14), "{plain:?} and {throttled:?}");
}

fn holder(who: &str) -> Holder {
    Holder { who: who.to_owned(), since: "2026-11-21T06:30:00Z".to_owned(), token: who.to_owned(), is_over: false }
}

/// Deploys while another run acquires the lock at a call. Returns the report and the result of the release.
async fn deploy_while_lost(fake: &Fake, call: u32, notes: &Notes) -> (Report, Released) {
    let location = LockLocation {
        place: AccountRegion { account: None, region: TOKYO.to_owned() },
        bucket: "templates".to_owned(),
    };
    let free = Default::default();
    let request = LockRequest { holder: holder("ann"), earlier: &[], breaks: false, lease: Lease::default(), free };
    let lock = Lock::take(fake, "shop", &[location], &request, notes).await.unwrap();
    let taken = |fake: &Fake| {
        let text = serde_json::to_string(&holder("bob@ci")).unwrap();
        let mut world = fake.world.borrow_mut();
        let (key, (_, version, _)) = world.objects.iter().next().map(|(key, it)| (key.clone(), it.clone())).unwrap();
        world.put_object(&key, &text, Some(&format!("\"{version}\""))).unwrap();
    };
    *fake.at_call.borrow_mut() = Some((fake.n_calls.get() + call, Box::new(taken)));
    let (assembly, settings, stop, gate) = (shop(), settings("run1"), Stop::default(), Gate::of(&lock));
    let plan = Plan::new(&assembly, None).unwrap();
    let executor = Executor {
        cloud: fake,
        clusters: &NoClusters,
        assembly: &assembly,
        plan: &plan,
        settings: &settings,
        watch: notes,
        stop: &stop,
        gate: &gate,
        max_concurrent: 4,
    };
    let report = executor.deploy().await;
    (report, lock.release().await)
}

#[tokio::test(start_paused = true)]
async fn detects_lost_lock_before_next_stack_and_at_end() {
    for call in 0..14 {
        let (fake, notes) = (Fake::new(44), Notes::default());
        let (report, released) = deploy_while_lost(&fake, call, &notes).await;
        let Released::Lost(lost) = released else { panic!("call {call}: {released:?}") };
        assert_eq!(lost.text, "another run took over the lock of `shop`: bob@ci since 2026-11-21T06:30:00Z");
        let began = |id: &str| notes.events.borrow().iter().any(|event| *event == Event::Began { at: id.to_owned() });
        // Every stack after the first one checks the lock again.
        if call < 6 {
            assert!(!began("data"), "call {call}: {report:#?}");
            assert!(
                report.failed.iter().any(|(_, failure)| failure.kind == Kind::LockLost),
                "call {call}: {report:#?}"
            );
            let skipped = Event::Skipped { at: "data".to_owned(), because: "the lock was lost".to_owned() };
            assert!(notes.events.borrow().contains(&skipped), "call {call}: {report:#?}");
        }
        let mut report = report;
        report.lose("shop", Some(lost));
        assert!(!report.is_fine() && !report.is_interrupted(), "call {call}: {report:#?}");
        assert_eq!(report.failed.iter().filter(|(_, failure)| failure.kind == Kind::LockLost).count(), 1);
    }
}
