//! Tests random faults: every run is complete, or stops with a correct report and a plan to continue.

use std::collections::BTreeMap;

use meshsynth_deploy::assembly::Assembly;
use meshsynth_deploy::executor::Report;
use meshsynth_deploy::stop::Stop;

use crate::fake::{Fake, Odds, Random};
use crate::platform::{Notes, OSAKA, TOKYO, deploy_until, platform, settings, template};
use crate::world::Badly;

/// Returns four stacks in two regions.
fn mesh(version: u32) -> Assembly {
    let mut assembly = platform(&[
        ("network-tokyo", TOKYO, &[], &["Vpc"]),
        ("network-osaka", OSAKA, &[], &["Vpc"]),
        ("data", TOKYO, &["network-tokyo"], &["Cache", "OrdersDb"]),
        ("services", OSAKA, &["data", "network-osaka"], &["Service"]),
    ]);
    for text in assembly.files.values_mut() {
        *text = text.replace("\"VisibilityTimeout\":1", &format!("\"VisibilityTimeout\":{version}"));
    }
    assert_ne!(template(&["Vpc"], 1), template(&["Vpc"], 2));
    assembly
}

/// Deploys until the end of the run. Returns `None` if the process is killed.
async fn attempt(fake: &Fake, assembly: &Assembly, run: &str) -> Option<Report> {
    let (notes, stop, settings) = (Notes::default(), Stop::default(), settings(run));
    tokio::select! {
        biased;
        () = fake.death.notified() => None,
        report = deploy_until(fake, assembly, &settings, &notes, &stop) => Some(report),
    }
}

/// Returns the templates of all complete stacks.
fn templates(fake: &Fake) -> BTreeMap<String, String> {
    let world = fake.world.borrow();
    let good = ["CREATE_COMPLETE", "UPDATE_COMPLETE"];
    let fine = world.stacks.iter().filter(|(_, kept)| good.contains(&kept.stack.status.as_str()));
    fine.map(|((_, name), kept)| (name.clone(), kept.template.clone())).collect()
}

fn wanted(assembly: &Assembly) -> BTreeMap<String, String> {
    let stacks = assembly.manifest.stacks.iter();
    stacks.map(|stack| (stack.name.clone(), assembly.files[&stack.template].clone())).collect()
}

#[tokio::test(start_paused = true)]
async fn completes_or_stops_with_a_plan_under_random_faults() {
    let (mut n_done, mut n_stopped, mut n_killed) = (0, 0, 0);
    for seed in 1..=520 {
        let fake = Fake::new(seed);
        let dice = Random::new(seed + 77);
        let odds = |of: &[u64]| of[usize::try_from(dice.below(of.len() as u64)).unwrap()];
        fake.world.borrow_mut().events_late = odds(&[0, 3_000, 30_000]);
        for version in [1, 2] {
            let assembly = mesh(version);
            fake.odds.set(Odds {
                throttled: odds(&[0, 20, 200]),
                lost: odds(&[0, 20, 100]),
                unanswered: odds(&[0, 20, 100]),
                killed: odds(&[0, 0, 5, 30]),
                expired: odds(&[0, 0, 50]),
            });
            let badly = [Badly::RolledBack, Badly::Stuck, Badly::Left][usize::try_from(dice.below(3)).unwrap()];
            let failing = ["none", "Vpc", "OrdersDb", "Service"][usize::try_from(dice.below(4)).unwrap()];
            fake.world.borrow_mut().failing.insert(failing.to_owned(), (1, badly));
            let mut is_done = false;
            for run in 0..12 {
                if run == 6 {
                    // Remove all faults for the last attempt.
                    fake.odds.set(Odds::default());
                    fake.world.borrow_mut().failing.clear();
                }
                fake.dead.set(false);
                match attempt(&fake, &assembly, &format!("r{version}x{run}")).await {
                    None => n_killed += 1,
                    Some(report) if report.is_fine() => {
                        assert_eq!(templates(&fake), wanted(&assembly), "seed {seed}: a report of success is true");
                        is_done = true;
                        n_done += 1;
                        break;
                    }
                    Some(report) => {
                        n_stopped += 1;
                        assert!(!report.failed.is_empty(), "seed {seed}: what stops says why");
                        for (id, failure) in &report.failed {
                            assert!(
                                !failure.help.is_empty() && failure.text.contains(&format!("`shop-{id}`")),
                                "seed {seed}: {failure}"
                            );
                        }
                        let all = report.done.len() + report.failed.len() + report.skipped.len();
                        assert_eq!(all, 4, "seed {seed}: nothing is passed over in silence: {report:#?}");
                    }
                }
            }
            assert!(
                is_done,
                "seed {seed}: a plan that continues comes to its end: {:?}",
                crate::platform::states(&fake)
            );
        }
        let world = fake.world.borrow();
        let n_sets: usize = world.stacks.values().map(|kept| kept.sets.len()).sum();
        assert!(n_sets <= 4, "seed {seed}: change sets pile up");
    }
    assert_eq!(n_done, 1_040);
    assert!(n_stopped > 200 && n_killed > 200, "the schedules must hurt: {n_stopped} stopped, {n_killed} killed");
}
