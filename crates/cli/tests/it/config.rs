//! `meshsynth.toml` and the command line: every mistake has a position and a fix.

use std::fs;

use crate::project::{GOOD, Project, assert_shown};

/// Returns the error of `meshsynth list` for a configuration.
#[track_caller]
fn refused(case: &str, config: &str) -> String {
    let project = Project::new(&format!("config-{case}"), GOOD);
    project.write("meshsynth.toml", config);
    project.run_in_vain(&["list"])
}

#[test]
fn suggests_configuration_if_missing() {
    let project = Project::new("config-missing", GOOD);
    fs::remove_file(project.root.join("meshsynth.toml")).unwrap();
    // Parent folders are searched too, and a checkout of meshsynth has such a file.
    let text = project.run_in_vain(&["list", "--config", "other.toml"]);
    assert_shown!("config_missing", text);
    let folder = std::env::temp_dir();
    let output = project.command(&["list"]).current_dir(&folder).output().unwrap();
    let text = project.show(&["list"], &output).replace(folder.to_str().unwrap(), "[TEMP]");
    assert_shown!("config_none", text);
}

#[test]
fn finds_configuration_from_subfolder() {
    let project = Project::new("config-below", GOOD);
    project.write("src/deep/main.rs", "");
    let mut command = project.command(&["synth", "--quiet"]);
    let output = command.current_dir(project.root.join("src/deep")).output().unwrap();
    assert_eq!(project.show(&["synth", "--quiet"], &output), "$ meshsynth synth --quiet\nexit code: 0\n");
    assert!(project.root.join("synth.out/shop/manifest.json").exists());
}

#[test]
fn reports_position_of_invalid_toml() {
    assert_shown!("config_syntax", refused("syntax", "[apps.shop]\nrun = [\"sh\"\n\noutput = 1\n"));
    assert_shown!("config_key_twice", refused("key-twice", "output = \"a\"\noutput = \"b\"\n"));
}

#[test]
fn suggests_similar_key_for_unknown_key() {
    assert_shown!("config_unknown_near", refused("unknown-near", "[apps.shop]\nrun = [\"sh\"]\nenviroments = []\n"));
    assert_shown!(
        "config_unknown_far",
        refused("unknown-far", "[apps.shop]\nrun = [\"sh\"]\nregion = \"eu-central-1\"\n")
    );
    assert_shown!("config_unknown_top", refused("unknown-top", "[app.shop]\nrun = [\"sh\"]\n"));
}

#[test]
fn reports_expected_type() {
    assert_shown!("config_run_text", refused("run-text", "[apps.shop]\nrun = \"cargo run\"\n"));
    assert_shown!("config_run_number", refused("run-number", "[apps.shop]\nrun = [\"sh\", 1]\n"));
    assert_shown!("config_output_number", refused("output-number", "output = 7\n"));
    assert_shown!("config_app_text", refused("app-text", "[apps]\nshop = \"cargo run\"\n"));
}

#[test]
fn reports_missing_values() {
    assert_shown!("config_no_apps", refused("no-apps", ""));
    assert_shown!("config_no_run", refused("no-run", "[apps.blog]\nenvironments = [\"staging\"]\n"));
    assert_shown!("config_run_empty", refused("run-empty", "[apps.shop]\nrun = []\n"));
    assert_shown!("config_output_empty", refused("output-empty", "output = \"\"\n[apps.shop]\nrun = [\"sh\"]\n"));
}

#[test]
fn rejects_names_invalid_for_folders() {
    assert_shown!("config_app_name", refused("app-name", "[apps.\"../shop\"]\nrun = [\"sh\"]\n"));
    let twice = "[apps.shop]\nrun = [\"sh\"]\nenvironments = [\"staging\", \"staging\"]\n";
    assert_shown!("config_environment_twice", refused("environment-twice", twice));
}

#[test]
fn rejects_unknown_app_or_environment() {
    let project = Project::new("targets", GOOD);
    let config =
        "[apps.shop]\nrun = [\"sh\"]\nenvironments = [\"staging\", \"production\"]\n[apps.blog]\nrun = [\"sh\"]\n";
    project.write("meshsynth.toml", config);
    assert_shown!("app_unknown", project.run_in_vain(&["synth", "shpo"]));
    assert_shown!("environment_unknown", project.run_in_vain(&["synth", "shop", "--env", "prod"]));
    assert_shown!("environment_of_none", project.run_in_vain(&["synth", "blog", "--env", "staging"]));
    assert_shown!("environment_nowhere", project.run_in_vain(&["synth", "--env", "stagign"]));
}

#[test]
fn explains_usage_errors() {
    let project = Project::new("usage", GOOD);
    assert_shown!("help", project.run(&["--help"]));
    assert_shown!("help_synth", project.run(&["synth", "--help"]));
    assert_shown!("usage_unknown_flag", project.run_in_vain(&["synth", "--strickt"]));
    assert_shown!("usage_conflict", project.run_in_vain(&["synth", "--json", "--diagnostics", "sarif"]));
}
