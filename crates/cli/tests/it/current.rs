//! Commands compare the current output of the program, or report that the output is stale.

use std::fs;
use std::path::Path;
use std::process::Command;

use crate::project::{GOOD, Project};

/// The values of istiod differ from those in [`GOOD`].
const EDITED: &str = r#"cp -R "$FIXTURES/shop/." "$MESHSYNTH_OUT"
echo '  more: true' >> "$MESHSYNTH_OUT/helm/shop/istiod.values.yaml""#;

const MISTAKES: &str = "cp $FIXTURES/mistakes.json $MESHSYNTH_OUT/diagnostics.json; exit 1";

fn git(project: &Project, args: &[&str]) {
    let who = ["-c", "user.name=a", "-c", "user.email=a@example.com"];
    let output = Command::new("git").args(who).args(args).current_dir(&project.root).output().unwrap();
    assert!(output.status.success(), "{args:?}");
}

fn is_stale(text: &str) -> bool {
    text.contains("stale")
}

/// Creates a project whose program was edited after its synthesis.
fn edited(case: &str) -> Project {
    Project::after_success(case, EDITED)
}

#[test]
fn diff_runs_an_edited_program_without_changing_the_output() {
    let project = edited("current-edit");
    let before = project.files();
    let text = project.run(&["diff", "--base", "synth.out", "--exit-code"]);
    assert!(text.contains("exit code: 1\n") && text.contains("istiod") && !text.contains("no changes"), "{text}");
    assert!(text.contains("→ the current program") && !is_stale(&text), "{text}");
    project.assert_unchanged(&before);
    project.write("shop.sh", GOOD);
    let text = project.run(&["diff", "--base", "synth.out", "--exit-code"]);
    assert!(text.contains("exit code: 0\n") && text.contains("no changes"), "{text}");
}

#[test]
fn failed_program_prevents_comparison() {
    let project = Project::after_success("current-fails", GOOD);
    for (script, words) in [
        (MISTAKES, "error[MS"),
        ("touch $MESHSYNTH_OUT/.started; echo 'thread panicked' >&2; exit 101", "panicked"),
        ("exit 7", "ended with exit code 7"),
        ("kill -KILL $$", "ended the program of"),
        ("echo the vpc is ready", "prints to stdout"),
        ("exit 0", "cannot be used"),
    ] {
        project.write("shop.sh", script);
        for form in ["terminal", "markdown", "json", "html", "sarif"] {
            let text = project.run_in_vain(&["diff", "--base", "synth.out", "--exit-code", "--format", form]);
            assert!(text.contains("exit code: 2\n") && text.contains(words), "{text}");
            assert!(text.contains("--no-synth") && !text.contains("no changes"), "{text}");
            assert!(!text.contains("-- stdout"), "{form}: {text}");
        }
    }
}

#[test]
fn runs_every_program_before_failing() {
    let project = Project::new("current-several", "echo $MESHSYNTH_ENV >> runs; exit 1");
    let env =
        r#"sed "s/\"shop\"/\"shop-$MESHSYNTH_ENV\"/" "$FIXTURES/shop/manifest.json" > "$MESHSYNTH_OUT/manifest.json""#;
    project.write("meshsynth.toml", "[apps.shop]\nrun = [\"sh\", \"shop.sh\"]\nenvironments = [\"a\", \"b\"]\n");
    project.write("shop.sh", &format!("{GOOD}\n{env}"));
    assert!(project.run(&["synth"]).contains("exit code: 0\n"));
    let script = |end: &str| format!("echo $MESHSYNTH_ENV >> runs\n{GOOD}\n{env}\n{end}");
    project.write("shop.sh", &script(""));
    let text = project.run(&["diff", "--base", "synth.out", "--exit-code", "--format", "json"]);
    assert!(text.contains("exit code: 0\n") && text.matches("no changes").count() == 2, "{text}");
    assert_eq!(fs::read_to_string(project.root.join("runs")).unwrap(), "a\nb\n");
    project.write("shop.sh", &script(&format!("test $MESHSYNTH_ENV = b || {{ {MISTAKES}; }}")));
    let text = project.run(&["diff", "--base", "synth.out"]);
    assert!(text.contains("exit code: 2\n") && text.contains("the program of `shop-a` has"), "{text}");
    assert_eq!(fs::read_to_string(project.root.join("runs")).unwrap(), "a\nb\na\nb\n");
    let text = project.run(&["diff", "--env", "b", "--base", "synth.out"]);
    assert!(text.contains("exit code: 0\n"), "{text}");
}

#[test]
fn separates_program_output_from_report() {
    let project = Project::after_success("current-says", &format!("echo hello >&2\n{EDITED}"));
    let output = project.command(&["diff", "--base", "synth.out", "--format", "json"]).output().unwrap();
    let report: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(report[0]["head"], "the current program");
    assert!(String::from_utf8_lossy(&output.stderr).contains("hello"));
}

#[test]
fn compares_yaml_output_with_yaml() {
    let project = Project::new("current-yaml", &format!("echo $MESHSYNTH_FORMAT >> formats\n{GOOD}"));
    project.write("synth.out/shop/network.template.yaml", "");
    project.run(&["diff", "--base", "none"]);
    project.run(&["synth", "--check"]);
    project.run(&["synth", "--check", "--format", "json"]);
    assert_eq!(fs::read_to_string(project.root.join("formats")).unwrap(), "yaml\nyaml\njson\n");
}

#[test]
fn reports_stale_output() {
    let project = Project::after_success("current-stale", GOOD);
    let diff = |args: &[&str]| project.run(&[&["diff", "--base", "synth.out"], args].concat());
    let written = ["--no-synth"];
    assert!(!is_stale(&diff(&written)));
    project.write("shop.sh", EDITED);
    for form in ["terminal", "markdown", "json", "html", "sarif"] {
        let text = diff(&["--no-synth", "--format", form]);
        assert!(text.contains("exit code: 0\n") && is_stale(&text) && text.contains("shop.sh"), "{form}: {text}");
    }
    assert!(is_stale(&diff(&["--head", "synth.out/shop"])));
    let copied = Command::new("cp").args(["-R", "synth.out/shop", "other"]).current_dir(&project.root).status();
    assert!(copied.unwrap().success());
    assert!(!is_stale(&diff(&["--head", "other"])), "nobody knows what another folder was made from");
    // The file gets the same text again, with a later modification time.
    project.write("shop.sh", GOOD);
    assert!(!is_stale(&diff(&written)));
    // Files that a command wrote are not inputs of a program.
    project.write("comment.md", "a report");
    assert!(!is_stale(&diff(&written)));
    fs::remove_file(project.root.join("shop.sh")).unwrap();
    assert!(is_stale(&diff(&written)));
}

#[test]
fn reports_stale_output_after_failed_synthesis() {
    // The cause of the failure is outside of the project, so that no project file differs.
    let project = Project::new("current-failed", &format!("test ! -e ../current-failed.flag || exit 7\n{GOOD}"));
    let flag = project.root.with_extension("flag");
    let _ = fs::remove_file(&flag);
    project.run(&["synth"]);
    let diff = || project.run(&["diff", "--base", "synth.out", "--no-synth"]);
    assert!(!is_stale(&diff()));
    fs::write(&flag, "").unwrap();
    project.run(&["synth"]);
    let text = diff();
    assert!(text.contains("is stale: the last synthesis failed"), "{text}");
    fs::remove_file(&flag).unwrap();
    project.run(&["synth"]);
    assert!(!is_stale(&diff()));
}

#[test]
fn checkout_is_not_stale() {
    let project = Project::after_success("current-checkout", GOOD);
    project.write("data/names.txt", "one\n");
    git(&project, &["init", "--quiet", "--initial-branch", "main"]);
    git(&project, &["add", "."]);
    git(&project, &["commit", "--quiet", "--message", "One"]);
    assert!(!project.run(&["diff", "--no-synth"]).contains("stale"));
    git(&project, &["switch", "--quiet", "--create", "other"]);
    project.write("shop.sh", EDITED);
    project.run(&["synth"]);
    git(&project, &["commit", "--quiet", "--all", "--message", "Two"]);
    for branch in ["main", "other", "main"] {
        git(&project, &["switch", "--quiet", branch]);
        assert!(!is_stale(&project.run(&["diff", "--no-synth"])), "{branch}");
    }
    // For the committed output of another machine, changed files of the project are reported.
    fs::remove_dir_all(project.root.join("target")).unwrap();
    assert!(!is_stale(&project.run(&["diff", "--no-synth"])));
    project.write("shop.sh", EDITED);
    let text = project.run(&["diff", "--no-synth"]);
    assert!(text.contains("may be stale: it is unchanged since the commit, but `shop.sh` changed later"), "{text}");
    project.write("synth.out/shop/helm/shop/istiod.values.yaml", "edited: true\n");
    assert!(!is_stale(&project.run(&["diff", "--no-synth"])), "nobody knows what an edited output is");
    git(&project, &["checkout", "--quiet", "--", "."]);
    project.run(&["synth"]);
    let status = Command::new("git").args(["status", "--porcelain"]).current_dir(&project.root).output().unwrap();
    assert!(status.stdout.is_empty(), "what is remembered is of one machine");
}

#[test]
fn suggests_artifact_without_cargo() {
    let project = Project::after_success("current-artifact", GOOD);
    project.write("meshsynth.toml", "[apps.shop]\nrun = [\"cargo\", \"run\", \"--quiet\"]\n");
    let output = project.command(&["diff"]).env("PATH", "/nonexistent").output().unwrap();
    let text = project.show(&["diff"], &output);
    assert!(text.contains("exit code: 2\n") && text.contains("cannot find the program `cargo`"), "{text}");
    assert!(text.contains("--no-synth"), "{text}");
}

#[test]
fn check_lists_differences_without_writing() {
    let project = Project::after_success("current-check", GOOD);
    let before = project.files();
    let text = project.run(&["synth", "--check", "--strict"]);
    assert!(text.contains("exit code: 0\n") && text.contains("`synth.out/shop` is current"), "{text}");
    project.assert_unchanged(&before);
    project.write("shop.sh", EDITED);
    let text = project.run_in_vain(&["synth", "--check", "--quiet"]);
    assert!(
        text.contains("exit code: 1\n") && text.contains("1 file differs from the current output of the program"),
        "{text}"
    );
    assert!(text.contains("synth.out/shop/helm/shop/istiod.values.yaml: changed\n"), "{text}");
    assert!(text.contains("run `meshsynth synth shop`"), "{text}");
    let output = project.command(&["synth", "--check", "--json"]).output().unwrap();
    let report: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(report["written"], false);
    assert_eq!(report["apps"][0]["fine"], false);
    assert_eq!(report["apps"][0]["differences"][0]["path"], "helm/shop/istiod.values.yaml");
    project.write("shop.sh", MISTAKES);
    let text = project.run_in_vain(&["synth", "--check"]);
    assert!(text.contains("exit code: 1\n") && text.contains("error[MS"), "{text}");
    // A missing output is not current.
    let project = Project::new("current-check-none", GOOD);
    let text = project.run_in_vain(&["synth", "--check"]);
    assert!(text.contains("exit code: 1\n") && text.contains("there is no output at `synth.out/shop`"), "{text}");
    assert!(!Path::new(&project.root).join("synth.out").exists());
}
