//! Interrupts each command at each call with six kinds of faults, and runs the same command again until it succeeds. The result is
//! the same as without the interruption.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;

use meshsynth_deploy::session::Options;
use meshsynth_deploy::stack::ImportSettings;
use serde_json::{Value, json};

use crate::handover::applied;
use crate::platform::{OSAKA, TOKYO};
use crate::scenario::{Machine, Platform, Verb, objects_of, row};
use crate::schedule::{HITS, Hit};
use crate::world::Kept;

/// A command and the state in which it starts.
struct Scenario {
    name: &'static str,
    before: Option<Platform>,
    platform: Platform,
    verb: Verb,
    prepare: fn(&Machine),
    options: fn(&mut Options<'_>),
}

/// The results of a scenario for one kind of fault.
#[derive(Clone, Copy, Default)]
struct Tally {
    n: u32,
    /// The schedules whose first run did not succeed.
    interrupted: u32,
    /// The maximum number of further runs.
    again: u32,
    stuck: u32,
    lost: u32,
    doubled: u32,
}

fn shop(data: &'static str, version: u32, configs: &[&'static str]) -> Platform {
    Platform {
        stacks: vec![
            row("data", data, TOKYO, &[], &["Cache", "OrdersDb"], version),
            row("jobs", "shop-jobs", TOKYO, &["data"], &["Queue"], version),
        ],
        clusters: vec![("run", TOKYO, configs.to_vec())],
        releases: Vec::new(),
    }
}

fn regions() -> Platform {
    Platform {
        stacks: vec![
            row("tokyo", "shop-tokyo", TOKYO, &[], &["Queue"], 1),
            row("osaka", "shop-osaka", OSAKA, &["tokyo"], &["Queue"], 1),
        ],
        clusters: vec![("tokyo-run", TOKYO, vec!["settings"]), ("osaka-run", OSAKA, vec!["settings"])],
        releases: Vec::new(),
    }
}

fn nothing(_: &Machine) {}

fn plain(_: &mut Options<'_>) {}

/// Adds a stack that another tool created under the name of a stack of the program.
fn add_foreign_stack(machine: &Machine) {
    let mut kept = Kept::default();
    kept.stack.id = "stack-foreign".to_owned();
    kept.stack.name = "shop-data".to_owned();
    kept.stack.status = "UPDATE_COMPLETE".to_owned();
    kept.stack.tags.insert("team".to_owned(), "data".to_owned());
    kept.template = crate::platform::template(&["Cache", "OrdersDb"], 1);
    for id in ["Cache", "OrdersDb"] {
        let resource = meshsynth_deploy::cloud::StackResource {
            id: id.to_owned(),
            physical: format!("foreign-{id}"),
            kind: "AWS::SQS::Queue".to_owned(),
            status: "CREATE_COMPLETE".to_owned(),
        };
        kept.resources.insert(id.to_owned(), resource);
    }
    machine.fake.world.borrow_mut().stacks.insert((TOKYO.to_owned(), "shop-data".to_owned()), kept);
}

/// Adds a bucket outside of stacks.
fn add_bucket(machine: &Machine) {
    let row = [("BucketName".to_owned(), "assets".to_owned())].into();
    machine.fake.world.borrow_mut().outside = [("AWS::S3::Bucket".to_owned(), vec![(row, String::new())])].into();
}

fn importing() -> Platform {
    let mut platform = shop("shop-data", 1, &["settings"]);
    let mut value: Value = serde_json::from_str(&platform.stacks[0].4).unwrap();
    value["Resources"]["Assets"] = json!({ "Type": "AWS::S3::Bucket", "Properties": { "BucketName": "assets" } });
    platform.stacks[0].4 = value.to_string();
    platform
}

/// Adds objects that kubectl created under the names of objects of the program.
fn add_foreign_objects(machine: &Machine) {
    let clusters = machine.fake.clusters.borrow();
    for (path, mut body) in objects_of("run", &["settings"]) {
        body["metadata"].as_object_mut().unwrap().remove("labels");
        let path = match (path.rsplit('/').next().unwrap(), body["kind"].as_str().unwrap()) {
            (_, "Namespace") => "/api/v1/namespaces/shop",
            (_, "ConfigMap") => "/api/v1/namespaces/shop/configmaps/settings",
            _ => "/apis/apps/v1/namespaces/shop/deployments/orders",
        };
        applied(
            &clusters["shop-run"],
            path,
            json!({ "manager": "kubectl-client-side-apply", "operation": "Update" }),
            body,
        );
    }
}

fn scenarios() -> Vec<Scenario> {
    let first = || shop("shop-data", 1, &["settings", "old"]);
    let scenario = |name, before, platform, prepare, options| Scenario {
        name,
        before,
        platform,
        verb: Verb::Deploy,
        prepare,
        options,
    };
    vec![
        scenario("deploy: create", None, first(), nothing, plain),
        scenario("deploy: update", Some(first()), shop("shop-data", 2, &["settings"]), nothing, plain),
        scenario("deploy --refactor", Some(first()), shop("shop-store", 1, &["settings", "old"]), nothing, |it| {
            it.refactors = true;
        }),
        scenario("deploy --import", None, importing(), add_bucket, |it| {
            let resources = vec!["Assets".to_owned()];
            it.settings.import = Some(ImportSettings { resources, ..ImportSettings::default() });
        }),
        scenario("deploy --adopt", None, shop("shop-data", 2, &["settings"]), add_foreign_stack, |it| {
            it.settings.adopt = vec!["shop-data".to_owned()];
        }),
        scenario("deploy --take-over", None, shop("shop-data", 1, &["settings"]), add_foreign_objects, |it| {
            it.clusters.take_over = vec!["kubectl".to_owned()];
        }),
        scenario("deploy --by-region", None, regions(), nothing, |it| it.by_region = Some(Vec::new())),
        Scenario { verb: Verb::Destroy, ..scenario("destroy", Some(first()), first(), nothing, plain) },
    ]
}

/// Creates the state in which the command starts.
async fn prepared(scenario: &Scenario) -> Machine {
    let name: String = scenario.name.chars().filter(char::is_ascii_alphanumeric).collect();
    let machine = Machine::new(&name, scenario.before.as_ref().unwrap_or(&scenario.platform));
    if scenario.before.is_some() {
        let done = machine.run(Verb::Deploy, &machine.options("run0")).await.unwrap().unwrap();
        assert!(done.is_fine(), "{done:#?}");
    }
    (scenario.prepare)(&machine);
    machine.write(&scenario.platform);
    machine
}

/// The template, the resources, the tags of a stack, and whether its last operation succeeded.
type StackEnd = (String, BTreeSet<String>, BTreeMap<String, String>, bool);

/// The state at the end: stacks, resources and objects, without names that differ between runs.
#[derive(Debug, PartialEq)]
struct End {
    stacks: BTreeMap<String, StackEnd>,
    resources: BTreeMap<String, String>,
    objects: BTreeMap<String, BTreeMap<String, Value>>,
    sets: usize,
    locks: Vec<bool>,
    /// The resources that were deleted, by physical ID.
    deleted: BTreeSet<String>,
}

fn end(machine: &Machine) -> End {
    let world = machine.fake.world.borrow();
    let mut stacks = BTreeMap::new();
    let mut resources = BTreeMap::new();
    for ((region, name), kept) in &world.stacks {
        let ids = kept.resources.keys().cloned().collect();
        let is_whole = kept.stack.status.ends_with("_COMPLETE") && !kept.stack.status.contains("ROLLBACK");
        let row = (kept.template.clone(), ids, kept.stack.tags.clone(), is_whole);
        stacks.insert(format!("{region}/{name}"), row);
        resources.extend(kept.resources.values().map(|it| (it.physical.clone(), format!("{name}/{}", it.id))));
    }
    let gone = world.deleted.values().flat_map(|kept| kept.resources.values());
    let deleted = gone.filter(|it| it.status == "DELETE_COMPLETE").map(|it| it.physical.clone()).collect();
    let clusters = machine.fake.clusters.borrow();
    End {
        stacks,
        resources,
        objects: clusters.iter().map(|(name, cluster)| (name.clone(), cluster.end_state())).collect(),
        sets: world.stacks.values().map(|kept| kept.sets.len()).sum(),
        locks: world.objects.values().map(|(text, ..)| text.contains("\"is_over\":true")).collect(),
        deleted,
    }
}

/// Runs a command until it succeeds. Returns the number of further runs, or `None` if it never succeeds.
async fn finish(machine: &Machine, scenario: &Scenario) -> Option<u32> {
    for run in 0..5 {
        let run_id = format!("run{}", run + 1);
        let mut options = machine.options(&run_id);
        (scenario.options)(&mut options);
        let done = machine.run(scenario.verb, &options).await;
        machine.fake.hit.set(None);
        if done.is_some_and(|done| done.is_ok_and(|report| report.is_fine())) {
            return Some(run);
        }
    }
    None
}

/// Runs one schedule. Returns the difference from the state without a fault.
async fn schedule(scenario: &Scenario, wanted: &End, call: u32, hit: Hit, tally: &mut Tally) -> Option<String> {
    let machine = prepared(scenario).await;
    machine.fake.hit.set(Some((machine.fake.n_calls.get() + call, hit)));
    tally.n += 1;
    match finish(&machine, scenario).await {
        None => tally.stuck += 1,
        Some(again) => {
            tally.interrupted += u32::from(again > 0);
            tally.again = tally.again.max(again);
        }
    }
    let mut found = end(&machine);
    // Without permission, a change set that is not executed cannot be deleted. The run reports this.
    let is_told = |text: &String| text.contains("is not executed, but cannot be deleted");
    if hit == Hit::Denied && machine.notes.notes().iter().any(is_told) {
        found.sets = wanted.sets;
    }
    let is_lost = wanted.resources.iter().any(|(id, at)| found.resources.get(id) != Some(at))
        || found.deleted.difference(&wanted.deleted).next().is_some();
    let is_doubled = found.resources.len() > wanted.resources.len() || found.stacks.len() > wanted.stacks.len();
    tally.lost += u32::from(is_lost);
    tally.doubled += u32::from(is_doubled);
    let last = machine.notes.events.borrow().iter().rev().take(3).map(|it| format!("{it:?}")).collect::<Vec<_>>();
    (found != *wanted)
        .then(|| format!("{}, {hit:?} at call {call}: {found:#?}\ninstead of {wanted:#?}\n{last:#?}", scenario.name))
}

/// Runs all schedules of a scenario. Returns the rows of the table, their number, and the differences.
async fn all_of(scenario: &Scenario) -> (String, u32, Vec<String>) {
    let machine = prepared(scenario).await;
    let before = machine.fake.n_calls.get();
    assert_eq!(finish(&machine, scenario).await, Some(0), "{}: {:#?}", scenario.name, machine.notes.events.borrow());
    let (n_calls, wanted) = (machine.fake.n_calls.get() - before, end(&machine));
    drop(machine);
    let (mut rows, mut n_all, mut wrong) = (String::new(), 0, Vec::new());
    for hit in HITS {
        let mut tally = Tally::default();
        // A retry resolves transient faults, so a third of their schedules is sufficient.
        let stride = if [Hit::LostAnswer, Hit::ServerError, Hit::Throttled].contains(&hit) { 3 } else { 1 };
        for call in (0..n_calls).step_by(stride) {
            wrong.extend(schedule(scenario, &wanted, call, hit, &mut tally).await);
        }
        let Tally { n, interrupted, again, stuck, lost, doubled } = tally;
        n_all += n;
        let (name, hit, runs) = (scenario.name, format!("{hit:?}"), again + 1);
        writeln!(rows, "{name:<20} {hit:<12} {n:>9} {interrupted:>11} {runs:>4} {stuck:>5} {lost:>4} {doubled:>7}")
            .unwrap();
    }
    (rows, n_all, wrong)
}

#[test]
fn same_command_completes_after_a_fault_at_any_call() {
    let run = |scenario: Scenario| {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().start_paused(true).build().unwrap();
        runtime.block_on(all_of(&scenario))
    };
    let threads: Vec<_> = scenarios().into_iter().map(|it| std::thread::spawn(move || run(it))).collect();
    let mut table = format!("{:<20} {:<12} schedules interrupted runs stuck lost doubled\n", "command", "fault");
    let (mut n, mut wrong) = (0, Vec::new());
    for thread in threads {
        let (rows, n_rows, differences) = thread.join().unwrap();
        table += &rows;
        n += n_rows;
        wrong.extend(differences);
    }
    let file = concat!(env!("CARGO_TARGET_TMPDIR"), "/schedules.txt");
    std::fs::write(file, format!("{table}{n} schedules\n")).unwrap();
    assert!(n >= 600, "{n} schedules");
    let titles: Vec<&str> = wrong.iter().map(|text| text.split(": End").next().unwrap()).collect();
    assert!(wrong.is_empty(), "{titles:#?} end in another state: {}", wrong[0]);
}
