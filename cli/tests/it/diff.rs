//! What a diff says, and how it ends.

use std::process::Command;

use crate::project::{GOOD, Project, assert_shown};

/// A project whose last output is kept as `old`, and whose new output opens a port, shrinks and moves things.
fn changed(case: &str) -> Project {
    let project = Project::after_success(case, GOOD);
    let copied = Command::new("cp").args(["-R", "synth.out", "old"]).current_dir(&project.root).status().unwrap();
    assert!(copied.success());
    project.write(
        "synth.out/shop/data.template.json",
        r#"{ "Resources": {
            "OrdersDb4B5A6978": { "DeletionPolicy": "Retain", "UpdateReplacePolicy": "Retain", "Type": "AWS::RDS::DBInstance",
                "Properties": { "DBInstanceClass": "db.t4g.micro", "DBName": "orders", "PubliclyAccessible": true } },
            "OrdersDbGroup8796A5B4": { "Type": "AWS::EC2::SecurityGroup", "Properties": { "GroupDescription": "orders-db",
                "VpcId": { "Fn::ImportValue": "shop-network-Vpc" }, "SecurityGroupIngress": [
                { "IpProtocol": "tcp", "FromPort": 5432, "ToPort": 5432, "CidrIp": "0.0.0.0/0" }] } } } }"#,
    );
    project.write("synth.out/shop/helm/shop/istiod.values.yaml", "pilot:\n  replicaCount: 3\n");
    project
}

#[test]
fn the_forms_say_the_same() {
    let project = changed("diff-forms");
    assert_shown!("diff", project.run(&["diff", "--base", "old"]));
    assert_shown!("diff_markdown", project.run(&["diff", "--base", "old", "--format", "markdown"]));
    assert_shown!("diff_json", project.run(&["diff", "--base", "old", "--format", "json"]));
}

#[test]
fn gates_and_exit_codes() {
    let project = changed("diff-gates");
    let ended = |args: &[&str]| project.command(args).output().unwrap().status.code();
    assert_eq!(ended(&["diff", "--base", "old"]), Some(0));
    assert_eq!(ended(&["diff", "--base", "old", "--exit-code"]), Some(1));
    assert_eq!(ended(&["diff", "--base", "synth.out", "--exit-code"]), Some(0));
    for gate in ["data-loss", "replace", "access", "public"] {
        assert_eq!(ended(&["diff", "--base", "old", "--deny", gate]), Some(1), "{gate}");
        assert_eq!(ended(&["diff", "--base", "synth.out", "--deny", gate]), Some(0), "{gate}");
    }
}

#[test]
fn what_cannot_be_compared_is_an_error() {
    let project = changed("diff-errors");
    let git = |args: &[&str]| {
        let who = ["-c", "user.name=a", "-c", "user.email=a@example.com"];
        assert!(Command::new("git").args(who).args(args).current_dir(&project.root).output().unwrap().status.success());
    };
    git(&["init", "--quiet"]);
    project.write(".gitignore", "/synth.out\n/old\n");
    git(&["add", "."]);
    git(&["commit", "--quiet", "--message", "Without output"]);
    let fails = |args: &[&str], words: &str| {
        let text = project.run(args);
        assert!(text.contains("exit code: 2\n") && text.contains(words) && !text.contains("no changes"), "{text}");
    };
    fails(&["diff"], "has no assembly at `synth.out/shop`");
    fails(&["diff", "--base", "nowhere"], "neither a folder nor a revision");
    project.write("empty/file", "");
    fails(&["diff", "--base", "empty"], "holds no assembly");
    let manifest = std::fs::read_to_string(project.root.join("old/shop/manifest.json")).unwrap();
    project.write("old/shop/manifest.json", &manifest.replace("\"app\": \"shop\"", "\"app\": \"blog\""));
    fails(&["diff", "--base", "old"], "is of `blog`");
    project.write("old/shop/manifest.json", &manifest.replace("\"format_version\": 1", "\"format_version\": 9"));
    fails(&["diff", "--base", "old"], "is of format 9");
    project.write("old/shop/manifest.json", &manifest);
    project.write("old/shop/data.template.json", "{");
    fails(&["diff", "--base", "old"], "is no JSON");
    // Once it is committed, the default is what is committed.
    project.write(".gitignore", "/old\n");
    git(&["add", "."]);
    git(&["commit", "--quiet", "--message", "With output"]);
    let text = project.run(&["diff", "--exit-code"]);
    assert!(text.contains("exit code: 0\n") && text.contains("no changes") && text.contains("as committed"), "{text}");
}
