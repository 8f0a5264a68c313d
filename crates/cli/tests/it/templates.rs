//! `meshsynth check` with CloudFormation templates.

use serde_json::Value;

use crate::project::{GOOD, Project, assert_shown};

const TEMPLATE: &str = "\
AWSTemplateFormatVersion: '2010-09-09'
Parameters:
  Stage: { Type: String, AllowedValues: [dev, prod], Default: dev }
Conditions:
  IsProd: !Equals [!Ref Stage, prod]
Resources:
  Vpc:
    Type: AWS::EC2::VPC
    Properties:
      CidrBlock: 10.0.0.0/16
      Tags: [{ Key: Name, Value: !Sub '${AWS::StackName}-${Stage}' }]
  Subnet:
    Type: AWS::EC2::Subnet
    Properties:
      VpcId: !Ref Vpc
      CidrBlock: !If [IsProd, 10.0.0.0/20, 10.0.0.0/24]
      AvailabilityZone: !Select [0, !GetAZs '']
Outputs:
  Vpc:
    Value: !GetAtt Vpc.VpcId
";

fn report(project: &Project, args: &[&str]) -> Value {
    let output = project.command(&[args, &["--format", "json", "--quiet"]].concat()).output().unwrap();
    serde_json::from_slice(&output.stdout).unwrap_or_else(|_| panic!("{}", String::from_utf8_lossy(&output.stderr)))
}

fn found(report: &Value) -> Vec<String> {
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let told = report["diagnostics"].as_array().unwrap().iter();
    told.map(|it| format!("{} {}:{}:{}", text(&it["code"]), text(&it["file"]), it["line"], it["column"])).collect()
}

#[test]
fn reads_short_form_functions() {
    let project = Project::new("templates-clean", GOOD);
    project.write("network.yaml", TEMPLATE);
    let text = project.run(&["check", "network.yaml", "--strict"]);
    assert!(text.contains("exit code: 0\n") && text.contains("2 resources in 1 file: 0 warnings"), "{text}");
}

#[test]
fn reports_fault_at_field() {
    let project = Project::new("templates-faulty", GOOD);
    let faulty = TEMPLATE
        .replace("${Stage}", "${Stgae}")
        .replace("10.0.0.0/24", "!Ref AWS::NoValue")
        .replace("VpcId: !Ref Vpc", "VpcIdd: !Ref Vpc")
        .replace("!GetAtt Vpc.VpcId", "!GetAtt Vpc.VpcIdd")
        .replace("[IsProd,", "[IsPord,");
    project.write("network.yaml", &faulty);
    assert_shown!("check_template", project.run_in_vain(&["check", "network.yaml"]));
    // The same template as JSON, indented with tabs.
    let json = "{\n\t\"Resources\": {\n\t\t\"Jobs\": {\n\t\t\t\"Type\": \"AWS::SQS::Queue\",\n\t\t\t\"Properties\": { \
         \"Fifo\": true }\n\t\t}\n\t}\n}\n";
    project.write("jobs.template", json);
    assert_eq!(found(&report(&project, &["check", "jobs.template"])), ["MS0105 jobs.template:5:20"]);
}

#[test]
fn reads_templates_beside_manifests() {
    let project = Project::new("templates-folder", GOOD);
    project.write("all/network.yaml", TEMPLATE);
    project.write(
        "all/jobs.template",
        "{ \"AWSTemplateFormatVersion\": \"2010-09-09\", \"Resources\": { \"Jobs\": { \
         \"Type\": \"AWS::SQS::Queue\" } } }",
    );
    project.write("all/letter.template", "Dear {{ name }}\n");
    project.write("all/config.yaml", "apiVersion: v1\nkind: ConfigMap\nmetadata: { name: a }\n");
    let report = report(&project, &["check", "all"]);
    assert_eq!([&report["objects"], &report["resources"], &report["files"]], [1, 3, 3]);
    let text = project.run(&["check", "all"]);
    assert!(text.contains("1 object and 3 resources in 3 files"), "{text}");
}

#[test]
fn broken_template_is_not_mistaken_for_a_helm_template() {
    let project = Project::new("templates-broken", GOOD);
    project.write("a.yaml", "AWSTemplateFormatVersion: '2010-09-09'\nResources:\n  A: [ '{{resolve:ssm:a}}'\n");
    assert!(project.run(&["check", "a.yaml"]).contains("error[MS0116]"));
}

#[test]
fn reads_cdk_output_by_manifest() {
    let project = Project::new("templates-cdk", GOOD);
    let stack = |file: &str, env: &str| {
        format!(
            r#"{{ "type": "aws:cloudformation:stack", "environment": "{env}", "properties": {{ "templateFile": "{file}", "stackName": "shop" }} }}"#
        )
    };
    let manifest = |artifacts: &str| format!(r#"{{ "version": "36.0.0", "artifacts": {{ {artifacts} }} }}"#);
    let nested = r#""stage": { "type": "cdk:cloud-assembly", "properties": { "directoryName": "assembly-stage" } }"#;
    let web_acl = |scope: &str| {
        format!(
            r#"{{ "Resources": {{ "Acl": {{ "Type": "AWS::WAFv2::WebACL", "Properties": {{ "Scope": "{scope}", "DefaultAction": {{ "Allow": {{}} }},
            "VisibilityConfig": {{ "CloudWatchMetricsEnabled": false, "MetricName": "a", "SampledRequestsEnabled": false }} }} }} }} }}"#
        )
    };
    let first = stack("shop.template.json", "aws://123456789012/eu-west-1");
    project.write("cdk.out/manifest.json", &manifest(&format!("\"shop\": {first}, {nested}")));
    project.write("cdk.out/shop.template.json", &web_acl("CLOUDFRONT"));
    project.write("cdk.out/more.nested.template.json", &web_acl("REGION"));
    project.write("cdk.out/tree.json", "{ \"version\": \"tree-0.1\" }");
    let second = stack("edge.template.json", "aws://unknown-account/unknown-region");
    project.write("cdk.out/assembly-stage/manifest.json", &manifest(&format!("\"edge\": {second}")));
    project.write("cdk.out/assembly-stage/edge.template.json", &web_acl("CLOUDFRONT"));
    let report = report(&project, &["check", "cdk.out"]);
    // The region of one stack is known, and that of the other is not.
    assert_eq!(report["resources"], 3);
    let codes: Vec<&str> =
        report["diagnostics"].as_array().unwrap().iter().map(|it| it["code"].as_str().unwrap()).collect();
    assert_eq!(codes, ["MS0105", "MS0601"], "{report:#}");
    assert_eq!(report["diagnostics"][1]["construct"], "shop/Acl");
}

#[test]
fn reports_missing_template_of_manifest() {
    let project = Project::new("templates-cdk-lost", GOOD);
    let artifact = r#"{ "type": "aws:cloudformation:stack", "properties": { "templateFile": "shop.template.json" } }"#;
    project.write("cdk.out/manifest.json", &format!("{{ \"artifacts\": {{ \"shop\": {artifact} }} }}"));
    let told = report(&project, &["check", "cdk.out"]);
    let finding = &told["diagnostics"][0];
    assert_eq!(finding["file"], "cdk.out/shop.template.json");
    let message = "cannot read this path: `manifest.json` refers to this template, but the file does not exist";
    assert_eq!(finding["message"], message, "{told:#}");
}

#[test]
fn comments_and_configuration_suppress_findings() {
    let project = Project::new("templates-allow", GOOD);
    let table = "Resources:\n  # meshsynth: allow MS0310: a test\n  Files:\n    Type: AWS::S3::Bucket\n  Logs:\n    \
         Type: AWS::S3::Bucket\n";
    project.write("files.yaml", table);
    assert_eq!(found(&report(&project, &["check", "files.yaml"])), ["MS0310 files.yaml:5:3"]);
    project.write(
        "meshsynth.toml",
        "[[check.allow]]\ncode = \"MS0310\"\nwhat = \"files/Logs\"\nreason = \"a test\"\nuntil = \"2027-01-31\"\n",
    );
    assert_eq!(found(&report(&project, &["check", "files.yaml", "--today", "2026-11-22"])), [""; 0]);
}
