//! Tests deployments that change one region at a time.

use std::cell::RefCell;
use std::collections::BTreeMap;

use meshsynth_deploy::assembly::Assembly;
use meshsynth_deploy::by_region::{self, SmokeTests};
use meshsynth_deploy::executor::{Clusters, Executor, Outputs, Report};
use meshsynth_deploy::failure::Failure;
use meshsynth_deploy::gate::Gate;
use meshsynth_deploy::plan::{ClusterStep, Plan};
use meshsynth_deploy::regions;
use meshsynth_deploy::stop::Stop;
use serde_json::json;

use crate::fake::Fake;
use crate::platform::{Notes, OSAKA, TOKYO, platform, settings, states};
use crate::world::Badly;

const GLOBAL: &str = "us-east-1";

/// Clusters that record operations. Some of them do not answer after the deployment.
#[derive(Default)]
struct Noted {
    done: RefCell<Vec<String>>,
    silent: Vec<&'static str>,
}

impl Clusters for Noted {
    async fn deploy(&self, step: &ClusterStep, outputs: &Outputs) -> Result<String, Failure> {
        assert!(step.needs.iter().all(|need| outputs.contains_key(need)), "{:?} of {outputs:?}", step.needs);
        self.done.borrow_mut().push(format!("deploy {}", step.id));
        Ok("applied".to_owned())
    }
}

impl SmokeTests for Noted {
    async fn smoke_test(&self, step: &ClusterStep, _: &Outputs) -> Result<Option<String>, Failure> {
        self.done.borrow_mut().push(format!("test {}", step.id));
        match self.silent.contains(&step.id.as_str()) {
            true => Err(Failure::new(format!("the smoke test of cluster `{}` failed", step.id), "look at it")),
            false => Ok(Some("the smoke test passed: 3 passed, 0 failed".to_owned())),
        }
    }
}

/// Returns two regions, each with a stack and a cluster, and a shared certificate in a third region. Osaka is smaller.
fn shop() -> Assembly {
    let mut assembly = platform(&[
        ("certificate", GLOBAL, &[], &["Certificate"]),
        ("tokyo", TOKYO, &["certificate"], &["Queue", "OrdersDb"]),
        ("osaka", OSAKA, &["certificate", "tokyo"], &["Queue"]),
    ]);
    for (id, region, workloads) in [("tokyo", TOKYO, 2), ("osaka", OSAKA, 1)] {
        let mut objects = Vec::new();
        for idx in 0..workloads {
            let path = format!("k8s/{id}-cluster/40-workloads/{idx}.yaml");
            assembly.files.insert(
                path.clone(),
                json!({ "kind": "Deployment", "metadata": { "name": idx.to_string() } }).to_string(),
            );
            objects.push(json!({ "path": path }));
        }
        let cluster = json!({ "id": format!("{id}-cluster"), "name": id, "region": region, "needs": [id], "objects": objects, "releases": [] });
        assembly.manifest.clusters.push(serde_json::from_value(cluster).unwrap());
    }
    assembly
}

fn order(assembly: &Assembly, named: &[&str]) -> Vec<String> {
    let plan = Plan::new(assembly, None).unwrap();
    let named: Vec<String> = named.iter().map(|&name| name.to_owned()).collect();
    let steps = regions::steps(&plan, assembly, &named).unwrap();
    steps
        .iter()
        .map(|step| {
            format!("{} [{}] {} {}", step.region, step.ahead.join(" "), step.stacks.join(" "), step.clusters.join(" "))
        })
        .collect()
}

async fn deploy(fake: &Fake, assembly: &Assembly, clusters: &Noted, named: &[&str]) -> (Report, Notes) {
    let notes = Notes::default();
    let mut plan = Plan::new(assembly, None).unwrap();
    let named: Vec<String> = named.iter().map(|&name| name.to_owned()).collect();
    plan.regions = regions::steps(&plan, assembly, &named).unwrap();
    let (gate, stop, settings) = (Gate::open(), Stop::default(), settings("run1"));
    let executor = Executor {
        cloud: fake,
        clusters,
        assembly,
        plan: &plan,
        settings: &settings,
        watch: &notes,
        stop: &stop,
        gate: &gate,
        max_concurrent: 10,
    };
    by_region::announce(&executor, &plan.regions);
    let report = by_region::deploy(&executor, &plan.regions, clusters).await;
    (report, notes)
}

#[test]
fn sorts_regions_by_dependencies_and_size() {
    let assembly = shop();
    // If the user names no region, no stack is deployed before its region.
    let all =
        ["us-east-1 [] certificate ", "ap-northeast-1 [] tokyo tokyo-cluster", "ap-northeast-3 [] osaka osaka-cluster"];
    assert_eq!(order(&assembly, &[]), all);
    // A region that the user names is first. Stacks of other regions that it requires are deployed with it.
    assert_eq!(
        order(&assembly, &[OSAKA]),
        [
            "ap-northeast-3 [certificate tokyo] osaka osaka-cluster",
            "us-east-1 []  ",
            "ap-northeast-1 []  tokyo-cluster"
        ]
    );
    // Independent regions are sorted by size.
    let apart =
        platform(&[("a", TOKYO, &[], &["Queue"]), ("b", TOKYO, &["a"], &["Queue"]), ("c", OSAKA, &[], &["Queue"])]);
    assert_eq!(order(&apart, &[]), ["ap-northeast-3 [] c ", "ap-northeast-1 [] a b "]);
    assert_eq!(order(&apart, &[TOKYO]), ["ap-northeast-1 [] a b ", "ap-northeast-3 [] c "]);
}

#[test]
fn splits_cyclic_regions_by_stack() {
    let assembly = platform(&[
        ("primary", TOKYO, &[], &["OrdersDb"]),
        ("replica", OSAKA, &["primary"], &["OrdersDb"]),
        ("reader", TOKYO, &["replica"], &["Queue"]),
    ]);
    assert_eq!(order(&assembly, &[]), ["ap-northeast-3 [primary] replica ", "ap-northeast-1 [] reader "]);
}

#[test]
fn rejects_unknown_region() {
    let assembly = shop();
    let plan = Plan::new(&assembly, None).unwrap();
    let told = |named: &[&str]| {
        let named: Vec<String> = named.iter().map(|&name| name.to_owned()).collect();
        regions::steps(&plan, &assembly, &named).unwrap_err().to_string()
    };
    assert_eq!(
        told(&["eu-west-1"]),
        "`shop` has no stack or cluster in the region `eu-west-1`; its regions are `ap-northeast-1`, \
         `ap-northeast-3`, `us-east-1`"
    );
    assert_eq!(told(&[TOKYO, TOKYO]), "the region `ap-northeast-1` is specified twice");
}

#[tokio::test(start_paused = true)]
async fn tests_each_region_before_the_next() {
    let (fake, clusters) = (Fake::new(7), Noted::default());
    let (report, notes) = deploy(&fake, &shop(), &clusters, &[]).await;
    assert!(report.is_fine(), "{report:#?}");
    let done = ["deploy tokyo-cluster", "test tokyo-cluster", "deploy osaka-cluster", "test osaka-cluster"];
    assert_eq!(*clusters.done.borrow(), done);
    assert_eq!(states(&fake).len(), 3);
    let notes = notes.notes();
    assert_eq!(notes[1], "region 2 of 3: `ap-northeast-1` with 1 stack and 1 cluster");
}

#[tokio::test(start_paused = true)]
async fn reports_stacks_that_are_deployed_ahead() {
    let (fake, clusters) = (Fake::new(7), Noted::default());
    let (report, notes) = deploy(&fake, &shop(), &clusters, &[OSAKA, TOKYO]).await;
    assert!(report.is_fine(), "{report:#?}");
    let words = "stack `tokyo` (ap-northeast-1) is deployed together with region `ap-northeast-3`, which requires it";
    assert!(notes.notes().iter().any(|note| note == words), "{:#?}", notes.notes());
    assert_eq!(clusters.done.borrow()[0], "deploy osaka-cluster");
}

#[tokio::test(start_paused = true)]
async fn failed_smoke_test_stops_and_next_run_continues() {
    let fake = Fake::new(7);
    let silent = Noted { silent: vec!["tokyo-cluster"], ..Noted::default() };
    let (report, notes) = deploy(&fake, &shop(), &silent, &[]).await;
    assert_eq!(report.failed.iter().map(|(id, _)| id.as_str()).collect::<Vec<_>>(), ["tokyo-cluster"]);
    assert_eq!(report.skipped, ["osaka", "osaka-cluster"]);
    assert_eq!(states(&fake).len(), 2);
    assert_eq!(
        notes.notes().last().unwrap(),
        "`shop` stopped at region `ap-northeast-1`: deployed there: `tokyo`; failed: `tokyo-cluster`; \
         deployed before: `us-east-1`; not changed: `ap-northeast-3`; the same command continues here"
    );
    let (report, _) = deploy(&fake, &shop(), &Noted::default(), &[]).await;
    assert!(report.is_fine() && states(&fake).len() == 3, "{report:#?}");
}

#[tokio::test(start_paused = true)]
async fn failed_stack_prevents_tests_and_later_regions() {
    let (fake, clusters) = (Fake::new(7), Noted::default());
    fake.world.borrow_mut().failing = BTreeMap::from([("OrdersDb".to_owned(), (1, Badly::RolledBack))]);
    let (report, notes) = deploy(&fake, &shop(), &clusters, &[]).await;
    assert!(clusters.done.borrow().is_empty() && !report.is_fine(), "{report:#?}");
    let last = notes.notes().last().unwrap().clone();
    let words = "deployed there: nothing; failed: `tokyo`; not started: `tokyo-cluster`; deployed before: `us-east-1`; \
                 not changed: `ap-northeast-3`";
    assert!(last.contains(words), "{last}");
}
