//! Every property that can change access is evaluated, makes the answer unknown, or has a documented assumption.
//!
//! `tests/tables/coverage.txt` classifies the properties of the types and kinds that decide connections and permissions.
//! A new property of a schema fails the test until the table contains it. The page `docs/evidence/coverage.md` is
//! generated from the table with `UPDATE_DOCS=1`.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;
use std::fs;
use std::path::{Path, PathBuf};

use serde_json::Value;

const TABLE: &str = include_str!("../tables/coverage.txt");

/// The classes with their titles.
const CLASSES: [(&str, &str); 4] =
    [("evaluated", "evaluated"), ("unknown", "unknown"), ("assumed", "assumed"), ("none", "no effect")];

/// The classified paths of each type by class.
type Table = BTreeMap<&'static str, BTreeMap<&'static str, BTreeSet<&'static str>>>;

fn table() -> Table {
    let mut table = Table::new();
    for line in TABLE.lines().filter(|it| !it.starts_with('#')) {
        let parts: Vec<&str> = line.split(" | ").collect();
        let [name, class, paths] = parts.as_slice() else { panic!("malformed: {line}") };
        assert!(CLASSES.iter().any(|it| it.0 == *class), "unknown class: {line}");
        table.entry(name).or_default().entry(class).or_default().extend(paths.split(' '));
    }
    table
}

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

/// Returns the lines of the schema files of a folder.
fn lines(folder: &str) -> Vec<Value> {
    let entries = fs::read_dir(root().join("crates/facts/schema").join(folder)).unwrap();
    let texts = entries.flatten().map(|it| fs::read_to_string(it.path()).unwrap());
    texts.flat_map(|it| it.lines().map(|line| serde_json::from_str(line).unwrap()).collect::<Vec<Value>>()).collect()
}

/// The schemas by the names of the table, and the definitions that they refer to.
struct Schemas {
    all: BTreeMap<String, Value>,
    definitions: BTreeMap<String, Value>,
}

impl Schemas {
    fn read() -> Self {
        let (mut all, mut definitions) = (BTreeMap::new(), BTreeMap::new());
        for line in lines("kubernetes") {
            match (line["definition"].as_str(), line["apiVersion"].as_str(), line["kind"].as_str()) {
                (Some(name), ..) => _ = definitions.insert(name.to_owned(), line["schema"].clone()),
                (_, Some(version), Some(kind)) => {
                    all.insert(format!("{version} {kind}"), line["schema"]["properties"]["spec"].clone());
                }
                _ => {}
            }
        }
        for mut line in lines("cloudformation") {
            let Some(name) = line["name"].as_str().map(str::to_owned) else { continue };
            let mut schema = line["schema"].take();
            // Attributes are no properties of a template, and tags do not affect access.
            let left_out = line["readOnly"].as_array().into_iter().flatten().filter_map(Value::as_str);
            let properties = schema["properties"].as_object_mut().unwrap();
            left_out.chain(["Tags"]).for_each(|it| _ = properties.remove(it));
            // Nested properties belong to the class of their property.
            properties.values_mut().for_each(|it| *it = Value::Null);
            all.insert(name, schema);
        }
        Self { all, definitions }
    }

    fn resolved<'a>(&'a self, mut schema: &'a Value) -> &'a Value {
        while let Some(name) = schema["$ref"].as_str() {
            schema = &self.definitions[name];
        }
        schema
    }

    /// Collects the paths that have no class: leaves, and properties above which no path has one.
    fn unclassified(&self, schema: &Value, path: &str, classified: &BTreeSet<&str>, found: &mut Vec<String>) {
        let schema = self.resolved(schema);
        if schema["items"].is_object() {
            return self.unclassified(&schema["items"], path, classified, found);
        }
        if classified.contains(path) {
            return;
        }
        match schema["properties"].as_object().filter(|it| !it.is_empty()) {
            Some(properties) => {
                for (key, inner) in properties {
                    let below = if path.is_empty() { key.clone() } else { format!("{path}.{key}") };
                    self.unclassified(inner, &below, classified, found);
                }
            }
            None => found.push(path.to_owned()),
        }
    }

    /// Whether a schema has a property.
    fn has(&self, schema: &Value, path: &str) -> bool {
        let mut schema = self.resolved(schema);
        for key in path.split('.') {
            while schema["items"].is_object() {
                schema = self.resolved(&schema["items"]);
            }
            match schema["properties"].get(key) {
                Some(inner) => schema = self.resolved(inner),
                None => return false,
            }
        }
        true
    }
}

#[test]
fn every_property_that_can_change_access_is_classified() {
    let (schemas, table) = (Schemas::read(), table());
    let mut wrong = Vec::new();
    for (name, classes) in &table {
        let Some(schema) = schemas.all.get(*name) else {
            wrong.push(format!("{name}: no such type"));
            continue;
        };
        let classified: BTreeSet<&str> = classes.values().flatten().copied().collect();
        let mut found = Vec::new();
        schemas.unclassified(schema, "", &classified, &mut found);
        wrong.extend(found.into_iter().map(|path| format!("{name}: `{path}` has no class")));
        let n_classes = |path: &str| classes.values().filter(|it| it.contains(path)).count();
        for path in &classified {
            if !schemas.has(schema, path) {
                wrong.push(format!("{name}: `{path}` does not exist"));
            }
            if n_classes(path) != 1 {
                wrong.push(format!("{name}: `{path}` has several classes"));
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

/// Returns the names in the sources of the engine and in the facts about types.
fn names() -> BTreeSet<String> {
    let mut left: Vec<PathBuf> = ["crates/reach/src", "crates/access/src"].map(|it| root().join(it)).to_vec();
    let mut text = fs::read_to_string(root().join("crates/facts/schema/facts/resources.jsonl")).unwrap();
    while let Some(path) = left.pop() {
        if path.is_dir() {
            left.extend(fs::read_dir(path).unwrap().flatten().map(|it| it.path()));
        } else {
            text += fs::read_to_string(path).unwrap().split("#[cfg(test)]").next().unwrap();
        }
    }
    let quoted = text.split('"').skip(1);
    quoted.flat_map(|it| it.split(|c: char| !c.is_alphanumeric())).map(str::to_owned).collect()
}

#[test]
fn evaluated_properties_are_read_by_the_engine() {
    let names = names();
    for (name, classes) in table() {
        for path in classes.get("evaluated").into_iter().flatten() {
            let last = path.rsplit('.').next().unwrap();
            // The negated fields of Istio are evaluated by their positive names.
            let positive = last.strip_prefix("not").map(|it| it[..1].to_lowercase() + &it[1..]);
            let is_read = names.contains(last) || positive.is_some_and(|it| names.contains(&it));
            assert!(is_read, "{name}: the engine does not read `{path}`");
        }
    }
}

#[test]
fn the_page_of_the_coverage_is_current() {
    let mut page = "# Evidence: coverage\n\n\
        This page is generated from `crates/reach/tests/tables/coverage.txt`. A test compares the table with the schemas, so a new property fails the\n\
        test until it is classified.\n\n\
        - *Evaluated*: the answer depends on the value. A value that is known only at deployment makes the answer unknown.\n\
        - *Unknown*: the property makes the answer unknown if it can change it.\n\
        - *Assumed*: the value admits the request. A request that matches a route exists, a token is valid, and a certificate is accepted.\n\
        - *No effect*: the property changes neither connections nor permissions.\n\n"
        .to_owned();
    page += "| type or kind | evaluated | unknown | assumed | no effect |\n|---|---|---|---|---|\n";
    for (name, classes) in table() {
        let cell = |class: &str| {
            let paths = classes.get(class).into_iter().flatten().map(|it| format!("`{it}`"));
            paths.collect::<Vec<_>>().join("<br>")
        };
        let cells = CLASSES.map(|(class, _)| cell(class)).join(" | ");
        writeln!(page, "| `{name}` | {cells} |").unwrap();
    }
    let path = root().join("docs/evidence/coverage.md");
    if std::env::var_os("UPDATE_DOCS").is_some() {
        fs::write(&path, &page).unwrap();
    }
    let written = fs::read_to_string(&path).unwrap_or_default();
    assert!(
        written == page,
        "docs/evidence/coverage.md is stale: UPDATE_DOCS=1 cargo test -p meshsynth-reach coverage"
    );
}
