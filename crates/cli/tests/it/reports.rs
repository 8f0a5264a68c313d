//! The messages and data of a run.

use std::fs;

use crate::project::{GOOD, Project, assert_shown};

const MISTAKES: &str = "cp $FIXTURES/mistakes.json $MESHSYNTH_OUT/diagnostics.json; exit 1";

fn with_warnings() -> String {
    format!("{GOOD}\ncp $FIXTURES/warnings.json $MESHSYNTH_OUT/diagnostics.json")
}

#[test]
fn prints_one_line_on_success() {
    let project = Project::new("success", GOOD);
    assert_shown!("synth", project.run(&["synth"]));
    assert_eq!(project.run(&["synth", "--quiet"]), "$ meshsynth synth --quiet\nexit code: 0\n");
}

#[test]
fn json_has_counts_and_paths() {
    assert_shown!("synth_json", Project::new("success-json", &with_warnings()).run(&["synth", "--json"]));
}

#[test]
fn reports_all_mistakes_together() {
    let project = Project::after_success("mistakes", MISTAKES);
    assert_shown!("mistakes", project.run_in_vain(&["synth"]));
    assert_shown!("mistakes_json", project.run_in_vain(&["synth", "--quiet", "--diagnostics", "json"]));
    assert_shown!("mistakes_sarif", project.run_in_vain(&["synth", "--quiet", "--diagnostics", "sarif"]));
    assert_shown!("mistakes_summary_json", project.run_in_vain(&["synth", "--quiet", "--json"]));
}

#[test]
fn colors_can_be_enabled() {
    let project = Project::after_success("colours", MISTAKES);
    assert_shown!("mistakes_coloured", project.run_in_vain(&["synth", "--color", "always"]).replace('\x1b', "ESC"));
}

#[test]
fn strict_treats_warnings_as_errors() {
    let project = Project::after_success("strict", &with_warnings());
    assert_shown!("strict", project.run_in_vain(&["synth", "--strict"]));
    assert_shown!("warnings", project.run(&["synth"]));
}

#[test]
fn one_app_with_mistakes_prevents_all_outputs() {
    let project = Project::new(
        "environments",
        r#"
        echo "$MESHSYNTH_ENV $MESHSYNTH_FORMAT" >&2
        if [ "$MESHSYNTH_ENV" = production ] && [ -e broken ]; then
            cp $FIXTURES/mistakes.json $MESHSYNTH_OUT/diagnostics.json
            exit 1
        fi
        cp -R "$FIXTURES/shop/." "$MESHSYNTH_OUT"
        sed "s/\"app\": \"shop\"/\"app\": \"shop-$MESHSYNTH_ENV\"/" $FIXTURES/shop/manifest.json > $MESHSYNTH_OUT/manifest.json
    "#,
    );
    project.write(
        "meshsynth.toml",
        "[apps.shop]\nrun = [\"sh\", \"shop.sh\"]\nenvironments = [\"staging\", \"production\"]\n",
    );
    assert_shown!("list_before", project.run(&["list"]));
    assert_shown!("environments", project.run(&["synth", "--format", "yaml"]));
    assert_shown!("list", project.run(&["list"]));
    assert_shown!("list_json", project.run(&["list", "--json"]));
    project.write("broken", "");
    assert_shown!("environments_one_broken", project.run_in_vain(&["synth"]));
    assert_shown!("environment_alone", project.run(&["synth", "--env", "staging"]));
}

#[test]
fn lists_apps_with_broken_output() {
    let project = Project::after_success("list-broken", GOOD);
    project.write("synth.out/shop/manifest.json", "{ \"format_version\": 9 }");
    assert_shown!("list_broken", project.run(&["list"]));
    assert!(project.run(&["list", "--json"]).contains("has format 9"));
}

#[test]
fn explains_diagnostics() {
    let project = Project::new("explain", GOOD);
    assert_shown!("explain", project.run(&["explain", "MS0101"]));
    assert_eq!(
        project.run(&["explain", "duplicate-id"]).lines().skip(1).collect::<Vec<_>>(),
        project.run(&["explain", "ms0101"]).lines().skip(1).collect::<Vec<_>>(),
    );
    assert_shown!("explain_unknown", project.run_in_vain(&["explain", "MS101"]));
    let all = project.run(&["explain"]);
    assert!(all.contains("\nMS0101  Two constructs of one scope have the same id.\n"), "{all}");
    let json = project.run(&["explain", "--json", "MS0101"]);
    assert!(json.contains("\"name\": \"duplicate-id\""), "{json}");
}

#[test]
fn explains_and_searches_constructs() {
    let project = Project::new("explain-constructs", GOOD);
    let page = project.run(&["explain", "sqs::Queue"]);
    for part in ["Fields of QueueProps", "`retention`", "default: 4 days", "AWS::SQS::QueuePolicy", "let mails ="] {
        assert!(page.contains(part), "{part}: {page}");
    }
    assert!(!page.contains("|---|") && !page.contains("](kms-key.md)"), "{page}");
    let several = project.run_in_vain(&["explain", "Cluster"]);
    assert!(several.contains("`eks::Cluster`") && several.contains("`msk::Cluster`"), "{several}");
    let near = project.run_in_vain(&["explain", "rds::Databse"]);
    assert!(near.contains("did you mean `rds::Database`?"), "{near}");
    let found = project.run(&["explain", "--search", "log", "retention"]);
    assert!(found.contains("logs::LogGroup\n"), "{found}");
    let nothing = project.run_in_vain(&["explain", "--search", "zebra"]);
    assert!(nothing.contains("no page contains the words `zebra`"), "{nothing}");
    assert!(project.run(&["explain"]).contains("sqs::Queue  An encrypted queue with a dead-letter queue"));
    assert!(project.run(&["explain", "--json", "sqs::Queue"]).contains("\"construct\": \"sqs::Queue\""));
}

#[test]
fn explains_policy_pack_rules_of_last_output() {
    let project = Project::after_success("explain-company", GOOD);
    let path = project.root.join("synth.out/shop/manifest.json");
    let mut manifest: serde_json::Value = serde_json::from_str(&fs::read_to_string(&path).unwrap()).unwrap();
    manifest["rules"] = serde_json::json!([{
        "code": "ACME001",
        "manual": "Keys of AWS cannot be revoked by us.",
        "severity": "error",
        "summary": "every bucket is encrypted with our key",
    }]);
    fs::write(&path, manifest.to_string()).unwrap();
    assert_shown!("explain_company", project.run(&["explain", "acme001"]));
    assert!(project.run(&["explain"]).ends_with("\nACME001  every bucket is encrypted with our key\n"));
    let text = project.run_in_vain(&["explain", "ACME002"]);
    assert!(text.contains("did you mean `ACME001`?"), "{text}");
}
