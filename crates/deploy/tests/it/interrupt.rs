//! Tests interruptions: each is reported immediately, and the next run completes the deployment.

use std::time::Duration;

use meshsynth_deploy::approval::Approval;
use meshsynth_deploy::event::Event;
use meshsynth_deploy::executor::{Executor, NoClusters, Report};
use meshsynth_deploy::failure::Kind;
use meshsynth_deploy::gate::Gate;
use meshsynth_deploy::plan::Plan;
use meshsynth_deploy::stack::Settings;
use meshsynth_deploy::stop::Stop;
use meshsynth_deploy::watch::Answer;
use tokio::time::Instant;

use crate::fake::Fake;
use crate::platform::{Notes, deploy, deploy_until, settings, shop, states};
use crate::states::{assert_fine, changed};

/// The maximum time between an interruption and the end of the run.
const AT_ONCE: Duration = Duration::from_secs(3);

/// Interrupts the run at a call. Returns the time of the interruption.
fn interrupt_at(fake: &Fake, call: u32, stop: &Stop) -> std::rc::Rc<std::cell::Cell<Option<Instant>>> {
    let (stop, at) = (stop.clone(), std::rc::Rc::new(std::cell::Cell::new(None)));
    let told = at.clone();
    let happens = move |_: &Fake| {
        told.set(Some(Instant::now()));
        stop.cancel();
    };
    *fake.at_call.borrow_mut() = Some((fake.n_calls.get() + call, Box::new(happens)));
    at
}

#[track_caller]
fn assert_interrupted(report: &Report, notes: &Notes, at: Instant, moment: &str) {
    assert!(report.is_interrupted(), "{moment}: {report:#?}");
    assert!(at.elapsed() < AT_ONCE, "{moment}: it took {:?}", at.elapsed());
    assert_eq!(report.done.len() + report.failed.len() + report.skipped.len(), 2, "{moment}: {report:#?}");
    for (_, failure) in &report.failed {
        assert_eq!(failure.kind, Kind::Interrupted, "{moment}: {failure}");
        assert!(failure.text.starts_with("interrupted: stack `shop-"), "{moment}: {failure}");
    }
    for event in notes.events.borrow().iter() {
        if let Event::Skipped { because, .. } = event {
            assert_eq!(because, "the run was interrupted", "{moment}");
        }
    }
}

#[tokio::test(start_paused = true)]
async fn reports_interruption_and_next_run_completes() {
    let mut n_moments = 0;
    // The cases are a creation, an update, and no change.
    for (first, second) in [(0, 1), (1, 2), (1, 1)] {
        for call in 0.. {
            let (fake, stop, notes) = (Fake::new(31), Stop::default(), Notes::default());
            let version = |version| changed(&["Cache", "OrdersDb", "Queue"], version);
            if first > 0 {
                assert_fine(&fake, &deploy(&fake, &version(first)).await.0);
            }
            let at = interrupt_at(&fake, call, &stop);
            let report = deploy_until(&fake, &version(second), &settings("run2"), &notes, &stop).await;
            let Some(at) = at.get() else {
                assert!(report.is_fine() && !report.is_interrupted());
                break;
            };
            assert_interrupted(&report, &notes, at, &format!("{first} to {second}, call {call}"));
            n_moments += 1;
            let (report, _) = deploy(&fake, &version(second)).await;
            assert_fine(&fake, &report);
            let world = fake.world.borrow();
            assert_eq!(world.stacks.len(), 2);
            assert!(world.stacks.values().all(|kept| kept.sets.is_empty()), "no change set is left");
        }
    }
    assert!(n_moments > 40, "{n_moments}");
}

#[tokio::test(start_paused = true)]
async fn interruption_without_responses_ends_the_run() {
    for call in 0..16 {
        let (fake, stop, notes) = (Fake::new(32), Stop::default(), Notes::default());
        fake.silent_from.set(Some(call));
        let at = interrupt_at(&fake, call, &stop);
        let report = deploy_until(&fake, &shop(), &settings("run1"), &notes, &stop).await;
        assert_interrupted(&report, &notes, at.get().unwrap(), &format!("call {call}"));
        fake.silent_from.set(None);
        assert_fine(&fake, &deploy(&fake, &shop()).await.0);
    }
}

#[tokio::test(start_paused = true)]
async fn reports_interruption_of_deletion_at_any_call() {
    let plan = Plan::new(&shop(), None).unwrap();
    for call in 0.. {
        let (fake, stop, notes, gate) = (Fake::new(33), Stop::default(), Notes::default(), Gate::open());
        assert_fine(&fake, &deploy(&fake, &shop()).await.0);
        let (assembly, settings) = (shop(), settings("run2"));
        let executor = |stop| Executor {
            cloud: &fake,
            clusters: &NoClusters,
            assembly: &assembly,
            plan: &plan,
            settings: &settings,
            watch: &notes,
            stop,
            gate: &gate,
            max_concurrent: 4,
        };
        let at = interrupt_at(&fake, call, &stop);
        let (report, _) = executor(&stop).destroy().await;
        let Some(at) = at.get() else {
            assert!(report.is_fine() && call > 5, "{report:#?}");
            break;
        };
        assert_interrupted(&report, &notes, at, &format!("call {call}"));
        let again = Stop::default();
        assert!(executor(&again).destroy().await.0.is_fine());
        assert_eq!(states(&fake), [""; 0]);
    }
}

#[tokio::test(start_paused = true)]
async fn interruption_at_prompt_changes_nothing() {
    let fake = Fake::new(34);
    let asking = Settings { approval: Approval::Always, ..settings("run1") };
    let (notes, stop) = (Notes::default(), Stop::default());
    notes.answer.set(Answer::Interrupted);
    let report = deploy_until(&fake, &shop(), &asking, &notes, &stop).await;
    assert!(report.is_interrupted(), "{report:#?}");
    assert_eq!(report.failed[0].1.text, "interrupted: stack `shop-network` (ap-northeast-1) was not changed");
    assert_eq!((notes.asked.borrow().len(), report.skipped.as_slice()), (1, ["data".to_owned()].as_slice()));
    assert_eq!(states(&fake), [""; 0], "no empty stack stays behind");
}
