//! Generates the JSON schema `docs/meshsynth.schema.json` from the tables, for editors.

use meshsynth_diff::gates::WORDS;
use serde_json::{Map, Value, json};

use super::{Form, Key, TABLES, Table, first_below};

/// Returns the schema of the whole file.
pub(super) fn schema() -> Value {
    let mut schema = object("");
    schema["$schema"] = json!("https://json-schema.org/draft/2020-12/schema");
    schema["title"] = json!("meshsynth.toml");
    schema["description"] = json!("The configuration of meshsynth: docs/configuration.md");
    schema
}

/// Returns the schema of a table with the tables below it.
fn object(path: &str) -> Value {
    let table = TABLES.iter().find(|table| table.path == path);
    let mut properties = Map::new();
    let mut others = Vec::new();
    let mut add = |name: &str, schema: Value| match name.starts_with('<') {
        true => others.push(schema),
        false => drop(properties.insert(name.to_owned(), schema)),
    };
    for key in table.map_or(&[][..], |table| table.keys) {
        add(key.name, of_key(key));
    }
    let mut below: Vec<&str> = TABLES.iter().filter_map(|table| first_below(path, table.path)).collect();
    below.sort_unstable();
    below.dedup();
    for name in below {
        let path = if path.is_empty() { name.to_owned() } else { format!("{path}.{name}") };
        let inner = object(&path);
        let is_list = TABLES.iter().any(|table| table.path == path && table.is_list);
        add(name, if is_list { json!({ "type": "array", "items": inner }) } else { inner });
    }
    let mut schema = json!({ "type": "object" });
    if !properties.is_empty() {
        schema["properties"] = Value::Object(properties);
    }
    schema["additionalProperties"] = match others.len() {
        0 => json!(false),
        1 => others.remove(0),
        _ => json!({ "anyOf": others }),
    };
    if let Some(table) = table {
        schema["description"] = json!(table.text);
        require(&mut schema, table);
    }
    schema
}

fn require(schema: &mut Value, table: &Table) {
    let (single, several): (Vec<&[&str]>, Vec<&[&str]>) =
        table.required.iter().copied().partition(|group| group.len() == 1);
    if !single.is_empty() {
        schema["required"] = json!(single.concat());
    }
    // No table has two groups of alternatives.
    if let Some(group) = several.first() {
        schema["anyOf"] = group.iter().map(|name| json!({ "required": [name] })).collect();
    }
}

fn of_key(key: &Key) -> Value {
    let mut schema = form(key.form);
    schema["description"] = json!(format!("{} Example: {}", key.text, key.example));
    schema
}

fn form(form: Form) -> Value {
    let text = json!({ "type": "string", "minLength": 1 });
    match form {
        Form::Text => text,
        Form::Texts => json!({ "type": "array", "items": text }),
        Form::OneOrMore => json!({ "anyOf": [text, { "type": "array", "items": text }] }),
        Form::Boolean => json!({ "type": "boolean" }),
        Form::Date => json!({ "type": "string", "pattern": r"^\d{4}-\d{2}-\d{2}$" }),
        Form::Share => json!({ "anyOf": [
            { "type": "integer", "minimum": 0 },
            { "type": "string", "pattern": r"^\s*(\d+|\d+(\.\d{1,2})?%)\s*$" },
        ] }),
        Form::Count => json!({ "anyOf": [
            { "type": "integer", "minimum": 1 },
            { "type": "string", "pattern": r"^\s*0*[1-9]\d*\s*$" },
        ] }),
        Form::Gates => json!({ "type": "array", "items": { "anyOf": [
            { "enum": WORDS.iter().filter(|word| !LIMITED.contains(*word)).collect::<Vec<_>>() },
            { "type": "string", "pattern": r"^(mass-delete|regions-at-once|reach)\s*=\s*\S" },
            { "type": "string", "pattern": "^[A-Za-z]{2,12}[0-9]+$" },
        ] } }),
        Form::Gate => json!({ "enum": WORDS }),
        Form::Severity => json!({ "enum": ["error", "warning", "note", "off"] }),
        Form::Word(words) => json!({ "enum": words }),
    }
}

/// The gates that require a limit.
const LIMITED: [&str; 2] = ["mass-delete", "regions-at-once"];

#[test]
fn schema_in_book_is_current() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/meshsynth.schema.json");
    let schema = schema();
    if std::env::var_os("UPDATE_DOCS").is_some() {
        std::fs::write(path, format!("{schema:#}\n")).expect("the schema is written");
    }
    let written: Value =
        serde_json::from_str(&std::fs::read_to_string(path).unwrap_or_default()).unwrap_or(Value::Null);
    assert!(
        written == schema,
        "docs/meshsynth.schema.json is stale: UPDATE_DOCS=1 cargo test --package meshsynth-cli keys"
    );
}
