//! Two versions of the library in one program, which the compiler treats as different types.

use crate::project::{GOOD, Project, assert_shown};

fn package(project: &Project, folder: &str, name: &str, version: &str, more: &str) {
    let manifest = format!("[package]\nname = \"{name}\"\nversion = \"{version}\"\nedition = \"2024\"\n{more}");
    project.write(&format!("{folder}/Cargo.toml"), &manifest);
}

#[test]
fn reports_two_library_versions_after_compiler_errors() {
    let project = Project::after_success("two-versions", GOOD);
    package(&project, "old", "meshsynth", "0.1.0", "");
    package(&project, "new", "meshsynth", "0.2.0", "");
    package(&project, "program", "meshsynth-program", "0.2.0", "[dependencies]\nmeshsynth = { path = \"../new\" }\n");
    for folder in ["old", "new"] {
        project.write(&format!("{folder}/src/lib.rs"), "pub struct App;\n");
    }
    project.write("program/src/lib.rs", "pub fn run(_: impl FnOnce(&meshsynth::App)) {}\n");
    let needs = "[dependencies]\nmeshsynth = { path = \"../old\" }\nmeshsynth-program = { path = \"../program\" }\n[workspace]\n";
    package(&project, "shop", "shop", "0.1.0", needs);
    project.write("shop/src/main.rs", "fn main() {\n    meshsynth_program::run(|_: &meshsynth::App| ());\n}\n");
    let target = concat!(env!("CARGO_TARGET_TMPDIR"), "/cli-target");
    let run = ["cargo", "run", "--quiet", "--offline", "--target-dir", target];
    project.write("shop/meshsynth.toml", &format!("[apps.shop]\nrun = {run:?}\n"));
    let text = project.run(&["--config", "shop/meshsynth.toml", "synth"]);
    let (said_by_cargo, said_by_us) = text.split_once("error: the program").expect("our error is the last");
    assert!(said_by_cargo.contains("error[E0631]") || said_by_cargo.contains("error[E0308]"), "{text}");
    assert_shown!("two_versions", format!("error: the program{said_by_us}"));
    let text = project.run(&["--config", "shop/meshsynth.toml", "doctor", "--no-run"]);
    assert!(
        text.contains("wrong library        the program is built with 2 versions of meshsynth: 0.1.0 and 0.2.0"),
        "{text}"
    );
}

#[test]
fn reports_other_version_of_services() {
    let project = Project::new("services-version", GOOD);
    let packages = [
        ("meshsynth", "0.1.0"),
        ("meshsynth-services", "0.2.0"),
        ("meshsynth-model", "0.1.0"),
        ("meshsynth-model", "0.2.0"),
    ];
    let package = |(name, version)| format!("[[package]]\nname = \"{name}\"\nversion = \"{version}\"\n\n");
    project.write("Cargo.lock", &packages.map(package).concat());
    let text = project.run(&["doctor", "--no-run"]);
    assert!(text.contains("the program is built with 2 versions of meshsynth: 0.1.0 and 0.2.0"), "{text}");
}
