//! Tests the output of `deploy` and similar commands before they access AWS. `crates/deploy/tests` and the emulator test the
//! rest.

use std::fs::{self, File};
use std::io::Write;

use crate::project::{GOOD, Project, WRITTEN, assert_shown};

fn quiet(project: &Project, args: &[&str]) -> String {
    let mut command = project.command(args);
    for name in ["AWS_ACCESS_KEY_ID", "AWS_PROFILE", "AWS_SECRET_ACCESS_KEY", "AWS_WEB_IDENTITY_TOKEN_FILE"] {
        command.env_remove(name);
    }
    let nowhere = project.root.join("nowhere");
    command.env("AWS_EC2_METADATA_DISABLED", "true").env("HOME", &nowhere).env("AWS_CONFIG_FILE", &nowhere);
    let output = command.env("AWS_SHARED_CREDENTIALS_FILE", &nowhere).output().unwrap();
    project.show(args, &output)
}

#[test]
fn plan_writes_only_the_plan_file() {
    let project = Project::after_success("deploy-plan", GOOD);
    assert_shown!("deploy_plan", quiet(&project, &["deploy", "--plan", "plan.json"]));
    assert_shown!("deploy_plan_file", fs::read_to_string(project.root.join("plan.json")).unwrap());
    assert!(!project.root.join("synth.out/.deploy").exists());
}

#[test]
fn rejects_plan_of_another_output() {
    let project = Project::after_success("deploy-stale", WRITTEN);
    quiet(&project, &["deploy", "--plan", "plan.json"]);
    project.write("synth.out/shop/data.template.json", "{\"Resources\": {}}");
    assert_shown!("deploy_stale", quiet(&project, &["deploy", "plan.json"]));
}

#[test]
fn reports_missing_credentials() {
    let project = Project::after_success("deploy-nobody", GOOD);
    let text = quiet(&project, &["deploy", "--require-approval", "never"]);
    assert_shown!("deploy_nobody", text);
}

#[test]
fn reports_owner_and_time_of_lock() {
    let project = Project::after_success("deploy-lock", GOOD);
    let folder = project.root.join("synth.out/.deploy/shop");
    fs::create_dir_all(&folder).unwrap();
    let mut lock = File::create(folder.join("lock")).unwrap();
    lock.write_all(b"ann@laptop (process 7) since 2026-11-21T06:30:00Z\n").unwrap();
    lock.lock().unwrap();
    assert_shown!("deploy_locked", quiet(&project, &["deploy"]));
}

#[test]
fn destroy_requires_confirmation() {
    let project = Project::after_success("deploy-destroy", GOOD);
    assert_shown!("destroy_unasked", quiet(&project, &["destroy"]));
}

#[test]
fn reports_configuration_errors_with_location() {
    let project = Project::after_success("deploy-config", GOOD);
    let app = "[apps.shop]\nrun = [\"sh\", \"shop.sh\"]\n";
    project.write("meshsynth.toml", &format!("{app}[deploy.shpo]\nrole = \"arn\"\n"));
    let unknown = quiet(&project, &["deploy"]);
    project.write("meshsynth.toml", &format!("{app}[deploy.shop]\nprotect = \"yes\"\n"));
    let wrong = quiet(&project, &["deploy"]);
    project.write("meshsynth.toml", &format!("{app}[deploy.shop]\nrol = \"arn\"\n"));
    assert_shown!("deploy_config", [unknown, wrong, quiet(&project, &["deploy"])].join("\n"));
}

#[test]
fn prints_policies_without_a_project() {
    let project = Project::new("deploy-policy", GOOD);
    for whose in ["deployer", "reader"] {
        let text = quiet(&project, &["bootstrap", "--print-policy", whose]);
        assert!(text.contains("exit code: 0\n") && text.contains("\"2012-10-17\""), "{text}");
        assert!(!text.contains("\"*:*\"") && !text.contains("\"cloudformation:*\""), "{text}");
    }
}

#[test]
fn prints_policy_of_the_output_of_one_app() {
    let project = Project::after_success("deploy-policy-app", GOOD);
    let text = quiet(&project, &["bootstrap", "--print-policy", "--app", "shop"]);
    assert!(text.contains("exit code: 0\n") && text.contains("/meshsynth/shop/*"), "{text}");
    assert!(!text.contains("APP"), "{text}");
    let text = quiet(&project, &["bootstrap", "--print-policy", "--app", "blog"]);
    assert!(text.contains("exit code: 2\n"), "{text}");
}
