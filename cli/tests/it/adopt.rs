//! `meshsynth adopt` over a corpus written for it: what becomes what, and what is refused. That what the programs make is what
//! the corpus says is proved by the command itself, which builds them.

use std::fs;
use std::path::Path;

use serde_json::Value;

use crate::project::{GOOD, Project, assert_shown};

const CORPUS: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/adopt");

/// Adopts folders of the corpus without building; answers the report and the project.
fn adopted(case: &str, folders: &[&str]) -> (Value, Project) {
    let project = Project::new(case, GOOD);
    let sources: Vec<String> = folders.iter().map(|folder| format!("{CORPUS}/{folder}")).collect();
    let mut args = vec!["adopt", "--into", "out", "--name", "corpus", "--no-proof", "--json"];
    args.extend(sources.iter().map(String::as_str));
    let output = project.command(&args).output().unwrap();
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(!output.stdout.is_empty(), "{said}");
    (serde_json::from_slice(&output.stdout).unwrap(), project)
}

fn program(project: &Project, file: &str) -> String {
    fs::read_to_string(project.root.join("out/src").join(file)).unwrap().replace(CORPUS, "[CORPUS]")
}

#[test]
fn every_template_and_every_object_is_adopted() {
    let (report, project) = adopted("adopt-all", &["templates", "manifests"]);
    assert_eq!(report["refused"], Value::Array(Vec::new()), "{report}");
    assert_eq!(report["proof"], "not proved");
    let rows = report["resources"].as_array().unwrap();
    let raw: Vec<&str> =
        rows.iter().filter(|row| row["typed"] == false).filter_map(|row| row["type"].as_str()).collect();
    let own = ["Custom::AmiLookup", "AWS::Search::Index", "My::Org::Bucket::MODULE"];
    assert_eq!(
        raw,
        [&own[..], &["CustomResourceDefinition", "Backup", "Zone"]].concat(),
        "only what has no type is raw"
    );
    assert_eq!(rows.len(), 61);
    let files = fs::read_dir(project.root.join("out/src")).unwrap().map(|it| it.unwrap().path());
    for file in files.filter(|it| it.is_file()) {
        let n_lines = fs::read_to_string(&file).unwrap().lines().count();
        assert!(n_lines <= 400, "{}: {n_lines} lines", file.display());
    }
}

#[test]
fn programs_read_as_a_person_writes_them() {
    let (_, project) = adopted("adopt-programs", &["templates"]);
    assert_shown!("adopt_conditions", program(&project, "conditions.rs"));
    assert_shown!("adopt_keywords", program(&project, "keywords.rs"));
    assert_shown!("adopt_s3", program(&project, "s3.rs"));
    let (_, project) = adopted("adopt-objects", &["manifests/deployment.yaml", "manifests/custom.yaml"]);
    assert_shown!("adopt_objects", program(&project, "cluster.rs"));
}

#[test]
fn what_a_construct_is_around_becomes_one_and_what_belongs_to_it_a_call() {
    let (report, project) = adopted("adopt-constructs", &["constructs"]);
    assert_eq!(report["refused"], Value::Array(Vec::new()), "{report}");
    let rows = report["resources"].as_array().unwrap();
    let others: Vec<&str> =
        rows.iter().filter(|row| row["construct"] == false).filter_map(|row| row["name"].as_str()).collect();
    assert_eq!(others, ["Internet", "InternetOfNetwork", "ToInternet", "PublicAHasRoutes"]);
    let adds = |name: &str| rows.iter().find(|row| row["name"] == name).map(|row| row["would_add"].clone()).unwrap();
    assert!(adds("Mails").as_str().unwrap().contains("a dead-letter queue"), "{}", adds("Mails"));
    assert_eq!(adds("MailsPolicy"), "", "what belongs to a construct is that of the template");
    assert_shown!("adopt_constructs_messages", program(&project, "messages.rs"));
    assert_shown!("adopt_constructs_network", program(&project, "network.rs"));
}

#[test]
fn what_is_no_program_is_refused_with_a_line_each() {
    let (report, _) = adopted("adopt-refused", &["refused", "templates/exports.yaml"]);
    let lines: Vec<String> = report["refused"]
        .as_array()
        .unwrap()
        .iter()
        .map(|it| {
            let file = Path::new(it["file"].as_str().unwrap()).file_name().unwrap().to_string_lossy().into_owned();
            format!("{file}: {}\n", it["why"].as_str().unwrap())
        })
        .collect();
    assert_eq!(lines.len(), 6);
    assert_shown!("adopt_refused", lines.concat());
}

#[test]
fn nothing_is_written_over_or_without_anything_to_adopt() {
    let (_, project) = adopted("adopt-again", &["templates/exports.yaml"]);
    let before = program(&project, "exports.rs");
    let source = format!("{CORPUS}/templates/exports.yaml");
    let again = project.command(&["adopt", &source, "--into", "out", "--no-proof"]).output().unwrap();
    assert_eq!(again.status.code(), Some(2));
    assert_eq!(program(&project, "exports.rs"), before);
    let nothing = format!("{CORPUS}/refused/empty.yaml");
    let nothing = project.command(&["adopt", &nothing, "--into", "empty", "--no-proof"]).output().unwrap();
    assert_eq!(nothing.status.code(), Some(2));
    assert!(!project.root.join("empty").exists());
}
