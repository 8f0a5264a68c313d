//! Tests the protocol with a real program.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

/// Creates an empty folder for a test.
fn folder(case: &str) -> PathBuf {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("program").join(case);
    let _ = fs::remove_dir_all(&folder);
    fs::create_dir_all(&folder).unwrap();
    folder
}

/// Returns a command for the program without protocol variables.
fn program() -> Command {
    clean(Command::new(env!("CARGO_BIN_EXE_meshsynth-program-example")))
}

fn clean(mut command: Command) -> Command {
    for name in ["MESHSYNTH_OUT", "MESHSYNTH_ENV", "MESHSYNTH_FORMAT", "MESHSYNTH_SEVERITY", "RUST_BACKTRACE"] {
        command.env_remove(name);
    }
    command
}

/// Runs the program in the same manner as `meshsynth`.
fn run(out: &Path, environment: &str) -> Output {
    program().env("MESHSYNTH_OUT", out).env("MESHSYNTH_ENV", environment).output().unwrap()
}

fn names(folder: &Path) -> Vec<String> {
    let entries = fs::read_dir(folder).unwrap();
    let mut names: Vec<String> = entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    names.sort();
    names
}

fn stderr(output: &Output) -> String {
    String::from_utf8(output.stderr.clone()).unwrap()
}

#[test]
fn writes_platform_for_environment() {
    let out = folder("good");
    let output = run(&out, "staging");
    assert_eq!((output.status.code(), stderr(&output).as_str()), (Some(0), ""));
    assert!(output.stdout.is_empty());
    let expected = ["alerts.template.json", "bindings.json", "diagnostics.json", "graph.json", "manifest.json"];
    assert_eq!(names(&out), expected);
    assert!(fs::read_to_string(out.join("manifest.json")).unwrap().contains("\"app\": \"shop-staging\""));
}

#[test]
fn writes_yaml_templates_on_request() {
    let out = folder("yaml");
    let output =
        program().env("MESHSYNTH_OUT", &out).env("MESHSYNTH_ENV", "staging").env("MESHSYNTH_FORMAT", "yaml").status();
    assert!(output.unwrap().success());
    assert!(names(&out).contains(&"alerts.template.yaml".to_owned()));
}

#[test]
fn writes_diagnostics_with_source_lines() {
    let out = folder("broken");
    let output = run(&out, "broken");
    assert_eq!((output.status.code(), stderr(&output).as_str()), (Some(1), ""));
    assert_eq!(names(&out), ["diagnostics.json"]);
    let text = fs::read_to_string(out.join("diagnostics.json")).unwrap();
    assert!(text.contains("MS0101") && text.contains("MS0102"), "{text}");
    assert_eq!(text.matches("tests/programs/shop.rs").count(), 3, "{text}");
}

#[test]
fn panic_prints_message_and_keeps_marker_file() {
    let out = folder("panics");
    let output = run(&out, "panics");
    assert_eq!(output.status.code(), Some(101));
    assert!(stderr(&output).contains("the program gives up"));
    assert_eq!(names(&out), [".started"]);
}

#[test]
fn reports_rule_panic_as_diagnostic() {
    let out = folder("judged");
    let output = run(&out, "judged");
    assert_eq!((output.status.code(), stderr(&output).as_str()), (Some(1), ""));
    let text = fs::read_to_string(out.join("diagnostics.json")).unwrap();
    assert!(text.contains("\"message\": \"the rule ACME001 panicked: an owner\""), "{text}");
    assert!(text.contains("tests/programs/shop.rs"), "{text}");
}

#[test]
fn disables_rule_by_variable() {
    let out = folder("judged-off");
    let mut command = program();
    command.env("MESHSYNTH_OUT", &out).env("MESHSYNTH_ENV", "judged").env("MESHSYNTH_SEVERITY", "ACME001=off");
    assert_eq!(command.status().unwrap().code(), Some(0));
    assert!(fs::read_to_string(out.join("manifest.json")).unwrap().contains("\"code\": \"ACME001\""));
    command.env("MESHSYNTH_SEVERITY", "ACME001=never");
    let output = command.output().unwrap();
    assert_eq!(output.status.code(), Some(2));
    assert!(stderr(&output).contains("`MESHSYNTH_SEVERITY` contains `ACME001=never`"), "{}", stderr(&output));
}

#[test]
fn invalid_call_writes_no_files() {
    let out = folder("wrong");
    let output = run(&out, "prod");
    assert_eq!(output.status.code(), Some(2));
    let text = "error: `shop` has no environment `prod`; its environments are `staging`, `production`, `broken`, \
         `panics`, `judged`\n";
    assert_eq!(stderr(&output), text);
    assert_eq!(names(&out), [""; 0]);
}

#[test]
fn reports_unwritable_folder() {
    let out = folder("missing").join("gone");
    let output = run(&out, "staging");
    assert_eq!(output.status.code(), Some(3));
    let text = stderr(&output).replace(out.to_str().unwrap(), "OUT");
    assert_eq!(text, "error: cannot write `OUT/.started`: No such file or directory (os error 2)\n");
}

/// Simulates a full disk with a file size limit.
#[cfg(unix)]
#[test]
fn reports_write_error_on_full_disk() {
    let out = folder("full");
    let mut command = clean(Command::new("sh"));
    command.args(["-c", "trap '' XFSZ; ulimit -f 0; exec \"$0\"", env!("CARGO_BIN_EXE_meshsynth-program-example")]);
    let output = command.env("MESHSYNTH_OUT", &out).env("MESHSYNTH_ENV", "staging").output().unwrap();
    assert_eq!(output.status.code(), Some(3));
    let text = stderr(&output).replace(out.to_str().unwrap(), "OUT");
    assert_eq!(text, "error: cannot write `OUT/alerts.template.json`: File too large (os error 27)\n");
}

#[test]
fn prints_diagnostics_without_writing_when_run_by_hand() {
    let here = folder("hand");
    let output = program().env("MESHSYNTH_ENV", "staging").current_dir(&here).output().unwrap();
    assert_eq!(output.status.code(), Some(0));
    let expected = "shop-staging: 5 files, 0 warnings\nno files are written when the program runs directly; use \
         `meshsynth synth shop`\n";
    assert_eq!(stderr(&output), expected);
    let output = program().env("MESHSYNTH_ENV", "broken").current_dir(&here).output().unwrap();
    assert_eq!(output.status.code(), Some(1));
    assert!(stderr(&output).starts_with("error[MS0101]"), "{}", stderr(&output));
    assert!(stderr(&output).ends_with("shop-broken: 2 diagnostics\n"), "{}", stderr(&output));
    assert_eq!(names(&here), [""; 0]);
}
