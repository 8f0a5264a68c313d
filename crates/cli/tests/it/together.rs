//! Programs in one cargo workspace: compiled with one call of cargo, and run one after the other.

use crate::project::Project;

/// A program that writes the fixture under the name of its app.
const COPIES: &str = r#"
use std::{env, fs, path::Path};

fn main() {
    copy(&Path::new(&env::var("FIXTURES").unwrap()).join("shop"), Path::new(&env::var("MESHSYNTH_OUT").unwrap()));
}

fn copy(from: &Path, to: &Path) {
    for entry in fs::read_dir(from).unwrap() {
        let path = entry.unwrap().path();
        let to = to.join(path.file_name().unwrap());
        if path.is_dir() {
            fs::create_dir_all(&to).unwrap();
            copy(&path, &to);
        } else {
            let text = fs::read_to_string(&path).unwrap();
            let app = format!("\"app\": \"{}\"", env!("CARGO_PKG_NAME"));
            fs::write(to, text.replacen("\"app\": \"shop\"", &app, 1)).unwrap();
        }
    }
}
"#;

/// Creates three apps. One of them lists its own features, so it is compiled by its own command.
fn project(case: &str, blog: &str) -> Project {
    let project = Project::new(case, "");
    let target = format!("{}/{case}-target", env!("CARGO_TARGET_TMPDIR"));
    project.write(".cargo/config.toml", &format!("[build]\ntarget-dir = {target:?}\n"));
    project.write("Cargo.toml", "[workspace]\nmembers = [\"blog\", \"news\", \"shop\"]\nresolver = \"3\"\n");
    let mut apps = String::new();
    for (name, program, options) in [("blog", blog, ""), ("shop", COPIES, ""), ("news", COPIES, ", \"--all-features\"")]
    {
        project.write(&format!("{name}/Cargo.toml"), &format!("[package]\nname = \"{name}\"\nedition = \"2024\"\n"));
        project.write(&format!("{name}/src/main.rs"), program);
        apps += &format!(
            "[apps.{name}]\nrun = [\"cargo\", \"run\", \"--quiet\", \"--offline\", \"--package\", {name:?}{options}]\n"
        );
    }
    project.write("meshsynth.toml", &apps);
    project
}

#[test]
fn compiles_workspace_programs_together() {
    let text = project("together", COPIES).run(&["synth"]);
    let lines: Vec<&str> =
        text.lines().filter(|line| line.starts_with("compiling") || line.starts_with("running")).collect();
    assert_eq!(lines, ["compiling 2 programs: blog, shop", "running blog", "running shop", "compiling news"], "{text}");
    assert_eq!(text.matches("synthesized").count(), 3, "{text}");
}

#[test]
fn reports_program_with_compile_error() {
    let text = project("together-broken", "fn main() -> Wrong {}\n").run(&["synth"]);
    assert!(text.contains("error[E0412]") || text.contains("error[E0425]"), "cargo's own words are shown: {text}");
    assert!(text.contains("error: the program of `blog` cannot be compiled"), "{text}");
    assert!(!text.contains("synthesized"), "{text}");
}
