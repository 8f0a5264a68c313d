//! `meshsynth diff` of the output of other tools, without a program.

use std::fs;
use std::path::Path;
use std::process::Command;

use serde_json::{Value, json};

use crate::BINARY;

/// A folder without a project.
pub struct Place(pub std::path::PathBuf);

impl Place {
    pub fn new(case: &str) -> Self {
        let root = Path::new(env!("CARGO_TARGET_TMPDIR")).join("folders").join(case);
        let _ = fs::remove_dir_all(&root);
        fs::create_dir_all(&root).unwrap();
        Self(root)
    }

    pub fn write(&self, path: &str, text: &str) -> &Self {
        let path = self.0.join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
        self
    }

    /// Returns the exit code, the report and the errors.
    pub fn run(&self, args: &[&str]) -> (i32, String, String) {
        let output = Command::new(BINARY).arg("diff").args(args).current_dir(&self.0).env("COLUMNS", "200").output();
        let output = output.unwrap();
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        (output.status.code().unwrap(), text(&output.stdout), text(&output.stderr))
    }

    /// Compares `old` with `new`.
    pub fn diff(&self, more: &[&str]) -> (i32, String) {
        let mut args = vec!["--base", "old", "--head", "new", "--exit-code"];
        args.extend(more);
        let (code, report, errors) = self.run(&args);
        assert!(code < 2, "{errors}");
        (code, report)
    }

    #[track_caller]
    pub fn is_quiet(&self) {
        let (code, report) = self.diff(&[]);
        assert!(code == 0 && report.contains("no changes"), "{report}");
    }

    pub fn changes(&self) -> Vec<Value> {
        let report = self.diff(&["--format", "json"]).1;
        let value: Value = serde_json::from_str(&report).unwrap();
        value[0]["changes"].as_array().unwrap().clone()
    }

    fn git(&self, args: &[&str]) {
        let mut git = Command::new("git");
        git.args(["-c", "user.name=a", "-c", "user.email=a@example.com"]).args(args).current_dir(&self.0);
        assert!(git.output().unwrap().status.success());
    }
}

/// Returns the verdict, kind and name of each change.
pub fn rows(changes: &[Value]) -> Vec<String> {
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    changes.iter().map(|it| format!("{} {} {}", text(&it["verdict"]), text(&it["kind"]), text(&it["name"]))).collect()
}

pub fn deployment(name: &str, image: &str) -> String {
    format!(
        "apiVersion: apps/v1\nkind: Deployment\nmetadata:\n  name: {name}\nspec:\n  selector:\n    matchLabels: {{ app: {name} }}\n  \
         template:\n    metadata:\n      labels: {{ app: {name} }}\n    spec:\n      containers:\n        - name: {name}\n          \
         image: {image}\n"
    )
}

const TEMPLATE: &str = "\
AWSTemplateFormatVersion: '2010-09-09'
Parameters:
  Stage: { Type: String, Default: prod }
Resources:
  Orders:
    Type: AWS::DynamoDB::Table
    Properties:
      TableName: !Sub '${Stage}-orders'
      BillingMode: PAY_PER_REQUEST
      KeySchema: [{ AttributeName: id, KeyType: HASH }]
      AttributeDefinitions: [{ AttributeName: id, AttributeType: S }]
  Queue:
    Type: AWS::SQS::Queue
    Properties:
      VisibilityTimeout: 30
      Tags: [{ Key: stage, Value: !Ref Stage }]
";

#[test]
fn ignores_location_and_notation() {
    let place = Place::new("layout");
    let web = deployment("web", "shop/web:1");
    let service = "apiVersion: v1\nkind: Service\nmetadata: { name: web }\nspec: { ports: [{ port: 80 }] }\n";
    place.write("old/all.yaml", &format!("{web}---\n{service}")).write("old/data.yaml", TEMPLATE);
    let json: Value = json!({
        "apiVersion": "v1", "kind": "List",
        "items": [{
            "apiVersion": "v1", "kind": "Service", "status": {}, "spec": { "ports": [{ "port": 80 }] },
            "metadata": { "name": "web", "namespace": "default", "creationTimestamp": null, "uid": "1" },
        }],
    });
    place.write("new/web/service.json", &json.to_string()).write("new/web/deployment.yml", &format!("# moved\n{web}"));
    place.write(
        "new/stacks/data.template.json",
        &json!({ "Resources": {
            "Queue": { "Type": "AWS::SQS::Queue", "Properties": {
                "VisibilityTimeout": "30", "Tags": [{ "Value": { "Ref": "Stage" }, "Key": "stage" }] } },
            "Orders": { "Type": "AWS::DynamoDB::Table", "Properties": {
                "TableName": { "Fn::Sub": "${Stage}-orders" }, "BillingMode": "PAY_PER_REQUEST",
                "KeySchema": [{ "AttributeName": "id", "KeyType": "HASH" }],
                "AttributeDefinitions": [{ "AttributeName": "id", "AttributeType": "S" }] } },
        }, "Parameters": { "Stage": { "Type": "String", "Default": "prod" } }, "AWSTemplateFormatVersion": "2010-09-09" })
        .to_string(),
    );
    place.is_quiet();
}

#[test]
fn reads_items_of_typed_list() {
    let place = Place::new("typed-lists");
    let settings =
        |level: &str| format!("{{ metadata: {{ name: web, namespace: shop }}, data: {{ LEVEL: {level} }} }}");
    let list = |level: &str| format!("apiVersion: v1\nkind: ConfigMapList\nitems:\n- {}\n", settings(level));
    place.write("old/web.yaml", &settings("info").replacen('{', "{ apiVersion: v1, kind: ConfigMap,", 1));
    place.write("new/web.yaml", &list("info")).is_quiet();
    place.write("new/web.yaml", &list("debug"));
    assert_eq!(rows(&place.changes()), ["in place ConfigMap web"]);
}

#[test]
fn template_change_has_verdict_line_and_gate() {
    let place = Place::new("verdict");
    place.write("old/data.yaml", TEMPLATE).write("new/data.yaml", &TEMPLATE.replace("Default: prod", "Default: live"));
    let changes = place.changes();
    assert!(rows(&changes).contains(&"data loss AWS::DynamoDB::Table Orders".to_owned()), "{:?}", rows(&changes));
    let lost = changes.iter().find(|it| it["name"] == "Orders").unwrap();
    assert_eq!(lost["source"], "new/data.yaml:5:3");
    let (code, _, errors) = place.run(&["--base", "old", "--head", "new", "--deny", "data-loss"]);
    assert_eq!(code, 1, "{errors}");
    let report = place.diff(&["--format", "sarif"]).1;
    let sarif: Value = serde_json::from_str(&report).unwrap();
    let place = &sarif["runs"][0]["results"][0]["locations"][0]["physicalLocation"];
    assert_eq!(place["artifactLocation"]["uri"], "new/data.yaml");
    assert_eq!(place["region"]["startLine"], 5);
}

#[test]
fn compares_files_with_different_names() {
    let place = Place::new("files");
    place
        .write("v1.yaml", TEMPLATE)
        .write("v2.yaml", &TEMPLATE.replace("VisibilityTimeout: 30", "VisibilityTimeout: 60"));
    let (code, report, errors) = place.run(&["--base", "v1.yaml", "--head", "v2.yaml", "--exit-code"]);
    assert_eq!(code, 1, "{errors}");
    assert!(report.contains("1 change: 1 in place") && report.contains("VisibilityTimeout: 30 → 60"), "{report}");
}

#[test]
fn matches_names_with_content_digest() {
    let config = |name: &str, level: &str| {
        format!("apiVersion: v1\nkind: ConfigMap\nmetadata: {{ name: {name} }}\ndata: {{ LEVEL: {level} }}\n")
    };
    let web = |name: &str| {
        format!(
            "{}      volumes:\n        - name: config\n          configMap: {{ name: {name} }}\n",
            deployment("web", "shop/web:1")
        )
    };
    let place = Place::new("hashed");
    place.write("old/all.yaml", &format!("{}---\n{}", config("app-7b8f9c5dkm", "info"), web("app-7b8f9c5dkm")));
    place.write("new/all.yaml", &format!("{}---\n{}", config("app-ch8tgm9fd2", "debug"), web("app-ch8tgm9fd2")));
    let changes = place.changes();
    assert_eq!(rows(&changes), ["rollout restart Deployment web", "in place ConfigMap app-ch8tgm9fd2"]);
    let reasons = changes[1]["reasons"].to_string();
    assert!(reasons.contains("the old name is `app-7b8f9c5dkm`"), "{reasons}");
}

#[test]
fn folds_chart_labels_and_reports_checksums() {
    let service = |name: &str, version: &str| {
        format!(
            "apiVersion: v1\nkind: Service\nmetadata:\n  name: {name}\n  labels: {{ helm.sh/chart: shop-{version}, \
             app.kubernetes.io/version: \"{version}\" }}\nspec: {{ ports: [{{ port: 80 }}] }}\n---\n"
        )
    };
    let all = |version: &str, sum: &str| {
        let web = deployment("web", "shop/web:1").replace(
            "      labels: { app: web }\n    spec",
            &format!("      labels: {{ app: web }}\n      annotations: {{ checksum/config: {sum} }}\n    spec"),
        );
        let web =
            web.replacen("  name: web\n", &format!("  name: web\n  labels: {{ helm.sh/chart: shop-{version} }}\n"), 1);
        format!("{}{}{web}", service("a", version), service("b", version))
    };
    let place = Place::new("chart-labels");
    place.write("old/all.yaml", &all("1.0.0", "aa")).write("new/all.yaml", &all("1.1.0", "bb"));
    let changes = place.changes();
    assert_eq!(rows(&changes), ["in place labels 2 objects", "rollout restart Deployment web"]);
    assert!(changes[1]["reasons"].to_string().contains("its configuration changes"), "{changes:?}");
    assert_eq!(changes[1]["edits"].as_array().map(Vec::len), Some(1));
}

#[test]
fn hides_secret_values_and_reports_generated_values() {
    let secret = |text: &str| {
        format!("apiVersion: v1\nkind: Secret\nmetadata: {{ name: login }}\nstringData: {{ password: {text} }}\n")
    };
    let place = Place::new("secrets");
    place.write("old/s.yaml", &secret("aB3dE6gHxx")).write("new/s.yaml", &secret("zY8xW5vUqq"));
    let (code, report) = place.diff(&[]);
    assert!(code == 1 && !report.contains("aB3dE6gH") && !report.contains("zY8xW5vU"), "{report}");
    assert!(report.contains("its value looks generated"), "{report}");
    place.write("new/s.yaml", &secret("hunter2"));
    assert!(!place.diff(&[]).1.contains("its value looks generated"));
}

#[test]
fn keeps_objects_of_unreadable_file() {
    let place = Place::new("unread");
    let all = |web: &str| format!("{}---\n{}", deployment("api", "shop/api:1"), web);
    place.write("old/all.yaml", &all(&deployment("web", "shop/web:1")));
    place.write("new/all.yaml", &all("apiVersion: apps/v1\nkind: Deployment\nmetadata: [\n"));
    let (code, report) = place.diff(&[]);
    assert!(code == 1 && report.contains("NOT EVERYTHING WAS COMPARED"), "{report}");
    assert!(report.contains("`all.yaml` of the new side") && !report.contains("prune"), "{report}");
    let (code, ..) = place.run(&["--base", "old", "--head", "new", "--deny", "data-loss"]);
    assert_eq!(code, 1);
    // Identical bytes are not a change, even if they cannot be parsed.
    let (code, report, _) = place.run(&["--base", "new", "--head", "new", "--exit-code"]);
    assert_eq!(code, 0, "{report}");
    // An object that moved into an unreadable file is not removed either.
    place.write("old/other.yaml", &deployment("job", "shop/job:1")).write("new/all.yaml", &all("kind: [\nname: job\n"));
    assert!(!place.diff(&[]).1.contains("prune"));
}

#[test]
fn compares_kustomizations_and_charts_only_if_rendered() {
    let place = Place::new("unrendered");
    for side in ["old", "new"] {
        place.write(&format!("{side}/base/kustomization.yaml"), "resources: [web.yaml]\n");
        place.write(&format!("{side}/base/web.yaml"), &deployment("web", "shop/web:1"));
        place.write(&format!("{side}/chart/Chart.yaml"), "name: a\nversion: 1.0.0\napiVersion: v2\n");
    }
    place.is_quiet();
    place.write("new/base/web.yaml", &deployment("web", "shop/web:2")).write("new/chart/values.yaml", "a: 1\n");
    let (code, report) = place.diff(&[]);
    assert!(code == 1 && report.contains("NOT EVERYTHING WAS COMPARED"), "{report}");
    assert!(report.contains("`base` of both sides: a kustomization: use `--render` to render it"), "{report}");
    assert!(report.contains("`chart` of both sides: a Helm chart"), "{report}");
}

#[test]
fn assigns_clusters_by_folder_and_separates_overlays() {
    let place = Place::new("clusters");
    for side in ["old", "new"] {
        for region in ["tokyo", "osaka"] {
            place.write(&format!("{side}/clusters/{region}/web.yaml"), &deployment("web", "shop/web:1"));
        }
    }
    place.write("old/clusters/osaka/web.yaml", &deployment("web", "shop/web:0"));
    let named = ["--cluster", "tokyo=clusters/tokyo", "--cluster", "osaka=./clusters/osaka/"];
    let (code, report) = place.diff(&named);
    assert!(code == 1 && report.contains("1 change: 1 rollout restart"), "{report}");
    assert!(report.contains("Kubernetes: osaka/default"), "{report}");
    // Without names, they are separated because their definitions conflict.
    let (_, report) = place.diff(&[]);
    assert!(report.contains("1 change: 1 rollout restart") && report.contains("clusters/osaka"), "{report}");
}

#[test]
fn reads_revision_without_changing_work_tree() {
    let place = Place::new("revision");
    place.git(&["init", "--quiet"]);
    place.write("k8s/web.yaml", &deployment("web", "shop/web:1")).write("v.yaml", TEMPLATE);
    place.git(&["add", "."]);
    place.git(&["commit", "--quiet", "--message", "One"]);
    place
        .write("k8s/web.yaml", &deployment("web", "shop/web:2"))
        .write("k8s/new.yaml", &deployment("job", "shop/job:1"));
    for args in [["--base", "HEAD:k8s"].as_slice(), &["--base", "HEAD:./k8s", "--head", "k8s"], &["--head", "k8s"]] {
        let (code, report, errors) = place.run(args);
        assert_eq!(code, 0, "{errors}");
        assert!(report.contains("2 changes: 1 rollout restart, 1 create"), "{args:?}\n{report}");
        assert!(report.lines().next().unwrap().contains("`HEAD:k8s`"), "{report}");
    }
    let (_, report, _) = place.run(&["--base", "HEAD:v.yaml", "--head", "v.yaml"]);
    assert!(report.contains("no changes"), "{report}");
    let (code, _, errors) = place.run(&["--base", "HEAD:nothing", "--head", "k8s"]);
    assert!(code == 2 && errors.contains("`nothing` is not in `HEAD`"), "{errors}");
    let (code, _, errors) = place.run(&["--base", "nothing", "--head", "k8s"]);
    assert!(code == 2 && errors.contains("`nothing` is neither a folder nor a file"), "{errors}");
    let (_, report, _) = place.run(&["--base", "none", "--head", "k8s"]);
    assert!(report.contains("2 changes: 2 create"), "{report}");
}

/// Writes a cloud assembly with one function, whose code is `text`.
fn cloud_assembly(place: &Place, folder: &str, digest: &str, text: &str, memory: u32) {
    let manifest = json!({ "version": "48.0.0", "artifacts": {
        "Shop.assets": { "type": "cdk:asset-manifest", "properties": { "file": "Shop.assets.json" } },
        "Shop": { "type": "aws:cloudformation:stack", "environment": "aws://111122223333/eu-west-1",
            "properties": { "templateFile": "Shop.template.json", "stackName": "shop-production" } },
    } });
    let template = json!({ "Resources": {
        "HandlerA1B2": { "Type": "AWS::Lambda::Function",
            "Properties": { "Code": { "S3Bucket": "assets", "S3Key": format!("{digest}.zip") }, "MemorySize": memory },
            "Metadata": { "aws:cdk:path": "Shop/Handler/Resource", "aws:asset:path": format!("asset.{digest}") } },
        "CDKMetadata": { "Type": "AWS::CDK::Metadata", "Properties": { "Analytics": digest }, "Condition": "CDKMetadataAvailable" },
    }, "Conditions": { "CDKMetadataAvailable": { "Fn::Equals": [{ "Ref": "AWS::Region" }, digest] } } });
    let assets =
        json!({ "files": { digest: { "source": { "path": format!("asset.{digest}"), "packaging": "zip" } } } });
    place.write(&format!("{folder}/manifest.json"), &manifest.to_string());
    place.write(&format!("{folder}/Shop.template.json"), &template.to_string());
    place.write(&format!("{folder}/Shop.assets.json"), &assets.to_string());
    place.write(&format!("{folder}/asset.{digest}/index.py"), text);
    place.write(&format!("{folder}/asset.{digest}/package.json"), "{}");
}

#[test]
fn reports_changed_asset_files_without_metadata() {
    let place = Place::new("cloud-assembly");
    let (old, new) = ("a".repeat(64), "b".repeat(64));
    cloud_assembly(&place, "old/cdk.out", &old, "a", 128);
    cloud_assembly(&place, "new/cdk.out", &new, "b", 128);
    let changes = place.changes();
    assert_eq!(rows(&changes), ["in place AWS::Lambda::Function Handler"]);
    assert!(changes[0]["reasons"].to_string().contains("the files of its asset change: `index.py`"), "{changes:?}");
    assert_eq!(changes[0]["place"]["stack"], "shop-production");
    cloud_assembly(&place, "new/cdk.out", &old, "a", 128);
    fs::write(place.0.join("new/cdk.out/manifest.json"), "{").unwrap();
    let (code, _, _) = place.run(&["--base", "old/cdk.out", "--head", "old/cdk.out", "--exit-code"]);
    assert_eq!(code, 0);
}

#[test]
fn reports_changed_files_of_sam_build() {
    let place = Place::new("sam");
    let template = "Transform: AWS::Serverless-2016-10-31\nResources:\n  Hello:\n    Type: AWS::Serverless::Function\n    \
                    Properties: { CodeUri: Hello, Handler: app.run, Runtime: python3.13 }\n";
    for (side, code) in [("old", "a"), ("new", "b")] {
        place.write(&format!("{side}/template.yaml"), &template.replace("CodeUri: Hello", "CodeUri: src/"));
        place.write(&format!("{side}/.aws-sam/build/template.yaml"), template);
        place.write(&format!("{side}/.aws-sam/build/Hello/app.py"), code);
    }
    let (code, report) = place.diff(&[]);
    assert!(code == 1 && report.contains("the files of its asset change: `app.py`"), "{report}");
    assert!(report.contains("1 change:") && report.contains("AWS SAM expands"), "{report}");
}

#[test]
fn map_file_joins_stack_outputs_with_their_inputs() {
    let data = |name: &str| {
        format!(
            "Resources:\n  Orders:\n    Type: AWS::DynamoDB::Table\n    Properties: {{ TableName: {name} }}\n\
             Outputs:\n  Table: {{ Value: !Ref Orders, Export: {{ Name: orders-table }} }}\n"
        )
    };
    let app = "Parameters: { Table: { Type: String } }\nResources:\n  Reader:\n    Type: AWS::SSM::Parameter\n    \
               Properties: { Type: String, Value: !Sub 'table/${Table}' }\n";
    let config = |text: &str| {
        format!(
            "apiVersion: v1\nkind: ConfigMap\nmetadata: {{ name: app }}\ndata: {{ TABLE: '{text}', OTHER: '${{B}}' }}\n"
        )
    };
    let place = Place::new("map");
    place.write("old/data.yaml", &data("a")).write("old/app.yaml", app).write("old/k8s.yaml", &config("${TABLE}"));
    place.write("new/data.yaml", &data("a")).write("new/app.yaml", app).write("new/k8s.yaml", &config("${ORDERS}"));
    // Both values are unknown.
    let (code, report) = place.diff(&[]);
    assert!(code == 0 && report.contains("`${TABLE}` → `${ORDERS}` in ConfigMap `app`"), "{report}");
    let map = "[[join]]\ntext = '${TABLE}'\noutput = 'data.orders-table'\n[[join]]\ntext = '${ORDERS}'\noutput = 'data.Table'\n\
               [[join]]\nparameter = 'app.Table'\noutput = 'data.Table'\n";
    place.write("map.toml", map);
    let (code, report) = place.diff(&["--map", "map.toml"]);
    assert!(code == 0 && !report.contains("not known"), "{report}");
    // Replacing a table affects references to its name, in the other stack and in the cluster.
    place.write("new/data.yaml", &data("b"));
    let report = place.diff(&["--map", "map.toml"]).1;
    assert!(report.contains("ConfigMap default/app (in place)") && report.contains("Reader"), "{report}");
    place.write("map.toml", "[[join]]\ntext = 'a'\noutput = 'dta.Table'\n");
    let (code, _, errors) = place.run(&["--base", "old", "--head", "new", "--map", "map.toml"]);
    assert!(code == 2 && errors.contains("did you mean `data`?") && errors.contains("map.toml:1:1"), "{errors}");
}

#[test]
fn a_project_without_a_program_has_gates() {
    let place = Place::new("gates-alone");
    place.write("meshsynth.toml", "[diff]\ndeny = [\"data-loss\"]\n");
    place.write("old/data.yaml", TEMPLATE).write("new/data.yaml", &TEMPLATE.replace("Default: prod", "Default: live"));
    let (code, _, errors) = place.run(&["--base", "old", "--head", "new"]);
    assert!(code == 1 && errors.contains("gate `data-loss` failed"), "{errors}");
}
