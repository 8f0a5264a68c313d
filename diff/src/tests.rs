//! Change cases: before, after, and what happens. The pages are those of the vendors.
//! `T` is <https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/>.

use std::path::Path;

use serde::Deserialize;
use serde_json::{Value, json};

use super::Diff;
use super::side::Side;
use super::tree::{self, Dialect};
use super::verdict::update;

/// A resource type, one of its properties before and after, what happens, and the page that says so.
///
/// `tests/tools/cdk_diff.mjs` asks the CDK about the same changes.
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
    let cases: Vec<Case> = serde_json::from_str(include_str!("../tests/fixtures/changes.json")).unwrap();
    assert!(cases.len() > 120);
    let mut wrong = Vec::new();
    for Case { r#type, property, before, after, verdict, page } in cases {
        let of = |value: &Value| if value.is_null() { json!({}) } else { json!({ &property: value }) };
        let edits = tree::compare_resource(&r#type, &of(&before), &of(&after), Dialect::CloudFormation, None, None).0;
        let judged =
            update(&r#type, false, &json!({ "Properties": of(&before) }), &json!({ "Properties": of(&after) }), &edits);
        assert!(page.starts_with("aws-resource-") && page.ends_with(".html"), "{page}");
        if judged.verdict.word() != verdict {
            wrong.push(format!("{type} {property} {before} → {after}: {}, wanted {verdict}", judged.verdict.word()));
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn an_assembly_does_not_differ_from_itself() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../cli/tests/fixtures/shop");
    let read = || Side::read(&folder, String::new()).unwrap();
    assert!(Diff::new(&read(), &read()).unwrap().is_empty());
}

#[test]
fn whatever_leaf_is_changed_is_told() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../cli/tests/fixtures/shop");
    let base = Side::read(&folder, String::new()).unwrap();
    for path in base.paths() {
        for pointer in leaves(base.document(&path), String::new()) {
            if ["/kind", "/apiVersion", "/metadata/name", "/metadata/namespace"].contains(&pointer.as_str()) {
                continue;
            }
            let mut head = Side::read(&folder, String::new()).unwrap();
            let mut document = head.document(&path).clone();
            *document.pointer_mut(&pointer).unwrap() = json!("other");
            head.set(&path, document);
            let diff = Diff::new(&base, &head).unwrap();
            assert!(!diff.changes.is_empty(), "{path} {pointer}");
        }
    }
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
