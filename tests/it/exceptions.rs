//! Exceptions of a program: suppressed findings are recorded and are no longer errors.

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
fn records_suppressed_findings_with_their_exceptions() {
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
fn exceptions_apply_only_to_descendants() {
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
fn suppresses_findings_of_built_in_rules() {
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
fn manifest_is_unchanged_without_exceptions_and_rules() {
    let app = App::new("shop");
    s3::Bucket::new(&stack(&app, "data"), "receipts", s3::BucketProps::default());
    let (diagnostics, manifest) = read(app);
    assert!(diagnostics.is_empty() && manifest.get("exceptions").is_none() && manifest.get("rules").is_none());
}

#[test]
fn writes_exceptions_for_other_tools_into_templates() {
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
    // Other resources are unchanged.
    assert!(platform.resources("AWS::EC2::VPC").iter().all(|it| it.entry.get("Metadata").is_none()));
}
