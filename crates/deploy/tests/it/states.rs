//! Tests all states of a stack: the outcome and the messages.

use meshsynth_deploy::approval::Approval;
use meshsynth_deploy::assembly::Assembly;
use meshsynth_deploy::executor::Report;
use meshsynth_deploy::stack::{APP_TAG, STACK_TAG, Settings};
use meshsynth_deploy::stop::Stop;
use meshsynth_deploy::watch::Answer;

use crate::fake::{Fake, Odds, calls};
use crate::platform::{
    Notes, TOKYO, deploy, deploy_until, deploy_with, failure, platform, settings, shop, states, template,
};
use crate::world::{Badly, Kept, Kind, Work};

/// Returns the shop with another template of `data`.
pub fn changed(resources: &[&str], version: u32) -> Assembly {
    let mut assembly = shop();
    assembly.files.insert("data.template.json".to_owned(), template(resources, version));
    assembly
}

fn fails(fake: &Fake, id: &str, times: u32, badly: Badly) {
    fake.world.borrow_mut().failing.insert(id.to_owned(), (times, badly));
}

/// Changes the state of a stack.
pub fn set(fake: &Fake, name: &str, change: impl FnOnce(&mut Kept)) {
    change(fake.world.borrow_mut().stacks.get_mut(&(TOKYO.to_owned(), name.to_owned())).unwrap());
}

#[track_caller]
pub fn assert_fine(fake: &Fake, report: &Report) {
    assert!(report.is_fine(), "{report:#?}");
    assert!(states(fake).iter().all(|state| state.ends_with("CREATE_COMPLETE") || state.ends_with("UPDATE_COMPLETE")));
}

#[tokio::test(start_paused = true)]
async fn creates_missing_stack_and_is_idempotent() {
    let fake = Fake::new(1);
    let (report, _) = deploy(&fake, &shop()).await;
    assert_fine(&fake, &report);
    assert_eq!(report.done, ["network", "data"]);
    assert_eq!(report.outputs["data"]["Name"], "shop-data.Name");
    let before = calls(&fake).values().sum::<u32>();
    let (report, notes) = deploy(&fake, &shop()).await;
    assert_fine(&fake, &report);
    let text = format!("{:?}", notes.events.borrow());
    assert_eq!(text.matches("no changes").count(), 2, "{text}");
    // Calls for each stack: DescribeStacks three times, CreateChangeSet, DescribeChangeSet two or three times,
    // DeleteChangeSet.
    let n_calls = calls(&fake).values().sum::<u32>() - before;
    assert!(n_calls <= 2 * 8, "{n_calls} calls for nothing");
}

#[tokio::test(start_paused = true)]
async fn creates_stack_under_review() {
    let fake = Fake::new(2);
    let (_, notes) = (deploy(&fake, &shop()).await, Notes::default());
    set(&fake, "shop-data", |kept| {
        *kept = Kept { stack: kept.stack.clone(), ..Kept::default() };
        kept.stack.status = "REVIEW_IN_PROGRESS".to_owned();
        kept.stack.tags.clear();
    });
    let report = deploy_with(&fake, &shop(), &settings("run2"), &notes).await;
    assert_fine(&fake, &report);
}

#[tokio::test(start_paused = true)]
async fn failed_creation_reports_cause_line_and_fix() {
    let fake = Fake::new(3);
    fails(&fake, "OrdersDb", 1, Badly::RolledBack);
    let (report, _) = deploy(&fake, &shop()).await;
    insta::assert_snapshot!(failure(&report), @"
    error: stack `shop-data` (ap-northeast-1) was not created: its state is `ROLLBACK_COMPLETE`
      --> src/main.rs:18:5
       = construct: ordersdb
       = cause: `OrdersDb` (AWS::RDS::DBInstance), `CREATE_FAILED`: the quota is reached
       = note: rolled back: the created resources were deleted
       = help: an account quota is reached: request an increase in Service Quotas or delete unused resources, then run the command again
    ");
    assert_eq!((report.done.as_slice(), report.skipped.len()), (["network".to_owned()].as_slice(), 0));
    let (report, notes) = deploy(&fake, &shop()).await;
    assert_fine(&fake, &report);
    assert_eq!(notes.notes(), ["`ROLLBACK_COMPLETE` from an earlier run: the stack is deleted, then created again"]);
}

#[tokio::test(start_paused = true)]
async fn reports_resources_retained_by_failed_creation() {
    let fake = Fake::new(4);
    let assembly = platform(&[("data", TOKYO, &[], &["KeptBucket", "OrdersDb"])]);
    fails(&fake, "OrdersDb", 1, Badly::RolledBack);
    let (report, _) = deploy(&fake, &assembly).await;
    let text = failure(&report);
    assert!(text.contains("= note: still in AWS: `KeptBucket` (`shop-data-KeptBucket`)"), "{text}");
    let (report, notes) = deploy(&fake, &assembly).await;
    assert_fine(&fake, &report);
    assert_eq!(notes.notes()[1], "retained in AWS, outside the stack: `KeptBucket` (`shop-data-KeptBucket`)");
}

#[tokio::test(start_paused = true)]
async fn deletes_failed_creation_after_approval() {
    for (badly, status) in [(Badly::Left, "CREATE_FAILED"), (Badly::Stuck, "ROLLBACK_FAILED")] {
        let fake = Fake::new(5);
        fails(&fake, "Queue", 1, badly);
        let (report, _) = deploy(&fake, &shop()).await;
        let text = failure(&report);
        assert!(text.contains(&format!("was not created: its state is `{status}`")), "{text}");
        assert!(
            text.contains("still in AWS: `Cache` (`shop-data-Cache`), `OrdersDb` (`shop-data-OrdersDb`)"),
            "{text}"
        );
        let asking = Settings { approval: Approval::DataLoss, ..settings("run2") };
        let notes = Notes::default();
        notes.answer.set(Answer::Nobody);
        let report = deploy_with(&fake, &shop(), &asking, &notes).await;
        let text = failure(&report);
        assert!(text.contains("has 3 changes pending approval (puts data at risk in 3"), "{text}");
        assert!(text.contains("pass `--require-approval never`"), "{text}");
        notes.answer.set(Answer::Yes);
        let report = deploy_with(&fake, &shop(), &asking, &notes).await;
        assert_fine(&fake, &report);
    }
}

#[tokio::test(start_paused = true)]
async fn waits_for_update_of_another_user() {
    let fake = Fake::new(6);
    deploy(&fake, &shop()).await;
    set(&fake, "shop-data", |kept| {
        kept.work = Some((3_000_000, Work { kind: Kind::Nothing("UPDATE_COMPLETE"), token: "console".to_owned() }));
    });
    fake.world.borrow_mut().begin(TOKYO, "shop-data", "UPDATE_IN_PROGRESS", "console");
    let (report, notes) = deploy(&fake, &changed(&["Cache", "OrdersDb", "Queue"], 2)).await;
    assert_fine(&fake, &report);
    let notes = notes.notes();
    assert!(
        notes[0].starts_with("waiting for `UPDATE_IN_PROGRESS` by another user or process since 1970-01-01T00:1"),
        "{notes:?}"
    );
}

#[tokio::test(start_paused = true)]
async fn waits_for_update_of_interrupted_run() {
    let fake = Fake::new(7);
    deploy(&fake, &shop()).await;
    let (stop, notes, next) = (Stop::default(), Notes::default(), changed(&["Cache", "OrdersDb", "Queue"], 2));
    let cancel = async {
        while !states(&fake).iter().any(|state| state.ends_with("UPDATE_IN_PROGRESS")) {
            tokio::time::sleep(std::time::Duration::from_millis(100)).await;
        }
        stop.cancel();
    };
    let settings = settings("run2");
    let (report, ()) = tokio::join!(deploy_until(&fake, &next, &settings, &notes, &stop), cancel);
    insta::assert_snapshot!(failure(&report), @"
    error: interrupted: stack `shop-data` (ap-northeast-1) is being updated by CloudFormation, which continues
       = help: run the same command again: it continues from here
    ");
    assert!(report.is_interrupted());
    let (report, notes) = deploy(&fake, &next).await;
    assert_fine(&fake, &report);
    assert_eq!(notes.notes(), ["waiting for `UPDATE_IN_PROGRESS` of an earlier run"]);
}

#[tokio::test(start_paused = true)]
async fn next_run_continues_after_rolled_back_update() {
    let fake = Fake::new(8);
    deploy(&fake, &shop()).await;
    fails(&fake, "Cache", 1, Badly::RolledBack);
    let next = changed(&["Cache", "OrdersDb", "Queue"], 2);
    let (report, _) = deploy(&fake, &next).await;
    let text = failure(&report);
    assert!(text.contains("was not updated: its state is `UPDATE_ROLLBACK_COMPLETE`"), "{text}");
    assert!(text.contains("= note: rolled back: the stack has the state from before the update"), "{text}");
    assert_fine(&fake, &deploy(&fake, &next).await.0);
}

#[tokio::test(start_paused = true)]
async fn continues_failed_rollback_and_names_skippable_resources() {
    let fake = Fake::new(9);
    deploy(&fake, &shop()).await;
    fails(&fake, "Cache", 2, Badly::Stuck);
    let next = changed(&["Cache", "OrdersDb", "Queue"], 2);
    let text = failure(&deploy(&fake, &next).await.0);
    assert!(text.contains("= note: not rolled back: the next run continues the rollback first"), "{text}");
    let (report, _) = deploy(&fake, &next).await;
    insta::assert_snapshot!(failure(&report), @"
    error: stack `shop-data` (ap-northeast-1) is stuck: the rollback of an earlier update failed, and failed again
      --> src/main.rs:15:5
       = construct: cache
       = cause: `Cache` (AWS::SQS::Queue), `UPDATE_FAILED`: the old key is gone
       = help: fix the cause and run the command again; or pass `--skip Cache` to roll back without these resources, and change them to match the template by hand
    ");
    fails(&fake, "Cache", 1, Badly::Stuck);
    let skipping = Settings { skip: vec!["Cache".to_owned()], ..settings("run3") };
    let notes = Notes::default();
    fake.world.borrow_mut().failing.remove("Cache");
    let report = deploy_with(&fake, &next, &skipping, &notes).await;
    assert_fine(&fake, &report);
    assert_eq!(
        notes.notes(),
        ["the rollback of an earlier update was continued without `Cache`: check that these resources match the \
             template"]
    );
}

#[tokio::test(start_paused = true)]
async fn retries_failed_deletion_and_names_remains() {
    let fake = Fake::new(10);
    deploy(&fake, &shop()).await;
    set(&fake, "shop-data", |kept| kept.stack.status = "DELETE_FAILED".to_owned());
    fails(&fake, "Queue", 1, Badly::Left);
    let (report, _) = deploy(&fake, &shop()).await;
    insta::assert_snapshot!(failure(&report), @"
    error: stack `shop-data` (ap-northeast-1) is not deleted: its state is `DELETE_FAILED`
      --> src/main.rs:15:5
       = construct: queue
       = cause: `Queue` (AWS::SQS::Queue), `DELETE_FAILED`: it is not empty
       = note: still in AWS: `Queue` (`shop-data-Queue`)
       = help: fix the cause and run the command again; or pass `--retain Queue` to retain these resources in AWS, outside the stack
    ");
    let retaining = Settings { retain: vec!["Queue".to_owned()], ..settings("run2") };
    fails(&fake, "Queue", 0, Badly::Left);
    assert_fine(&fake, &deploy_with(&fake, &shop(), &retaining, &Notes::default()).await);
}

#[tokio::test(start_paused = true)]
async fn recreates_expired_change_set() {
    let fake = Fake::new(11);
    deploy(&fake, &shop()).await;
    fake.odds.set(Odds { expired: 300, ..Odds::default() });
    let (report, notes) = deploy(&fake, &changed(&["Cache", "OrdersDb"], 2)).await;
    fake.odds.set(Odds::default());
    if report.is_fine() {
        assert_fine(&fake, &report);
    } else {
        assert!(failure(&report).contains("during the deployment"), "{report:?}");
    }
    assert!(notes.notes().iter().all(|note| note == "the change set is no longer valid; creating another"));
    assert_fine(&fake, &deploy(&fake, &changed(&["Cache", "OrdersDb"], 2)).await.0);
}

#[tokio::test(start_paused = true)]
async fn reports_drifted_resources() {
    let fake = Fake::new(12);
    deploy(&fake, &shop()).await;
    set(&fake, "shop-data", |kept| kept.stack.drifted = true);
    let (report, notes) = deploy(&fake, &shop()).await;
    assert_fine(&fake, &report);
    assert_eq!(
        notes.notes(),
        ["the last drift check found resources that were changed outside CloudFormation; list them with `meshsynth \
             drift`"]
    );
}

#[tokio::test(start_paused = true)]
async fn rejects_stack_of_another_owner() {
    let fake = Fake::new(13);
    deploy(&fake, &shop()).await;
    set(&fake, "shop-data", |kept| kept.stack.tags.clear());
    let (report, _) = deploy(&fake, &changed(&["Cache"], 2)).await;
    insta::assert_snapshot!(failure(&report), @"
    error: stack `shop-data` (ap-northeast-1) exists, but was not created by meshsynth
       = help: it was not changed; rename the stack in the program, or take it over with `--adopt shop-data`: `meshsynth diff --base deployed` shows the resulting changes
    ");
    set(&fake, "shop-data", |kept| {
        kept.stack.tags = [(APP_TAG.to_owned(), "blog".to_owned()), (STACK_TAG.to_owned(), "data".to_owned())].into();
    });
    let adopting = Settings { adopt: vec!["shop-data".to_owned()], ..settings("run2") };
    let report = deploy_with(&fake, &shop(), &adopting, &Notes::default()).await;
    assert!(failure(&report).starts_with("error: stack `shop-data` (ap-northeast-1) belongs to the app `blog`"));
    set(&fake, "shop-data", |kept| kept.stack.tags.clear());
    assert_fine(&fake, &deploy_with(&fake, &shop(), &adopting, &Notes::default()).await);
}

#[tokio::test(start_paused = true)]
async fn rejected_approval_leaves_no_stack() {
    let fake = Fake::new(14);
    let asking = Settings { approval: Approval::Always, ..settings("run1") };
    let notes = Notes::default();
    notes.answer.set(Answer::No);
    let report = deploy_with(&fake, &shop(), &asking, &notes).await;
    assert!(failure(&report).contains("was not changed: the changes were not approved"));
    assert_eq!(states(&fake), [""; 0], "no empty stack stays behind");
    assert_eq!(report.skipped, ["data"]);
}

#[tokio::test(start_paused = true)]
async fn only_data_risk_requires_approval() {
    let fake = Fake::new(15);
    deploy(&fake, &shop()).await;
    let asking = Settings { approval: Approval::DataLoss, ..settings("run2") };
    let notes = Notes::default();
    assert_fine(&fake, &deploy_with(&fake, &changed(&["Cache", "OrdersDb", "Queue"], 2), &asking, &notes).await);
    assert_eq!(notes.asked.borrow().len(), 0);
    assert_fine(&fake, &deploy_with(&fake, &changed(&["Cache", "Queue"], 2), &asking, &notes).await);
    let asked = notes.asked.borrow();
    assert_eq!(asked.len(), 1);
    assert_eq!(asked[0].why.to_string(), "puts data at risk in 1 change: AWS::RDS::DBInstance `ordersdb`");
    assert_eq!(
        asked[0].judgement.changes[0].line(),
        "- delete           AWS::RDS::DBInstance ordersdb: deleted after a snapshot"
    );
}
