//! Tests renamed stacks: their resources move, and the empty stack is deleted.

use std::collections::BTreeMap;

use meshsynth_deploy::assembly::Assembly;
use meshsynth_deploy::cloud::{ResourceChange, StackResource};
use meshsynth_deploy::event::Event;
use meshsynth_deploy::failure::{Failure, Kind};
use meshsynth_deploy::plan::Plan;
use meshsynth_deploy::refactor::{Refactored, Refactorer};
use meshsynth_deploy::stack::Settings;
use meshsynth_deploy::stop::Stop;
use serde_json::{Value, json};
use tokio::time::Instant;

use crate::endpoint::Endpoint;
use crate::fake::{Fake, Odds, Random, calls};
use crate::platform::{Notes, TOKYO, deploy_with, platform, settings, states, template};
use crate::refactor::{deploy, deployed, physical, whole};
use crate::states::set;
use crate::world::Badly;

/// Returns the stack of [`whole`] under another name.
fn renamed() -> Assembly {
    let mut assembly = whole();
    assembly.manifest.stacks[0].name = "shop-store".to_owned();
    assembly
}

/// Returns a stack that exports a queue, and a stack that imports it.
fn joined(data: &str) -> Assembly {
    let mut assembly = platform(&[("data", TOKYO, &[], &["Queue"]), ("run", TOKYO, &["data"], &["Service"])]);
    assembly.manifest.stacks[0].name = data.to_owned();
    let mut value: Value = serde_json::from_str(&template(&["Queue"], 1)).unwrap();
    value["Outputs"]["Queue"] = json!({
        "Value": { "Ref": "Queue" }, "Export": { "Name": { "Fn::Sub": "${AWS::StackName}-Queue" } }
    });
    assembly.files.insert("data.template.json".to_owned(), value.to_string());
    let mut value: Value = serde_json::from_str(&template(&["Service"], 1)).unwrap();
    value["Resources"]["Service"]["Properties"]["Of"] = json!({ "Fn::ImportValue": format!("{data}-Queue") });
    assembly.files.insert("run.template.json".to_owned(), value.to_string());
    assembly
}

/// Returns the expected physical IDs after the move.
fn moved() -> BTreeMap<String, String> {
    let row = |id: &str| (format!("shop-store/{id}"), format!("shop-data-{id}"));
    ["Cache", "OrdersDb", "Queue"].map(row).into()
}

async fn refactor(
    fake: &Fake,
    assembly: &Assembly,
    settings: &Settings,
    notes: &Notes,
    stop: &Stop,
) -> Result<Refactored, Failure> {
    let plan = Plan::new(assembly, None).unwrap();
    Refactorer { cloud: fake, assembly, plan: &plan, settings, watch: notes, stop }.run().await
}

#[tokio::test(start_paused = true)]
async fn moves_all_resources_and_deletes_empty_stack() {
    let (fake, notes) = (deployed(1).await, Notes::default());
    let report = deploy(&fake, &renamed(), &settings("run1"), &notes).await.unwrap();
    assert!(report.is_fine(), "{report:#?}");
    assert_eq!(physical(&fake), moved());
    assert_eq!(states(&fake), ["ap-northeast-1 shop-store UPDATE_COMPLETE"]);
    let told = |event: &Event| match event {
        Event::Note { text, .. } => Some(text.clone()),
        Event::Changes { at, changes, .. } if at == "shop" => {
            Some(changes.iter().map(|it| it.line()).collect::<Vec<_>>().join("\n"))
        }
        _ => None,
    };
    let lines: Vec<String> = notes.events.borrow().iter().filter_map(told).collect();
    insta::assert_snapshot!(lines.join("\n"), @"
    a stack refactor in ap-northeast-1 moves 3 resources without changing them
    the stack `shop-data` is deleted after all its resources have moved to `shop-store`
    > rename           AWS::SQS::Queue shop-data/Cache → shop-store/Cache
    > rename           AWS::RDS::DBInstance shop-data/OrdersDb → shop-store/OrdersDb
    > rename           AWS::SQS::Queue shop-data/Queue → shop-store/Queue
    moved 3 resources in ap-northeast-1 with a stack refactor
    deleted the empty stack `shop-data` (ap-northeast-1)
    ");
    let tags = fake.world.borrow().find(TOKYO, "shop-store").unwrap().stack.tags.clone();
    assert_eq!(tags.keys().collect::<Vec<_>>(), ["meshsynth:app", "meshsynth:stack"]);
    let before = calls(&fake)["CreateStackRefactor"];
    let again = Notes::default();
    assert!(deploy(&fake, &renamed(), &settings("run2"), &again).await.unwrap().is_fine());
    assert_eq!((calls(&fake)["CreateStackRefactor"], again.notes()), (before, Vec::new()));
}

#[tokio::test(start_paused = true)]
async fn plan_reports_moves_without_changes() {
    let (fake, notes, stop) = (deployed(2).await, Notes::default(), Stop::default());
    let (assembly, settings) = (renamed(), settings("run1"));
    let plan = Plan::new(&assembly, None).unwrap();
    let before = calls(&fake);
    let refactorer =
        Refactorer { cloud: &fake, assembly: &assembly, plan: &plan, settings: &settings, watch: &notes, stop: &stop };
    refactorer.look().await.unwrap();
    insta::assert_snapshot!(notes.notes().join("\n"), @"
    a stack refactor in ap-northeast-1 moves 3 resources without changing them
    the stack `shop-data` is deleted after all its resources have moved to `shop-store`
    ");
    assert!(notes.events.borrow().iter().any(|it| matches!(it, Event::Changes { changes, .. } if changes.len() == 3)));
    let reads = ["DescribeStackRefactor", "DescribeStacks", "GetStackPolicy", "GetTemplate", "ListStackRefactors"];
    let made = calls(&fake).into_iter().filter(|(name, n)| before.get(name) != Some(n));
    assert!(made.map(|(name, _)| name).all(|name| reads.contains(&name.as_str())));
}

#[tokio::test(start_paused = true)]
async fn updates_importers_of_renamed_stack() {
    let fake = Fake::new(3);
    assert!(deploy_with(&fake, &joined("shop-data"), &settings("run0"), &Notes::default()).await.is_fine());
    let report = deploy(&fake, &joined("shop-store"), &settings("run1"), &Notes::default()).await.unwrap();
    assert!(report.is_fine(), "{report:#?}");
    let wanted = [("shop-run/Service", "shop-run-Service"), ("shop-store/Queue", "shop-data-Queue")];
    assert_eq!(physical(&fake), wanted.map(|(at, it)| (at.to_owned(), it.to_owned())).into());
}

#[tokio::test(start_paused = true)]
async fn reports_importers_outside_of_the_app() {
    let fake = Fake::new(4);
    assert!(deploy_with(&fake, &joined("shop-data"), &settings("run0"), &Notes::default()).await.is_fine());
    let mut others = crate::world::Kept::default();
    others.stack.name = "reports".to_owned();
    others.template =
        json!({ "Resources": { "Q": { "Type": "A::B::C", "Of": { "Fn::ImportValue": "shop-data-Queue" } } } })
            .to_string();
    others.stack.status = "CREATE_COMPLETE".to_owned();
    fake.world.borrow_mut().stacks.insert((TOKYO.to_owned(), "reports".to_owned()), others);
    let failure = deploy(&fake, &joined("shop-store"), &settings("run1"), &Notes::default()).await.unwrap_err();
    insta::assert_snapshot!(failure, @"
    error: 1 resource in ap-northeast-1 cannot be moved with a stack refactor
       = note: the stack `reports` imports `shop-data-Queue`, which the refactor removes from the stack `shop-data`: keep the name of the export, or first deploy `reports` without the import
       = help: first deploy only the moves, with unchanged properties, then the other changes; or omit `--refactor`: the deployment then creates new resources instead of moving them
    ");
    assert!(!calls(&fake).contains_key("CreateStackRefactor"));
}

#[tokio::test(start_paused = true)]
async fn transfers_termination_protection() {
    for (wanted, is_protected) in [(None, true), (Some(true), true), (Some(false), false)] {
        let fake = deployed(5).await;
        set(&fake, "shop-data", |kept| kept.stack.protected = true);
        let first = Settings { protect: wanted, ..settings("run1") };
        let done = refactor(&fake, &renamed(), &first, &Notes::default(), &Stop::default()).await.unwrap();
        assert_eq!(done.deleted.len(), 1);
        let world = fake.world.borrow();
        assert_eq!(world.find(TOKYO, "shop-store").unwrap().stack.protected, is_protected);
        assert_eq!(world.stacks.len(), 1);
    }
}

#[tokio::test(start_paused = true)]
async fn transfers_termination_protection_after_interruption() {
    let mut n_cut = 0;
    for at in 0..60 {
        let fake = deployed(5).await;
        set(&fake, "shop-data", |kept| kept.stack.protected = true);
        let happens = |fake: &Fake| {
            fake.dead.set(true);
            fake.death.notify_waiters();
        };
        *fake.at_call.borrow_mut() = Some((fake.n_calls.get() + at, Box::new(happens)));
        let (assembly, notes, stop) = (renamed(), Notes::default(), Stop::default());
        let first = Settings { protect: None, ..settings("run1") };
        let is_cut = tokio::select! {
            biased;
            () = fake.death.notified() => true,
            done = refactor(&fake, &assembly, &first, &notes, &stop) => done.is_err(),
        };
        n_cut += u32::from(is_cut);
        refactor(&fake, &assembly, &first, &notes, &stop).await.unwrap();
        assert!(fake.world.borrow().find(TOKYO, "shop-store").unwrap().stack.protected, "cut off at call {at}");
    }
    assert!((30..60).contains(&n_cut), "{n_cut} of 60 were cut off");
}

#[tokio::test(start_paused = true)]
async fn reports_settings_that_do_not_move() {
    let (fake, notes) = (deployed(11).await, Notes::default());
    set(&fake, "shop-data", |kept| {
        kept.stack.role = Some("arn:aws:iam::111122223333:role/deploy".to_owned());
        kept.stack.topics = vec!["arn:aws:sns:ap-northeast-1:111122223333:events".to_owned()];
        kept.stack.tags.insert("team".to_owned(), "data".to_owned());
    });
    refactor(&fake, &renamed(), &settings("run1"), &notes, &Stop::default()).await.unwrap();
    insta::assert_snapshot!(notes.notes()[2..5].join("\n"), @"
    CloudFormation uses the role `arn:aws:iam::111122223333:role/deploy` for `shop-data`, but your identity for `shop-store`: to use a role, set `service_role` in the configuration
    `arn:aws:sns:ap-northeast-1:111122223333:events` receive the events of `shop-data`, but not of `shop-store`
    the program does not contain the tags `team` of `shop-data`, so its resources lose them
    ");
}

#[tokio::test(start_paused = true)]
async fn does_not_add_handle_if_other_resources_change() {
    let (fake, notes) = (deployed(6).await, Notes::default());
    fake.world.borrow_mut().beside = Some(ResourceChange {
        id: "Cache".to_owned(),
        kind: "AWS::SQS::Queue".to_owned(),
        action: "Modify".to_owned(),
        ..ResourceChange::default()
    });
    let failure = deploy(&fake, &renamed(), &settings("run1"), &notes).await.unwrap_err();
    insta::assert_snapshot!(failure, @"
    error: stack `shop-data` (ap-northeast-1) was not changed, because the update must only add `MeshsynthEmptied`
       = note: `Cache` (AWS::SQS::Queue) would also change
       = help: first deploy the other changes under the old name, then run the command again
    ");
    assert!(!calls(&fake).contains_key("CreateStackRefactor"));
    assert!(fake.world.borrow().stacks.values().all(|kept| kept.sets.is_empty()), "no change set is left");
}

#[tokio::test(start_paused = true)]
async fn keeps_stack_with_remaining_resource() {
    let fake = deployed(7).await;
    let assembly = renamed();
    // Another process creates a resource in the old stack after the move.
    fake.world.borrow_mut().left = Some(StackResource {
        id: "Topic".to_owned(),
        physical: "topic".to_owned(),
        kind: "AWS::SNS::Topic".to_owned(),
        status: "CREATE_COMPLETE".to_owned(),
    });
    let failure = deploy(&fake, &assembly, &settings("run1"), &Notes::default()).await.unwrap_err();
    insta::assert_snapshot!(failure, @"
    error: stack `shop-data` (ap-northeast-1) is not deleted, because it is not empty
       = note: it contains `Topic`
       = help: check it in the console; `meshsynth destroy --orphans` deletes the stack and its resources
    ");
    assert!(!calls(&fake).contains_key("DeleteStack"));
}

#[tokio::test(start_paused = true)]
async fn reports_similar_stack_that_is_not_renamed() {
    let (fake, notes) = (Fake::new(8), Notes::default());
    let of = |id: &'static str, version| {
        let mut assembly = platform(&[(id, TOKYO, &[], &["Queue"])]);
        assembly.files.insert(format!("{id}.template.json"), template(&["Queue"], version));
        assembly
    };
    assert!(deploy_with(&fake, &of("orders", 1), &settings("run0"), &Notes::default()).await.is_fine());
    assert!(deploy(&fake, &of("billing", 2), &settings("run1"), &notes).await.unwrap().is_fine());
    insta::assert_snapshot!(notes.notes().join("\n"), @"the new stack `shop-billing` has the same resources as the \
         removed stack `shop-orders`, but other properties of `Queue`, so the deployment creates new resources. To \
         rename the stack instead, first deploy only the new name");
    assert_eq!(physical(&fake).len(), 2);
}

#[tokio::test(start_paused = true)]
async fn moves_equal_resources_by_logical_id() {
    let fake = Fake::new(12);
    let before = platform(&[("data", TOKYO, &[], &["Cache", "Jobs", "Mails"])]);
    assert!(deploy_with(&fake, &before, &settings("run0"), &Notes::default()).await.is_fine());
    // Two of three equal queues move to another stack.
    let after = platform(&[("data", TOKYO, &[], &["Cache"]), ("queues", TOKYO, &[], &["Jobs", "Mails"])]);
    assert!(deploy(&fake, &after, &settings("run1"), &Notes::default()).await.unwrap().is_fine());
    let wanted = [
        ("shop-data/Cache", "shop-data-Cache"),
        ("shop-queues/Jobs", "shop-data-Jobs"),
        ("shop-queues/Mails", "shop-data-Mails"),
    ];
    assert_eq!(physical(&fake), wanted.map(|(at, it)| (at.to_owned(), it.to_owned())).into());
}

#[tokio::test(start_paused = true)]
async fn rename_continues_after_interruption_at_any_call() {
    let mut n_cut = 0;
    for at in 0..90 {
        let fake = deployed(9).await;
        let happens = |fake: &Fake| {
            fake.dead.set(true);
            fake.death.notify_waiters();
        };
        *fake.at_call.borrow_mut() = Some((fake.n_calls.get() + at, Box::new(happens)));
        let (assembly, notes, first) = (renamed(), Notes::default(), settings("run1"));
        let is_cut = tokio::select! {
            biased;
            () = fake.death.notified() => true,
            report = deploy(&fake, &assembly, &first, &notes) => { assert!(report.unwrap().is_fine()); false }
        };
        n_cut += u32::from(is_cut);
        let report = deploy(&fake, &assembly, &settings("run2"), &Notes::default()).await.unwrap();
        assert!(report.is_fine(), "cut off at call {at}: {report:#?}");
        assert_eq!(physical(&fake), moved(), "cut off at call {at}");
        let names: Vec<String> = fake.world.borrow().stacks.keys().map(|(_, name)| name.clone()).collect();
        assert_eq!(names, ["shop-store"], "cut off at call {at}");
    }
    assert!((30..90).contains(&n_cut), "{n_cut} of 90 were cut off");
}

#[tokio::test(start_paused = true)]
async fn reports_interruption_and_next_run_completes_rename() {
    let mut n_moments = 0;
    for call in 0.. {
        let (fake, stop, notes, assembly) = (deployed(10).await, Stop::default(), Notes::default(), renamed());
        let (told, cancel) = (std::rc::Rc::new(std::cell::Cell::new(None)), stop.clone());
        let at = told.clone();
        let happens = move |_: &Fake| {
            at.set(Some(Instant::now()));
            cancel.cancel();
        };
        *fake.at_call.borrow_mut() = Some((fake.n_calls.get() + call, Box::new(happens)));
        let result = refactor(&fake, &assembly, &settings("run1"), &notes, &stop).await;
        let Some(at) = told.get() else {
            assert!(result.is_ok());
            break;
        };
        if let Err(failure) = result {
            assert_eq!(failure.kind, Kind::Interrupted, "call {call}: {failure}");
            assert!(at.elapsed().as_secs() < 4, "call {call}: it took {:?}", at.elapsed());
            n_moments += 1;
        }
        let report = deploy(&fake, &assembly, &settings("run2"), &Notes::default()).await.unwrap();
        assert!(report.is_fine(), "call {call}: {report:#?}");
        assert_eq!(physical(&fake), moved(), "call {call}");
        assert!(fake.world.borrow().stacks.values().all(|kept| kept.sets.is_empty()), "no change set is left");
    }
    assert!(n_moments > 20, "{n_moments}");
}

#[tokio::test(start_paused = true)]
async fn random_faults_neither_lose_nor_duplicate_resources() {
    let (mut n_stopped, mut n_killed) = (0, 0);
    for seed in 1..=150 {
        let fake = deployed(seed).await;
        let dice = Random::new(seed + 7);
        let odds = |of: &[u64]| of[usize::try_from(dice.below(of.len() as u64)).unwrap()];
        fake.world.borrow_mut().events_late = odds(&[0, 3_000, 30_000]);
        fake.odds.set(Odds {
            throttled: odds(&[0, 20, 200]),
            lost: odds(&[0, 20, 100]),
            unanswered: odds(&[0, 20, 100]),
            killed: odds(&[0, 0, 10, 40]),
            expired: odds(&[0, 0, 50]),
        });
        let failing = ["none", "MeshsynthEmptied"][usize::try_from(dice.below(2)).unwrap()];
        fake.world.borrow_mut().failing.insert(failing.to_owned(), (2, Badly::RolledBack));
        let assembly = renamed();
        let mut is_done = false;
        for run in 0..10 {
            if run == 6 {
                fake.odds.set(Odds::default());
                fake.world.borrow_mut().failing.clear();
            }
            fake.dead.set(false);
            let (notes, settings) = (Notes::default(), settings(&format!("r{run}")));
            let ended = tokio::select! {
                biased;
                () = fake.death.notified() => None,
                ended = deploy(&fake, &assembly, &settings, &notes) => Some(ended),
            };
            let data: Vec<String> = physical(&fake).into_values().filter(|it| it.contains("OrdersDb")).collect();
            assert_eq!(data, ["shop-data-OrdersDb"], "seed {seed}, run {run}: it is the one database, always");
            match ended {
                None => n_killed += 1,
                Some(Ok(report)) if report.is_fine() => {
                    assert_eq!(physical(&fake), moved(), "seed {seed}");
                    is_done = true;
                    break;
                }
                Some(Ok(report)) => assert!(!report.failed.is_empty(), "seed {seed}"),
                Some(Err(failure)) => {
                    n_stopped += 1;
                    assert!(!failure.help.is_empty(), "seed {seed}: {failure}");
                }
            }
        }
        assert!(is_done, "seed {seed}: it comes to its end: {:?}", states(&fake));
    }
    assert!(n_stopped > 5 && n_killed > 20, "the schedules must hurt: {n_stopped} stopped, {n_killed} killed");
}

#[tokio::test]
async fn renames_stack_with_the_sdk() {
    let endpoint = Endpoint::start();
    assert!(crate::http::deploy(&endpoint, &joined("shop-data"), &settings("run0")).await.is_fine());
    let (aws, assembly, settings) = (crate::http::aws(&endpoint), joined("shop-store"), settings("run1"));
    let (plan, notes, stop) = (Plan::new(&assembly, None).unwrap(), Notes::default(), Stop::default());
    let refactorer =
        Refactorer { cloud: &aws, assembly: &assembly, plan: &plan, settings: &settings, watch: &notes, stop: &stop };
    let done = refactorer.run().await.unwrap();
    assert_eq!((done.made.len(), done.deleted.len()), (3, 1), "{done:?}");
    let world = endpoint.world.lock().unwrap();
    assert!(world.calls.contains_key("ListImports"), "{:?}", world.calls);
    assert_eq!(world.find(TOKYO, "shop-store").unwrap().resources["Queue"].physical, "shop-data-Queue");
    assert!(!world.stacks.contains_key(&(TOKYO.to_owned(), "shop-data".to_owned())));
}
