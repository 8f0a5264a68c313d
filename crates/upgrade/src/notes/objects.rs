//! The objects of a platform that a note concerns.

use meshsynth_diff::side::Side;
use serde_json::Value;

use crate::statement::Evidence;

/// Returns the objects of a cluster that pass a test. Only objects whose text contains one of the words are parsed.
pub fn find(side: &Side, words: &[&str], judge: &dyn Fn(&Value) -> Vec<String>) -> Vec<Evidence> {
    let mut found = Vec::new();
    for object in side.manifest.clusters.iter().flat_map(|cluster| &cluster.objects) {
        let text = side.text(&object.path);
        if !words.iter().any(|word| text.contains(word)) {
            continue;
        }
        let document = side.document(&object.path);
        found.extend(judge(document).into_iter().map(|property| Evidence {
            name: name(document),
            property,
            source: object.source.clone(),
        }));
    }
    found
}

/// Returns the kind, the namespace and the name of an object.
pub fn name(document: &Value) -> String {
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let (kind, metadata) = (text(&document["kind"]), &document["metadata"]);
    let name = text(&metadata["name"]);
    match metadata["namespace"].as_str() {
        Some(namespace) => format!("{kind} {namespace}/{name}"),
        None => format!("{kind} {name}"),
    }
}

/// Returns the paths of fields with a name, at any depth.
pub fn fields(value: &Value, key: &str) -> Vec<String> {
    let mut found = Vec::new();
    walk(value, key, &mut String::new(), &mut found);
    found
}

fn walk(value: &Value, key: &str, path: &mut String, found: &mut Vec<String>) {
    let length = path.len();
    match value {
        Value::Object(fields) => {
            for (name, value) in fields {
                if length > 0 {
                    path.push('.');
                }
                path.push_str(name);
                if name == key {
                    found.push(path.clone());
                }
                walk(value, key, path, found);
                path.truncate(length);
            }
        }
        Value::Array(items) => {
            for (at, item) in items.iter().enumerate() {
                path.push_str(&format!("[{at}]"));
                walk(item, key, path, found);
                path.truncate(length);
            }
        }
        _ => {}
    }
}
