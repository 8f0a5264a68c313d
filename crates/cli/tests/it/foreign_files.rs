//! `meshsynth diff` with rare inputs of other tools: nested builds, stages, loops and other encodings.

use serde_json::{Value, json};

use crate::folders::{Place, rows};

/// Returns the changes of a report, and the parts that are not compared.
fn told(place: &Place) -> (Vec<String>, String) {
    let report: Value = serde_json::from_str(&place.diff(&["--format", "json"]).1).unwrap();
    (rows(report[0]["changes"].as_array().unwrap()), report[0]["unread"].to_string())
}

#[test]
fn compares_nested_sam_build_with_code() {
    let place = Place::new("sam-nested");
    let parent = "Transform: AWS::Serverless-2016-10-31\nResources:\n  Orders:\n    Type: AWS::Serverless::Application\n    \
                  Properties: { Location: Orders/template.yaml }\n  Shared:\n    Type: AWS::Serverless::Application\n    \
                  Properties: { Location: 'https://example.com/template.yaml' }\n";
    let nested = |delay: u32| {
        format!(
            "Resources:\n  Queue:\n    Type: AWS::SQS::Queue\n    Properties: {{ DelaySeconds: {delay} }}\n  Hello:\n    \
             Type: AWS::Serverless::Function\n    Properties: {{ CodeUri: Hello, Handler: app.run }}\n"
        )
    };
    for (side, delay, code) in [("old", 1, "a"), ("new", 2, "b")] {
        let build = format!("{side}/.aws-sam/build");
        place.write(&format!("{build}/template.yaml"), parent);
        place.write(&format!("{build}/Orders/template.yaml"), &nested(delay));
        place.write(&format!("{build}/Orders/Hello/app.py"), code);
        place.write(&format!("{build}/Orders/Hello/values.yaml"), &format!("a: {delay}\n"));
    }
    let wanted = ["in place AWS::SQS::Queue Queue", "in place AWS::Serverless::Function Hello"];
    let (mut changes, unread) = told(&place);
    changes.sort();
    assert!(changes == wanted && unread == "[]", "{changes:?} {unread}");
    let built = ["--base", "old/.aws-sam/build", "--head", "new/.aws-sam/build"];
    let (_, report, errors) = place.run(&built);
    assert!(report.contains("2 changes: "), "{report}{errors}");
    std::fs::remove_file(place.0.join("new/.aws-sam/build/Orders/template.yaml")).unwrap();
    let (changes, unread) = told(&place);
    assert!(changes.is_empty() && unread.contains("Orders/template.yaml"), "{changes:?} {unread}");
}

#[test]
fn unreadable_stage_is_not_removed() {
    let place = Place::new("stages");
    let manifest = |artifacts: Value| json!({ "version": "48.0.0", "artifacts": artifacts }).to_string();
    let stages = json!({
        "assembly-Prod": { "type": "cdk:cloud-assembly", "properties": { "directoryName": "assembly-Prod" } },
        "assembly-Empty": { "type": "cdk:cloud-assembly", "properties": { "directoryName": "assembly-Empty" } },
    });
    let shop = json!({ "ProdShop": { "type": "aws:cloudformation:stack", "environment": "aws://111122223333/eu-west-1",
        "displayName": "Prod/Shop", "properties": { "templateFile": "ProdShop.template.json", "stackName": "Prod-Shop" } } });
    let template = |delay: u32| {
        json!({ "Resources": { "Queue": { "Type": "AWS::SQS::Queue", "Properties": { "DelaySeconds": delay },
            "Metadata": { "aws:cdk:path": "Prod/Shop/Queue/Resource" } } } })
    };
    for (side, delay) in [("old", 1), ("new", 2)] {
        place.write(&format!("{side}/manifest.json"), &manifest(stages.clone()));
        place.write(&format!("{side}/assembly-Empty/manifest.json"), &manifest(json!({})));
        place.write(&format!("{side}/assembly-Prod/manifest.json"), &manifest(shop.clone()));
        place.write(&format!("{side}/assembly-Prod/ProdShop.template.json"), &template(delay).to_string());
    }
    assert_eq!(told(&place), (vec!["in place AWS::SQS::Queue Queue".to_owned()], "[]".to_owned()));
    place.write("new/assembly-Prod/manifest.json", "{");
    let (changes, unread) = told(&place);
    assert!(changes.is_empty() && unread.contains("assembly-Prod"), "{changes:?} {unread}");
}

#[test]
fn compares_resources_of_loop() {
    let place = Place::new("loops");
    let template = |items: &str| {
        format!(
            "Transform: AWS::LanguageExtensions\nParameters:\n  Names: {{ Type: CommaDelimitedList }}\nResources:\n  \
             Fn::ForEach::Queues:\n    - Name\n    - {items}\n    - Queue${{Name}}:\n        Type: AWS::SQS::Queue\n        \
             Properties: {{ QueueName: !Sub 'q-${{Name}}' }}\n"
        )
    };
    place.write("old/a.yaml", &template("[A, B]")).write("new/a.yaml", &template("[A, C]"));
    let changes = place.changes();
    let mut told_rows = rows(&changes);
    told_rows.sort();
    assert_eq!(told_rows, ["create AWS::SQS::Queue QueueC", "data loss AWS::SQS::Queue QueueB"]);
    let new = changes.iter().find(|it| it["name"] == "QueueC").unwrap();
    assert_eq!(new["source"], "new/a.yaml:5:3");
    place.write("new/a.yaml", &template("!Ref Names"));
    let (changes, unread) = told(&place);
    assert!(
        unread.contains("`Fn::ForEach::Queues` loops over values that are known only at deployment"),
        "{changes:?} {unread}"
    );
    assert!(changes.is_empty(), "{changes:?}");
}

#[test]
fn reports_macro_output_as_not_compared() {
    let place = Place::new("macros");
    let queue = "  Queue: { Type: AWS::SQS::Queue }\n";
    let include = |file: &str| {
        format!("  Fn::Transform: {{ Name: AWS::Include, Parameters: {{ Location: 's3://parts/{file}' }} }}\n")
    };
    let topic = "Resources:\n  Topic: { Type: AWS::SNS::Topic }\n";
    place.write("old/a.yaml", &format!("{topic}{}", include("a.yaml")));
    place.write("new/a.yaml", &format!("{topic}{}", include("b.yaml")));
    let (changes, unread) = told(&place);
    assert!(changes.is_empty() && unread.contains("`Fn::Transform` adds resources"), "{changes:?} {unread}");
    // The queue may have moved into the include.
    place.write("old/a.yaml", &format!("{topic}{queue}"));
    let (changes, unread) = told(&place);
    assert!(changes.is_empty() && unread.contains("`Fn::Transform` adds resources"), "{changes:?} {unread}");
    // The same include on both sides adds the same resources, so a resource beside it was deleted.
    place.write("old/a.yaml", &format!("{topic}{queue}{}", include("a.yaml")));
    place.write("new/a.yaml", &format!("{topic}{}", include("a.yaml")));
    assert_eq!(told(&place), (vec!["data loss AWS::SQS::Queue Queue".to_owned()], "[]".to_owned()));
    let stamped = format!("Transform: [Stamp, AWS::LanguageExtensions]\n{topic}");
    place.write("old/a.yaml", &stamped).write("new/a.yaml", &format!("{stamped}{queue}"));
    let report = place.diff(&[]).1;
    assert!(report.contains("at deployment are not compared: `Stamp`\n"), "{report}");
}

#[test]
fn reads_utf_16() {
    let place = Place::new("utf-16");
    let text = "apiVersion: v1\r\nkind: ConfigMap\r\nmetadata: { name: a }\r\ndata: { k: ü }\r\n";
    place.write("old/a.yaml", &text.replace('\r', ""));
    for bytes in [u16::to_le_bytes, u16::to_be_bytes] {
        let wide: Vec<u8> = std::iter::once(0xfeff).chain(text.encode_utf16()).flat_map(bytes).collect();
        place.write("new/a.yaml", "");
        std::fs::write(place.0.join("new/a.yaml"), wide).unwrap();
        place.is_quiet();
    }
}

#[cfg(unix)]
#[test]
fn reports_target_of_broken_link() {
    let place = Place::new("links");
    let object = "apiVersion: v1\nkind: ConfigMap\nmetadata: { name: a }\n";
    place.write("old/a.yaml", object).write("old/b.yaml", object).write("new/a.yaml", object);
    std::os::unix::fs::symlink("../shared/b.yaml", place.0.join("new/b.yaml")).unwrap();
    let (changes, unread) = told(&place);
    assert!(
        changes.is_empty() && unread.contains("the link to `../shared/b.yaml` cannot be followed: No such file"),
        "{unread}"
    );
}

#[test]
fn reports_all_missing_cluster_folders() {
    let place = Place::new("cluster-folders");
    let object = "apiVersion: v1\nkind: ConfigMap\nmetadata: { name: a }\n";
    place.write("old/eu/a.yaml", object).write("new/us/a.yaml", object);
    let sides = ["--base", "old", "--head", "new", "--cluster", "eu=eu", "--cluster", "us=us"];
    assert_eq!(place.run(&sides).0, 0);
    let (code, _, errors) = place.run(&[&sides[..], &["--cluster", "a=asia", "--cluster", "b=./africa"]].concat());
    assert!(code == 2 && errors.contains("`asia` of the cluster `a`, `africa` of the cluster `b`"), "{errors}");
}

#[test]
fn text_and_base64_secrets_are_equal_and_hidden() {
    let place = Place::new("secret-forms");
    let secret = |rest: &str| format!("apiVersion: v1\nkind: Secret\nmetadata: {{ name: login }}\n{rest}\n");
    place.write("old/s.yaml", &secret("stringData: { password: hunter2 }"));
    place.write("new/s.yaml", &secret("data:\n  password: |\n    aHVudGVy\n    Mg==\nstringData: {}"));
    place.is_quiet();
    place.write("old/s.yaml", &secret("data: hunter2")).write("new/s.yaml", &secret("data: [hunter3]"));
    let (code, report) = place.diff(&[]);
    assert!(code == 1 && !report.contains("hunter"), "{report}");
    place.write("old/s.yaml", "apiVersion: v1\nkind: ConfigMap\nmetadata: { name: a }\ndata: {}\n");
    place.write("new/s.yaml", "apiVersion: v1\nkind: ConfigMap\nmetadata: { name: a }\n");
    place.is_quiet();
}

#[test]
fn objects_with_generated_names_are_separate() {
    let place = Place::new("generated-names");
    let job = |n: u8| {
        format!(
            "apiVersion: batch/v1\nkind: Job\nmetadata: {{ generateName: seed- }}\nspec: {{ parallelism: {n}, template: \
             {{ spec: {{ containers: [] }} }} }}\n---\n"
        )
    };
    place.write("old/j.yaml", &(job(1) + &job(2))).write("new/j.yaml", &(job(2) + &job(1)));
    place.is_quiet();
    place.write("new/j.yaml", &(job(3) + &job(2)));
    assert_eq!(rows(&place.changes()), ["in place Job seed- (2)"]);
    place.write("new/j.yaml", &(job(1) + &job(2) + &job(2)));
    assert_eq!(rows(&place.changes()), ["create Job seed- (3)"]);
}

#[test]
fn reports_conflicting_definitions() {
    let place = Place::new("twice");
    let map = |n: u8| format!("apiVersion: v1\nkind: ConfigMap\nmetadata: {{ name: a }}\ndata: {{ n: '{n}' }}\n---\n");
    place.write("old/a.yaml", &map(2)).write("new/a.yaml", &(map(1) + &map(2)));
    let (code, report) = place.diff(&[]);
    let note = "the last definition is used: ConfigMap `a` (`new/a.yaml:1:1`, `new/a.yaml:6:1`)";
    assert!(code == 0 && report.contains("no changes") && report.contains(note), "{report}");
    place.write("new/a.yaml", &(map(2) + &map(2)));
    assert!(!place.diff(&[]).1.contains("Notes"));
}

#[test]
fn reads_concatenated_json() {
    let place = Place::new("json-stream");
    place.write(
        "old/a.json",
        "{\"apiVersion\": \"v1\", \"kind\": \"ConfigMap\", \"metadata\": {\"name\": \
         \"a\"}}\n{\"apiVersion\": \"v1\", \"kind\": \"ConfigMap\", \"metadata\": {\"name\": \"b\"}}",
    );
    let map = |name: &str| format!("apiVersion: v1\nkind: ConfigMap\nmetadata: {{ name: {name} }}\n---\n");
    place.write("new/a.yaml", &(map("a") + &map("b")));
    place.is_quiet();
}

#[cfg(unix)]
#[test]
fn ignores_equal_broken_links() {
    let place = Place::new("link-both");
    for side in ["old", "new"] {
        place.write(&format!("{side}/a.yaml"), "apiVersion: v1\nkind: ConfigMap\nmetadata: { name: a }\n");
        std::os::unix::fs::symlink("../vendor/b.yaml", place.0.join(side).join("b.yaml")).unwrap();
    }
    place.is_quiet();
    place.write("new/c.yaml", "kind: [\n");
    let check =
        std::process::Command::new(crate::BINARY).args(["check", "new"]).current_dir(&place.0).output().unwrap();
    let errors = String::from_utf8_lossy(&check.stderr);
    let wanted = [
        "cannot read this path: the link to `../vendor/b.yaml` cannot be followed",
        "--> new/b.yaml:1:1",
        "--> new/c.yaml:",
    ];
    assert!(check.status.code() == Some(1) && wanted.iter().all(|it| errors.contains(it)), "{errors}");
}

#[test]
fn ignores_fields_of_api_server() {
    let place = Place::new("filled-in");
    let apps = |kind: &str, spec: &str| {
        format!("apiVersion: apps/v1\nkind: {kind}\nmetadata: {{ name: a }}\nspec: {spec}\n---\n")
    };
    let claim = "resources: { requests: { storage: 1Gi } }";
    let set = |more: &str| {
        apps(
            "StatefulSet",
            &format!("{{ volumeClaimTemplates: [{{ {more} metadata: {{ name: d }}, spec: {{ {claim} }} }}] }}"),
        )
    };
    let space = |labels: &str| format!("apiVersion: v1\nkind: Namespace\nmetadata: {{ name: shop{labels} }}\n---\n");
    let web = apps("Deployment", "{ template: { spec: { containers: [{ name: a, image: a }] } } }");
    let whole = "apiVersion: v1, kind: PersistentVolumeClaim, status: { phase: Pending },";
    let old = space("") + &set("") + &web.replace("apps/v1", "extensions/v1beta1");
    let new = space(", labels: { kubernetes.io/metadata.name: shop }") + &set(whole) + &web;
    place.write("old/a.yaml", &old).write("new/a.yaml", &new);
    assert_eq!(rows(&place.changes()), ["in place Deployment a"]);
    let edits = place.changes()[0]["edits"].to_string();
    assert!(edits.contains("apiVersion") && !edits.contains("spec"), "{edits}");
    // A text that looks like a number is not equal to the number.
    let map =
        |value: &str| format!("apiVersion: v1\nkind: ConfigMap\nmetadata: {{ name: a }}\ndata: {{ port: {value} }}\n");
    place.write("old/a.yaml", &map("1")).write("new/a.yaml", &map("'1'"));
    assert!(place.diff(&[]).1.contains("data.port: 1 → \"1\""), "{}", place.diff(&[]).1);
}

#[test]
fn equal_folders_have_no_changes() {
    let place = Place::new("same-bytes");
    let map = "apiVersion: v1\nkind: ConfigMap\nmetadata: { name: a }\n";
    place.write("old/a/b.yaml", map).write("new/a/b.yaml", map).write("old/notes.md", "a").write("new/notes.md", "b");
    place.is_quiet();
    for side in ["old", "new"] {
        std::fs::write(place.0.join(side).join("broken.yaml"), b"a: \xff\n").unwrap();
    }
    let report = place.diff(&[]).1;
    assert!(report.contains("not readable, but identical on both sides: `broken.yaml`"), "{report}");
}
