//! The command hands the access to AWS and clusters over to `meshsynth-deploy`, beside itself or on PATH.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::os::unix::process::ExitStatusExt as _;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::project::{GOOD, Project, assert_shown};

/// A replacement of `meshsynth-deploy` that prints its arguments and its input.
const STAND_IN: &str = r#"echo "arguments: $*"; cat; echo "on stderr" >&2; exit 7"#;

/// Copies the command to a folder without other files.
fn alone(project: &Project) -> PathBuf {
    let folder = project.root.join("bin");
    fs::create_dir_all(&folder).unwrap();
    fs::copy(crate::BINARY, folder.join("meshsynth")).unwrap();
    folder
}

fn program(folder: &Path, version: &str, body: &str) {
    fs::create_dir_all(folder).unwrap();
    let path = folder.join("meshsynth-deploy");
    let script = format!("#!/bin/sh\nif [ \"$1\" = --version ]; then echo \"meshsynth {version}\"; exit; fi\n{body}\n");
    fs::write(&path, script).unwrap();
    fs::set_permissions(&path, fs::Permissions::from_mode(0o755)).unwrap();
}

/// Returns the command of a folder, with PATH set to the folders of the system.
fn command(project: &Project, folder: &Path, args: &[&str]) -> Command {
    let mut command = Command::new(folder.join("meshsynth"));
    command.args(args).current_dir(&project.root).env("PATH", "/usr/bin:/bin").env("NO_COLOR", "1");
    command.env("FIXTURES", crate::FIXTURES);
    command
}

fn run(project: &Project, folder: &Path, args: &[&str]) -> String {
    project.show(args, &command(project, folder, args).output().unwrap())
}

/// Every command that connects to AWS or a cluster.
const REACHING: [&[&str]; 9] = [
    &["deploy"],
    &["destroy", "--yes"],
    &["status"],
    &["render"],
    &["drift"],
    &["bootstrap", "--region", "eu-west-1"],
    &["doctor", "--aws"],
    &["doctor", "--clusters", "--no-run"],
    &["diff", "--base", "deployed"],
];

#[test]
fn companion_receives_arguments_and_streams_and_returns_exit_code() {
    let project = Project::after_success("companion", GOOD);
    let folder = alone(&project);
    program(&folder, env!("CARGO_PKG_VERSION"), STAND_IN);
    let before = project.files();
    for args in REACHING {
        let text = run(&project, &folder, args);
        let expected =
            format!("$ meshsynth {0}\nexit code: 7\n-- stdout\narguments: {0}\n-- stderr\non stderr\n", args.join(" "));
        assert_eq!(text, expected);
    }
    project.assert_unchanged(&before);
    program(&folder, env!("CARGO_PKG_VERSION"), "kill -TERM $$");
    let status = command(&project, &folder, &["status"]).status().unwrap();
    assert_eq!(status.signal(), Some(15), "a signal is that of the program");
}

#[test]
fn prefers_companion_in_the_same_folder_to_path() {
    let project = Project::after_success("companion-path", GOOD);
    let folder = alone(&project);
    let other = project.root.join("other");
    program(&other, env!("CARGO_PKG_VERSION"), "echo on PATH");
    let path = format!("{}:/usr/bin:/bin", other.display());
    let found = |path: &str| {
        let output = command(&project, &folder, &["status"]).env("PATH", path).output().unwrap();
        project.show(&["status"], &output)
    };
    assert!(found(&path).contains("on PATH\n"), "{}", found(&path));
    assert!(found("other:/usr/bin:/bin").contains("exit code: 2\n"), "a relative folder is not searched");
    program(&folder, env!("CARGO_PKG_VERSION"), "echo beside");
    assert!(found(&path).contains("beside\n"), "{}", found(&path));
}

#[test]
fn reports_missing_companion_and_companion_of_other_version() {
    let project = Project::after_success("companion-missing", GOOD);
    let folder = alone(&project);
    let before = project.files();
    for args in REACHING {
        let text = run(&project, &folder, args);
        assert!(text.contains("exit code: 2\n") && text.contains("requires the program `meshsynth-deploy`"), "{text}");
        assert_eq!(text.matches("error: ").count(), 1, "{text}");
    }
    project.assert_unchanged(&before);
    assert_shown!("companion_missing", run(&project, &folder, &["deploy"]));
    program(&folder, "9.9.9", STAND_IN);
    let text = run(&project, &folder, &["deploy"]);
    assert_shown!("companion_version", text.replace(env!("CARGO_PKG_VERSION"), "[VERSION]"));
}

#[test]
fn offline_commands_need_no_companion() {
    let project = Project::after_success("companion-unneeded", GOOD);
    let folder = alone(&project);
    for args in [&["synth"][..], &["synth", "--check"], &["graph"], &["list"], &["diff", "--base", "synth.out"]] {
        let text = run(&project, &folder, args);
        assert!(text.contains("exit code: 0\n"), "{text}");
    }
    assert!(run(&project, &folder, &["deploy", "--help"]).contains("Deploy the output to AWS"));
}
