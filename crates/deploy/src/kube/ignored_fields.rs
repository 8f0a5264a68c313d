//! Fields that a controller writes into an applied object. They are applied with their current values.
//!
//! The annotation `meshsynth/yields` of the object lists them: paths separated by commas, such as
//! `spec.http[name=default].route[].weight`. `[name=x]` is the list item with that name. `[]` is every item, identified
//! by its name or its index.

use serde_json::{Value, json};

const ANNOTATION: &str = "meshsynth/yields";

#[derive(Debug, PartialEq)]
enum PathSegment<'a> {
    Key(&'a str),
    Named(&'a str),
    Each,
}

/// Returns the paths in the annotation of an object.
pub(super) fn paths(body: &Value) -> Vec<String> {
    let text = body["metadata"]["annotations"][ANNOTATION].as_str().unwrap_or_default();
    text.split(',').map(str::trim).filter(|path| !path.is_empty()).map(str::to_owned).collect()
}

/// Copies the values at these paths from the live object. Values that do not exist there remain unchanged.
pub(super) fn take(paths: &[String], body: &mut Value, live: &Value) {
    for path in paths {
        copy(body, live, &steps(path));
    }
}

fn steps(path: &str) -> Vec<PathSegment<'_>> {
    let mut steps = Vec::new();
    let mut rest = path;
    while !rest.is_empty() {
        rest = rest.trim_start_matches('.');
        if let Some((inside, after)) = rest.strip_prefix('[').and_then(|rest| rest.split_once(']')) {
            steps.push(inside.strip_prefix("name=").map_or(PathSegment::Each, PathSegment::Named));
            rest = after;
        } else {
            let (key, after) = rest.split_at(rest.find(['.', '[']).unwrap_or(rest.len()));
            steps.push(PathSegment::Key(key));
            rest = after;
        }
    }
    steps
}

fn copy(ours: &mut Value, live: &Value, steps: &[PathSegment<'_>]) {
    match steps {
        [] => *ours = live.clone(),
        [PathSegment::Key(key), rest @ ..] => {
            // A map that only the controller fills can be absent from the manifest.
            let Some(live) = live.get(key).filter(|live| leads_somewhere(live, rest)) else { return };
            if let Some(ours) = ours.as_object_mut() {
                copy(ours.entry((*key).to_owned()).or_insert_with(|| json!({})), live, rest);
            }
        }
        [PathSegment::Named(name), rest @ ..] => {
            let items = ours.as_array_mut().into_iter().flatten();
            for item in items.filter(|item| item["name"] == *name) {
                if let Some(live) = named(live, name) {
                    copy(item, live, rest);
                }
            }
        }
        [PathSegment::Each, rest @ ..] => {
            for (idx, item) in ours.as_array_mut().into_iter().flatten().enumerate() {
                let live = match item["name"].as_str() {
                    Some(name) => named(live, name),
                    None => live.get(idx),
                };
                if let Some(live) = live {
                    copy(item, live, rest);
                }
            }
        }
    }
}

/// Whether the next keys exist.
fn leads_somewhere(live: &Value, steps: &[PathSegment<'_>]) -> bool {
    match steps {
        [PathSegment::Key(key), rest @ ..] => live.get(key).is_some_and(|live| leads_somewhere(live, rest)),
        _ => true,
    }
}

fn named<'a>(list: &'a Value, name: &str) -> Option<&'a Value> {
    list.as_array()?.iter().find(|item| item["name"] == name)
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::{PathSegment, paths, steps, take};

    fn yields(path: &str, mut ours: Value, live: &Value) -> Value {
        take(&[path.to_owned()], &mut ours, live);
        ours
    }

    #[test]
    fn accepts_dots_in_brackets() {
        let wanted = [
            PathSegment::Key("spec"),
            PathSegment::Key("http"),
            PathSegment::Named("a.b"),
            PathSegment::Key("route"),
            PathSegment::Each,
        ];
        assert_eq!(steps("spec.http[name=a.b].route[]"), wanted);
        let annotated = json!({ "metadata": { "annotations": { "meshsynth/yields": "spec.a, spec.b[].c" } } });
        assert_eq!(paths(&annotated), ["spec.a", "spec.b[].c"]);
        assert_eq!(paths(&json!({})), [""; 0]);
    }

    #[test]
    fn copies_weights_of_existing_route_only() {
        let route = |stable: u32, canary: u32| json!([{ "subset": "stable", "weight": stable }, { "subset": "canary", "weight": canary }]);
        let live = json!({ "http": [{ "name": "default", "route": route(90, 10) }] });
        let ours = json!({ "http": [{ "name": "new", "route": route(50, 50) }, { "name": "default", "route": route(100, 0) }] });
        let wanted = json!({ "http": [{ "name": "new", "route": route(50, 50) }, { "name": "default", "route": route(90, 10) }] });
        assert_eq!(yields("http[name=default].route[].weight", ours, &live), wanted);
    }

    #[test]
    fn copies_only_existing_labels() {
        let live = json!({ "selector": { "app": "orders", "hash": "7f" } });
        assert_eq!(yields("selector.hash", json!({ "selector": { "app": "orders" } }), &live), live);
        let ours = json!({ "subsets": [{ "name": "stable" }] });
        assert_eq!(
            yields("subsets[].labels.hash", ours.clone(), &json!({ "subsets": [{ "name": "stable", "labels": {} }] })),
            ours
        );
        let live = json!({ "subsets": [{ "name": "canary" }, { "name": "stable", "labels": { "hash": "7f" } }] });
        assert_eq!(yields("subsets[].labels.hash", ours, &live)["subsets"][0]["labels"]["hash"], "7f");
    }
}
