//! New projects: their files, the messages, and files that are never overwritten.

use std::fs;
use std::path::Path;
use std::process::Command;

use crate::project::{GOOD, Project, assert_shown};

const CLONE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../..");

/// Runs the binary; removes the path of this clone from its output.
fn init(project: &Project, args: &[&str]) -> String {
    let clone = Path::new(CLONE).canonicalize().unwrap();
    project.run(args).replace(clone.to_str().unwrap(), "[CLONE]")
}

#[test]
fn creates_project_and_prints_next_steps() {
    let project = Project::new("init", GOOD);
    let git = "https://git.example/meshsynth";
    assert_shown!("init", init(&project, &["init", "blog", "--library-git", git]));
    assert_shown!("init_clone", init(&project, &["init", "web", "--template", "microservices"]));
    let manifest = fs::read_to_string(project.root.join("blog/Cargo.toml")).unwrap();
    assert!(manifest.contains("meshsynth-program = { git = \"https://git.example/meshsynth\" }"), "{manifest}");
    let program = fs::read_to_string(project.root.join("web/src/lib.rs")).unwrap();
    assert!(program.contains("Env::region(\"eu-west-1\")"), "{program}");
}

#[test]
fn json_lists_created_files() {
    let project = Project::new("init-json", GOOD);
    let args =
        ["init", "a/b", "--name", "blog", "--region", "ap-northeast-1", "--quiet", "--json", "--library-path", CLONE];
    assert_shown!("init_json", init(&project, &args).replace(CLONE, "[CLONE]"));
    let program = fs::read_to_string(project.root.join("a/b/src/lib.rs")).unwrap();
    assert!(program.contains("Env::region(\"ap-northeast-1\")"), "{program}");
}

#[test]
fn creates_project_beside_other_files() {
    let project = Project::new("init-beside", GOOD);
    project.write("here/README.md", "mine");
    project.write("here/src/notes.md", "mine too");
    let mut command = project.command(&["init", "--quiet"]);
    assert!(command.current_dir(project.root.join("here")).status().unwrap().success());
    assert_eq!(fs::read_to_string(project.root.join("here/src/notes.md")).unwrap(), "mine too");
    assert!(project.root.join("here/src/lib.rs").exists());
    let names: Vec<_> = fs::read_dir(project.root.join("here")).unwrap().map(|it| it.unwrap().file_name()).collect();
    assert!(!names.iter().any(|name| name.to_string_lossy().contains("init")), "{names:?}");
}

#[test]
fn never_overwrites_files() {
    let project = Project::new("init-occupied", GOOD);
    project.write("blog/src/lib.rs", "mine");
    assert_shown!("init_occupied", project.run_in_vain(&["init", "blog"]));
    project.write("blog/Cargo.toml", "mine");
    assert_shown!("init_occupied_twice", project.run_in_vain(&["init", "blog"]));
    assert_shown!("init_file", project.run_in_vain(&["init", "shop.sh"]));
}

#[test]
fn rejects_invalid_names_and_folders() {
    let project = Project::new("init-wrong", GOOD);
    assert_shown!("init_name", project.run_in_vain(&["init", "blog", "--name", "My Blog"]));
    assert_shown!("init_folder_name", project.run_in_vain(&["init", "2026"]));
    assert_shown!("init_region", project.run_in_vain(&["init", "blog", "--region", "tokyo"]));
    assert_shown!("init_no_clone", project.run_in_vain(&["init", "blog", "--library-path", "."]).replace("/.`", "`"));
    assert_shown!("init_template", project.run_in_vain(&["init", "blog", "--template", "minmal"]));
}

#[test]
fn reports_folder_that_cannot_be_created() {
    let project = Project::new("init-unwritable", GOOD);
    let text = project.run_in_vain(&["init", "meshsynth.toml/blog"]);
    assert!(text.contains("error: ") && text.contains("exit code: 2"), "{text}");
}

#[test]
fn writes_completions_and_manual_pages() {
    let project = Project::new("pages", GOOD);
    for (shell, word) in [("bash", "complete -F"), ("zsh", "#compdef meshsynth"), ("fish", "complete -c meshsynth")] {
        let text = project.run(&["completions", shell]);
        assert!(text.contains("exit code: 0") && text.contains(word) && text.contains("doctor"), "{shell}: {text}");
    }
    let bash = Command::new("bash")
        .arg("-nc")
        .arg(String::from_utf8(project.command(&["completions", "bash"]).output().unwrap().stdout).unwrap())
        .status();
    assert!(bash.unwrap().success(), "bash reads its script");
    let said = project.run(&["man", "man1"]);
    assert!(said.contains("exit code: 0"), "{said}");
    let page = fs::read_to_string(project.root.join("man1/meshsynth-diff.1")).unwrap();
    assert!(page.contains(".TH MESHSYNTH-DIFF 1") && page.contains("data\\-loss"), "{page}");
    let main = fs::read_to_string(project.root.join("man1/meshsynth.1")).unwrap();
    assert!(main.contains("meshsynth\\-doctor"), "{main}");
}
