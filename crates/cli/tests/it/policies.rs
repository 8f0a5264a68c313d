//! Policies in other languages than Rust: in `check`, in `synth`, and compared with the results of a real API server.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use serde_json::Value;

use crate::project::{GOOD, Project};

/// The objects that cannot be evaluated offline, because the policies depend on the user of the request.
const NOT_JUDGED: [&str; 2] = ["19-request-and-namespace/asks-who", "19-request-and-namespace/by-user"];

fn cases() -> PathBuf {
    Path::new(crate::FIXTURES).join("policies")
}

/// Returns the findings of a case by object name: severity, code and message.
fn found(project: &Project, case: &str) -> BTreeMap<String, Vec<[String; 3]>> {
    for kind in ["policy", "objects"] {
        let text = fs::read_to_string(cases().join(format!("{case}.{kind}.yaml"))).unwrap();
        project.write(&format!("{kind}.yaml"), &text);
    }
    let output = project.command(&["check", "objects.yaml", "--complete", "--format", "json"]).output().unwrap();
    let report: Value = serde_json::from_slice(&output.stdout).unwrap();
    let mut found: BTreeMap<String, Vec<[String; 3]>> = BTreeMap::new();
    for row in report["diagnostics"].as_array().unwrap() {
        let text = |key: &str| row[key].as_str().unwrap().to_owned();
        assert_ne!(text("code"), "MS0129", "{case}: {row}");
        if matches!(text("code").as_str(), "MS0127" | "MS0128") {
            found.entry(text("construct")).or_default().push([text("severity"), text("code"), text("message")]);
        }
    }
    found
}

/// Returns the findings of one object, whose name is the suffix of the construct.
fn of<'f>(found: &'f BTreeMap<String, Vec<[String; 3]>>, name: &str, names: &[&String]) -> &'f [[String; 3]] {
    let is_it = |construct: &str| {
        let fits = |name: &str| construct.ends_with(&format!("-{name}"));
        fits(name) && !names.iter().any(|other| other.len() > name.len() && fits(other))
    };
    found.iter().find(|(construct, _)| is_it(construct)).map_or(&[], |(_, rows)| rows)
}

#[test]
fn evaluates_policies_like_api_server() {
    let recorded: Value = serde_json::from_str(&fs::read_to_string(cases().join("answers.json")).unwrap()).unwrap();
    let project = Project::new("policies-recorded", GOOD);
    project.write("meshsynth.toml", "[policy]\nfiles = [\"policy.yaml\"]\n");
    let (mut n_objects, mut wrong, mut not_judged) = (0, Vec::new(), Vec::new());
    let answers = recorded["answers"].as_object().unwrap();
    assert_eq!(answers.len(), 20);
    for (case, answers) in answers {
        let found = found(&project, case);
        let answers = answers.as_object().unwrap();
        let names: Vec<&String> = answers.keys().collect();
        for (name, answer) in answers {
            n_objects += 1;
            let rows = of(&found, name, &names);
            let of_severity = |severity: &str| rows.iter().filter(|row| row[0] == severity).collect::<Vec<_>>();
            let (errors, warnings) = (of_severity("error"), of_severity("warning"));
            if errors.is_empty() && rows.iter().any(|row| row[1] == "MS0128") {
                not_judged.push(format!("{case}/{name}"));
                continue;
            }
            let says =
                |rows: &[&[String; 3]], text: &str| rows.iter().any(|row| row[2].ends_with(&format!(": {text}")));
            let is_same = match answer["denied"].as_str().and_then(|text| text.split_once(" denied request: ")) {
                None => errors.is_empty(),
                // If an expression fails, the evaluator of the API server prints another message than ours.
                Some((_, text)) if text.contains("resulted in error") || text.starts_with("failed to configure") => {
                    !errors.is_empty()
                }
                Some((_, text)) => says(&errors, text),
            };
            let warned: Vec<&str> = answer["warned"]
                .as_array()
                .unwrap()
                .iter()
                .map(|it| it.as_str().unwrap().split_once(": ").unwrap().1)
                .collect();
            let is_warned = warned.iter().all(|text| says(&warnings, text)) && warnings.is_empty() == warned.is_empty();
            if !is_same || !is_warned {
                wrong.push(format!("{case}/{name}: {answer}\n  {rows:?}"));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert_eq!(not_judged, NOT_JUDGED);
    assert!(n_objects > 110, "{n_objects}");
}

/// A policy that every Service breaks, with its binding.
const SERVICES: &str = "\
apiVersion: admissionregistration.k8s.io/v1
kind: ValidatingAdmissionPolicy
metadata: { name: owners, annotations: { meshsynth.dev/code: ACME007 } }
spec:
  matchConstraints:
    resourceRules:
    - { apiGroups: [\"\"], apiVersions: [v1], operations: [CREATE], resources: [services] }
  validations:
  - { expression: \"has(object.metadata.labels) && 'owner' in object.metadata.labels\", message: no owner }
---
apiVersion: admissionregistration.k8s.io/v1
kind: ValidatingAdmissionPolicyBinding
metadata: { name: owners }
spec: { policyName: owners, validationActions: [Deny] }
";

/// A policy that the database of the shop breaks.
const DATABASES: &str = "\
apiVersion: meshsynth.dev/v1
kind: Policy
metadata: { name: vpcs }
spec:
  code: ACME008
  severity: warning
  types: [\"AWS::EC2::*\"]
  require: \"'owner' in tags\"
  message: no owner
";

const CONFIG: &str = "[apps.shop]\nrun = [\"sh\", \"shop.sh\"]\n[policy]\nfiles = [\"policies/*.yaml\"]\n";

#[test]
fn policy_denies_synthesis_at_program_line() {
    let project = Project::new("policies-synth", GOOD);
    project.write("meshsynth.toml", CONFIG);
    project.write("policies/services.yaml", SERVICES);
    project.write("policies/databases.yaml", DATABASES);
    let told = project.run_in_vain(&["synth"]);
    for line in [
        "error[ACME007]: the policy `owners` denies the object: no owner\n  --> src/main.rs:22:5\n   = construct: \
         run/cluster/shop/orders",
        "the policy is defined here (policies/services.yaml:9:7)",
        "warning[ACME008]: no owner\n  --> src/main.rs:12:5\n   = construct: network/vpc",
        "`shop` has 1 error",
    ] {
        assert!(told.contains(line), "{told}");
    }
    assert!(!project.root.join("synth.out/shop").exists());
    // An output with suppressed findings is written.
    let allow = "[[allow]]\ncode = \"ACME007\"\nwhat = \"run/*\"\nreason = \"the next sprint\"\nuntil = \
         \"2999-12-31\"\nwho = \"shop\"\n";
    project.write("meshsynth.toml", &format!("{CONFIG}{allow}"));
    let told = project.run(&["synth"]);
    assert!(!told.contains("ACME007") && !told.contains("no finding needs"), "{told}");
    let told = project.run(&["explain", "ACME008"]);
    assert!(told.contains("The policy `vpcs`: no owner.") && told.contains("policies/databases.yaml:8:3"), "{told}");
    let told = project.run(&["explain", "ACME007"]);
    assert!(told.contains("The admission policy `owners`.") && told.contains("no owner"), "{told}");
    // The output has the same findings as the program, at the same line.
    project.write("meshsynth.toml", CONFIG);
    let told = project.run_in_vain(&["check", "synth.out/shop"]);
    assert!(told.contains("error[ACME007]") && told.contains("--> src/main.rs:22:5"), "{told}");
}

#[test]
fn reports_invalid_policy_before_running_programs() {
    let project = Project::new("policies-invalid", "exit 3");
    project.write("meshsynth.toml", CONFIG);
    project.write("policies/services.yaml", &SERVICES.replacen("object.metadata", "objct.metadata", 1));
    for command in [["synth"].as_slice(), &["check", "policies"]] {
        let told = project.run_in_vain(command);
        assert!(told.contains("uses an undefined variable: `objct`\n  --> policies/services.yaml:9:7"), "{told}");
        assert!(told.contains("did you mean `object`?"), "{told}");
    }
}

#[test]
fn reports_pattern_without_files() {
    let project = Project::new("policies-none", GOOD);
    project.write("meshsynth.toml", CONFIG);
    let told = project.run_in_vain(&["synth"]);
    assert!(told.contains("no file matches `policies/*.yaml`") && told.contains("meshsynth.toml:4:10"), "{told}");
}

#[test]
fn gate_denies_newly_broken_policy() {
    let project = Project::after_success("policies-diff", GOOD);
    let policy = DATABASES.replacen("'owner' in tags", "properties.CidrBlock != '10.9.0.0/16'", 1);
    project.write("policies/databases.yaml", &policy.replacen("AWS::EC2::*", "AWS::EC2::VPC", 1));
    project.write("meshsynth.toml", CONFIG);
    let copied = |to: &str| {
        for path in [
            "manifest.json",
            "network.template.json",
            "data.template.json",
            "bindings.json",
            "graph.json",
            "diagnostics.json",
        ] {
            let text = fs::read_to_string(project.root.join("synth.out/shop").join(path)).unwrap();
            project.write(&format!("{to}/{path}"), &text);
        }
        for path in [
            "k8s/shop/40-workload/service-orders.yaml",
            "k8s/shop/00-namespace/namespace-shop.yaml",
            "helm/shop/istiod.values.yaml",
        ] {
            let text = fs::read_to_string(project.root.join("synth.out/shop").join(path)).unwrap();
            project.write(&format!("{to}/{path}"), &text);
        }
    };
    copied("head");
    let template = fs::read_to_string(project.root.join("head/network.template.json")).unwrap();
    let changed = template.replacen("10.0.0.0/16", "10.9.0.0/16", 1);
    assert_ne!(template, changed, "{template}");
    project.write("head/network.template.json", &changed);
    let call = ["diff", "--base", "synth.out/shop", "--head", "head", "--deny", "ACME008"];
    let told = project.run_in_vain(&call);
    assert!(told.contains("gate `ACME008` failed: new violations in"), "{told}");
    // Findings that existed before do not block the change.
    let call = ["diff", "--base", "head", "--head", "synth.out/shop", "--deny", "ACME008"];
    assert!(!project.run(&call).contains("new violations in"));
}
