//! Commands deploy and render only the current output of the program, or report that it is stale.

use std::fs;

use crate::project::{GOOD, Project};

/// Writes a value for istiod that differs from [`GOOD`].
const EDITED: &str = r#"cp -R "$FIXTURES/shop/." "$MESHSYNTH_OUT"
echo '  more: true' >> "$MESHSYNTH_OUT/helm/shop/istiod.values.yaml""#;

const MISTAKES: &str = "cp $FIXTURES/mistakes.json $MESHSYNTH_OUT/diagnostics.json; exit 1";

fn is_stale(text: &str) -> bool {
    text.contains("stale")
}

/// Runs a command without AWS credentials.
fn offline(project: &Project, args: &[&str]) -> String {
    let mut command = project.command(args);
    for (name, _) in std::env::vars_os().filter(|(name, _)| name.to_string_lossy().starts_with("AWS_")) {
        command.env_remove(name);
    }
    let nowhere = project.root.join("nowhere");
    command.env("AWS_EC2_METADATA_DISABLED", "true").env("HOME", &nowhere).env("AWS_CONFIG_FILE", &nowhere);
    let output = command.env("AWS_SHARED_CREDENTIALS_FILE", &nowhere).output().unwrap();
    project.show(args, &output)
}

/// Commands that use an output.
const ACTING: [&[&str]; 5] = [
    &["deploy"],
    &["deploy", "--plan", "new.json"],
    &["deploy", "plan.json"],
    &["render", "--outputs", "outputs.json"],
    &["destroy", "--orphans", "--yes"],
];

#[test]
fn refuses_to_deploy_or_render_stale_output() {
    let project = Project::after_success("stale-refused", GOOD);
    project.write("outputs.json", "{}");
    assert!(project.run(&["deploy", "--plan", "plan.json"]).contains("exit code: 0\n"));
    project.write(
        "shop.sh",
        &format!("{EDITED}\nrm \"$MESHSYNTH_OUT/graph.json\"; echo '{{}}' > \"$MESHSYNTH_OUT/graph.json\""),
    );
    project.write("synth.out/shop/left.yaml", "");
    for args in ACTING {
        let before = project.files();
        let text = offline(&project, args);
        assert!(text.contains("exit code: 2\n"), "{text}");
        assert!(
            text.contains("`synth.out/shop` is stale: 3 files differ from the current output of the program"),
            "{text}"
        );
        for words in ["`helm/shop/istiod.values.yaml` is changed", "`left.yaml` is left over"] {
            assert!(text.contains(words), "{text}");
        }
        assert!(text.contains("run `meshsynth synth shop`") && text.contains("--no-synth"), "{text}");
        project.assert_unchanged(&before);
        // `--no-synth` uses the existing output, and reports this.
        fs::remove_file(project.root.join("synth.out/shop/left.yaml")).unwrap();
        let taken = offline(&project, &[args, &["--no-synth"]].concat());
        assert!(taken.contains("using the existing `synth.out/shop`") && is_stale(&taken), "{taken}");
        assert!(!taken.contains("files differ"), "{taken}");
        let _ = fs::remove_dir_all(project.root.join("synth.out/.deploy"));
        let _ = fs::remove_dir_all(project.root.join("rendered"));
        let _ = fs::remove_file(project.root.join("new.json"));
        let named = offline(&project, &[args, &["--assembly", "synth.out/shop"]].concat());
        assert!(!named.contains("files differ") && !is_stale(&named), "{named}");
        project.write("synth.out/shop/left.yaml", "");
        let _ = fs::remove_dir_all(project.root.join("synth.out/.deploy"));
        let _ = fs::remove_dir_all(project.root.join("rendered"));
        let _ = fs::remove_file(project.root.join("new.json"));
    }
}

#[test]
fn failing_program_prevents_deployment() {
    let project = Project::after_success("stale-broken", MISTAKES);
    project.write("outputs.json", "{}");
    project.write("plan.json", "{\"app\": \"shop\"}");
    for args in ACTING {
        let text = offline(&project, args);
        assert!(text.contains("exit code: 2\n") && text.contains("error[MS"), "{text}");
        assert!(text.contains("the program of `shop` has") && text.contains("--no-synth"), "{text}");
    }
}

#[test]
fn suggests_the_no_synth_option_without_cargo() {
    let project = Project::after_success("stale-artifact", GOOD);
    project.write("outputs.json", "{}");
    project.write("meshsynth.toml", "[apps.shop]\nrun = [\"cargo\", \"run\", \"--quiet\"]\n");
    for args in [&["deploy", "--plan", "new.json"][..], &["render", "--outputs", "outputs.json"]] {
        let output = project.command(args).env("PATH", "/nonexistent").output().unwrap();
        let text = project.show(args, &output);
        assert!(text.contains("exit code: 2\n") && text.contains("cannot find the program `cargo`"), "{text}");
        assert!(text.contains("--no-synth"), "{text}");
    }
    let args = ["deploy", "--plan", "new.json", "--no-synth"];
    let output = project.command(&args).env("PATH", "/nonexistent").output().unwrap();
    assert!(output.status.success(), "{}", project.show(&args, &output));
}

#[test]
fn read_only_commands_need_no_program() {
    let project = Project::after_success("stale-look", EDITED);
    for args in [&["destroy"][..], &["destroy", "--no-synth"], &["drift"], &["status"]] {
        let text = offline(&project, args);
        assert!(!text.contains("compiling") && !text.contains("files differ"), "{text}");
        assert_eq!(is_stale(&text), args[0] == "destroy", "{text}");
    }
}
