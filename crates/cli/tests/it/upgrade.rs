//! `meshsynth upgrade`: the table, the plan, its formats, and the edits of a step.

use std::fs;
use std::path::Path;

use serde_json::Value;

use crate::lose::follows;
use crate::project::Project;

const TEMPLATE: &str = "\
Resources:
  Cluster:
    Type: AWS::EKS::Cluster
    Properties:
      Name: shop
      Version: '1.33' # reviewed every quarter
  Nodes:
    Type: AWS::EKS::Nodegroup
    Properties:
      ClusterName: !Ref Cluster
      AmiType: AL2023_ARM_64_STANDARD
      Version: '1.33'
";

fn said(project: &Project, args: &[&str]) -> (String, String, i32) {
    let args = [&["upgrade"], args, &["--today", "2026-11-25"]].concat();
    let output = project.command(&args).output().unwrap();
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
    (text(output.stdout), text(output.stderr), output.status.code().unwrap())
}

/// Runs the command for a reference platform.
fn ask(case: &str, platform: &str, args: &[&str]) -> (String, String, i32) {
    let platform = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../snapshots").join(platform);
    said(&Project::new(case, "exit 1"), &[&["--assembly", platform.to_str().unwrap()], args].concat())
}

/// Creates a folder with a template.
fn folder(case: &str) -> Project {
    let project = Project::new(case, "exit 1");
    project.write("files/platform.yaml", TEMPLATE);
    project
}

#[test]
fn shows_versions_and_support_of_a_platform() {
    let (out, _, code) = ask("upgrade-table", "genai-demo-production", &[]);
    assert_eq!(code, 0);
    let row =
        |start: &str| out.lines().find(|line| line.starts_with(start)).unwrap_or_else(|| panic!("{start}: {out}"));
    assert!(
        row("EKS platform/cluster ").contains("1.36") && row("EKS platform/cluster ").contains("2027-08-02 [1]"),
        "{out}"
    );
    assert!(row("EKS platform/cluster ").contains("stacks/genai-demo/src/cluster.rs:"), "{out}");
    assert!(row("KEDA").contains("tested with Kubernetes 1.33 to 1.35, not with 1.36"), "{out}");
    assert!(out.contains("[1] 2026-08-22 https://github.com/endoflife-date/"), "{out}");
}

#[test]
fn plans_steps_for_a_folder() {
    let project = folder("upgrade-folder");
    let (out, _, code) = said(&project, &["--assembly", "files", "--to", "eks=1.35"]);
    assert_eq!(code, 0, "{out}");
    let titles: Vec<&str> = out.lines().filter(|line| line.get(1..3) == Some(". ")).collect();
    assert_eq!(
        titles,
        [
            "1. EKS Cluster 1.33 → 1.34",
            "2. node groups of Cluster 1.33 → 1.34",
            "3. EKS Cluster 1.34 → 1.35",
            "4. node groups of Cluster 1.34 → 1.35"
        ]
    );
    assert!(out.contains("   edit:    platform.yaml:6:7: Version 1.33 → 1.34\n"), "{out}");
    assert!(out.contains("   effect:  interruption AWS::EKS::Cluster Cluster; "), "{out}");
    assert!(out.contains("always shown: the files do not contain the images of nodes and containers"), "{out}");
    let hidden = "does not concern the platform: no pod has an AppArmor profile";
    assert!(!out.contains(hidden), "{out}");
    let (out, ..) = said(&project, &["--assembly", "files", "--to", "eks=1.35", "--all"]);
    assert!(out.contains(hidden), "{out}");
}

#[test]
fn writes_the_edits_of_one_step() {
    let project = folder("upgrade-write");
    let step = |n: &str| said(&project, &["--assembly", "files", "--to", "eks=1.35", "--step", n, "--write"]);
    let (_, err, code) = step("1");
    assert_eq!((code, err.contains("platform.yaml:6:7: Version 1.33 → 1.34")), (0, true), "{err}");
    let text = fs::read_to_string(project.root.join("files/platform.yaml")).unwrap();
    assert_eq!(text, TEMPLATE.replacen("'1.33'", "'1.34'", 1));
    let (_, err, code) = step("3");
    assert_eq!(code, 2);
    assert!(err.contains("does not contain the version") || err.contains("there is no step 3"), "{err}");
    assert_eq!(fs::read_to_string(project.root.join("files/platform.yaml")).unwrap(), text, "no partial edit");
}

/// Writes an assembly with a cluster that is defined at this place.
fn assembly(project: &Project, source: &str) {
    let folder = project.root.join("old");
    fs::create_dir_all(&folder).unwrap();
    let template =
        r#"{"Resources":{"Cluster":{"Type":"AWS::EKS::Cluster","Properties":{"Name":"a","Version":"1.34"}}}}"#;
    let manifest = r#"{"format_version":1,"app":"shop","files":["run.json"],"clusters":[{"id":"run-cluster","name":"a","region":"eu-west-1","version":"1.34","objects":[],"releases":[]}],
        "stacks":[{"id":"run","name":"run","account":null,"region":"eu-west-1","template":"run.json","resources":{"Cluster":{"construct":"run/cluster","source":"SOURCE"}}}]}"#;
    let manifest = manifest.replace("SOURCE", source);
    for (name, text) in [
        ("manifest.json", manifest.as_str()),
        ("run.json", template),
        ("bindings.json", "{}"),
        ("diagnostics.json", "[]"),
    ] {
        fs::write(folder.join(name), text).unwrap();
    }
}

/// The assembly determines the file, so a foreign assembly must not select files outside of the project.
#[test]
fn edits_no_file_outside_of_the_project() {
    let project = Project::after_success("upgrade-outside", crate::project::GOOD);
    let outside = project.root.with_extension("outside.rs");
    let program = "fn define() {\n    define(\"1.34\");\n}\n";
    fs::write(&outside, program).unwrap();
    let _ = fs::remove_file(project.root.join("link.rs"));
    std::os::unix::fs::symlink(&outside, project.root.join("link.rs")).unwrap();
    let name = outside.file_name().unwrap().to_str().unwrap();
    for file in [outside.to_str().unwrap(), &format!("../{name}"), "link.rs"] {
        assembly(&project, &format!("{file}:2:5"));
        let (_, err, code) = said(&project, &["--assembly", "old", "--to", "eks=1.35", "--step", "1", "--write"]);
        assert_eq!(code, 2, "{file}: {err}");
        assert!(err.contains("is outside of the project"), "{file}: {err}");
    }
    assert_eq!(fs::read_to_string(outside).unwrap(), program);
}

#[test]
fn writes_the_edits_of_a_program() {
    let project = Project::after_success("upgrade-program", crate::project::GOOD);
    assembly(&project, "src/main.rs:2:19");
    let program = "fn define(stack: &Stack) {\n    let cluster = Cluster::new(stack, \"cluster\", ClusterProps { version: \"1.34\".to_owned() });\n}\n";
    project.write("src/main.rs", program);
    let (_, err, code) = said(&project, &["--assembly", "old", "--to", "eks=1.35", "--step", "1", "--write"]);
    assert_eq!(code, 0, "{err}");
    assert_eq!(fs::read_to_string(project.root.join("src/main.rs")).unwrap(), program.replace("1.34", "1.35"));
    project.write("src/main.rs", &program.replace("version: \"1.34\".to_owned()", "..Default::default()"));
    let (_, err, code) = said(&project, &["--assembly", "old", "--to", "eks=1.35", "--step", "1", "--write"]);
    assert_eq!(code, 2);
    assert!(err.contains("does not contain the version `1.34`") && err.contains("default of the library"), "{err}");
}

#[test]
fn json_follows_schema() {
    let schema: Value = serde_json::from_str(include_str!("../../../../docs/upgrade.schema.json")).unwrap();
    let project = folder("upgrade-json");
    for args in [[].as_slice(), &["--to", "eks=1.36", "--all"], &["--to", "eks=1.32"], &["--to", "eks=1.99"]] {
        let args = [&["--assembly", "files", "--format", "json"], args].concat();
        let (out, err, _) = said(&project, &args);
        let answer: Value = serde_json::from_str(&out).unwrap_or_else(|error| panic!("{error}: {out}{err}"));
        follows(&schema, &schema, &answer, "answer");
    }
}

#[test]
fn renders_markdown() {
    let (out, ..) =
        said(&folder("upgrade-markdown"), &["--assembly", "files", "--to", "eks=1.34", "--format", "markdown"]);
    assert!(out.starts_with("# Upgrade of files\n\n| component | in use |"), "{out}");
    assert!(out.contains("\n## 1. EKS Cluster 1.33 → 1.34\n"), "{out}");
    assert!(out.contains("- edit: `platform.yaml:6:7`: Version `1.33` → `1.34`\n"), "{out}");
}

#[test]
fn exit_code_reports_blockers_and_refused_targets() {
    let project = folder("upgrade-refused");
    let (out, _, code) = said(&project, &["--assembly", "files", "--to", "eks=1.30"]);
    assert_eq!(code, 1);
    assert!(out.contains("refused: EKS rolls back from 1.33 to 1.32 only within 7 days of the upgrade"), "{out}");
    project.write("files/pod.yaml", "apiVersion: v1\nkind: Pod\nmetadata: { name: a }\nspec: { volumes: [{ name: code, gitRepo: { repository: 'https://example.com' } }] }\n");
    let (out, _, code) = said(&project, &["--assembly", "files", "--to", "eks=1.36"]);
    assert_eq!(code, 1);
    assert!(out.contains("   blocker: EKS 1.36: the API server refuses pods with `gitRepo` volumes"), "{out}");
    assert!(out.contains("            Pod a: spec.volumes[0].gitRepo (pod.yaml:1)\n"), "{out}");
}

/// A plan without data for a target, or without a part of the files, is not a success.
#[test]
fn exit_code_reports_unknown_targets_and_unread_files() {
    let project = folder("upgrade-unknown");
    let (out, _, code) = said(&project, &["--assembly", "files", "--to", "eks=1.99"]);
    assert_eq!(code, 1, "{out}");
    assert!(out.contains("unknown as of") && !out.contains("with Kubernetes  "), "{out}");
    project.write("files/chart/Chart.yaml", "apiVersion: v2\nname: a\nversion: 1.0.0\n");
    let (out, _, code) = said(&project, &["--assembly", "files", "--to", "eks=1.34"]);
    assert_eq!(code, 1, "{out}");
    assert!(out.contains("Helm chart, which is read only with `--render`"), "{out}");
    assert_eq!(said(&project, &["--assembly", "files"]).2, 0, "the table has no verdict");
}

#[test]
fn suggests_a_component() {
    let (_, err, code) = said(&folder("upgrade-name"), &["--assembly", "files", "--to", "Clustr=1.36"]);
    assert_eq!(code, 2);
    assert!(err.contains("the platform has no component `Clustr`") && err.contains("Cluster"), "{err}");
}
