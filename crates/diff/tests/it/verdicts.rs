//! Change cases: before, after and verdict, with links to the vendors' documentation. `T` is
//! <https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/>.

use std::path::Path;

use meshsynth_diff::side::Side;
use meshsynth_diff::texts::Texts;
use meshsynth_diff::{Diff, Verdict};
use serde::Deserialize;
use serde_json::{Value, json};

use crate::scene::{diff, scene, set};

/// A resource type, one of its properties before and after, the verdict, and the page.
///
/// `tests/tools/cdk_diff.mjs` evaluates the same changes with the CDK.
#[derive(Deserialize)]
struct Case {
    r#type: String,
    property: String,
    before: Value,
    after: Value,
    verdict: String,
    page: String,
}

#[test]
fn every_case_has_its_verdict() {
    let cases: Vec<Case> = serde_json::from_str(include_str!("../fixtures/changes.json")).unwrap();
    assert!(cases.len() > 120);
    let mut wrong = Vec::new();
    for Case { r#type, property, before, after, verdict, page } in cases {
        let of = |value: &Value| {
            let properties = if value.is_null() { json!({}) } else { json!({ &property: value }) };
            let resource = json!({ "Type": r#type, "Properties": properties });
            scene(vec![("a", json!({ "Resources": { "R": resource } }))], vec![])
        };
        let found = diff(&of(&before), &of(&after));
        // A value that differs only in its notation is updated in place.
        let found = found.changes.iter().find(|it| it.id == "R").map_or(Verdict::InPlace, |it| it.verdict).word();
        assert!(page.starts_with("aws-resource-") && page.ends_with(".html"), "{page}");
        if found != verdict {
            wrong.push(format!("{type} {property} {before} → {after}: {found}, wanted {verdict}"));
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn assembly_equals_itself() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../cli/tests/fixtures/shop");
    assert!(Diff::new(&side(&folder), &side(&folder)).unwrap().is_empty());
}

#[test]
fn reports_every_changed_leaf() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../cli/tests/fixtures/shop");
    let base = side(&folder);
    for path in base.paths() {
        for pointer in leaves(base.document(path), String::new()) {
            if ["/kind", "/apiVersion", "/metadata/name", "/metadata/namespace"].contains(&pointer.as_str()) {
                continue;
            }
            let mut head = side(&folder);
            let mut document = head.document(path).clone();
            *document.pointer_mut(&pointer).unwrap() = json!("other");
            set(&mut head, path, document);
            let diff = Diff::new(&base, &head).unwrap();
            assert!(!diff.changes.is_empty(), "{path} {pointer}");
        }
    }
}

/// Reads the assembly in a folder.
fn side(folder: &Path) -> Side {
    Side::new(Texts::read(folder, String::new(), None).unwrap()).unwrap()
}

fn leaves(value: &Value, at: String) -> Vec<String> {
    match value {
        Value::Object(map) => map.iter().flat_map(|(key, value)| leaves(value, format!("{at}/{key}"))).collect(),
        Value::Array(items) => {
            items.iter().enumerate().flat_map(|(idx, item)| leaves(item, format!("{at}/{idx}"))).collect()
        }
        _ => vec![at],
    }
}

#[test]
fn moved_stack_is_reported_with_its_remedy() {
    let bucket =
        json!({ "Resources": { "Assets": { "Type": "AWS::S3::Bucket", "Properties": { "BucketName": "a" } } } });
    let platform = scene(vec![("data", bucket)], Vec::new());
    let (base, mut named, mut moved) = (platform.side(), platform.side(), platform.side());
    named.manifest.stacks[0].name = "store-data".to_owned();
    moved.manifest.stacks[0].region = "eu-central-1".to_owned();
    let helps = |head: &Side| -> Vec<String> {
        Diff::new(&base, head).unwrap().hazards.into_iter().map(|hazard| hazard.help).collect()
    };
    assert!(helps(&named).iter().any(|it| it.contains("move it with `meshsynth deploy --refactor`")));
    assert!(helps(&moved).iter().any(|it| it == "keep its name, region and account, or plan the move of its data"));
}
