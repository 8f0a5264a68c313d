//! `meshsynth explain` of typed resources and kinds.

use std::fmt::Write as _;
use std::fs;

use serde_json::Value;

use crate::project::{GOOD, Project, assert_shown};

fn project(case: &str) -> Project {
    Project::new(&format!("explained-types-{case}"), GOOD)
}

/// Returns the JSON of a type.
fn json(project: &Project, name: &str) -> Value {
    let output = project.command(&["explain", "--json", name]).output().unwrap();
    serde_json::from_slice(&output.stdout).unwrap_or_else(|error| panic!("{name}: {error}: {output:?}"))
}

/// Returns the row of a property.
fn row<'a>(page: &'a Value, list: &str, property: &str) -> &'a Value {
    let rows = page[list].as_array().unwrap();
    rows.iter().find(|row| row["property"] == property).unwrap_or_else(|| panic!("no {property} in {page:#}"))
}

#[test]
fn explains_resource_type() {
    let project = project("resource");
    assert_shown!("explain_resource", project.run(&["explain", "cfn::rds::DBProxy"]));
    let page = json(&project, "AWS::RDS::DBProxy");
    assert_eq!(page["type"], "cfn::rds::DbProxy");
    assert_eq!(page["required"][0]["name"], "db_proxy_name");
    assert_eq!(row(&page, "required", "EngineFamily")["change"], "replaces");
    assert_eq!(row(&page, "optional", "RequireTLS")["change"], "in-place");
    assert_eq!(page["module"], "cfn::rds::db_proxy");
    assert_eq!(json(&project, "AWS::KMS::Alias")["module"], Value::Null);
    assert_eq!(page["ref"]["property"], "DBProxyName");
    assert_eq!(page["attributes"][1]["method"], "endpoint");
}

#[test]
fn explains_kind() {
    let project = project("kind");
    assert_shown!("explain_kind", project.run(&["explain", "kube::apps::Deployment"]));
    let page = json(&project, "apps/v1 Deployment");
    assert_eq!(page["type"], "kube::apps::Deployment");
    assert_eq!(page["constructs"], serde_json::json!(["mesh::Workload"]));
    assert_eq!(row(&page, "optional", "spec")["change"], "some-rejected");
    assert_eq!(json(&project, "ConfigMap")["type"], "kube::core::ConfigMap");
}

#[test]
fn explains_service_behind_feature() {
    let project = project("service");
    let text = project.run(&["explain", "AWS::Kinesis::Stream"]);
    let manifest = "`meshsynth-services = { version = \"0.1\", features = [\"kinesis\"] }`";
    assert!(text.replace('\n', " ").contains(manifest), "{text}");
    assert!(text.contains("meshsynth_services::kinesis::Stream::new()"), "{text}");
    assert_eq!(json(&project, "meshsynth_services::kinesis::Stream")["feature"], "kinesis");
    // The facts do not contain AWS SAM types.
    let function = json(&project, "AWS::Serverless::Function");
    assert_eq!(function["optional"][0]["change"], "unknown");
}

#[test]
fn explains_nested_types() {
    let project = project("nested");
    assert_shown!("explain_nested", project.run(&["explain", "cfn::rds::DBProxyAuthFormat"]));
    let page = json(&project, "AWS::RDS::DBProxy.AuthFormat");
    assert_eq!(page["used_by"], serde_json::json!(["Auth.*"]));
    assert_eq!(row(&page, "optional", "SecretArn")["change"], "in-place");
    let family = json(&project, "cfn::rds::db_proxy::EngineFamily");
    assert_eq!(family["values"][0], serde_json::json!({ "variant": "Mysql", "value": "MYSQL" }));
}

#[test]
fn a_nested_property_replaces_its_resource() {
    let project = project("replaced");
    let table = json(&project, "AWS::DynamoDB::Table");
    assert_eq!(table["stateful"], true);
    assert_eq!(table["constructs"], serde_json::json!(["dynamodb::Table"]));
    let template = json(&project, "AWS::EC2::Instance");
    let changes: Vec<&str> =
        template["optional"].as_array().unwrap().iter().filter_map(|it| it["change"].as_str()).collect();
    assert!(changes.contains(&"replaces") && changes.contains(&"in-place"), "{changes:?}");
}

#[test]
fn suggests_similar_types() {
    let project = project("unknown");
    let text = project.run_in_vain(&["explain", "cfn::rds::DBPrxy"]);
    assert!(text.contains("there is no resource type or kind named `cfn::rds::DBPrxy`"), "{text}");
    assert!(text.contains("did you mean `cfn::rds::DbProxy`?"), "{text}");
    let text = project.run_in_vain(&["explain", "AWS::RDS::DBPrxy"]);
    assert!(text.contains("did you mean `AWS::RDS::DBProxy`?"), "{text}");
    let text = project.run_in_vain(&["explain", "kube::apps::Deploymnt"]);
    assert!(text.contains("did you mean `kube::apps::Deployment`?"), "{text}");
    let found = project.run(&["explain", "--search", "dbproxy"]);
    assert!(found.contains("\ncfn::rds::DbProxy  AWS::RDS::DBProxy\n"), "{found}");
    assert!(project.run(&["explain", "--json", "--search", "dbproxy"]).contains("\"vendor\": \"AWS::RDS::DBProxy\""));
}

/// Types of each form, whose examples are compiled.
const COMPILED: [&str; 16] = [
    "AWS::RDS::DBProxy",
    "AWS::SQS::Queue",
    "AWS::SQS::QueuePolicy",
    "AWS::DynamoDB::Table",
    "AWS::EC2::SecurityGroup",
    "AWS::ElasticLoadBalancingV2::ListenerRule",
    "AWS::CloudFront::Distribution",
    "AWS::Kinesis::Stream",
    "AWS::Serverless::Function",
    "apps/v1 Deployment",
    "v1 ConfigMap",
    "v1 Namespace",
    "kube::istio::VirtualService",
    "kube::gateway::HttpRoute",
    "cfn::rds::db_proxy::AuthFormat",
    "cfn::rds::db_proxy::EngineFamily",
];

/// The examples are a module of this test, so that the compiler checks them.
#[test]
fn examples_compile() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/it/typed_examples.rs");
    let project = project("examples");
    let mut text = "//! The examples of `meshsynth explain`, which `explained_types.rs` writes.\n".to_owned();
    for name in COMPILED {
        let page = json(&project, name);
        let lines = page["example"].as_str().unwrap().lines();
        let words = name.to_lowercase().replace(|c: char| !c.is_ascii_alphanumeric(), "_").replace("__", "_");
        let _ = write!(text, "\n#[test]\nfn {words}() {{\n");
        text.extend(lines.map(|line| if line.is_empty() { "\n".to_owned() } else { format!("    {line}\n") }));
        text += "}\n";
    }
    if std::env::var_os("UPDATE_DOCS").is_some() {
        fs::write(path, &text).unwrap();
    }
    let written = fs::read_to_string(path).unwrap();
    assert!(written == text, "stale: UPDATE_DOCS=1 cargo test --package meshsynth-cli --test it explained_types");
}
