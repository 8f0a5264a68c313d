//! The workflow of `init --ci`, the script of the GitHub action, and the pre-commit hooks.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::Value;

use crate::project::{GOOD, Project, WRITTEN};

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).ancestors().nth(2).unwrap().to_owned()
}

fn git(project: &Project, args: &[&str]) {
    let who = ["-c", "user.name=a", "-c", "user.email=a@example.com"];
    let output = Command::new("git").args(who).args(args).current_dir(&project.root).output().unwrap();
    assert!(output.status.success(), "{args:?}");
}

#[test]
fn writes_workflow_without_overwriting() {
    for (system, path, wanted) in [
        ("github", ".github/workflows/meshsynth.yml", &["uses: meshsynth/meshsynth@", "cargo test --locked"][..]),
        (
            "gitlab",
            ".gitlab/meshsynth.yml",
            &[
                "meshsynth synth --check --strict",
                "cargo test --locked",
                "<!-- meshsynth -->",
                "meshsynth diff --no-synth --base \"$base\" --format markdown",
                "exit \"$status\"",
            ],
        ),
    ] {
        let project = Project::new(&format!("ci-{system}"), GOOD);
        let text = project.run(&["init", "--ci", system]);
        assert!(text.contains("exit code: 0\n") && text.contains(path), "{text}");
        let workflow = fs::read_to_string(project.root.join(path)).unwrap();
        let places: Vec<_> =
            wanted.iter().map(|words| workflow.find(words).unwrap_or_else(|| panic!("{words}"))).collect();
        assert!(places.is_sorted(), "{workflow}");
        assert!(workflow.contains(env!("CARGO_PKG_VERSION")) && !workflow.contains("cargo install"), "{workflow}");
        assert!(project.run_in_vain(&["init", "--ci", system]).contains("already in"));
    }
    let project = Project::new("ci-nowhere", GOOD);
    fs::remove_file(project.root.join("meshsynth.toml")).unwrap();
    assert!(project.run_in_vain(&["init", "--ci", "github"]).contains("there is no `meshsynth.toml`"));
}

/// Runs the script of the action in a project; returns the comment and the outputs.
#[cfg(unix)]
fn plan(project: &Project) -> (String, String) {
    plan_denying(project, "")
}

/// Runs the script with the input `deny`.
fn plan_denying(project: &Project, deny: &str) -> (String, String) {
    let reports = project.root.join(".git/reports");
    let [output, summary] = ["output", "summary"].map(|name| project.root.join(".git").join(name));
    fs::write(&output, "").unwrap();
    let folder = Path::new(env!("CARGO_BIN_EXE_meshsynth")).parent().unwrap();
    let path = format!("{}:{}", folder.display(), std::env::var("PATH").unwrap());
    let done = Command::new(root().join("dist/action/plan.sh"))
        .current_dir(&project.root)
        .env("PATH", path)
        .env("FIXTURES", concat!(env!("CARGO_MANIFEST_DIR"), "/tests/fixtures"))
        .envs([("TARGET", "main"), ("SARIF", "true"), ("DENY", deny)])
        .envs([("REPORTS", &reports), ("GITHUB_OUTPUT", &output), ("GITHUB_STEP_SUMMARY", &summary)])
        .output()
        .unwrap();
    assert!(done.status.success(), "{}", String::from_utf8_lossy(&done.stderr));
    for name in ["synth.sarif", "diff.sarif"] {
        let text = fs::read_to_string(reports.join(name)).unwrap();
        let sarif: Value = serde_json::from_str(&text).unwrap_or_else(|_| panic!("{name}: {text}"));
        assert_eq!(sarif["version"], "2.1.0", "{name}");
    }
    (fs::read_to_string(reports.join("comment.md")).unwrap(), fs::read_to_string(output).unwrap())
}

#[cfg(unix)]
#[test]
fn action_compares_with_merge_base() {
    let project = Project::after_success("ci-action", WRITTEN);
    project.write("meshsynth.toml", "[apps.shop]\nrun = [\"sh\", \"shop.sh\"]\n[diff]\ndeny = [\"replace\"]\n");
    git(&project, &["init", "--quiet", "--initial-branch", "main"]);
    git(&project, &["add", "."]);
    git(&project, &["commit", "--quiet", "--message", "Before"]);
    git(&project, &["update-ref", "refs/remotes/origin/main", "HEAD"]);
    let (comment, outputs) = plan(&project);
    assert!(comment.starts_with("<!-- meshsynth -->\n### meshsynth: `shop`\n"), "{comment}");
    assert!(comment.contains("**no changes**") && outputs.contains("status=0\n"), "{comment}\n{outputs}");
    let path = "synth.out/shop/data.template.json";
    let text = fs::read_to_string(project.root.join(path)).unwrap();
    let changed = text.replace("\"DBInstanceClass\"", "\"DBName\": \"sales\", \"DBInstanceClass\"");
    assert_ne!(text, changed, "{text}");
    project.write(path, &changed);
    git(&project, &["commit", "--quiet", "--all", "--message", "After"]);
    let (comment, outputs) = plan(&project);
    assert!(comment.contains("gate `replace` failed") && outputs.contains("status=1\n"), "{comment}\n{outputs}");
    assert!(project.root.join(".git/reports/diff.html").exists());
    // The input of the action is added to the gates of the configuration.
    let config = fs::read_to_string(project.root.join("meshsynth.toml")).unwrap();
    project.write("meshsynth.toml", &config.replace("[\"replace\"]", "[]"));
    let (comment, outputs) = plan(&project);
    assert!(outputs.contains("status=0\n"), "{comment}\n{outputs}");
    let (comment, outputs) = plan_denying(&project, "public,replace");
    assert!(comment.contains("gate `replace` failed") && outputs.contains("status=1\n"), "{comment}\n{outputs}");
}

/// Runs every hook that needs no container like pre-commit: with the files that it passes.
#[cfg(unix)]
#[test]
fn pre_commit_hooks_pass_and_fail() {
    let text = fs::read_to_string(root().join(".pre-commit-hooks.yaml")).unwrap();
    let hooks: Vec<Value> = serde_yaml::from_str(&text).unwrap();
    let version = env!("CARGO_PKG_VERSION");
    let mut ids = Vec::new();
    for hook in &hooks {
        for key in ["id", "name", "description", "entry", "language"] {
            assert!(hook[key].is_string(), "{hook}: {key}");
        }
        let id = hook["id"].as_str().unwrap();
        ids.push(id);
        let entry: Vec<&str> = hook["entry"].as_str().unwrap().split(' ').collect();
        let (program, args) = entry.split_first().unwrap();
        match hook["language"].as_str().unwrap() {
            "system" => assert_eq!(*program, "meshsynth", "{id}"),
            "docker_image" => assert_eq!(*program, format!("ghcr.io/meshsynth/meshsynth:{version}"), "{id}"),
            other => panic!("{id}: {other}"),
        }
        let project = Project::after_success(&format!("hook-{id}"), GOOD);
        project.write("k8s/good.yaml", "apiVersion: v1\nkind: ServiceAccount\nmetadata: { name: web }\n");
        project.write("k8s/bad.yaml", "apiVersion: v1\nkind: ServiceAccount\nmetadata: { name: Web_1 }\n");
        let is_passed = hook["pass_filenames"] != false;
        let run = |file: &str| {
            let files = is_passed.then_some(file);
            let args: Vec<&str> = args.iter().copied().chain(files).collect();
            project.run(&args)
        };
        assert!(run("k8s/good.yaml").contains("exit code: 0\n"), "{id}: {}", run("k8s/good.yaml"));
        project.write("synth.out/shop/graph.json", "{}");
        assert!(run("k8s/bad.yaml").contains("exit code: 1\n"), "{id}: {}", run("k8s/bad.yaml"));
    }
    assert_eq!(ids, ["meshsynth-check", "meshsynth-check-image", "meshsynth-synth"]);
}
