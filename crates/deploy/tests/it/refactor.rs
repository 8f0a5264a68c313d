//! Tests stack refactors from the program: renames, splits, obstacles, and interruptions between calls.

use std::collections::{BTreeMap, BTreeSet};

use meshsynth_deploy::approval::Approval;
use meshsynth_deploy::assembly::Assembly;
use meshsynth_deploy::cloud::{AccountRegion, CloudError, Refactor, RefactorRequest, Refactoring, Stack};
use meshsynth_deploy::event::Event;
use meshsynth_deploy::executor::Report;
use meshsynth_deploy::failure::Failure;
use meshsynth_deploy::plan::Plan;
use meshsynth_deploy::refactor::Refactorer;
use meshsynth_deploy::stack::Settings;
use meshsynth_deploy::stop::Stop;
use meshsynth_deploy::watch::Answer;
use serde_json::{Value, json};

use crate::endpoint::Endpoint;
use crate::fake::{Fake, calls};
use crate::platform::{Notes, TOKYO, deploy_with, platform, settings, template};
use crate::states::set;

impl Refactoring for Fake {
    async fn create_refactor(&self, place: &AccountRegion, request: &RefactorRequest) -> Result<String, CloudError> {
        self.call("CreateStackRefactor", |world| Ok(world.create_refactor(&place.region, request))).await
    }

    async fn refactor(&self, _: &AccountRegion, id: &str) -> Result<Refactor, CloudError> {
        self.call("DescribeStackRefactor", |world| Ok(world.refactor(id))).await
    }

    async fn refactors(&self, _: &AccountRegion) -> Result<Vec<(String, String)>, CloudError> {
        self.call("ListStackRefactors", |world| {
            Ok(world.refactors.iter().map(|it| (it.id.clone(), it.request.description.clone())).collect())
        })
        .await
    }

    async fn execute_refactor(&self, _: &AccountRegion, id: &str) -> Result<(), CloudError> {
        self.call("ExecuteStackRefactor", |world| world.execute_refactor(id)).await
    }

    async fn importers(&self, place: &AccountRegion, export: &str) -> Result<Vec<String>, CloudError> {
        self.call("ListImports", |world| Ok(world.importers(&place.region, export))).await
    }
}

/// Returns one stack with a queue, a database that refers to the queue, and a cache.
pub fn whole() -> Assembly {
    let mut assembly = platform(&[("data", TOKYO, &[], &["Cache", "OrdersDb", "Queue"])]);
    let mut value: Value = serde_json::from_str(&template(&["Cache", "OrdersDb", "Queue"], 1)).unwrap();
    value["Resources"]["Queue"]["Properties"]["QueueName"] = json!("jobs");
    value["Resources"]["OrdersDb"]["Properties"]["Of"] = json!({ "Fn::GetAtt": ["Queue", "Arn"] });
    assembly.files.insert("data.template.json".to_owned(), value.to_string());
    assembly
}

/// Returns the same resources with the queue in a separate stack, under another logical ID.
pub fn split() -> Assembly {
    let mut assembly =
        platform(&[("queues", TOKYO, &[], &["Jobs"]), ("data", TOKYO, &["queues"], &["Cache", "OrdersDb"])]);
    let mut queues: Value = serde_json::from_str(&template(&["Jobs"], 1)).unwrap();
    queues["Resources"]["Jobs"]["Properties"]["QueueName"] = json!("jobs");
    queues["Outputs"]["Jobs"] =
        json!({ "Value": { "Fn::GetAtt": ["Jobs", "Arn"] }, "Export": { "Name": "queues-Jobs" } });
    let mut data: Value = serde_json::from_str(&template(&["Cache", "OrdersDb"], 1)).unwrap();
    data["Resources"]["OrdersDb"]["Properties"]["Of"] = json!({ "Fn::ImportValue": "queues-Jobs" });
    assembly.files.insert("queues.template.json".to_owned(), queues.to_string());
    assembly.files.insert("data.template.json".to_owned(), data.to_string());
    assembly
}

/// Refactors, and then deploys.
pub async fn deploy(fake: &Fake, assembly: &Assembly, settings: &Settings, notes: &Notes) -> Result<Report, Failure> {
    let (plan, stop) = (Plan::new(assembly, None).unwrap(), Stop::default());
    let refactorer = Refactorer { cloud: fake, assembly, plan: &plan, settings, watch: notes, stop: &stop };
    let made = refactorer.run().await?.made;
    Ok(deploy_with(fake, assembly, &Settings { made, ..settings.clone() }, notes).await)
}

pub async fn deployed(seed: u64) -> Fake {
    let fake = Fake::new(seed);
    assert!(deploy_with(&fake, &whole(), &settings("run0"), &Notes::default()).await.is_fine());
    fake
}

/// Returns the physical ID of each resource.
pub fn physical(fake: &Fake) -> BTreeMap<String, String> {
    let world = fake.world.borrow();
    let rows = world.stacks.iter().flat_map(|((_, name), kept)| {
        kept.resources.values().map(move |it| (format!("{name}/{}", it.id), it.physical.clone()))
    });
    rows.collect()
}

#[tokio::test(start_paused = true)]
async fn split_moves_resource_into_new_tagged_stack() {
    let (fake, notes) = (deployed(1).await, Notes::default());
    let report = deploy(&fake, &split(), &settings("run1"), &notes).await.unwrap();
    assert!(report.is_fine(), "{report:#?}");
    let there = physical(&fake);
    assert_eq!(there["shop-queues/Jobs"], "shop-data-Queue", "it is the same queue: {there:?}");
    assert_eq!(there.len(), 3);
    let lines: Vec<String> = notes
        .events
        .borrow()
        .iter()
        .filter_map(|event| match event {
            Event::Note { text, .. } => Some(text.clone()),
            Event::Changes { at, changes, .. } if at == "shop" => {
                Some(changes.iter().map(|it| it.line()).collect::<Vec<_>>().join("\n"))
            }
            Event::TakesOver { name, .. } => Some(format!("takes over {name}")),
            _ => None,
        })
        .collect();
    insta::assert_snapshot!(lines.join("\n"), @"
    a stack refactor in ap-northeast-1 moves 1 resource without changing them
    > rename           AWS::SQS::Queue shop-data/Queue → shop-queues/Jobs
    moved 1 resource in ap-northeast-1 with a stack refactor
    ");
    let tags = fake.world.borrow().find(TOKYO, "shop-queues").unwrap().stack.tags.clone();
    assert_eq!(tags.keys().collect::<Vec<_>>(), ["meshsynth:app", "meshsynth:stack"]);
    // The move is complete, so the next run creates no refactor.
    let before = calls(&fake)["CreateStackRefactor"];
    assert!(deploy(&fake, &split(), &settings("run2"), &Notes::default()).await.unwrap().is_fine());
    assert_eq!(calls(&fake)["CreateStackRefactor"], before);
}

#[tokio::test(start_paused = true)]
async fn reports_refactor_obstacles_before_changes() {
    let fake = deployed(2).await;
    let mut assembly = split();
    let text = assembly.files["data.template.json"].replace("\"VisibilityTimeout\":1", "\"VisibilityTimeout\":2");
    assembly.files.insert("data.template.json".to_owned(), text);
    let failure = deploy(&fake, &assembly, &settings("run1"), &Notes::default()).await.unwrap_err();
    insta::assert_snapshot!(failure, @"
    error: 1 resource in ap-northeast-1 cannot be moved with a stack refactor
       = note: `Cache` of the stack `shop-data` also changes
       = note: `OrdersDb` of the stack `shop-data` also changes
       = help: first deploy only the moves, with unchanged properties, then the other changes; or omit `--refactor`: the deployment then creates new resources instead of moving them
    ");
    set(&fake, "shop-data", |kept| kept.policy = Some("{}".to_owned()));
    let failure = deploy(&fake, &split(), &settings("run1"), &Notes::default()).await.unwrap_err();
    insta::assert_snapshot!(failure, @"
    error: 1 resource in ap-northeast-1 cannot be moved with a stack refactor
       = note: the stack `shop-data` has a stack policy, so CloudFormation rejects stack refactors
       = help: first deploy only the moves, with unchanged properties, then the other changes; or omit `--refactor`: the deployment then creates new resources instead of moving them
    ");
    set(&fake, "shop-data", |kept| kept.policy = None);
    let notes = Notes::default();
    notes.answer.set(Answer::No);
    let asking = Settings { approval: Approval::Always, ..settings("run1") };
    let failure = deploy(&fake, &split(), &asking, &notes).await.unwrap_err();
    assert!(
        failure.text.contains("were not moved: the refactor was not approved") || failure.text.contains("not approved"),
        "{failure}"
    );
    assert!(!calls(&fake).contains_key("CreateStackRefactor"));
}

#[tokio::test(start_paused = true)]
async fn reports_rejection_message_of_cloudformation() {
    let fake = deployed(3).await;
    let of_policy = |text: &str, id: &str| {
        let mut value: Value = serde_json::from_str(text).unwrap();
        value["Resources"][id]["Type"] = json!("AWS::IAM::RolePolicy");
        value.to_string()
    };
    set(&fake, "shop-data", |kept| kept.template = of_policy(&kept.template, "Queue"));
    let mut assembly = split();
    let text = of_policy(&assembly.files["queues.template.json"], "Jobs");
    assembly.files.insert("queues.template.json".to_owned(), text);
    let failure = deploy(&fake, &assembly, &settings("run1"), &Notes::default()).await.unwrap_err();
    insta::assert_snapshot!(failure, @"
    error: no resource was moved in ap-northeast-1: the state of the stack refactor is `CREATE_FAILED`
       = cause: Resource type AWS::IAM::RolePolicy of [Jobs] is not supported by Stack Refactor
       = help: keep the resources that CloudFormation names in their stack, and move the rest; or omit `--refactor`: the deployment then creates new resources instead of moving them
    ");
    assert!(!calls(&fake).contains_key("ExecuteStackRefactor"));
}

#[tokio::test(start_paused = true)]
async fn does_not_refactor_stack_of_another_owner() {
    let fake = deployed(4).await;
    set(&fake, "shop-data", |kept| kept.stack = Stack { tags: BTreeMap::new(), ..kept.stack.clone() });
    let report = deploy(&fake, &split(), &settings("run1"), &Notes::default()).await.unwrap();
    assert!(report.failed[0].1.text.contains("was not created by meshsynth"), "{report:#?}");
    assert!(!calls(&fake).contains_key("CreateStackRefactor"));
}

#[tokio::test(start_paused = true)]
async fn does_not_move_into_stack_of_another_owner() {
    let fake = deployed(6).await;
    let others = crate::world::Kept {
        stack: Stack {
            id: "stack-of-others".to_owned(),
            name: "shop-queues".to_owned(),
            status: "CREATE_COMPLETE".to_owned(),
            ..Stack::default()
        },
        template: template(&["Theirs"], 1),
        ..crate::world::Kept::default()
    };
    fake.world.borrow_mut().stacks.insert((TOKYO.to_owned(), "shop-queues".to_owned()), others);
    let failure = deploy(&fake, &split(), &settings("run1"), &Notes::default()).await.unwrap_err();
    insta::assert_snapshot!(failure, @"
    error: 1 resource in ap-northeast-1 cannot be moved with a stack refactor
       = note: the stack `shop-queues` exists but does not belong to this app: take it over with `--adopt shop-queues` first, without `--refactor`, or rename the stack in the program
       = help: first deploy only the moves, with unchanged properties, then the other changes; or omit `--refactor`: the deployment then creates new resources instead of moving them
    ");
    assert!(!calls(&fake).contains_key("CreateStackRefactor"));
}

#[tokio::test(start_paused = true)]
async fn refactor_continues_after_interruption_at_any_call() {
    let mut n_cut = 0;
    for at in 0..60 {
        let fake = deployed(5).await;
        *fake.at_call.borrow_mut() = Some((
            fake.n_calls.get() + at,
            Box::new(|fake: &Fake| {
                fake.dead.set(true);
                fake.death.notify_waiters();
            }),
        ));
        let (assembly, notes, first) = (split(), Notes::default(), settings("run1"));
        let cut = tokio::select! {
            biased;
            () = fake.death.notified() => true,
            report = deploy(&fake, &assembly, &first, &notes) => { assert!(report.unwrap().is_fine()); false }
        };
        n_cut += u32::from(cut);
        let report = deploy(&fake, &assembly, &settings("run2"), &Notes::default()).await.unwrap();
        assert!(report.is_fine(), "cut off at call {at}: {report:#?}");
        let there: BTreeSet<(String, String)> = physical(&fake).into_iter().collect();
        assert!(there.contains(&("shop-queues/Jobs".to_owned(), "shop-data-Queue".to_owned())), "{at}: {there:?}");
        assert_eq!(there.len(), 3, "cut off at call {at}: {there:?}");
    }
    assert!((15..60).contains(&n_cut), "{n_cut} of 60 were cut off");
}

#[tokio::test]
async fn refactors_with_the_sdk() {
    let endpoint = Endpoint::start();
    assert!(crate::http::deploy(&endpoint, &whole(), &settings("run0")).await.is_fine());
    let (aws, assembly, settings) = (crate::http::aws(&endpoint), split(), settings("run1"));
    let (plan, notes, stop) = (Plan::new(&assembly, None).unwrap(), Notes::default(), Stop::default());
    let refactorer =
        Refactorer { cloud: &aws, assembly: &assembly, plan: &plan, settings: &settings, watch: &notes, stop: &stop };
    let made = refactorer.run().await.unwrap().made;
    assert_eq!(made.len(), 2, "the ids of both stacks: {made:?}");
    let report = crate::http::deploy(&endpoint, &assembly, &Settings { made, ..settings.clone() }).await;
    assert!(report.is_fine(), "{report:#?}");
    let world = endpoint.world.lock().unwrap();
    assert_eq!(world.find(TOKYO, "shop-queues").unwrap().resources["Jobs"].physical, "shop-data-Queue");
}
