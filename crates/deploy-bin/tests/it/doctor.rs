//! Tests the findings of `doctor` about AWS and clusters, and their fixes.

use crate::project::{GOOD, Project, assert_shown};

/// Runs the binary without credentials and with unreachable addresses.
fn nobody(project: &Project, args: &[&str], given: &[(&str, &str)]) -> String {
    let mut command = project.command(args);
    let nowhere = project.root.join("nowhere");
    for (name, _) in std::env::vars_os().filter(|(name, _)| name.to_string_lossy().starts_with("AWS_")) {
        command.env_remove(name);
    }
    for name in ["HOME", "AWS_CONFIG_FILE", "AWS_SHARED_CREDENTIALS_FILE", "KUBECONFIG"] {
        command.env(name, &nowhere);
    }
    command.env("AWS_EC2_METADATA_DISABLED", "true").envs(given.iter().copied());
    let text = project.show(args, &command.output().unwrap());
    let lines: Vec<&str> =
        text.lines().filter(|line| ![" git ", "helm", " library "].iter().any(|word| line.contains(word))).collect();
    lines.join("\n")
}

#[test]
fn explains_how_to_sign_in() {
    let project = Project::committed("doctor-aws", GOOD);
    assert_shown!("doctor_aws", nobody(&project, &["doctor", "--no-run", "--aws", "--clusters"], &[]));
    let half = nobody(&project, &["doctor", "--no-run", "--aws"], &[("AWS_ACCESS_KEY_ID", "a")]);
    assert!(half.contains(": `AWS_ACCESS_KEY_ID` is set without `AWS_SECRET_ACCESS_KEY`"), "{half}");
    project.write("aws", "[profile staging]\nregion = eu-west-1\n");
    let file = project.root.join("aws");
    let given = [("AWS_CONFIG_FILE", file.to_str().unwrap()), ("AWS_PROFILE", "stagign")];
    let misspelt = nobody(&project, &["doctor", "--no-run", "--aws"], &given);
    assert!(
        misspelt.contains("but no AWS configuration file contains that profile; did you mean `staging`?"),
        "{misspelt}"
    );
    let alone = nobody(&project, &["doctor", "--no-run", "--clusters"], &[]);
    assert!(alone.contains("wrong cluster"), "{alone}");
    let context = nobody(&project, &["doctor", "--no-run", "--clusters", "--context", "none"], &[]);
    assert!(context.contains("wrong cluster") && !context.contains("credentials"), "{context}");
    let unasked = nobody(&project, &["doctor", "--no-run", "--role", "arn:aws:iam::111122223333:role/r"], &[]);
    assert!(unasked.contains("exit code: 2") && unasked.contains("--aws"), "{unasked}");
}

#[test]
fn reports_app_that_is_not_synthesized() {
    let project = Project::committed("doctor-unsynthesized", GOOD);
    std::fs::remove_file(project.root.join("synth.out/shop/manifest.json")).unwrap();
    let text = nobody(&project, &["doctor", "--no-run", "--aws"], &[]);
    assert!(text.contains("look  aws            `shop` is not synthesized"), "{text}");
}
