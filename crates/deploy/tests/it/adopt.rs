//! Tests takeovers of stacks from other tools: reports, kept settings, rejections, and undo.

use std::collections::BTreeMap;
use std::fs;
use std::path::PathBuf;

use meshsynth_deploy::approval::Approval;
use meshsynth_deploy::assembly::Assembly;
use meshsynth_deploy::cloud::{Stack, StackResource};
use meshsynth_deploy::event::Event;
use meshsynth_deploy::stack::{ADOPTED_TAG, APP_TAG, STACK_TAG, Settings};
use meshsynth_deploy::stop::Stop;
use meshsynth_deploy::watch::Answer;
use serde_json::{Value, json};

use crate::fake::{Fake, calls};
use crate::platform::{Notes, TOKYO, deploy_until, deploy_with, failure, platform, settings, template};
use crate::states::{assert_fine, set};
use crate::world::Kept;

/// Returns a template of the CDK: a queue, a database, and the resources that the CDK adds.
fn of_cdk() -> String {
    let mut value: Value = serde_json::from_str(&template(&["Cache", "OrdersDb"], 1)).unwrap();
    value["Parameters"] = json!({
        "BootstrapVersion": { "Type": "AWS::SSM::Parameter::Value<String>", "Default": "/cdk-bootstrap/hnb659fds/version" },
        "Size": { "Type": "String" },
        "Old": { "Type": "String" }
    });
    value["Rules"] = json!({ "CheckBootstrapVersion": { "Assertions": [] } });
    value["Resources"]["CDKMetadata"] = json!({ "Type": "AWS::CDK::Metadata", "Properties": { "Analytics": "v2" } });
    value["Resources"]["Cache"]["Metadata"] =
        json!({ "aws:asset:path": "cdk-hnb659fds-assets-111122223333-eu-west-1" });
    value.to_string()
}

/// Returns the same platform from the program, with another queue timeout.
fn shop() -> Assembly {
    let mut assembly = platform(&[("data", TOKYO, &[], &["Cache", "OrdersDb"])]);
    let mut value: Value = serde_json::from_str(&template(&["Cache", "OrdersDb"], 1)).unwrap();
    value["Parameters"] = json!({ "Size": { "Type": "String" } });
    value["Resources"]["Cache"]["Properties"]["VisibilityTimeout"] = json!(2);
    assembly.files.insert("data.template.json".to_owned(), value.to_string());
    assembly
}

/// Returns a world in which another tool created the stack `shop-data`.
fn world(seed: u64, template: &str) -> Fake {
    let fake = Fake::new(seed);
    let resource = |id: &str| {
        let (id, kind) = (id.to_owned(), "AWS::SQS::Queue".to_owned());
        StackResource { physical: format!("old-{id}"), id, kind, status: "CREATE_COMPLETE".to_owned() }
    };
    let stack = Stack {
        id: "arn:aws:cloudformation:ap-northeast-1:111122223333:stack/shop-data/1".to_owned(),
        name: "shop-data".to_owned(),
        status: "UPDATE_COMPLETE".to_owned(),
        tags: [("team".to_owned(), "data".to_owned()), ("aws:x".to_owned(), "y".to_owned())].into(),
        parameters: ["BootstrapVersion", "Old", "Size"].map(str::to_owned).to_vec(),
        role: Some("arn:aws:iam::111122223333:role/cdk-hnb659fds-cfn-exec-role".to_owned()),
        topics: vec!["arn:aws:sns:ap-northeast-1:111122223333:events".to_owned()],
        protected: true,
        ..Stack::default()
    };
    let kept = Kept {
        stack,
        template: template.to_owned(),
        resources: ["Cache", "OrdersDb"].map(|id| (id.to_owned(), resource(id))).into(),
        policy: Some("{\"Statement\":[]}".to_owned()),
        ..Kept::default()
    };
    fake.world.borrow_mut().stacks.insert((TOKYO.to_owned(), "shop-data".to_owned()), kept);
    fake
}

fn adopting(keep: Option<PathBuf>) -> Settings {
    Settings { adopt: vec!["shop-data".to_owned()], keep, protect: None, ..settings("run1") }
}

fn folder(name: &str) -> PathBuf {
    let folder = std::env::temp_dir().join(format!("meshsynth-adopt-{name}-{}", std::process::id()));
    let _ = fs::remove_dir_all(&folder);
    folder
}

/// Returns the takeover reports in the form of a terminal.
pub fn taken(notes: &Notes) -> String {
    let events = notes.events.borrow();
    let rows = events.iter().filter_map(|event| match event {
        Event::TakesOver { name, from, notes, back, .. } => {
            let notes: String = notes.iter().map(|note| format!("\n  - {note}")).collect();
            let back = if back.is_empty() { String::new() } else { format!("\n  back: {back}") };
            Some(format!("{name} from {from}{notes}{back}"))
        }
        Event::Changes { changes, .. } => {
            Some(changes.iter().map(|change| change.line()).collect::<Vec<_>>().join("\n"))
        }
        _ => None,
    });
    rows.collect::<Vec<_>>().join("\n")
}

fn tags(fake: &Fake) -> BTreeMap<String, String> {
    fake.world.borrow().stacks[&(TOKYO.to_owned(), "shop-data".to_owned())].stack.tags.clone()
}

#[tokio::test(start_paused = true)]
async fn takes_over_cdk_stack_and_keeps_its_settings() {
    let (fake, keep, notes) = (world(1, &of_cdk()), folder("whole"), Notes::default());
    let report = deploy_with(&fake, &shop(), &adopting(Some(keep.clone())), &notes).await;
    assert_fine(&fake, &report);
    insta::assert_snapshot!(taken(&notes).replace(&keep.display().to_string(), "KEEP"), @"
    stack `shop-data` from the AWS CDK
      - the tags `team` are kept
      - the parameters `Size` keep their current values
      - the parameters `Old` are not in the program, and are removed from the stack: save their values if you may need to revert
      - CloudFormation still uses the role `arn:aws:iam::111122223333:role/cdk-hnb659fds-cfn-exec-role`
      - `arn:aws:sns:ap-northeast-1:111122223333:events` still receive its events
      - its stack policy is kept: an update that it denies fails
      - its termination protection is kept
      - the internal entries of the AWS CDK (`CDKMetadata`, `BootstrapVersion` and its rule) are removed from the stack if the program does not contain them; this does not change resources in AWS
      - code and images remain in the bucket and the repository of `cdk bootstrap`, which must be kept: `cdk gc` detects their use in the template
      - `cdk deploy` would revert the changes: stop deploying this stack with it
      back: aws cloudformation update-stack --region ap-northeast-1 --cli-input-json file://KEEP/ap-northeast-1/shop-data/update-stack.json --template-body file://KEEP/ap-northeast-1/shop-data/template.json
    - delete           AWS::CDK::Metadata CDKMetadata
    ~ in place         AWS::SQS::Queue cache (VisibilityTimeout, Metadata)
    ");
    let wanted = [(ADOPTED_TAG, "true"), (APP_TAG, "shop"), (STACK_TAG, "data"), ("team", "data")];
    assert_eq!(tags(&fake), wanted.map(|(key, value)| (key.to_owned(), value.to_owned())).into());
    assert!(!calls(&fake).contains_key("SetStackPolicy"), "its stack policy is kept");
    assert!(!calls(&fake).contains_key("UpdateTerminationProtection"), "it is protected already");

    let read = |name: &str| fs::read_to_string(keep.join(TOKYO).join("shop-data").join(name)).unwrap();
    assert_eq!(read("template.json"), of_cdk());
    assert_eq!(read("stack-policy.json"), "{\"Statement\":[]}");
    let update: Value = serde_json::from_str(&read("update-stack.json")).unwrap();
    let wanted = json!({
        "StackName": "shop-data",
        "Capabilities": ["CAPABILITY_IAM", "CAPABILITY_NAMED_IAM", "CAPABILITY_AUTO_EXPAND"],
        "Parameters": [{ "ParameterKey": "Size", "UsePreviousValue": true }],
        "RoleARN": "arn:aws:iam::111122223333:role/cdk-hnb659fds-cfn-exec-role",
        "Tags": [{ "Key": "team", "Value": "data" }]
    });
    assert_eq!(update, wanted);

    // The stack now belongs to the app. The next run reports no takeover and keeps the tags.
    let notes = Notes::default();
    let next = Settings { protect: None, ..settings("run2") };
    assert_fine(&fake, &deploy_with(&fake, &shop(), &next, &notes).await);
    assert_eq!(taken(&notes), "");
    assert_eq!(tags(&fake)["team"], "data");
    fs::remove_dir_all(keep).unwrap();
}

#[tokio::test(start_paused = true)]
async fn rejects_other_stacks_and_names_their_owner() {
    let fake = world(2, &of_cdk());
    let report = deploy_with(&fake, &shop(), &settings("run1"), &Notes::default()).await;
    insta::assert_snapshot!(failure(&report), @"
    error: stack `shop-data` (ap-northeast-1) exists, but was not created by meshsynth: it was created by the AWS CDK
       = help: it was not changed; rename the stack in the program, or take it over with `--adopt shop-data`: `meshsynth diff --base deployed` shows the resulting changes
    ");
    assert!(!calls(&fake).contains_key("CreateChangeSet"));
    set(&fake, "shop-data", |kept| {
        kept.stack.parent = Some("arn:aws:cloudformation:ap-northeast-1:111122223333:stack/legacy/2".to_owned());
    });
    let report = deploy_with(&fake, &shop(), &adopting(None), &Notes::default()).await;
    insta::assert_snapshot!(failure(&report), @"
    error: stack `shop-data` (ap-northeast-1) is nested in the stack `legacy`, which would revert the changes
       = help: it was not changed; take over `legacy`, or first move the resources out of `shop-data` with a stack refactor
    ");
}

#[tokio::test(start_paused = true)]
async fn does_not_change_broken_stack_of_another_owner() {
    for status in ["CREATE_FAILED", "ROLLBACK_COMPLETE", "ROLLBACK_FAILED", "DELETE_FAILED", "UPDATE_ROLLBACK_FAILED"] {
        let fake = world(3, &of_cdk());
        set(&fake, "shop-data", |kept| kept.stack.status = status.to_owned());
        let report = deploy_with(&fake, &shop(), &adopting(None), &Notes::default()).await;
        let text = failure(&report);
        assert!(text.contains(&format!("is not taken over in the state `{status}`: ")), "{text}");
        assert!(text.contains("help: it was not changed; "), "{text}");
        let changing = ["DeleteStack", "CreateChangeSet", "ContinueUpdateRollback"];
        assert!(changing.iter().all(|call| !calls(&fake).contains_key(*call)), "{status}");
    }
}

#[tokio::test(start_paused = true)]
async fn rejected_approval_prevents_takeover() {
    let (fake, notes) = (world(4, &of_cdk()), Notes::default());
    notes.answer.set(Answer::No);
    let asking = Settings { approval: Approval::Always, ..adopting(None) };
    let report = deploy_with(&fake, &shop(), &asking, &notes).await;
    assert!(failure(&report).contains("not approved"), "{report:?}");
    assert_eq!(tags(&fake).len(), 2, "its tags are as they were");
    assert!(fake.world.borrow().stacks.values().all(|kept| kept.sets.is_empty()), "nothing is left behind");
}

#[tokio::test(start_paused = true)]
async fn unwritable_backup_folder_prevents_takeover() {
    let (fake, keep) = (world(5, &of_cdk()), folder("full"));
    fs::write(&keep, "a file").unwrap();
    let report = deploy_with(&fake, &shop(), &adopting(Some(keep.clone())), &Notes::default()).await;
    assert!(failure(&report).contains("was not changed, because its current state cannot be saved"), "{report:?}");
    assert!(!calls(&fake).contains_key("ExecuteChangeSet"));
    fs::remove_file(keep).unwrap();
}

#[tokio::test(start_paused = true)]
async fn takeover_continues_after_interruption_at_any_call() {
    let mut n_cut = 0;
    for at in 0..60 {
        let (fake, assembly) = (world(6, &of_cdk()), shop());
        *fake.at_call.borrow_mut() = Some((
            at,
            Box::new(|fake: &Fake| {
                fake.dead.set(true);
                fake.death.notify_waiters();
            }),
        ));
        let (notes, stop, adopting) = (Notes::default(), Stop::default(), adopting(None));
        let cut = tokio::select! {
            biased;
            () = fake.death.notified() => true,
            report = deploy_until(&fake, &assembly, &adopting, &notes, &stop) => { assert_fine(&fake, &report); false }
        };
        n_cut += u32::from(cut);
        let again = Settings { run: "run2".to_owned(), ..adopting };
        let report = deploy_with(&fake, &assembly, &again, &Notes::default()).await;
        assert_fine(&fake, &report);
        assert_eq!(tags(&fake).len(), 4, "cut off at call {at}");
    }
    assert!((10..60).contains(&n_cut), "{n_cut} of 60 were cut off");
}
