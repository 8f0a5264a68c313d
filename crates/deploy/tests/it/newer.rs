//! Tests newer features of CloudFormation: early validation, imports, and all states of the SDK.

use aws_sdk_cloudformation::types::StackStatus;
use meshsynth_deploy::failure::Failure;

use crate::endpoint::Endpoint;
use crate::fake::Fake;
use crate::http;
use crate::platform::{Notes, TOKYO, deploy, deploy_with, failure, platform, settings, shop};
use crate::states::{assert_fine, changed, set};
use crate::world::{Kind, Work};

#[tokio::test]
async fn reports_early_validation_findings_with_lines() {
    let endpoint = Endpoint::start();
    {
        let mut world = endpoint.world.lock().unwrap();
        for (id, reason) in [("Cache", "VisibilityTimeout is not an integer"), ("OrdersDb", "the name is taken")] {
            world.findings.insert(id.to_owned(), reason.to_owned());
        }
    }
    let assembly = platform(&[("data", TOKYO, &[], &["Cache", "OrdersDb"])]);
    let report = http::deploy(&endpoint, &assembly, &settings("run1")).await;
    insta::assert_snapshot!(failure(&report), @"
    error: stack `shop-data` (ap-northeast-1) was not changed: the state of its change set is `FAILED`
      --> src/main.rs:15:5
       = construct: cache
       = cause: `Cache` (AWS::SQS::Queue): VisibilityTimeout is not an integer (at `/Resources/Cache/Properties/DelaySeconds`)
       = note: `OrdersDb` at src/main.rs:18:5: the name is taken (at `/Resources/OrdersDb/Properties/DelaySeconds`)
       = help: fix the error that CloudFormation reports, synthesize, and run the command again
    ");
    assert!(endpoint.world.lock().unwrap().stacks.is_empty(), "no empty stack stays behind");
    endpoint.world.lock().unwrap().findings.clear();
    assert!(http::deploy(&endpoint, &assembly, &settings("run2")).await.is_fine());
}

#[tokio::test]
async fn reports_early_validation_findings_of_execution() {
    let endpoint = Endpoint::start();
    let assembly = platform(&[("data", TOKYO, &[], &["Cache", "OrdersDb"])]);
    {
        let mut world = endpoint.world.lock().unwrap();
        for (id, reason) in [("Cache", "DelaySeconds is not an integer"), ("OrdersDb", "the name is taken")] {
            world.late_findings.insert(id.to_owned(), reason.to_owned());
        }
    }
    let report = http::deploy(&endpoint, &assembly, &settings("run1")).await;
    insta::assert_snapshot!(failure(&report), @"
    error: stack `shop-data` (ap-northeast-1) was not created: its state is `ROLLBACK_COMPLETE`
      --> src/main.rs:15:5
       = construct: cache
       = cause: `Cache` (AWS::SQS::Queue): DelaySeconds is not an integer (at `/Resources/Cache/Properties/DelaySeconds`)
       = note: rolled back: the created resources were deleted
       = note: `OrdersDb` at src/main.rs:18:5: the name is taken (at `/Resources/OrdersDb/Properties/DelaySeconds`)
       = help: fix the errors of the early validation, synthesize, and run the command again
    ");
    endpoint.world.lock().unwrap().late_findings.clear();
    assert!(http::deploy(&endpoint, &assembly, &settings("run2")).await.is_fine());
}

/// A change set that is rejected at its execution does not change the stack.
#[tokio::test(start_paused = true)]
async fn explains_change_set_rejected_at_execution() {
    let fake = Fake::new(22);
    deploy(&fake, &shop()).await;
    {
        let mut world = fake.world.borrow_mut();
        world.refuses = true;
        world.late_findings.insert("Cache".to_owned(), "DelaySeconds is not an integer".to_owned());
    }
    let (report, _) = deploy(&fake, &changed(&["Cache", "OrdersDb"], 2)).await;
    insta::assert_snapshot!(failure(&report), @"
    error: stack `shop-data` (ap-northeast-1) was not changed: the state of its change set is `EXECUTE_FAILED`
      --> src/main.rs:15:5
       = construct: cache
       = cause: `Cache` (AWS::SQS::Queue): DelaySeconds is not an integer (at `/Resources/Cache/Properties/DelaySeconds`)
       = help: fix the error that CloudFormation reports, synthesize, and run the command again
    ");
}

/// The states that only a user can resolve.
const STUCK: [&str; 1] = ["IMPORT_ROLLBACK_FAILED"];

#[tokio::test(start_paused = true)]
async fn continues_from_every_state_or_explains_why_not() {
    let mut n_states = 0;
    // A deleted stack has no name, so it is never found in this state.
    for status in StackStatus::values().iter().filter(|status| **status != "DELETE_COMPLETE") {
        let fake = Fake::new(21);
        deploy(&fake, &shop()).await;
        set(&fake, "shop-data", |kept| {
            (*status).clone_into(&mut kept.stack.status);
            if status.ends_with("_IN_PROGRESS") && *status != "REVIEW_IN_PROGRESS" {
                let kind =
                    Kind::Nothing(if *status == "DELETE_IN_PROGRESS" { "DELETE_COMPLETE" } else { "UPDATE_COMPLETE" });
                kept.work = Some((3_000_000, Work { kind, token: "console".to_owned() }));
            }
        });
        let report =
            deploy_with(&fake, &changed(&["Cache", "OrdersDb"], 2), &settings("run2"), &Notes::default()).await;
        if STUCK.contains(status) {
            let wanted = format!(
                "stack `shop-data` (ap-northeast-1) is in the state `{status}`, from which meshsynth cannot continue"
            );
            let Failure { text, help, .. } = &report.failed[0].1;
            assert_eq!(
                (text, help.as_str()),
                (&wanted, "bring it to a stable state in the console, then run the command again")
            );
        } else {
            assert!(report.is_fine(), "{status}: {report:#?}");
            assert_fine(&fake, &report);
        }
        n_states += 1;
    }
    assert!(n_states >= 22, "{n_states}");
}

#[tokio::test]
async fn unchanged_stacks_need_at_most_eight_calls_each() {
    let endpoint = Endpoint::start();
    let ids: Vec<String> = (0..20).map(|n| format!("s{n:02}")).collect();
    let rows: Vec<_> =
        ids.iter().map(|id| (id.as_str(), TOKYO, &[] as &[&str], &["Queue", "Topic"] as &[&str])).collect();
    let assembly = platform(&rows);
    assert!(http::deploy(&endpoint, &assembly, &settings("run1")).await.is_fine());
    endpoint.world.lock().unwrap().calls.clear();
    assert!(http::deploy(&endpoint, &assembly, &settings("run2")).await.is_fine());
    let calls = endpoint.world.lock().unwrap().calls.clone();
    let of_stacks: u32 = calls.iter().filter(|(name, _)| *name != "GetCallerIdentity").map(|(_, count)| count).sum();
    assert!(of_stacks <= 8 * 20, "{calls:?}");
    assert_eq!(calls["GetCallerIdentity"], 1, "whose credentials they are is asked once");
    assert!(!calls.contains_key("ExecuteChangeSet"));
}
