//! Deploys one region at a time, and runs the smoke tests of its clusters before the next region.

use meshsynth_model::words::count;

use crate::cloud::Cloud;
use crate::event::Event;
use crate::executor::{Clusters, Executor, Outputs, Report};
use crate::failure::Failure;
use crate::plan::{ClusterStep, Plan, RegionStep};

/// The smoke tests of clusters.
#[allow(async_fn_in_trait, reason = "a deployment runs on one thread, so its futures need not be Send")]
pub trait SmokeTests {
    /// Runs the smoke test of a cluster and returns a description. Returns `None` if the cluster has no test.
    async fn smoke_test(&self, step: &ClusterStep, outputs: &Outputs) -> Result<Option<String>, Failure>;
}

/// Reports the order of the regions and their prerequisites before the deployment starts.
pub fn announce<C: Cloud, K: Clusters>(executor: &Executor<'_, C, K>, regions: &[RegionStep]) {
    let note = |text: String| executor.watch.say(&Event::Note { at: executor.plan.app.clone(), text });
    for (idx, step) in regions.iter().enumerate() {
        note(format!("region {} of {}: {}", idx + 1, regions.len(), described(step)));
        for id in &step.ahead {
            let region = executor.plan.stacks.iter().find(|stack| stack.id == *id).map_or("", |stack| &stack.region);
            note(format!(
                "stack `{id}` ({region}) is deployed together with region `{}`, which requires it",
                step.region
            ));
        }
    }
}

fn described(step: &RegionStep) -> String {
    let stacks = count(step.stacks.len(), "stack");
    format!("`{}` with {stacks} and {}", step.region, count(step.clusters.len(), "cluster"))
}

/// Deploys the regions in order. Stops after the first region whose deployment or smoke test fails.
pub async fn deploy<C: Cloud, K: Clusters>(
    executor: &Executor<'_, C, K>,
    regions: &[RegionStep],
    tests: &impl SmokeTests,
) -> Report {
    let mut report = Report::default();
    for (idx, step) in regions.iter().enumerate() {
        let is_part = |is_stack: bool, id: &str| match is_stack {
            true => step.ahead.iter().chain(&step.stacks).any(|it| it == id),
            false => step.clusters.iter().any(|it| it == id),
        };
        executor.deploy_part(&mut report, is_part).await;
        if report.is_fine() && !report.interrupted {
            smoke_test(executor, step, tests, &mut report).await;
        }
        if report.is_fine() && !report.interrupted {
            continue;
        }
        let rest = &regions[idx + 1..];
        for id in rest.iter().flat_map(|step| step.ahead.iter().chain(&step.stacks).chain(&step.clusters)) {
            executor.skip(&mut report, id, None);
        }
        let text = stopped(executor.plan, regions, idx, &report);
        executor.watch.say(&Event::Note { at: executor.plan.app.clone(), text });
        break;
    }
    report
}

async fn smoke_test<C: Cloud, K: Clusters>(
    executor: &Executor<'_, C, K>,
    step: &RegionStep,
    tests: &impl SmokeTests,
    report: &mut Report,
) {
    for cluster in executor.plan.clusters.iter().filter(|cluster| step.clusters.contains(&cluster.id)) {
        let at = cluster.id.clone();
        match tests.smoke_test(cluster, &report.outputs).await {
            Ok(Some(text)) => executor.watch.say(&Event::Note { at, text }),
            Ok(None) => {}
            Err(failure) => {
                executor.watch.say(&Event::Failed { at: at.clone(), failure: failure.clone() });
                report.failed.push((at, failure));
            }
        }
    }
}

/// Describes the changed and the unchanged regions after a failure.
fn stopped(plan: &Plan, regions: &[RegionStep], at: usize, report: &Report) -> String {
    let names = |steps: &[RegionStep]| {
        let names: Vec<String> = steps.iter().map(|step| format!("`{}`", step.region)).collect();
        names.join(", ")
    };
    let step = &regions[at];
    let parts = || step.ahead.iter().chain(&step.stacks).chain(&step.clusters);
    let of = |ids: &dyn Fn(&String) -> bool| {
        let ids: Vec<String> = parts().filter(|id| ids(id)).map(|id| format!("`{id}`")).collect();
        if ids.is_empty() { "nothing".to_owned() } else { ids.join(", ") }
    };
    let has_failed = |id: &String| report.failed.iter().any(|(failed, _)| failed == id);
    let done = of(&|id| report.done.contains(id) && !has_failed(id));
    let mut text = format!("`{}` stopped at region `{}`: deployed there: {done}", plan.app, step.region);
    if parts().any(has_failed) {
        text += &format!("; failed: {}", of(&has_failed));
    }
    if parts().any(|id| report.skipped.contains(id)) {
        text += &format!("; not started: {}", of(&|id| report.skipped.contains(id)));
    }
    if at > 0 {
        text += &format!("; deployed before: {}", names(&regions[..at]));
    }
    if at + 1 < regions.len() {
        text += &format!("; not changed: {}", names(&regions[at + 1..]));
    }
    text + "; the same command continues here"
}
