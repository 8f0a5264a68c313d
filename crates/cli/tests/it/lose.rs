//! `meshsynth lose` with outputs and with plain files.

use std::path::Path;

use serde_json::Value;

use crate::project::Project;

/// Runs the command for a reference platform; returns its output and exit code.
fn ask(case: &str, platform: &str, args: &[&str]) -> (String, String, i32) {
    let platform = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../snapshots").join(platform);
    let project = Project::new(case, "exit 1");
    said(&project, &[&["lose", "--assembly", platform.to_str().unwrap()], args].concat())
}

fn said(project: &Project, args: &[&str]) -> (String, String, i32) {
    let output = project.command(args).output().unwrap();
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
    (text(output.stdout), text(output.stderr), output.status.code().unwrap())
}

#[test]
fn reports_lost_region_with_causes_and_steps() {
    let (out, _, code) = ask("lose-region", "global-data", &["--region", "ap-northeast-1"]);
    assert_eq!(code, 0);
    assert!(out.contains("  fails over  front-door/entry\n"), "{out}");
    assert!(out.contains("  by hand     data-tokyo/orders/primary\n"), "{out}");
    assert!(
        out.contains("RDS::DBCluster data-osaka/orders GlobalClusterIdentifier at stacks/global-data/src/osaka.rs:"),
        "{out}"
    );
    assert!(out.contains("manual recovery steps, in order\n  1. "), "{out}");
}

#[test]
fn groups_equal_findings_and_why_shows_lines() {
    let args = ["--region", "eu-central-1"];
    let (out, _, code) = ask("lose-alike", "retail-production", &args);
    assert_eq!(code, 0);
    let queues: Vec<&str> = out.lines().filter(|line| line.contains("events/mails")).collect();
    let row = queues.iter().find(|line| line.starts_with("  lost        ") && !line.contains("callers")).unwrap();
    assert!(row.contains("data/media, data/search, ") && row.ends_with(')'), "{row}");
    assert_eq!(out.matches("\n                it is only in eu-central-1\n").count(), 3, "{out}");
    assert!(out.lines().count() < 70, "{out}");
    let (out, ..) = ask("lose-alike", "retail-production", &[args.as_slice(), &["--why"]].concat());
    assert!(out.contains("SQS::Queue events/mails at stacks/retail/src/events.rs:35:28"), "{out}");
}

#[test]
fn chart_shows_outcomes_of_both_ends() {
    let (out, _, code) = ask("lose-chart", "retail-production", &["--zone", "eu-central-1a", "--format", "mermaid"]);
    assert_eq!(code, 0);
    assert!(out.starts_with("%% ") && out.contains("\nflowchart LR\n"), "{out}");
    let id = |name: &str, class: &str| {
        let end = format!("[\"{name}\"]:::{class}");
        let line = out.lines().find(|line| line.ends_with(&end)).unwrap_or_else(|| panic!("no {end} in {out}"));
        line.trim().strip_suffix(&end).unwrap().to_owned()
    };
    let (orders, db) = (id("shop/shop/orders", "unknown"), id("data/orders-db", "failsOver"));
    assert!(out.contains(&format!("  {orders} -. fails over .-> {db}\n")), "{out}");
    let key = id("data/company-key", "left");
    assert!(out.contains(&format!("  {orders} --> {key}\n")), "{out}");
}

#[test]
fn runbook_lists_commands_in_order() {
    let (out, _, code) = ask("lose-runbook", "global-data", &["--region", "ap-northeast-1", "--runbook"]);
    assert_eq!(code, 0);
    let at = |text: &str| out.find(text).unwrap_or_else(|| panic!("no {text} in {out}"));
    assert!(
        at("aws rds failover-global-cluster --region ap-northeast-3") < at("### Keys, secrets and images"),
        "{out}"
    );
    assert!(at("aws elasticache failover-global-replication-group") < at("## Automatic failover"), "{out}");
}

#[test]
fn json_follows_schema() {
    let schema: Value = serde_json::from_str(include_str!("../../../../docs/lose.schema.json")).unwrap();
    for (platform, args) in [
        ("global-data", ["--region", "ap-northeast-1"]),
        ("genai-demo-production", ["--zone", "ap-northeast-1a"]),
        ("retail-production", ["--workload", "orders"]),
    ] {
        let (out, err, _) = ask("lose-json", platform, &[args.as_slice(), &["--format", "json"]].concat());
        let answer: Value = serde_json::from_str(&out).unwrap_or_else(|error| panic!("{error}: {out}{err}"));
        follows(&schema, &schema, &answer, "answer");
        assert!(!answer["findings"].as_array().unwrap().is_empty());
    }
}

/// Validates a value against the used subset of JSON Schema.
pub fn follows(root: &Value, schema: &Value, value: &Value, at: &str) {
    if let Some(name) = schema["$ref"].as_str() {
        return follows(root, root.pointer(name.trim_start_matches('#')).unwrap(), value, at);
    }
    if let Some(ways) = schema["oneOf"].as_array() {
        let is_null = |it: &&Value| it["type"] == "null";
        let way = if value.is_null() { ways.iter().find(is_null) } else { ways.iter().find(|it| !is_null(it)) };
        return follows(root, way.unwrap_or_else(|| panic!("{at}: {value}")), value, at);
    }
    if let Some(values) = schema["enum"].as_array() {
        assert!(values.contains(value), "{at}: {value}");
    }
    if let Some(only) = schema.get("const") {
        assert_eq!(only, value, "{at}");
    }
    match schema["type"].as_str() {
        Some("string") => assert!(value.is_string(), "{at}: {value}"),
        Some("null") => assert!(value.is_null(), "{at}: {value}"),
        Some("array") => {
            let items = value.as_array().unwrap_or_else(|| panic!("{at}: {value}"));
            items.iter().enumerate().for_each(|(idx, it)| follows(root, &schema["items"], it, &format!("{at}[{idx}]")));
        }
        Some("object") => {
            let map = value.as_object().unwrap_or_else(|| panic!("{at}: {value}"));
            for name in schema["required"].as_array().unwrap() {
                assert!(map.contains_key(name.as_str().unwrap()), "{at} has no {name}");
            }
            for (name, value) in map {
                let of = schema["properties"].get(name).unwrap_or_else(|| panic!("{at}.{name} is not described"));
                follows(root, of, value, &format!("{at}.{name}"));
            }
        }
        Some(other) => panic!("{at}: {other}"),
        None => {}
    }
}

#[test]
fn page_is_reproducible_and_self_contained() {
    let page = || ask("lose-page", "genai-demo-production", &["--zone", "ap-northeast-1a", "--format", "html"]).0;
    let first = page();
    assert_eq!(first, page());
    assert!(first.contains("sha256:") && first.contains("Limits of this analysis"), "{first}");
    assert!(!first.contains("http://") && !first.contains("src=") && !first.contains("<script"), "{first}");
}

#[test]
fn suggests_similar_name() {
    let wrong = |args: &[&str]| {
        let (_, err, code) = ask("lose-name", "global-data", args);
        assert_eq!(code, 2, "{err}");
        err
    };
    assert!(wrong(&["--zone", "ap-northeast-1b"]).contains("did you mean `ap-northeast-1a`?"));
    assert!(wrong(&["--zone", "ap-northeast-1"]).contains("use `--region ap-northeast-1`"));
    assert!(wrong(&["--region", "eu-west-1"]).contains("available: `ap-northeast-1`, `ap-northeast-3`"));
    assert!(wrong(&["--workload", "shp"]).contains("did you mean `shop`?"));
    assert!(wrong(&[]).contains("--zone <ZONE>"));
}

#[test]
fn reports_empty_folder() {
    let project = Project::new("lose-empty", "exit 1");
    project.write("k8s/readme.txt", "nothing");
    let (_, err, code) = said(&project, &["lose", "--assembly", "k8s", "--zone", "eu-west-1a"]);
    assert_eq!((code, err.contains("`k8s` contains no template and no manifest")), (2, true), "{err}");
}

#[test]
fn reads_short_form_functions() {
    let project = Project::new("lose-tags", "exit 1");
    let text = "Resources:\n  A:\n    Type: AWS::EC2::Subnet\n    Properties: { AvailabilityZone: !Select [0, !GetAZs ''] }\n  \
                I:\n    Type: AWS::EC2::Instance\n    Properties: { SubnetId: !Ref A }\n";
    project.write("data/t.yaml", text);
    let (out, err, _) = said(&project, &["lose", "--assembly", "data", "--zone", "eu-west-1a"]);
    assert!(out.contains("  lost        t/I\n"), "{out}{err}");
    let (_, err, code) = said(&project, &["lose", "--assembly", "data", "--region", "eu-west-1"]);
    assert_eq!((code, err.contains("the files do not specify regions")), (2, true), "{err}");
}

const POD: &str = "apiVersion: v1\nkind: Pod\nmetadata: { name: web, namespace: shop }\nspec:\n  nodeSelector: { \
     topology.kubernetes.io/zone: eu-west-1a }\n  containers: [ { name: main, image: x } ]\n";

#[test]
fn checks_rules_of_plain_files() {
    let project = Project::new("lose-rules", "exit 1");
    project.write("k8s/web.yaml", POD);
    let checked = |rules: &str| {
        project.write("meshsynth.toml", rules);
        let (_, err, code) = said(&project, &["lose", "--check", "--assembly", "k8s"]);
        (err, code)
    };
    let (text, code) = checked("[[lose]]\nzone = \"eu-west-1b\"\nkeep = [\"workloads\", \"web\"]\n");
    assert_eq!((text.as_str(), code), ("checked k8s: 1 rule\n", 0));
    let (text, code) = checked("[[lose]]\nzone = \"eu-west-1a\"\nkeep = \"web\"\n");
    assert_eq!(code, 1);
    assert!(text.contains("error: without eu-west-1a, `shop/web` is lost\n  --> meshsynth.toml:1:1\n"), "{text}");
    assert!(text.contains("its pods can run only in the lost zone: Pod shop/web nodeSelector at web.yaml:1"), "{text}");
    let (text, code) = checked("[[lose]]\nzone = \"eu-west-1b\"\nkeep = \"wbe\"\n");
    assert_eq!((code, text.contains("there is no resource or workload named `wbe`")), (1, true), "{text}");
    let (text, code) = checked("[[lose]]\nzone = \"eu-west-1b\"\nkeep = \"capacity\"\n");
    assert_eq!((code, text.contains("may be lost, which cannot be decided from the files")), (1, true), "{text}");
    let (_, code) = checked("[[lose]]\nzone = \"eu-west-1b\"\nkeep = \"capacity\"\nunknown = \"pass\"\n");
    assert_eq!(code, 0);
    let (text, code) = checked("[[lose]]\nkeep = \"entries\"\n");
    assert_eq!(
        (code, text.contains("a rule requires the lost resource, such as `zone`, and `keep`")),
        (2, true),
        "{text}"
    );
    let (text, _) = checked("[[lose]]\nzon = \"any\"\n");
    assert!(text.contains("did you mean `zone`?"), "{text}");
}
