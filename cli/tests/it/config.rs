//! `meshsynth.toml` and the command line: every mistake has its place and its fix.

use std::fs;

use crate::project::{GOOD, Project, assert_shown};

/// What `meshsynth list` says to a configuration.
#[track_caller]
fn refused(case: &str, config: &str) -> String {
    let project = Project::new(&format!("config-{case}"), GOOD);
    project.write("meshsynth.toml", config);
    project.run_in_vain(&["list"])
}

#[test]
fn without_a_configuration_one_is_offered() {
    let project = Project::new("config-missing", GOOD);
    fs::remove_file(project.root.join("meshsynth.toml")).unwrap();
    // The file is looked for upward, and a checkout of meshsynth has one.
    let text = project.run_in_vain(&["list", "--config", "other.toml"]);
    assert_shown!("config_missing", text);
    let folder = std::env::temp_dir();
    let output = project.command(&["list"]).current_dir(&folder).output().unwrap();
    let text = project.show(&["list"], &output).replace(folder.to_str().unwrap(), "[TEMP]");
    assert_shown!("config_none", text);
}

#[test]
fn the_configuration_is_found_from_a_folder_below() {
    let project = Project::new("config-below", GOOD);
    project.write("src/deep/main.rs", "");
    let mut command = project.command(&["synth", "--quiet"]);
    let output = command.current_dir(project.root.join("src/deep")).output().unwrap();
    assert_eq!(project.show(&["synth", "--quiet"], &output), "$ meshsynth synth --quiet\nexit code: 0\n");
    assert!(project.root.join("synth.out/shop/manifest.json").exists());
}

#[test]
fn a_configuration_that_is_no_toml_is_told_by_place() {
    assert_shown!("config_syntax", refused("syntax", "[apps.shop]\nrun = [\"sh\"\n\noutput = 1\n"));
    assert_shown!("config_key_twice", refused("key-twice", "output = \"a\"\noutput = \"b\"\n"));
}

#[test]
fn unknown_keys_are_refused_with_the_key_that_is_near() {
    assert_shown!("config_unknown_near", refused("unknown-near", "[apps.shop]\nrun = [\"sh\"]\nenviroments = []\n"));
    assert_shown!(
        "config_unknown_far",
        refused("unknown-far", "[apps.shop]\nrun = [\"sh\"]\nregion = \"eu-central-1\"\n")
    );
    assert_shown!("config_unknown_top", refused("unknown-top", "[app.shop]\nrun = [\"sh\"]\n"));
}

#[test]
fn values_of_a_wrong_type_say_what_is_wanted() {
    assert_shown!("config_run_text", refused("run-text", "[apps.shop]\nrun = \"cargo run\"\n"));
    assert_shown!("config_run_number", refused("run-number", "[apps.shop]\nrun = [\"sh\", 1]\n"));
    assert_shown!("config_output_number", refused("output-number", "output = 7\n"));
    assert_shown!("config_app_text", refused("app-text", "[apps]\nshop = \"cargo run\"\n"));
}

#[test]
fn values_that_are_missing_are_shown() {
    assert_shown!("config_no_apps", refused("no-apps", ""));
    assert_shown!("config_no_run", refused("no-run", "[apps.blog]\nenvironments = [\"staging\"]\n"));
    assert_shown!("config_run_empty", refused("run-empty", "[apps.shop]\nrun = []\n"));
    assert_shown!("config_output_empty", refused("output-empty", "output = \"\"\n[apps.shop]\nrun = [\"sh\"]\n"));
}

#[test]
fn names_that_cannot_be_folders_are_refused() {
    assert_shown!("config_app_name", refused("app-name", "[apps.\"../shop\"]\nrun = [\"sh\"]\n"));
    let twice = "[apps.shop]\nrun = [\"sh\"]\nenvironments = [\"staging\", \"staging\"]\n";
    assert_shown!("config_environment_twice", refused("environment-twice", twice));
}

#[test]
fn an_app_or_environment_that_is_not_there_is_refused() {
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
fn usage_is_explained() {
    let project = Project::new("usage", GOOD);
    assert_shown!("help", project.run(&["--help"]));
    assert_shown!("help_synth", project.run(&["synth", "--help"]));
    assert_shown!("usage_unknown_flag", project.run_in_vain(&["synth", "--strickt"]));
    assert_shown!("usage_conflict", project.run_in_vain(&["synth", "--json", "--diagnostics", "sarif"]));
}
