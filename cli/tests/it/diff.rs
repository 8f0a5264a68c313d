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
    project.write("shop.sh", "echo no >&2; exit 7");
    git(&["commit", "--quiet", "--all", "--message", "Broken"]);
    fails(&["diff"], "cannot be run: the program of `shop` ended with exit code 7");
    git(&["rm", "--quiet", "--cached", "meshsynth.toml"]);
    git(&["commit", "--quiet", "--message", "Before meshsynth"]);
    fails(&["diff"], "has neither an output nor a `meshsynth.toml`");
    git(&["reset", "--quiet", "HEAD~2"]);
    fails(&["diff", "--base", "nowhere"], "neither a folder nor a revision");
    project.write("empty/file", "");
    fails(&["diff", "--base", "empty"], "holds no assembly");
    let manifest = std::fs::read_to_string(project.root.join("old/shop/manifest.json")).unwrap();
    project.write("old/shop/manifest.json", &manifest.replace("\"app\": \"shop\"", "\"app\": \"blog\""));
    fails(&["diff", "--base", "old"], "is of `blog`");
    project.write("old/shop/manifest.json", &manifest.replace("\"format_version\": 1", "\"format_version\": 9"));
    fails(&["diff", "--base", "old"], "is of format 9");
    project.write("old/shop/manifest.json", &manifest);
    let template = std::fs::read_to_string(project.root.join("old/shop/data.template.json")).unwrap();
    project.write("old/shop/data.template.json", "{");
    fails(&["diff", "--base", "old"], "is no JSON");
    // A file of 2 GiB that takes no room on the disk.
    let huge = std::fs::File::create(project.root.join("old/shop/data.template.json")).unwrap();
    huge.set_len(2 << 30).unwrap();
    fails(&["diff", "--base", "old"], "too large for an assembly");
    project.write("old/shop/data.template.json", &template);
    std::fs::remove_file(project.root.join("old/shop/network.template.json")).unwrap();
    fails(&["diff", "--base", "old"], "cannot read `network.template.json`");
    // Once it is committed, the default is what is committed.
    project.write(".gitignore", "/old\n");
    git(&["add", "."]);
    git(&["commit", "--quiet", "--message", "With output"]);
    let text = project.run(&["diff", "--exit-code"]);
    assert!(text.contains("exit code: 0\n") && text.contains("no changes") && text.contains("as committed"), "{text}");
}

#[test]
fn a_revision_without_output_is_built() {
    let project = changed("diff-build");
    let git = |args: &[&str]| {
        let who = ["-c", "user.name=a", "-c", "user.email=a@example.com"];
        let output = Command::new("git").args(who).args(args).current_dir(&project.root).output().unwrap();
        assert!(output.status.success(), "{args:?}");
        String::from_utf8(output.stdout).unwrap()
    };
    git(&["init", "--quiet"]);
    project.write(".gitignore", "/synth.out\n/old\n/target\n");
    git(&["add", "."]);
    git(&["commit", "--quiet", "--message", "A program, and no output"]);
    let files = project.files();
    let built = project.run(&["diff", "--format", "json"]);
    let read = project.run(&["diff", "--format", "json", "--base", "old"]);
    assert!(built.contains("as its program makes it"), "{built}");
    let rest = |text: &str| text.split_once("\"changed\"").unwrap().1.split("-- stderr").next().unwrap().to_owned();
    let changes =
        |text: &str| rest(text).split_once("\"changes\"").unwrap().1.split("\"denied\"").next().unwrap().to_owned();
    assert_eq!(changes(&built), changes(&read));
    // Nothing is left behind.
    let is_git = |path: &std::path::Path| path.strip_prefix(&project.root).unwrap().starts_with(".git");
    let names = |files: std::collections::BTreeMap<std::path::PathBuf, Option<String>>| {
        files.into_keys().filter(|path| !is_git(path)).collect::<Vec<_>>()
    };
    assert_eq!(names(files), names(project.files()));
    assert_eq!(git(&["worktree", "list"]).lines().count(), 1);
    // An app that the revision does not have yet is all new.
    project.write(
        "meshsynth.toml",
        "[apps.shop]\nrun = [\"sh\", \"shop.sh\"]\n[apps.blog]\nrun = [\"sh\", \"shop.sh\"]\n",
    );
    let manifest = std::fs::read_to_string(project.root.join("old/shop/manifest.json")).unwrap();
    let copied = Command::new("cp").args(["-R", "old/shop", "synth.out/blog"]).current_dir(&project.root).status();
    assert!(copied.unwrap().success());
    project.write("synth.out/blog/manifest.json", &manifest.replace("\"app\": \"shop\"", "\"app\": \"blog\""));
    let text = project.run(&["diff", "blog"]);
    assert!(text.contains("where `blog` is not there yet") && text.contains("+ create"), "{text}");
    assert!(project.run(&["diff", "blog", "--base", "none"]).contains("nothing →"));
}

#[test]
fn an_assembly_of_format_1_is_read() {
    let project = Project::new("diff-format-1", GOOD);
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/fixtures/format-1");
    let text = project.run(&["diff", "--base", folder, "--head", folder, "--exit-code"]);
    assert!(text.contains("exit code: 0\n") && text.contains("no changes"), "{text}");
    let text = project.run(&["diff", "--base", "none", "--head", folder]);
    assert!(text.contains("AWS::RDS::DBInstance data/orders-db"), "{text}");
}
