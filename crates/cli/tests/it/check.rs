//! `meshsynth check` with existing manifests.
//!
//! The files under `fixtures/check/faulty` have one fault each, in the style of tutorials. Comments in them describe
//! the fault and its fix: `#! CODE` marks the fault, `#= text` is the right line, `#-` marks a line to remove, and
//! `#+ text` is a line to add.

use std::collections::BTreeSet;
use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::Stdio;

use serde_json::Value;

use crate::project::{GOOD, Project, assert_shown};

fn fixtures() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/check")
}

fn faulty() -> Vec<(String, String)> {
    let mut files: Vec<_> = fs::read_dir(fixtures().join("faulty"))
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .map(|path| (path.file_name().unwrap().to_string_lossy().into_owned(), fs::read_to_string(path).unwrap()))
        .collect();
    files.sort();
    files
}

/// Returns a line without these comments, faulty or fixed.
fn line(line: &str, fixed: bool) -> Option<String> {
    let indent = &line[..line.len() - line.trim_start().len()];
    let code = line.split(" #").next().unwrap_or(line).to_owned();
    match () {
        () if line.trim_start().starts_with("#+ ") => fixed.then(|| line.replacen("#+ ", "", 1)),
        () if !fixed => Some(code),
        () if line.ends_with(" #-") => None,
        () => match line.split_once(" #= ") {
            Some((_, right)) => Some(format!("{indent}{right}")),
            None => Some(code),
        },
    }
}

fn text(file: &str, fixed: bool) -> String {
    file.lines().filter_map(|it| line(it, fixed)).map(|line| line + "\n").collect()
}

/// Creates a project with the files, faulty or fixed.
fn project(case: &str, fixed: bool) -> Project {
    let project = Project::new(case, GOOD);
    for (name, file) in faulty() {
        project.write(&format!("k8s/{name}"), &text(&file, fixed));
    }
    project
}

fn json(project: &Project, args: &[&str]) -> Value {
    let output = project.command(args).output().unwrap();
    serde_json::from_slice(&output.stdout).unwrap_or_else(|_| panic!("{}", String::from_utf8_lossy(&output.stderr)))
}

#[test]
fn reports_each_fault_at_its_line() {
    let project = project("check-faulty", false);
    let mut wanted = BTreeSet::new();
    for (name, file) in faulty() {
        // Lines with the prefix `#+` are only added by the fix, so the faulty file lacks them.
        let lines = file.lines().filter(|it| !it.trim_start().starts_with("#+ "));
        for (idx, line) in lines.enumerate() {
            if let Some((_, rest)) = line.split_once(" #! ") {
                wanted.insert((format!("k8s/{name}"), idx as u64 + 1, rest[..6].to_owned()));
            }
        }
    }
    let report = json(&project, &["check", "k8s", "--format", "json", "--quiet"]);
    let diagnostics = report["diagnostics"].as_array().unwrap();
    let string = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let found: BTreeSet<_> = diagnostics
        .iter()
        .map(|it| (string(&it["file"]), it["line"].as_u64().unwrap_or_default(), string(&it["code"])))
        .collect();
    assert!(wanted.len() > 38, "{}", wanted.len());
    let missed: Vec<_> = wanted.difference(&found).collect();
    let too_many: Vec<_> = found.difference(&wanted).collect();
    assert!(missed.is_empty() && too_many.is_empty(), "not found: {missed:#?}\nfound beside them: {too_many:#?}");
    assert_eq!(diagnostics.len(), wanted.len(), "each is said once");
    for diagnostic in diagnostics {
        assert!(diagnostic["help"].is_string(), "{diagnostic:#} has no fix");
    }
}

#[test]
fn fixed_folder_is_clean() {
    let text = project("check-fixed", true).run(&["check", "k8s", "--strict"]);
    assert!(text.contains("exit code: 0\n") && text.contains(": 0 warnings\n"), "{text}");
}

#[test]
fn correct_platforms_have_no_findings() {
    let shapes = fixtures().join("correct");
    let mut n_shapes = 0;
    for entry in fs::read_dir(&shapes).unwrap() {
        let shape = entry.unwrap().path();
        let project = Project::new("check-correct", GOOD);
        let mut args = vec!["check", "--strict"];
        let clusters: Vec<PathBuf> =
            fs::read_dir(&shape).unwrap().map(|it| it.unwrap().path()).filter(|path| path.is_dir()).collect();
        let given: Vec<String> = match clusters.is_empty() {
            true => vec![shape.display().to_string()],
            false => clusters.iter().map(|path| path.display().to_string()).collect(),
        };
        args.extend(given.iter().map(String::as_str));
        args.extend((!clusters.is_empty()).then_some("--cluster-per-folder"));
        for complete in [false, true] {
            args.extend(complete.then_some("--complete"));
            let text = project.run(&args);
            assert!(text.contains("exit code: 0\n") && text.contains(": 0 warnings\n"), "{}: {text}", shape.display());
        }
        n_shapes += 1;
    }
    assert_eq!(n_shapes, 6);
}

const SERVICE: &str = "apiVersion: v1\nkind: Service\nmetadata:\n  name: a\nspec:\n  ports:\n    - port: 80\n";

#[test]
fn lists_skipped_files() {
    let project = Project::new("check-skipped", GOOD);
    project.write("k8s/service.yaml", SERVICE);
    project.write("k8s/values.yaml", "replicas: 3\n");
    project.write("k8s/template.yaml", "{{ if .Values.on }}\nkind: Service\n{{ end }}\n");
    project.write("k8s/chart/Chart.yaml", "name: a\n");
    project.write("k8s/chart/templates/a.yaml", "kind: {{ .Values.kind }}\n");
    project.write("k8s/base/kustomization.yaml", "resources: [service.yaml]\n");
    project.write("k8s/base/service.yaml", SERVICE);
    project.write("k8s/readme.txt", "not looked at\n");
    let hook = "annotations:\n    helm.sh/hook: test\nspec:\n  containers:\n    - name: a\n";
    project.write("k8s/test.yaml", &format!("apiVersion: v1\nkind: Pod\nmetadata:\n  name: a\n  {hook}"));
    assert_shown!("check_skipped", project.run(&["check", "k8s"]));
}

#[test]
fn reads_lists_and_standard_input() {
    let project = Project::new("check-piped", GOOD);
    let list = format!(
        "apiVersion: v1\nkind: List\nitems:\n- {}",
        SERVICE.replace('\n', "\n  ").replace("port: 80", "prot: 80")
    );
    let mut child = project
        .command(&["check", "-"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    child.stdin.take().unwrap().write_all(list.trim_end().as_bytes()).unwrap();
    assert_shown!("check_piped", project.show(&["check", "-"], &child.wait_with_output().unwrap()));
}

#[test]
fn reports_mistakes_as_text_and_sarif() {
    let project = Project::new("check-mistakes", GOOD);
    project.write("k8s/service.yaml", &SERVICE.replace("port: 80", "prot: 80"));
    project.write("k8s/broken.yaml", "kind: Service\nmetadata: [\n");
    assert_shown!("check_mistakes", project.run_in_vain(&["check", "k8s"]));
    assert_shown!("check_mistakes_sarif", project.run_in_vain(&["check", "k8s", "--quiet", "--format", "sarif"]));
}

#[test]
fn usage_and_machine_errors_have_other_exit_codes() {
    let project = Project::new("check-usage", GOOD);
    project.write("empty/readme.md", "nothing\n");
    assert!(project.run(&["check", "empty"]).contains("exit code: 2\n"));
    assert!(project.run(&["check", "nowhere"]).contains("exit code: 2\n"));
    assert!(project.run(&["check", "empty", "--kubernetes-version", "latest"]).contains("exit code: 2\n"));
}

#[test]
fn checks_clusters_and_releases_of_assembly() {
    let project = Project::after_success("check-assembly", GOOD);
    let text = project.run(&["check", "synth.out/shop"]);
    assert!(text.contains("exit code: 0\n"), "{text}");
}

/// Two findings that a comment, the configuration or a baseline can suppress.
const FINDINGS: &str = "\
apiVersion: apps/v1
kind: Deployment
metadata: { name: orders, namespace: shop }
spec:
  selector: { matchLabels: { app: orders } }
  template:
    metadata: { labels: { app: orders } }
    spec:
      containers:
      - { name: a, image: 'a:1.0' }
      - { name: a, image: 'a:1.0' }
---
apiVersion: v1
kind: Service
metadata: { name: orders, namespace: shop }
spec:
  selector: { app: orders }
  ports: [{ port: 80 }, { port: 81 }]
";

fn codes(project: &Project, args: &[&str]) -> Vec<String> {
    let report = json(project, &[&["check", "k8s", "--format", "json", "--quiet"], args].concat());
    let codes = report["diagnostics"].as_array().unwrap().iter().map(|it| it["code"].as_str().unwrap().to_owned());
    codes.collect()
}

#[test]
fn a_comment_suppresses_a_finding_until_its_last_day() {
    let project = Project::new("check-comments", GOOD);
    let text = FINDINGS.replace(
        "      containers:",
        "      # meshsynth: allow MS0422 until 2027-01-31: a sidecar of the vendor\n      containers:",
    );
    project.write("k8s/a.yaml", &text);
    assert_eq!(codes(&project, &["--today", "2026-11-22"]), ["MS0423", "MS0423"]);
    assert_eq!(codes(&project, &["--today", "2027-02-01"]), ["MS0422", "MS0423", "MS0423", "MS0120"]);
    project.write("k8s/a.yaml", &format!("# meshsynth: allow MS0801: no longer\n{FINDINGS}"));
    assert_eq!(codes(&project, &[]), ["MS0422", "MS0423", "MS0423", "MS0120"]);
}

#[test]
fn the_configuration_suppresses_findings_and_sets_severities_and_namespaces() {
    let project = Project::new("check-config", GOOD);
    project.write("k8s/a.yaml", &FINDINGS.replace(", namespace: shop", ""));
    let table = "[check.severity]\nMS0423 = \"warning\"\n[check.namespaces]\nk8s = \"shop\"\n[[check.allow]]\n\
                 code = \"MS0422\"\nwhat = \"shop/*\"\nreason = \"a sidecar\"\nuntil = \"2027-01-31\"\n";
    project.write("meshsynth.toml", table);
    assert_eq!(codes(&project, &["--today", "2026-11-22"]), ["MS0423", "MS0423"]);
    let text = project.run(&["check", "k8s", "--today", "2026-11-22"]);
    assert!(text.contains("exit code: 0\n") && text.contains("suppressed until 2027-01-31: a sidecar"), "{text}");
    project.write("meshsynth.toml", &table.replace("MS0422", "MS9999"));
    assert!(project.run(&["check", "k8s"]).contains("unknown code `MS9999`"));
}

#[test]
fn with_a_baseline_only_new_findings_fail() {
    let project = Project::new("check-baseline", GOOD);
    project.write("k8s/a.yaml", FINDINGS);
    let args = ["check", "k8s", "--baseline", "accepted.json"];
    let text = project.run(&args);
    assert!(text.contains("exit code: 0\n") && text.contains("with 3 findings"), "{text}");
    assert!(project.run(&args).contains("exit code: 0\n"));
    // All lines move down by one, and one fault is new.
    project.write(
        "k8s/a.yaml",
        &format!("# moved\n{FINDINGS}").replace("a:1.0' }\n---", "a:1.0' }\n      restartPolicy: Never\n---"),
    );
    assert_eq!(codes(&project, &["--baseline", "accepted.json"]), ["MS0424"]);
    assert!(project.run(&args).contains("exit code: 1\n"));
}

#[test]
fn only_a_new_finding_fails_beside_many_accepted_findings() {
    let project = Project::new("check-adopted", GOOD);
    for name in 0..67 {
        project.write(&format!("k8s/team-{}/{name}.yaml", name % 7), &FINDINGS.replace("orders", &format!("s{name}")));
    }
    let args = ["check", "k8s", "--baseline", "accepted.json"];
    let text = project.run(&args);
    assert!(text.contains("exit code: 0\n") && text.contains("with 201 findings"), "{text}");
    assert!(project.run(&args).contains("exit code: 0\n"));
    let fault = FINDINGS.replace("orders", "s10").replace("a:1.0' }\n---", "a:1.0' }\n      restartPolicy: Never\n---");
    project.write("k8s/team-3/10.yaml", &format!("# moved\n\n{fault}"));
    let text = project.run(&args);
    assert!(text.contains("exit code: 1\n") && text.contains(": 1 error\n"), "{text}");
    assert_eq!(text.matches("error[").count(), 1, "{text}");
    assert!(text.contains("error[MS0424]") && text.contains("k8s/team-3/10.yaml:"), "{text}");
}

#[test]
fn reads_yaml_like_kubectl() {
    let (Ok(python), Ok(kubectl)) = (std::env::var("MESHSYNTH_PYTHON"), std::env::var("MESHSYNTH_KUBECTL")) else {
        return;
    };
    let tool = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/tools/yaml_reading.py");
    let done = std::process::Command::new(python).arg(tool).arg(kubectl).output().expect("the reader starts");
    assert!(
        done.status.success(),
        "{}{}",
        String::from_utf8_lossy(&done.stdout),
        String::from_utf8_lossy(&done.stderr)
    );
}

#[test]
fn lists_alternatives_once_and_checks_each() {
    let project = Project::new("check-alternatives", GOOD);
    for (folder, tag) in [("prod", "1.0"), ("staging", "1.1"), ("test", "1.2")] {
        project.write(&format!("k8s/{folder}/orders.yaml"), &FINDINGS.replace("a:1.0", &format!("a:{tag}")));
    }
    assert_shown!("check_alternatives", project.run_in_vain(&["check", "k8s"]));
    assert!(project.run(&["check", "k8s", "--one-cluster"]).contains("error[MS0408]"));
}

#[test]
fn reference_to_a_missing_object_is_a_note_unless_a_similar_name_exists() {
    let project = Project::new("check-notes", GOOD);
    let reading = |name: &str| {
        FINDINGS
            .replace(
                "      - { name: a, image: 'a:1.0' }\n---",
                &format!("        envFrom: [{{ configMapRef: {{ name: {name} }} }}]\n---"),
            )
            .replace("- { name: a, image: 'a:1.0' }", "- name: a\n        image: 'a:1.0'")
            .replace("[{ port: 80 }, { port: 81 }]", "[{ port: 80 }]")
            + "---\napiVersion: v1\nkind: ConfigMap\nmetadata: { name: settings, namespace: shop }\n"
    };
    project.write("k8s/a.yaml", &reading("elsewhere"));
    let text = project.run(&["check", "k8s", "--strict"]);
    assert!(text.contains("exit code: 0\n") && text.contains("1 note: show it with `--notes`"), "{text}");
    assert!(project.run(&["check", "k8s", "--notes"]).contains("note[MS0406]"), "{text}");
    assert!(project.run(&["check", "k8s", "--complete"]).contains("error[MS0406]"));
    project.write("k8s/a.yaml", &reading("setings"));
    assert!(project.run(&["check", "k8s"]).contains("did you mean `settings`?"));
}

#[test]
fn broken_document_does_not_affect_others() {
    let project = Project::new("check-broken", GOOD);
    project.write("k8s/a.yaml", &format!("{FINDINGS}---\nkind: [\n---\n{}", FINDINGS.replace("orders", "payments")));
    let found = codes(&project, &[]);
    assert_eq!(found.iter().filter(|code| *code == "MS0422").count(), 2, "{found:?}");
    assert_eq!(found.iter().filter(|code| *code == "MS0116").count(), 1, "{found:?}");
}

fn config_map(name: &str, text: &str) -> String {
    format!("apiVersion: v1\nkind: ConfigMap\nmetadata: {{ name: {name} }}\ndata: {{ text: {text} }}\n")
}

/// Returns the codes of findings with their severities.
fn severities(project: &Project, args: &[&str]) -> Vec<(String, String)> {
    let report = json(project, args);
    let text = |it: &Value, key: &str| it[key].as_str().unwrap().to_owned();
    report["diagnostics"].as_array().unwrap().iter().map(|it| (text(it, "code"), text(it, "severity"))).collect()
}

fn told(code: &str, severity: &str) -> Vec<(String, String)> {
    vec![(code.to_owned(), severity.to_owned())]
}

#[test]
fn distinguishes_copied_name_from_separate_files() {
    let project = Project::new("check-copies", GOOD);
    project.write("copy/orders.yaml", &config_map("orders", "a"));
    project.write("copy/payments.yaml", &config_map("orders", "b"));
    assert_eq!(severities(&project, &["check", "copy", "--format", "json"]), told("MS0408", "error"));
    for (file, text) in [("first", "a"), ("second", "b")] {
        let both = format!("{}---\n{}", config_map("settings", text), config_map(file, text));
        project.write(&format!("apart/{file}.yaml"), &both);
    }
    assert_eq!(severities(&project, &["check", "apart", "--format", "json"]), told("MS0408", "warning"));
    project.write("variants/controller.yaml", &config_map("web", "a"));
    project.write("variants/deployment.yaml", &config_map("web", "b"));
    assert_eq!(severities(&project, &["check", "variants", "--format", "json"]), []);
}

#[test]
fn warns_if_only_one_alternative_causes_a_finding() {
    let project = Project::new("check-in-part", GOOD);
    let monitor = "apiVersion: v1\nkind: Pod\nmetadata: { name: a }\nspec: { containers: [{ name: a, image: 'a:1.0', env: [{ name: A, valueFrom: { configMapKeyRef: { name: web, key: text } } }] }] }\n";
    project.write("k8s/pod.yaml", monitor);
    project.write("k8s/prod/web.yaml", &config_map("web", "a"));
    project.write("k8s/test/web.yaml", &config_map("web", "b").replace("text:", "words:"));
    assert_eq!(severities(&project, &["check", "k8s", "--format", "json"]), told("MS0430", "warning"));
    project.write("k8s/prod/web.yaml", &config_map("web", "a").replace("text:", "words:"));
    assert_eq!(severities(&project, &["check", "k8s", "--format", "json"]), told("MS0430", "error"));
}

#[cfg(unix)]
#[test]
fn reads_linked_folder_once() {
    let project = Project::new("check-links", GOOD);
    project.write("k8s/a/settings.yaml", &config_map("settings", "a"));
    std::os::unix::fs::symlink("..", project.root.join("k8s/a/above")).unwrap();
    std::os::unix::fs::symlink("a", project.root.join("k8s/b")).unwrap();
    let report = json(&project, &["check", "k8s", "--format", "json"]);
    assert_eq!(report["objects"], 1, "{report:#}");
}

#[test]
fn rejects_alias_expansion_immediately() {
    let project = Project::new("check-aliases", GOOD);
    let row = |name: char, of: char| format!("{name}: &{name} [{}]\n", vec![format!("*{of}"); 9].join(", "));
    let rows: String = ('b'..='g').zip('a'..).map(|(name, of)| row(name, of)).collect();
    project.write("k8s/a.yaml", &format!("a: &a [x, x]\n{rows}{}", config_map("settings", "a")));
    assert_eq!(severities(&project, &["check", "k8s", "--format", "json"]), told("MS0116", "error"));
}
