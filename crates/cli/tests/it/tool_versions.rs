//! `meshsynth diff` of two versions of a chart, a cloud assembly and a kustomization, which the real tools generated.

use std::fs;
use std::path::Path;
use std::process::Command;

use crate::BINARY;

/// Compares a pair of versions below the fixtures, which the real tool generated. The report is beside them and in the
/// book.
fn pair(of: &str, more: &[&str]) -> String {
    let folder = Path::new(crate::FIXTURES).join("folders").join(of);
    let mut command = Command::new(BINARY);
    command.args(["diff", "--base", "old", "--head", "new"]).args(more).current_dir(&folder).env("COLUMNS", "100");
    let report = String::from_utf8(command.output().unwrap().stdout).unwrap();
    if std::env::var_os("UPDATE_SNAPSHOTS").is_some() {
        fs::write(folder.join("report.txt"), &report).unwrap();
    }
    assert_eq!(report, fs::read_to_string(folder.join("report.txt")).unwrap(), "UPDATE_SNAPSHOTS=1 writes it");
    // Removes line breaks, because they depend on the terminal width.
    report.split_whitespace().collect::<Vec<_>>().join(" ")
}

#[test]
fn chart_versions_have_six_changes() {
    let report = pair("chart", &["--namespace", "shop"]);
    assert!(report.contains("6 changes: 1 delete and create, 1 rollout restart, 4 in place"), "{report}");
    for told in [
        "may now `get`, `watch` on `secrets` in `shop`",
        "in place labels 3 objects",
        "the API server rejects a change of `spec.volumeClaimTemplates[0].spec.resources.requests.storage`",
        "its value looks generated",
        "data.LOG_LEVEL: info → debug",
    ] {
        assert!(report.contains(told), "{told}\n{report}");
    }
    assert!(!report.contains("verbs"), "the order of verbs says nothing\n{report}");
}

#[test]
fn cloud_assemblies_lose_table_and_change_code() {
    let report = pair("cdk", &[]);
    assert!(report.contains("6 changes: 1 data loss, 5 in place; data at risk in 1 change"), "{report}");
    for told in [
        "! AWS::DynamoDB::Table Table (data loss)",
        "the files of its asset change: `index.py`",
        "`OrdersAlerts034FAC8D.nested.template.json` is compared as a stack",
        "AWS: stack orders-production",
        "`dynamodb:PutItem`",
    ] {
        assert!(report.contains(told), "{told}\n{report}");
    }
}

#[test]
fn kustomizations_change_one_config_map() {
    let report = pair("kustomize", &[]);
    assert!(report.contains("3 changes: 1 rollout restart, 2 in place; access widened in 2 places"), "{report}");
    assert!(report.contains("in place ConfigMap web-"), "{report}");
    assert!(report.contains("its name depends on its content"), "{report}");
}
