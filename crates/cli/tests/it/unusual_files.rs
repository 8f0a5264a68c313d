//! `meshsynth diff` of unusual files, and `meshsynth check` of several clusters.

use std::fs;

use crate::project::Project;

/// Creates a folder without a configuration, with files on both sides.
fn place(case: &str, files: &[(&str, &[u8])]) -> Project {
    let project = Project::new(case, "exit 1");
    fs::remove_file(project.root.join("meshsynth.toml")).unwrap();
    for (path, bytes) in files {
        let path = project.root.join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, bytes).unwrap();
    }
    project
}

fn diff(project: &Project) -> String {
    project.run(&["diff", "--base", "old", "--head", "new", "--exit-code"])
}

fn queue(delay: u32) -> String {
    format!("Resources:\n  Queue:\n    Type: AWS::SQS::Queue\n    Properties: {{ DelaySeconds: {delay} }}\n")
}

#[test]
fn detects_templates_by_content() {
    for ending in ["yml", "template", "txt", "json"] {
        let (old, new) = (format!("old/a.{ending}"), format!("new/a.{ending}"));
        let project = place("unusual-endings", &[(&old, queue(1).as_bytes()), (&new, queue(2).as_bytes())]);
        let text = diff(&project);
        assert!(text.contains("DelaySeconds: 1 → 2"), "{ending}: {text}");
    }
    let other =
        place("unusual-texts", &[("old/a.txt", b"AWS::S3"), ("old/b.yaml", b"a: 1\n"), ("new/b.yaml", b"a: 1\n")]);
    assert!(diff(&other).contains("no changes"), "a text is not a template");
}

#[test]
fn reads_byte_order_mark_and_reports_json_comments() {
    let json = |delay: u32| {
        format!(
            "{{ \"Resources\": {{ \"Queue\": {{ \"Type\": \"AWS::SQS::Queue\", \"Properties\": {{ \"DelaySeconds\": \
             {delay} }} }} }} }}"
        )
    };
    let (old, new) = (format!("\u{feff}{}", json(1)), format!("\u{feff}{}", json(2)));
    let text = diff(&place("unusual-bom", &[("old/a.json", old.as_bytes()), ("new/a.json", new.as_bytes())]));
    assert!(text.contains("DelaySeconds: 1 → 2"), "{text}");
    let (old, new) = (format!("// made\n{}", json(1)), format!("// made\n{}", json(2)));
    let text = diff(&place("unusual-comments", &[("old/a.json", old.as_bytes()), ("new/a.json", new.as_bytes())]));
    assert!(text.contains("NOT EVERYTHING WAS COMPARED") && text.contains("exit code: 1\n"), "{text}");
    assert!(text.contains("line 1: JSON does not support comments: remove the comment"), "{text}");
}

#[test]
fn reports_empty_folders_and_folders_of_other_tools() {
    let project = place("unusual-empty", &[("old/readme.md", b"a"), ("new/readme.md", b"b")]);
    let text = diff(&project);
    assert!(text.contains("exit code: 2\n") && text.contains("contains templates or manifests"), "{text}");
    let project = place("unusual-terraform", &[("old/main.tf", b"a"), ("new/main.tf", b"b")]);
    let text = diff(&project);
    assert!(text.contains("not compared: ") && text.contains("Terraform is not analyzed"), "{text}");
    let manifest = b"apiVersion: v1\nkind: ConfigMap\nmetadata: { name: a }\n";
    let project = place("unusual-check", &[("k8s/a.yaml", manifest), ("k8s/main.tf", b"a")]);
    let text = project.run(&["check", "k8s"]);
    assert!(text.contains("exit code: 0\n") && text.contains("skipped k8s: Terraform"), "{text}");
}

#[test]
fn checks_clusters_by_folder() {
    let service = "apiVersion: v1\nkind: Service\nmetadata: { name: web, namespace: shop }\nspec: { selector: { app: \
         web }, ports: [{ port: 80 }] }\n";
    let namespace = "apiVersion: v1\nkind: Namespace\nmetadata: { name: shop }\n";
    let both = format!("{namespace}---\n{service}");
    let wrong = both
        .replace("ports: [{ port: 80 }]", "ports: [{ port: 80, targetPort: http }]")
        .replace("port: 80,", "port: 808000,");
    let project =
        place("unusual-clusters", &[("k8s/a/web.yaml", both.as_bytes()), ("k8s/b/web.yaml", wrong.as_bytes())]);
    let text = project.run(&["check", "--cluster", "tokyo=k8s/a", "--cluster", "osaka=k8s/b"]);
    assert!(
        text.contains("k8s/b/web.yaml") && !text.contains("--> k8s/a/web.yaml") && text.contains("exit code: 1\n"),
        "{text}"
    );
    assert!(text.contains("4 objects in 2 files"), "{text}");
    let text = project.run(&["check", "--cluster", "tokyo=k8s/a"]);
    assert!(text.contains("exit code: 0\n") && text.contains("2 objects in 1 file"), "{text}");
    let text = project.run(&["check", "--cluster", "tokyo"]);
    assert!(text.contains("exit code: 2\n") && text.contains("required: a name and a folder"), "{text}");
}

#[test]
fn file_that_no_longer_defines_its_object_is_not_a_deletion() {
    let object = |name: &str| format!("apiVersion: v1\nkind: ConfigMap\nmetadata: {{ name: {name} }}\n");
    let (a, b) = (object("a"), object("b"));
    for (case, other) in [
        ("invalid", "apiVersion: v1\n<<<<<<< HEAD\nmetadata: { name: a\n"),
        ("without-kind", "apiVersion: v1\nmetadata: { name: a }\n"),
        ("text", "to do\n"),
    ] {
        let case = format!("unusual-lost-{case}");
        let files: [(&str, &[u8]); 3] =
            [("old/a.yaml", a.as_bytes()), ("new/a.yaml", other.as_bytes()), ("new/b.yaml", b.as_bytes())];
        let project = place(&case, &files);
        let text = diff(&project);
        assert!(text.contains("NOT EVERYTHING WAS COMPARED") && !text.contains("prune"), "{case}: {text}");
        let text = project.run(&["diff", "--base", "old", "--head", "new", "--deny", "data-loss"]);
        assert!(text.contains("exit code: 1\n"), "{case}: {text}");
    }
    // A file with only comments defines nothing.
    let files: [(&str, &[u8]); 4] = [
        ("old/a.yaml", a.as_bytes()),
        ("old/b.yaml", b.as_bytes()),
        ("new/a.yaml", b"# removed\n---\n"),
        ("new/b.yaml", b.as_bytes()),
    ];
    let text = diff(&place("unusual-lost-comment", &files));
    assert!(text.contains("prune"), "{text}");
}

#[test]
fn output_without_manifest_is_an_error() {
    let files: [(&str, &[u8]); 4] = [
        ("old/bindings.json", b"{}"),
        ("old/graph.json", b"{}"),
        ("old/stacks/a.template.json", b"{\"Resources\": {}}"),
        ("new/a.yaml", b"Resources: {}\n"),
    ];
    let text = diff(&place("unusual-incomplete", &files));
    assert!(text.contains("exit code: 2\n") && text.contains("its `manifest.json` is missing or invalid"), "{text}");
}

/// Returns a template with queues that have this property.
fn queues(n: u32, property: &str) -> String {
    let queue = |idx: u32| format!("  Queue{idx}:\n    Type: AWS::SQS::Queue\n    Properties:\n      {property}\n");
    format!("Resources:\n{}", (0..n).map(queue).collect::<String>())
}

/// Returns the report for two stacks with the same templates.
fn twins(case: &str, old: &str, new: &str) -> String {
    let files: [(&str, &[u8]); 4] = [
        ("old/shop-tokyo.yaml", old.as_bytes()),
        ("new/shop-tokyo.yaml", new.as_bytes()),
        ("old/shop-osaka.yaml", old.as_bytes()),
        ("new/shop-osaka.yaml", new.as_bytes()),
    ];
    diff(&place(case, &files))
}

#[test]
fn changed_tag_of_many_resources_is_one_row() {
    let template = |team: &str| queues(40, &format!("Tags: [{{ Key: team, Value: {team} }}]"));
    let text = twins("unusual-tags", &template("a"), &template("b"));
    assert!(text.contains("~ tag `team`: a → b (80 resources)"), "{text}");
    assert!(text.lines().count() < 12, "{text}");
}

#[test]
fn equal_changes_of_twin_stacks_are_one_row() {
    let template = |delay: u32| queues(5, &format!("DelaySeconds: {delay}"));
    let text = twins("unusual-twins", &template(1), &template(2));
    assert!(text.contains("AWS: stack shop-osaka; AWS: stack shop-tokyo"), "{text}");
    assert_eq!(text.matches("DelaySeconds: 1 → 2").count(), 1, "{text}");
}

#[test]
fn shows_a_joined_arn_as_a_whole() {
    let template = |name: &str| {
        let value = format!("!Join ['', ['arn:', !Ref AWS::Partition, ':s3:::{name}-', !Ref AWS::AccountId]]");
        format!(
            "Resources:\n  It:\n    Type: AWS::SSM::Parameter\n    Properties:\n      Type: String\n      Value: {value}\n"
        )
    };
    let (old, new) = (template("a"), template("b"));
    let text = diff(&place("unusual-arn", &[("old/a.yaml", old.as_bytes()), ("new/a.yaml", new.as_bytes())]));
    assert!(text.contains("arn:${AWS::Partition}:s3:::a-${AWS::AccountId}"), "{text}");
}
