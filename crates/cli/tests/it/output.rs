//! The output folder: it is replaced with one rename, and other files are never lost.

use std::fs::{self, File};
use std::process::Stdio;
use std::thread;
use std::time::{Duration, Instant};

use crate::project::{GOOD, Project, assert_shown};

#[test]
fn replaces_whole_output() {
    let project = Project::after_success("replace", &format!("{GOOD}\necho > $MESHSYNTH_OUT/graph.json"));
    fs::write(project.root.join("synth.out/shop/left-over.yaml"), "").unwrap();
    let text = project.run(&["synth"]);
    assert!(text.contains("exit code: 0"), "{text}");
    let names: Vec<_> =
        fs::read_dir(project.root.join("synth.out")).unwrap().map(|entry| entry.unwrap().file_name()).collect();
    assert_eq!(names, ["shop"]);
    assert!(!project.root.join("synth.out/shop/left-over.yaml").exists());
    assert_eq!(fs::read_to_string(project.root.join("synth.out/shop/graph.json")).unwrap(), "\n");
}

#[test]
fn keeps_unchanged_output() {
    let project = Project::after_success("unchanged", r#": > "$MESHSYNTH_OUT/.unchanged""#);
    let manifest = project.root.join("synth.out/shop/manifest.json");
    let before = (project.files(), fs::metadata(&manifest).unwrap().modified().unwrap());
    let text = project.run(&["synth"]);
    assert!(text.contains("exit code: 0") && text.contains("synthesized"), "{text}");
    project.assert_unchanged(&before.0);
    assert_eq!(fs::metadata(&manifest).unwrap().modified().unwrap(), before.1);
    // A program must not write the marker `.unchanged` if there is no old output.
    let text = project.run_in_vain(&["synth", "--output", "elsewhere"]);
    assert!(text.contains("wrote an assembly that cannot be used"), "{text}");
}

#[test]
fn removes_unused_output_folder() {
    Project::new("in-vain", "exit 7").run_in_vain(&["synth"]);
}

#[test]
fn keeps_folders_of_other_tools() {
    let project = Project::new("not-ours", GOOD);
    project.write("synth.out/shop/thesis.md", "three years of work");
    assert_shown!("output_not_ours", project.run_in_vain(&["synth"]));
    project.write("synth.out/shop/manifest.json", "{ \"manifest_version\": 3, \"name\": \"a browser extension\" }");
    assert_shown!("output_not_our_manifest", project.run_in_vain(&["synth"]));
    project.write("out/shop", "a file");
    assert_shown!("output_is_a_file", project.run_in_vain(&["synth", "--output", "out"]));
}

#[cfg(unix)]
#[test]
fn keeps_links() {
    let project = Project::new("link", GOOD);
    project.write("elsewhere/thesis.md", "three years of work");
    fs::create_dir(project.root.join("synth.out")).unwrap();
    std::os::unix::fs::symlink("../elsewhere", project.root.join("synth.out/shop")).unwrap();
    assert_shown!("output_is_a_link", project.run_in_vain(&["synth"]));
}

#[test]
fn reports_output_folder_errors() {
    let project = Project::after_success("not-writable", GOOD);
    assert_shown!("output_not_writable", project.run_in_vain(&["synth", "--output", "meshsynth.toml/out"]));
}

/// Runs on a disk with three inodes, if the user may mount one.
#[cfg(target_os = "linux")]
#[test]
fn reports_full_disk() {
    let project = Project::after_success("full", GOOD);
    fs::create_dir(project.root.join("disk")).unwrap();
    let script = "mount -t tmpfs -o nr_inodes=1 none disk 2>/dev/null || exit 77; exec \"$0\" synth --output disk";
    let mut command = std::process::Command::new("unshare");
    command.args(["--user", "--map-root-user", "--mount", "sh", "-c", script, env!("CARGO_BIN_EXE_meshsynth")]);
    let Ok(output) = command.current_dir(&project.root).output() else { return };
    let text = project.show(&["synth", "--output", "disk"], &output);
    if text.contains("unshare") || output.status.code() == Some(77) {
        return;
    }
    assert_shown!("output_full", text);
}

#[test]
fn removes_leftovers_of_killed_run() {
    let project = Project::after_success("stale", GOOD);
    project.write("synth.out/.tmp-shop-4711/manifest.json", "{}");
    assert!(project.run(&["synth"]).contains("exit code: 0"));
    assert!(!project.root.join("synth.out/.tmp-shop-4711").exists());
}

#[cfg(unix)]
#[test]
fn second_run_waits_for_first() {
    let project = Project::after_success("waits", GOOD);
    let lock = File::open(project.root.join("synth.out")).unwrap();
    lock.lock().unwrap();
    let child = project.command(&["synth"]).stderr(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
    thread::sleep(Duration::from_millis(300));
    lock.unlock().unwrap();
    let text = project.show(&["synth"], &child.wait_with_output().unwrap());
    assert_shown!("output_locked", text);
}

#[cfg(unix)]
#[test]
fn interrupted_run_cleans_up() {
    let project = Project::after_success("interrupted", "touch started; exec sleep 60");
    let before = project.files();
    let child = project.command(&["synth"]).stderr(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
    let start = Instant::now();
    while !project.root.join("started").exists() {
        assert!(start.elapsed() < Duration::from_secs(30), "the program does not start");
        thread::sleep(Duration::from_millis(10));
    }
    let kill = std::process::Command::new("sh").arg("-c").arg(format!("kill -INT {}", child.id())).status().unwrap();
    assert!(kill.success());
    let text = project.show(&["synth"], &child.wait_with_output().unwrap());
    assert!(start.elapsed() < Duration::from_secs(30), "it waits for the program");
    fs::remove_file(project.root.join("started")).unwrap();
    project.assert_unchanged(&before);
    assert_shown!("interrupted", text);
}

#[test]
fn closed_stdout_is_not_an_error() {
    let project = Project::new("closed", GOOD);
    for args in [&["explain"][..], &["list"], &["synth", "--json"], &["--help"]] {
        let (reader, writer) = std::io::pipe().unwrap();
        drop(reader);
        let output = project.command(args).stdout(writer).stderr(Stdio::piped()).output().unwrap();
        let text = project.show(args, &output);
        assert!(output.status.success() && !text.contains("panicked"), "{text}");
    }
}

#[cfg(target_os = "linux")]
#[test]
fn reports_full_disk_of_stdout() {
    let project = Project::new("stdout-full", GOOD);
    let full = File::options().write(true).open("/dev/full").unwrap();
    let output = project.command(&["list"]).stdout(full).stderr(Stdio::piped()).output().unwrap();
    assert_shown!("stdout_full", project.show(&["list"], &output));
}
