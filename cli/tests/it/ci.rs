//! The workflow that `init --ci` writes.

use crate::project::{GOOD, Project};

#[test]
fn a_workflow_is_written_into_a_project_and_never_over_another() {
    for (system, path) in [("github", ".github/workflows/meshsynth.yml"), ("gitlab", ".gitlab/meshsynth.yml")] {
        let project = Project::new(&format!("ci-{system}"), GOOD);
        let text = project.run(&["init", "--ci", system]);
        assert!(text.contains("exit code: 0\n") && text.contains(path), "{text}");
        let workflow = std::fs::read_to_string(project.root.join(path)).unwrap();
        for words in [
            "meshsynth synth --check --strict",
            "cargo test --locked",
            "meshsynth diff --no-synth --base \"$base\" --format markdown",
            "<!-- meshsynth -->",
            "exit \"$",
        ] {
            assert!(workflow.contains(words), "{words}");
        }
        let at = |words: &str| workflow.find(words).unwrap();
        assert!(at("synth --check") < at("cargo test") && at("cargo test") < at("diff --no-synth"), "{workflow}");
        assert!(project.run_in_vain(&["init", "--ci", system]).contains("already in"));
    }
    let project = Project::new("ci-nowhere", GOOD);
    std::fs::remove_file(project.root.join("meshsynth.toml")).unwrap();
    assert!(project.run_in_vain(&["init", "--ci", "github"]).contains("there is no `meshsynth.toml`"));
}
