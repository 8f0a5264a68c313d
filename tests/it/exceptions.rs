//! What a program lets pass: recorded, and gone from the errors.

use meshsynth::policy::Rule;
use meshsynth::testing::{Platform, stack, try_synth, workload};
use meshsynth::{App, Construct, cloudwatch, s3};
use serde_json::{Value, json};

fn no_buckets() -> Rule {
    Rule::new("ACME001", "no bucket", |platform, report| {
        for bucket in platform.resources("AWS::S3::Bucket") {
            report.at(&bucket, "a bucket").help("use a table");
        }
    })
}

fn read(app: App) -> (Vec<Value>, Value) {
    let assembly = app.synth().expect("what is wrong passes");
    let file = |name: &str| serde_json::from_str(&assembly.files[name]).expect("it is JSON");
    let diagnostics: Value = file("diagnostics.json");
    (diagnostics.as_array().cloned().unwrap_or_default(), file("manifest.json"))
}

#[test]
fn a_finding_that_passes_is_recorded_with_its_exception() {
    let app = App::new("shop");
    app.rule(no_buckets());
    let data = stack(&app, "data");
    let bucket = s3::Bucket::new(&data, "receipts", s3::BucketProps::default());
    bucket.allow("ACME001", "moves to a table in spring", "2027-01-31").by("platform team");
    let (diagnostics, manifest) = read(app);
    assert_eq!(diagnostics.len(), 1);
    assert_eq!((&diagnostics[0]["code"], &diagnostics[0]["severity"]), (&json!("ACME001"), &json!("error")));
    let allowed = &diagnostics[0]["allowed"];
    assert_eq!(allowed["reason"], "moves to a table in spring");
    assert_eq!((&allowed["until"], &allowed["who"]), (&json!("2027-01-31"), &json!("platform team")));
    let exception = &manifest["exceptions"][0];
    assert_eq!((&exception["what"], &exception["used"]), (&json!("data/receipts"), &json!(true)));
    assert_eq!(exception["source"], allowed["source"]);
    assert!(exception["source"].as_str().is_some_and(|it| it.starts_with("tests/it/exceptions.rs:")), "{exception}");
}

#[test]
fn an_exception_covers_what_is_below_and_nothing_beside() {
    let app = App::new("shop");
    app.rule(no_buckets());
    let data = stack(&app, "data");
    s3::Bucket::new(&data, "receipts", s3::BucketProps::default());
    data.allow("ACME001", "all of them move", "2027-01-31");
    s3::Bucket::new(&stack(&app, "data-old"), "receipts", s3::BucketProps::default());
    let failure = app.synth().expect_err("the other stack has no exception");
    assert_eq!(failure.diagnostics.iter().map(|it| it.construct.as_str()).collect::<Vec<_>>(), ["data-old/receipts"]);
    assert_eq!(failure.allowed.iter().map(|it| it.construct.as_str()).collect::<Vec<_>>(), ["data/receipts"]);
}

#[test]
fn findings_of_built_in_rules_pass_too() {
    let assembly = try_synth("shop", |app| {
        let watch = stack(app, "watch");
        let metric = cloudwatch::Metric::new("Shop", "UnpaidOrders");
        let limit = cloudwatch::Limit::Above(100.0);
        let alarm = cloudwatch::Alarm::new(&watch, "unpaid", &metric, limit, cloudwatch::AlarmProps::default());
        alarm.allow("MS0701", "a dashboard shows it", "2027-01-31");
    });
    let assembly = assembly.expect("a warning at most");
    assert!(assembly.warnings.is_empty());
    assert_eq!(assembly.allowed.iter().map(|it| it.code).collect::<Vec<_>>(), ["MS0701"]);
}

#[test]
fn without_exceptions_and_rules_the_manifest_is_as_it_was() {
    let app = App::new("shop");
    s3::Bucket::new(&stack(&app, "data"), "receipts", s3::BucketProps::default());
    let (diagnostics, manifest) = read(app);
    assert!(diagnostics.is_empty() && manifest.get("exceptions").is_none() && manifest.get("rules").is_none());
}

#[test]
fn checks_of_other_tools_are_answered_where_they_look() {
    let platform = Platform::synth("shop", |app| {
        let orders = workload(app);
        orders.allow("CKV_K8S_37", "it needs this capability", "2027-01-31");
        let data = stack(app, "data");
        let bucket = s3::Bucket::new(&data, "receipts", s3::BucketProps::default());
        bucket.allow("CKV_AWS_18", "it is the target of access logs", "2027-01-31");
        bucket.allow("E3012", "the schema is behind", "2027-01-31");
    });
    let bucket = platform.resource("AWS::S3::Bucket");
    let skip = json!([{ "comment": "it is the target of access logs", "id": "CKV_AWS_18" }]);
    assert_eq!(bucket.entry["Metadata"]["checkov"]["skip"], skip);
    assert_eq!(bucket.entry["Metadata"]["cfn-lint"]["config"]["ignore_checks"], json!(["E3012"]));
    let annotations = platform.object("Deployment", "orders").get("metadata.annotations");
    assert_eq!(annotations["checkov.io/skip1"], "CKV_K8S_37=it needs this capability");
    // Nothing else has changed.
    assert!(platform.resources("AWS::EC2::VPC").iter().all(|it| it.entry.get("Metadata").is_none()));
}
