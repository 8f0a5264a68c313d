//! Worlds for tests.

use std::path::{Path, PathBuf};

use meshsynth_reach::world::{At, Files, Object};
use meshsynth_reach::{Edit, Verb, World};
use serde_json::{Value, json};

/// Returns the output folder of a reference platform.
pub fn platform(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../snapshots").join(name)
}

/// Returns the world of a reference platform.
pub fn read(name: &str) -> World {
    World::read(&platform(name)).unwrap_or_else(|error| panic!("{name}: {error:#}"))
}

/// Returns the world of documents, one file for each name.
pub fn world(files: &[(&str, &str)]) -> World {
    let mut all = Files::default();
    for (name, text) in files {
        all.add_text(name, text);
    }
    let world = World::of(&all);
    assert!(world.unread.is_empty(), "{:?}", world.unread);
    world
}

/// A stack of an assembly: id, account, region, and template.
pub type Stack<'a> = (&'a str, &'a str, &'a str, Value);
/// A cluster of an assembly: id, name, account, region, and objects.
pub type Cluster<'a> = (&'a str, &'a str, &'a str, &'a str, Vec<Value>);

/// Returns the world of an assembly.
pub fn assembly(stacks: Vec<Stack<'_>>, clusters: Vec<Cluster<'_>>) -> World {
    let mut files = Files::default();
    let (mut stack_rows, mut cluster_rows) = (Vec::new(), Vec::new());
    for (id, account, region, template) in stacks {
        let file = files.add(&format!("{id}.json"), vec![(1, template)]);
        let row = json!({ "id": id, "name": id, "account": account, "region": region, "template": file });
        stack_rows.push(row);
    }
    for (id, name, account, region, objects) in clusters {
        let file = files.add(&format!("{id}.yaml"), objects.into_iter().map(|it| (1, it)).collect());
        let objects = [json!({ "path": file })];
        cluster_rows.push(json!({ "id": id, "name": name, "account": account, "region": region, "objects": objects }));
    }
    files.manifest = json!({ "stacks": stack_rows, "clusters": cluster_rows, "files": [] });
    World::new(files)
}

/// Applies an edit to documents. The resource or object is found by its kind and name, or by its logical ID.
pub fn apply(files: &mut Files, edit: &Edit) {
    if edit.verb == Verb::Define {
        return define(files, edit);
    }
    let (document, path) = match resource(files, &edit.what) {
        Some(found) => (found, edit.field.clone()),
        None => (object(files, &edit.what).unwrap_or_else(|| panic!("no {}", edit.what)), edit.field.clone()),
    };
    let mut keys = keys(&path);
    let last = keys.pop();
    let parent = keys.iter().fold(document, |value, key| step(value, key));
    match (edit.verb, last) {
        (Verb::Remove, Some(Key::Index(at))) => drop(parent.as_array_mut().expect("a list").remove(at)),
        (Verb::Remove, Some(Key::Name(name))) => drop(parent.as_object_mut().expect("a map").remove(&name)),
        // Removes the whole document.
        (Verb::Remove, None) => *parent = Value::Null,
        (Verb::Add, Some(key)) => {
            let list = step(parent, &key);
            match list {
                Value::Array(items) => items.push(edit.value.clone()),
                other => *other = Value::Array(vec![edit.value.clone()]),
            }
        }
        (_, Some(key)) => *step(parent, &key) = edit.value.clone(),
        (_, None) => *parent = edit.value.clone(),
    }
}

#[derive(Debug)]
enum Key {
    Name(String),
    Index(usize),
}

/// Splits a path such as `a.b[0].c["x.y"]` into keys.
fn keys(path: &str) -> Vec<Key> {
    let mut found = Vec::new();
    let mut rest = path;
    while !rest.is_empty() {
        if let Some(inner) = rest.strip_prefix("[\"") {
            let (name, after) = inner.split_once("\"]").expect("a quoted key");
            found.push(Key::Name(name.to_owned()));
            rest = after;
        } else if let Some(inner) = rest.strip_prefix('[') {
            let (index, after) = inner.split_once(']').expect("an index");
            found.push(Key::Index(index.parse().expect("a number")));
            rest = after;
        } else {
            rest = rest.trim_start_matches('.');
            let end = rest.find(['.', '[']).unwrap_or(rest.len());
            found.push(Key::Name(rest[..end].to_owned()));
            rest = &rest[end..];
        }
    }
    found
}

fn step<'a>(value: &'a mut Value, key: &Key) -> &'a mut Value {
    match key {
        Key::Name(name) => &mut value[name.as_str()],
        Key::Index(at) => &mut value[*at],
    }
}

fn object<'a>(files: &'a mut Files, title: &str) -> Option<&'a mut Value> {
    let is_called = |it: &Object| it.title() == title || format!("{} {}", it.kind, it.name) == title;
    let is_it = |document: &Value| Object::parse(document.clone(), At::default()).is_some_and(|it| is_called(&it));
    files.documents.values_mut().flatten().map(|it| &mut it.1).find(|it| is_it(it))
}

/// Returns the properties of a resource.
fn resource<'a>(files: &'a mut Files, title: &str) -> Option<&'a mut Value> {
    let (file, logical) = placed(files, title)?;
    let documents = files.documents.get_mut(&file)?;
    let document = documents.iter_mut().map(|it| &mut it.1).find(|it| it["Resources"][&logical].is_object())?;
    Some(&mut document["Resources"][logical]["Properties"])
}

/// Returns the file and the logical ID of a resource.
fn placed(files: &Files, title: &str) -> Option<(String, String)> {
    let world = World::of(files);
    let found = world.resources.iter().find(|it| it.title() == title)?;
    Some((found.at.file.clone(), found.logical.clone()))
}

fn define(files: &mut Files, edit: &Edit) {
    if edit.value["Type"].is_null() {
        // The new object belongs to the cluster of the existing one.
        let file = edit.at.as_ref().map(|it| it.file.split(':').next().unwrap_or_default().to_owned());
        let documents = files.documents.get_mut(&file.unwrap_or_default()).expect("the file");
        documents.push((1, edit.value.clone()));
        return;
    }
    let (file, logical) = placed(files, &edit.what).expect("a resource");
    let documents = files.documents.get_mut(&file).expect("a template");
    let resources = &mut documents[0].1["Resources"];
    let mut value = edit.value.clone();
    // The new resource belongs to the same parent as the existing one.
    for key in ["NetworkAclId"] {
        if !resources[&logical]["Properties"][key].is_null() {
            value["Properties"][key] = resources[&logical]["Properties"][key].clone();
        }
    }
    let name = format!("New{}", resources.as_object().map_or(0, serde_json::Map::len));
    resources[name] = value;
}
