//! Tests imports of resources outside of stacks. The program, a file, or a scan provides the identifiers.

use std::collections::BTreeMap;

use meshsynth_deploy::assembly::Assembly;
use meshsynth_deploy::cloud::{AccountRegion, Fault, Importing, ScannedResource};
use meshsynth_deploy::plan::Plan;
use meshsynth_deploy::stack::{ImportSettings, Settings, Worker};
use meshsynth_deploy::stop::Stop;
use serde_json::{Value, json};

use crate::adopt::taken;
use crate::endpoint::Endpoint;
use crate::fake::{Fake, calls};
use crate::platform::{Notes, TOKYO, deploy_until, deploy_with, failure, platform, settings, template};
use crate::world::Outside;

fn row(key: &str, value: &str) -> BTreeMap<String, String> {
    [(key.to_owned(), value.to_owned())].into()
}

/// Returns a stack with a new queue, a bucket with a known name, and a network whose ID only AWS knows.
fn shop() -> Assembly {
    let mut assembly = platform(&[("data", TOKYO, &[], &["Assets", "Network", "Queue", "Rule"])]);
    let mut value: Value = serde_json::from_str(&template(&["Queue"], 1)).unwrap();
    value["Resources"]["Assets"] = json!({
        "Type": "AWS::S3::Bucket", "DependsOn": "Queue",
        "Properties": { "BucketName": { "Fn::Sub": "assets-${AWS::AccountId}" } }
    });
    value["Resources"]["Network"] = json!({
        "Type": "AWS::EC2::VPC", "DeletionPolicy": "Retain",
        "Properties": { "Tags": [{ "Key": "Name", "Value": "legacy" }] }
    });
    value["Resources"]["Rule"] = json!({ "Type": "AWS::IAM::RolePolicy", "Properties": {} });
    assembly.files.insert("data.template.json".to_owned(), value.to_string());
    assembly
}

/// Returns a world with this bucket and two networks.
fn world(seed: u64) -> Fake {
    let fake = Fake::new(seed);
    fake.world.borrow_mut().outside = outside();
    fake
}

fn outside() -> Outside {
    let rows = [
        ("AWS::S3::Bucket", vec![(row("BucketName", "assets-111122223333"), String::new())]),
        (
            "AWS::EC2::VPC",
            vec![(row("VpcId", "vpc-1"), "legacy".to_owned()), (row("VpcId", "vpc-2"), "other".to_owned())],
        ),
    ];
    rows.map(|(kind, rows)| (kind.to_owned(), rows)).into()
}

fn importing(resources: &[&str]) -> Settings {
    let resources = resources.iter().map(|&name| name.to_owned()).collect();
    Settings { import: Some(ImportSettings { resources, ..ImportSettings::default() }), ..settings("run1") }
}

/// Returns the physical IDs of the stack resources.
fn physical(fake: &Fake) -> BTreeMap<String, String> {
    let world = fake.world.borrow();
    let kept = &world.stacks[&(TOKYO.to_owned(), "shop-data".to_owned())];
    kept.resources.iter().map(|(id, it)| (id.clone(), it.physical.clone())).collect()
}

#[tokio::test(start_paused = true)]
async fn imports_bucket_with_known_name_without_scan() {
    let (fake, notes) = (world(1), Notes::default());
    let report = deploy_with(&fake, &shop(), &importing(&["assets"]), &notes).await;
    assert!(report.is_fine(), "{report:#?}");
    insta::assert_snapshot!(taken(&notes), @"
    `assets` (AWS::S3::Bucket: BucketName=assets-111122223333) from no stack
      - the import does not change the resource; list differences from the program with `meshsynth drift`
      - CloudFormation requires a `DeletionPolicy` for an import, but the program has none: the import uses `Retain`, and the next update removes it
    ~ in place         AWS::S3::Bucket assets (imported)
    ~ in place         AWS::S3::Bucket assets (DeletionPolicy, DependsOn): kept by this change, but `DeletionPolicy` no longer protects it
    + create           AWS::EC2::VPC network
    + create           AWS::IAM::RolePolicy rule
    + create           AWS::SQS::Queue queue
    ");
    assert_eq!(physical(&fake)["Assets"], "assets-111122223333");
    assert_eq!(physical(&fake)["Queue"], "shop-data-Queue", "the ordinary deployment comes behind");
    assert!(!calls(&fake).contains_key("StartResourceScan"));
    // The import is complete, so the next run imports no resource.
    let before = calls(&fake)["CreateChangeSet"];
    assert!(deploy_with(&fake, &shop(), &importing(&["data/assets"]), &Notes::default()).await.is_fine());
    assert_eq!(calls(&fake)["CreateChangeSet"], before + 1);
}

#[tokio::test(start_paused = true)]
async fn finds_unknown_identifier_by_scan_and_name_tag() {
    let (fake, notes) = (world(2), Notes::default());
    let report = deploy_with(&fake, &shop(), &importing(&["Network"]), &notes).await;
    assert!(report.is_fine(), "{report:#?}");
    assert_eq!(physical(&fake)["Network"], "vpc-1");
    insta::assert_snapshot!(notes.notes().join("\n"), @"
    scanning ap-northeast-1 for `AWS::EC2::VPC`: this takes several minutes, and AWS limits the number of scans per day
    imported: 1 resource
    ");
}

#[tokio::test(start_paused = true)]
async fn imports_scanned_resources_and_creates_the_rest() {
    let (fake, assembly) = (world(3), shop());
    let report = deploy_with(&fake, &assembly, &importing(&[]), &Notes::default()).await;
    assert!(report.is_fine(), "{report:#?}");
    let there = physical(&fake);
    assert_eq!((there["Assets"].as_str(), there["Network"].as_str()), ("assets-111122223333", "vpc-1"));
    assert_eq!((there["Queue"].as_str(), there["Rule"].as_str()), ("shop-data-Queue", "shop-data-Rule"));
    let wanted: Value = serde_json::from_str(&assembly.files["data.template.json"]).unwrap();
    let world = fake.world.borrow();
    let deployed: Value = serde_json::from_str(&world.stacks.values().next().unwrap().template).unwrap();
    assert_eq!(deployed, wanted, "in the end it is what the program says");
}

#[tokio::test(start_paused = true)]
async fn uses_identifiers_of_file() {
    let fake = world(4);
    fake.world.borrow_mut().outside.get_mut("AWS::EC2::VPC").unwrap()[1].1 = "legacy".to_owned();
    let report = deploy_with(&fake, &shop(), &importing(&["Network"]), &Notes::default()).await;
    insta::assert_snapshot!(failure(&report), @r#"
    error: stack `shop-data` (ap-northeast-1) was not changed: a resource to import was not found
       = note: `network` (AWS::EC2::VPC): 2 such resources with the tag `Name=legacy` outside a stack were found: VpcId=vpc-1; VpcId=vpc-2
       = help: specify the resources with `--import-ids FILE`, and complete: {"data":{"Network":{"VpcId":""}}}
    "#);
    let mut settings = importing(&["Network"]);
    let given = (("data".to_owned(), "network".to_owned()), row("VpcId", "vpc-2"));
    settings.import.as_mut().unwrap().identifiers = [given].into();
    let before = calls(&fake).get("ListResourceScanResources").copied();
    assert!(deploy_with(&fake, &shop(), &settings, &Notes::default()).await.is_fine());
    assert_eq!(physical(&fake)["Network"], "vpc-2");
    assert_eq!(calls(&fake).get("ListResourceScanResources").copied(), before, "nobody asks what is known");
}

#[tokio::test(start_paused = true)]
async fn reports_impossible_imports_before_changes() {
    let fake = world(5);
    let report = deploy_with(&fake, &shop(), &importing(&["rule"]), &Notes::default()).await;
    insta::assert_snapshot!(failure(&report), @"
    error: stack `shop-data` (ap-northeast-1) was not changed: CloudFormation does not import `rule` (AWS::IAM::RolePolicy)
       = help: remove these resources from `--import`, so that they are created; or refer to the existing resources with an import in the program
    ");

    // Another stack contains the resource.
    let other = platform(&[("other", TOKYO, &[], &["Queue"])]);
    assert!(deploy_with(&fake, &other, &settings("run1"), &Notes::default()).await.is_fine());
    crate::states::set(&fake, "shop-other", |kept| {
        kept.resources.get_mut("Queue").unwrap().physical = "assets-111122223333".to_owned();
    });
    let report = deploy_with(&fake, &shop(), &importing(&["Assets"]), &Notes::default()).await;
    insta::assert_snapshot!(failure(&report), @"
    error: stack `shop-data` (ap-northeast-1) was not changed: a resource to import is in another stack
       = note: `assets` (AWS::S3::Bucket: BucketName=assets-111122223333) is in the stack `shop-other`
       = help: move the resource with a stack refactor, or first remove it from that stack with `DeletionPolicy: Retain`; to take over a whole stack, use `--adopt`
    ");

    // The target of the reference is neither deployed nor imported.
    let mut assembly = shop();
    let mut value: Value = serde_json::from_str(&assembly.files["data.template.json"]).unwrap();
    value["Resources"]["Network"]["Properties"]["Peer"] = json!({ "Fn::GetAtt": ["Queue", "Arn"] });
    assembly.files.insert("data.template.json".to_owned(), value.to_string());
    let report = deploy_with(&fake, &assembly, &importing(&["Network"]), &Notes::default()).await;
    insta::assert_snapshot!(failure(&report), @"
    error: stack `shop-data` (ap-northeast-1) was not changed: an import cannot create resources, so it cannot add references to new resources
      --> src/main.rs:17:5
       = note: `network` refers to `queue`, which is not in the stack
       = help: also import those resources; or first deploy without `--import` and without the references, then import
    ");
    assert!(!fake.world.borrow().stacks.contains_key(&(TOKYO.to_owned(), "shop-data".to_owned())));
}

#[tokio::test(start_paused = true)]
async fn reports_cause_of_rolled_back_import() {
    let (fake, assembly) = (world(6), shop());
    assert!(
        deploy_with(&fake, &platform(&[("data", TOKYO, &[], &["Queue"])]), &settings("run0"), &Notes::default())
            .await
            .is_fine()
    );
    fake.world.borrow_mut().failing.insert("Assets".to_owned(), (1, crate::world::Badly::RolledBack));
    let report = deploy_with(&fake, &assembly, &importing(&["Assets"]), &Notes::default()).await;
    insta::assert_snapshot!(failure(&report), @"
    error: stack `shop-data` (ap-northeast-1) did not import the resources: its state is `IMPORT_ROLLBACK_COMPLETE`
      --> src/main.rs:16:5
       = construct: assets
       = cause: `Assets` (AWS::CloudFormation::Stack), `IMPORT_FAILED`: it is of another region
       = note: rolled back: the stack has the state from before the import, and no resource was deleted
       = help: fix the cause, then run the command again
    ");
    assert!(deploy_with(&fake, &assembly, &importing(&["Assets"]), &Notes::default()).await.is_fine());
}

#[tokio::test(start_paused = true)]
async fn import_continues_after_interruption_at_any_call() {
    let mut n_cut = 0;
    for at in 0..80 {
        let (fake, assembly) = (world(7), shop());
        *fake.at_call.borrow_mut() = Some((
            at,
            Box::new(|fake: &Fake| {
                fake.dead.set(true);
                fake.death.notify_waiters();
            }),
        ));
        let (notes, stop, importing) = (Notes::default(), Stop::default(), importing(&[]));
        let cut = tokio::select! {
            biased;
            () = fake.death.notified() => true,
            report = deploy_until(&fake, &assembly, &importing, &notes, &stop) => { assert!(report.is_fine(), "{report:#?}"); false }
        };
        n_cut += u32::from(cut);
        let again = Settings { run: "run2".to_owned(), ..importing };
        let report = deploy_with(&fake, &assembly, &again, &Notes::default()).await;
        assert!(report.is_fine(), "cut off at call {at}: {report:#?}");
        assert_eq!(physical(&fake)["Assets"], "assets-111122223333", "cut off at call {at}");
        assert_eq!(physical(&fake)["Network"], "vpc-1", "cut off at call {at}");
    }
    assert!((20..80).contains(&n_cut), "{n_cut} of 80 were cut off");
}

#[tokio::test(start_paused = true)]
async fn rejects_import_into_stack_of_another_owner() {
    let (fake, notes) = (world(8), Notes::default());
    let before = platform(&[("data", TOKYO, &[], &["Queue"])]);
    assert!(deploy_with(&fake, &before, &settings("run0"), &Notes::default()).await.is_fine());
    crate::states::set(&fake, "shop-data", |kept| kept.stack.tags = row("team", "data"));
    let settings = Settings { adopt: vec!["shop-data".to_owned()], ..importing(&["Assets"]) };
    let report = deploy_with(&fake, &shop(), &settings, &notes).await;
    assert!(report.is_fine(), "{report:#?}");
    let text = taken(&notes);
    let at = |what: &str| text.find(what).unwrap_or_else(|| panic!("{what} is not in {text}"));
    assert!(at("stack `shop-data` from") < at("`assets` (AWS::S3::Bucket"), "{text}");
    assert_eq!(text.matches("stack `shop-data` from").count(), 1, "it is told once: {text}");
    let world = fake.world.borrow();
    assert_eq!(world.find(TOKYO, "shop-data").unwrap().stack.tags["team"], "data");
}

#[tokio::test]
async fn imports_with_the_sdk() {
    let endpoint = Endpoint::start();
    endpoint.world.lock().unwrap().outside = outside();
    let mut settings = importing(&["Assets", "Network"]);
    let given = (("data".to_owned(), "Network".to_owned()), row("VpcId", "vpc-2"));
    settings.import.as_mut().unwrap().identifiers = [given].into();
    let report = crate::http::deploy(&endpoint, &shop(), &settings).await;
    assert!(report.is_fine(), "{report:#?}");
    {
        let world = endpoint.world.lock().unwrap();
        let resources = &world.find(TOKYO, "shop-data").unwrap().resources;
        assert_eq!(resources["Assets"].physical, "assets-111122223333");
        assert_eq!(resources["Network"].physical, "vpc-2");
        assert_eq!(resources["Queue"].physical, "shop-data-Queue");
    }
    let (aws, place) = (crate::http::aws(&endpoint), AccountRegion { account: None, region: TOKYO.to_owned() });
    assert_eq!(aws.owner(&place, "vpc-2").await.unwrap().as_deref(), Some("shop-data"));
    assert_eq!(aws.owner(&place, "vpc-9").await.unwrap(), None);
    assert_eq!(aws.latest_scan(&place).await.unwrap(), None);
    let types = ["AWS::EC2::VPC".to_owned()];
    let id = aws.start_scan(&place, &types, "t").await.unwrap();
    assert_eq!(aws.start_scan(&place, &types, "t").await.unwrap_err().fault, Fault::State);
    assert_eq!(aws.latest_scan(&place).await.unwrap().unwrap().id, id);
    let scan = loop {
        let scan = aws.scan(&place, &id).await.unwrap();
        match scan.status.as_str() {
            "IN_PROGRESS" => tokio::time::sleep(std::time::Duration::from_millis(200)).await,
            _ => break scan,
        }
    };
    assert_eq!((scan.status.as_str(), scan.types.len()), ("COMPLETE", 1));
    let found = aws.scanned(&place, &id, "AWS::EC2::VPC", Some(("Name", "legacy"))).await.unwrap();
    assert_eq!(found, [ScannedResource { identifier: row("VpcId", "vpc-1"), is_managed: false }]);
    assert_eq!(aws.scanned(&place, &id, "AWS::EC2::VPC", None).await.unwrap().len(), 2, "with that of the stack");
}

#[tokio::test(start_paused = true)]
async fn does_not_import_one_resource_twice() {
    let (fake, mut assembly) = (world(9), shop());
    let mut value: Value = serde_json::from_str(&assembly.files["data.template.json"]).unwrap();
    value["Resources"]["Other"] = json!({ "Type": "AWS::EC2::VPC", "DeletionPolicy": "Retain", "Properties": {} });
    assembly.files.insert("data.template.json".to_owned(), value.to_string());
    let mut settings = importing(&["Network", "Other"]);
    let given = ["Network", "Other"].map(|id| (("data".to_owned(), id.to_owned()), row("VpcId", "vpc-1")));
    settings.import.as_mut().unwrap().identifiers = given.into();
    let report = deploy_with(&fake, &assembly, &settings, &Notes::default()).await;
    insta::assert_snapshot!(failure(&report), @"
    error: stack `shop-data` (ap-northeast-1) was not changed: a resource to import was not found
       = note: `network` and `Other` (AWS::EC2::VPC) are both identified by VpcId=vpc-1
       = help: correct the identifiers in the program or in the file of `--import-ids`
    ");
    assert!(!calls(&fake).contains_key("CreateChangeSet"));
}

#[test]
fn parses_identifiers_file() {
    let read = |value: Value| meshsynth_deploy::commands::identifiers(&value.to_string());
    let good = read(json!({ "data": { "network": { "VpcId": "vpc-1" } } })).unwrap();
    assert_eq!(good[&("data".to_owned(), "network".to_owned())], row("VpcId", "vpc-1"));
    let wrong = |value: Value| read(value).unwrap_err().to_string();
    let of = |id: Value| wrong(json!({ "data": { "network": { "VpcId": id } } }));
    assert_eq!(of(json!(17)), "`VpcId` of `network` of `data` must be a string, but is `17`");
    assert_eq!(of(json!(null)), "`VpcId` of `network` of `data` must be a string, but is `null`");
    assert_eq!(of(json!("")), "`VpcId` of `network` of `data` must be a string, but is empty");
    assert_eq!(of(json!(["vpc-1"])), "`VpcId` of `network` of `data` must be a string, but is a list");
    assert!(wrong(json!({ "data": { "network": "vpc-1" } })).ends_with("; `network` of `data` is text"));
    assert!(wrong(json!({ "data": { "network": {} } })).ends_with("; `network` of `data` is empty"));
    assert!(wrong(json!([])).ends_with("; the file is a list"));
    assert!(meshsynth_deploy::commands::identifiers("{").unwrap_err().to_string().contains("it is not JSON"));
}

#[tokio::test(start_paused = true)]
async fn plan_starts_no_scan_without_request() {
    for (scans, is_known) in [(false, false), (true, true)] {
        let (fake, notes, stop, assembly) = (world(12), Notes::default(), Stop::default(), shop());
        let mut settings = importing(&["Assets", "Network"]);
        settings.import = settings.import.map(|it| ImportSettings { looks: true, scans, ..it });
        let plan = Plan::new(&assembly, None).unwrap();
        let looked = Worker::new(&fake, &assembly, &plan.stacks[0], &settings, &notes, &stop).look().await;
        assert_eq!(looked.is_ok(), is_known, "{looked:?}");
        assert_eq!(calls(&fake).contains_key("StartResourceScan"), scans);
        assert!(!calls(&fake).contains_key("CreateChangeSet"));
        let Err(failure) = looked else {
            assert!(taken(&notes).contains("VpcId=vpc-1"), "{}", taken(&notes));
            continue;
        };
        insta::assert_snapshot!(failure, @"
        error: the resources that stack `shop-data` (ap-northeast-1) would import are unknown: no scan in the last 24 hours included `AWS::EC2::VPC`
           = help: specify the resources with `--import-ids FILE`, or pass `--scan`, which takes several minutes
        ");
    }
}
