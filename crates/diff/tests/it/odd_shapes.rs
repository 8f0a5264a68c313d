//! Comparisons of malformed templates and manifests, which end with an answer or an error.

use std::fs;
use std::path::{Path, PathBuf};

use meshsynth_diff::Diff;
use serde_json::{Value, json};

use crate::scene::{Scene, scene};

/// Returns unexpected values.
fn odd() -> Vec<Value> {
    vec![
        Value::Null,
        json!(true),
        json!(-1),
        json!(1e300),
        json!(""),
        json!("arn:aws:é"),
        json!([]),
        json!([null, [[]], "a"]),
        json!({}),
        json!({ "Ref": 1 }),
        json!({ "Ref": "AWS::NoValue" }),
        json!({ "Fn::Sub": ["${", 1] }),
        json!({ "Fn::GetAtt": [] }),
        json!({ "Fn::If": ["Nobody", { "a": 1 }, "b"] }),
        json!({ "Fn::Join": ["", { "Ref": "Nobody" }] }),
        json!({ "a": { "b": [{ "c": {} }] } }),
    ]
}

/// Collects the pointers of all values.
fn places(value: &Value, at: &str, out: &mut Vec<String>) {
    let step = |key: &str| format!("{at}/{}", key.replace('~', "~0").replace('/', "~1"));
    match value {
        Value::Object(fields) => fields.iter().for_each(|(key, inner)| {
            out.push(step(key));
            places(inner, &step(key), out);
        }),
        Value::Array(items) => items.iter().enumerate().for_each(|(idx, inner)| {
            out.push(step(&idx.to_string()));
            places(inner, &step(&idx.to_string()), out);
        }),
        _ => {}
    }
}

fn files(folder: &Path, ending: &str, out: &mut Vec<PathBuf>) {
    let mut all: Vec<PathBuf> = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    all.sort();
    for path in all {
        match path.is_dir() {
            true => files(&path, ending, out),
            false if path.to_str().unwrap().ends_with(ending) => out.push(path),
            false => {}
        }
    }
}

fn compare(before: &Scene, after: &Scene) {
    for (a, b) in [(before, after), (after, before)] {
        let _ = Diff::new(&a.side(), &b.side());
    }
}

#[test]
fn malformed_values_do_not_panic() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../snapshots");
    let (mut templates, odd) = (Vec::new(), odd());
    files(&folder, ".template.json", &mut templates);
    let mut n_compared = 0;
    for (file, path) in templates.iter().enumerate() {
        let template: Value = serde_json::from_str(&fs::read_to_string(path).unwrap()).unwrap();
        // Comparing a template with a single resource is fast.
        for (idx, (id, body)) in
            template["Resources"].as_object().unwrap().iter().enumerate().skip(file % 20).step_by(20)
        {
            let alone = json!({ "Resources": { id: body } });
            let mut all = Vec::new();
            places(&alone["Resources"], "/Resources", &mut all);
            for (n, place) in all.iter().enumerate() {
                let mut changed = alone.clone();
                *changed.pointer_mut(place).unwrap() = odd[(file * 7 + idx * 5 + n) % odd.len()].clone();
                compare(&scene(vec![("a", alone.clone())], Vec::new()), &scene(vec![("a", changed)], Vec::new()));
                n_compared += 1;
            }
        }
    }
    assert!(n_compared > 800, "{n_compared}");
}

#[test]
fn malformed_security_group_rules_do_not_panic() {
    let group = |properties: Value| {
        let group = json!({ "Type": "AWS::EC2::SecurityGroup", "Properties": properties });
        scene(vec![("a", json!({ "Resources": { "Group": group } }))], Vec::new())
    };
    let right = group(json!({ "GroupDescription": "a", "SecurityGroupIngress": [{ "CidrIp": "0.0.0.0/0" }] }));
    for properties in odd() {
        compare(&right, &group(properties));
    }
    for rules in odd() {
        compare(&right, &group(json!({ "GroupDescription": "a", "SecurityGroupIngress": rules })));
    }
}
