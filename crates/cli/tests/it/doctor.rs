//! Findings of `meshsynth doctor` with their fixes.

use std::process::Command;

use crate::project::{GOOD, Project, assert_shown};

/// Returns the findings without the versions of this machine.
fn found(project: &Project, args: &[&str]) -> String {
    let text = project.run(args);
    let lines = text.lines().map(|line| match line.split_once("git version ") {
        Some((head, tail)) => {
            format!("{head}git version [X]{}", tail.trim_start_matches(|c: char| c.is_ascii_digit() || c == '.'))
        }
        None => line.to_owned(),
    });
    lines.map(|line| line + "\n").collect()
}

/// Puts a fake `helm` at the start of PATH.
fn with_helm(project: &Project, says: &str) -> String {
    project.write("bin/helm", &format!("#!/bin/sh\necho '{says}'\n"));
    assert!(Command::new("chmod").args(["+x", "bin/helm"]).current_dir(&project.root).status().unwrap().success());
    format!("{}/bin:{}", project.root.display(), std::env::var("PATH").unwrap())
}

#[test]
fn healthy_project_has_no_problems() {
    let project = Project::committed("doctor-fine", GOOD);
    let path = with_helm(&project, "v4.1.4+g0000000");
    let output = project.command(&["doctor"]).env("PATH", path).output().unwrap();
    let text = project.show(&["doctor"], &output);
    assert!(text.contains("exit code: 0") && text.contains("fine no problems found\n"), "{text}");
    assert!(text.contains("ok    output         `shop` is current, and committed"), "{text}");
    assert!(text.contains("ok    helm           v4.1.4"), "{text}");
}

/// Returns a PATH with only the given programs.
fn bare(project: &Project, programs: &[&str]) -> String {
    for program in programs {
        let link = format!("mkdir -p bare && ln -sf \"$(command -v {program})\" bare/{program}");
        assert!(Command::new("sh").args(["-c", &link]).current_dir(&project.root).status().unwrap().success());
    }
    format!("{}/bare", project.root.display())
}

#[test]
fn reports_missing_helm_for_releases() {
    let project = Project::committed("doctor-helm", GOOD);
    let path = bare(&project, &["sh", "cp", "git"]);
    let output = project.command(&["doctor"]).env("PATH", path).output().unwrap();
    let text = project.show(&["doctor"], &output);
    let helm = text.lines().skip_while(|line| !line.contains(" helm ")).collect::<Vec<_>>().join("\n");
    assert_shown!("doctor_no_helm", format!("{helm}\n{}", text.lines().nth(1).unwrap_or_default()));
}

#[test]
fn reports_old_helm() {
    let project = Project::committed("doctor-old-helm", GOOD);
    let path = with_helm(&project, "Client: v2.17.0");
    let output = project.command(&["doctor", "--no-run"]).env("PATH", path).output().unwrap();
    let text = project.show(&["doctor"], &output);
    assert!(text.contains("wrong helm") && text.contains("exit code: 1"), "{text}");
}

#[test]
fn reports_how_to_install_rust_and_git() {
    let project = Project::new("doctor-bare", GOOD);
    project.write("meshsynth.toml", "[apps.shop]\nrun = [\"cargo\", \"run\"]\n");
    let output = project.command(&["doctor", "--no-run"]).env("PATH", "/nonexistent").output().unwrap();
    assert_shown!("doctor_bare", project.show(&["doctor", "--no-run"], &output));
}

#[test]
fn finds_stale_and_broken_outputs() {
    let project = Project::committed("doctor-ill", GOOD);
    project.write("shop.sh", &format!("{GOOD}\necho > $MESHSYNTH_OUT/graph.json"));
    let text = found(&project, &["doctor"]);
    assert!(text.contains("look  output         `shop` is stale"), "{text}");
    project.write("synth.out/shop/manifest.json", "{ \"format_version\": 9 }");
    project.write("shop.sh", "cp $FIXTURES/mistakes.json $MESHSYNTH_OUT/diagnostics.json; exit 1");
    assert_shown!("doctor_ill", found(&project, &["doctor"]));
    assert_shown!("doctor_json", found(&project, &["doctor", "--no-run", "--json", "--quiet"]));
    project.write("meshsynth.toml", "output = 3\n");
    let text = found(&project, &["doctor"]);
    assert!(text.contains("wrong configuration") && text.contains("meshsynth.toml:1:10"), "{text}");
}

#[test]
fn checks_one_app_and_reports_unknown_app() {
    let project = Project::committed("doctor-app", GOOD);
    assert!(found(&project, &["doctor", "shop", "--no-run"]).contains("`shop` is complete"));
    let text = found(&project, &["doctor", "shpo", "--no-run"]);
    assert!(text.contains("exit code: 2") && text.contains("did you mean `shop`?"), "{text}");
}
