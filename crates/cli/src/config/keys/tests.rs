//! The tables compared with the parsers, and with the JSON schema.

use std::fs;
use std::path::{Path, PathBuf};

use serde_json::Value;
use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::page::EXAMPLE;
use super::schema::schema;
use super::{APP, Key, TABLES, TOP, Table};
use crate::config::reader::Reader;

/// An app with two environments.
const SHOP: &str = "[apps.shop]\nrun = [\"shop\"]\nenvironments = [\"staging\", \"production\"]\n";

/// Returns the header of a table, with names of the app `shop`.
fn header(table: &Table) -> String {
    let path = table.path.replace("<app>", "shop").replace("<environment>", "production");
    match (path.as_str(), table.is_list) {
        ("", _) => String::new(),
        (path, true) => format!("[[{path}]]\n"),
        (path, false) => format!("[{path}]\n"),
    }
}

/// Returns a table with the example of a key, and with the other keys that it requires.
fn entry(table: &Table, key: &Key, line: &str) -> String {
    let others = table.required.iter().filter(|group| !group.contains(&key.name));
    let others = others.filter_map(|group| table.keys.iter().find(|other| other.name == group[0]));
    let others: String = others.map(|other| format!("{}\n", other.example)).collect();
    format!("{}{others}{line}\n", header(table))
}

/// Returns a configuration with a single line for a key.
fn document(table: &Table, key: &Key, line: &str) -> String {
    match table.path {
        path if path == TOP.path => format!("{line}\n{SHOP}"),
        path if path == APP.path => entry(table, key, line),
        _ => format!("{SHOP}{}", entry(table, key, line)),
    }
}

/// Returns a configuration with the examples of all keys.
fn whole() -> String {
    let mut text = String::new();
    for table in TABLES {
        if table.is_list {
            text.extend(table.keys.iter().map(|key| entry(table, key, key.example)));
        } else {
            text += &header(table);
            text.extend(table.keys.iter().map(|key| format!("{}\n", key.example)));
        }
    }
    text
}

/// Returns the error of the parser.
fn refused(text: &str) -> Option<String> {
    let read = Reader { file: "meshsynth.toml", text }.config(PathBuf::from("/project"));
    read.err().map(|problem| problem.to_string())
}

fn keys() -> impl Iterator<Item = (&'static Table, &'static Key)> {
    TABLES.into_iter().flat_map(|table| table.keys.iter().map(move |key| (table, key)))
}

/// Whether users choose the key, so that every name is valid.
fn is_free(key: &Key) -> bool {
    key.name.starts_with('<')
}

#[test]
fn accepts_all_examples_in_one_document() {
    assert_eq!(refused(&whole()), None, "{}", whole());
    assert_eq!(refused(EXAMPLE), None);
}

#[test]
fn accepts_each_example_and_rejects_its_misspelling() {
    for (table, key) in keys() {
        let text = document(table, key, key.example);
        assert_eq!(refused(&text), None, "{text}");
        if !is_free(key) {
            assert!(key.example.starts_with(&format!("{} = ", key.name)), "{}", key.example);
            let text = document(table, key, &key.example.replacen(key.name, &format!("{}s-", key.name), 1));
            let error = refused(&text).unwrap_or_default();
            assert!(error.starts_with(&format!("unknown key `{}s-` ", key.name)), "{text}{error}");
        }
    }
}

#[test]
fn requires_what_the_tables_require() {
    for table in TABLES {
        for group in table.required {
            let lines: String = table
                .keys
                .iter()
                .filter(|key| !group.contains(&key.name))
                // The sources of a requirement exclude each other.
                .filter(|key| !["only", "always", "parameter"].contains(&key.name))
                .map(|key| format!("{}\n", key.example))
                .collect();
            let text = format!("{}{}{lines}", if table.path == APP.path { "" } else { SHOP }, header(table));
            assert!(refused(&text).is_some(), "accepted without {group:?}: {text}");
            assert!(!violations(&schema(), &json_of(&text), "").is_empty(), "valid without {group:?}: {text}");
        }
    }
}

#[test]
fn describes_every_key() {
    for (table, key) in keys() {
        let is_required = table.required.iter().any(|group| group.contains(&key.name));
        assert_eq!(key.default.is_empty(), is_required, "{}.{}", table.path, key.name);
        assert!(key.text.ends_with('.') && !key.example.contains('|'), "{}.{}", table.path, key.name);
    }
    assert!(TABLES.iter().all(|table| table.text.ends_with('.')));
}

#[test]
fn schema_accepts_configurations_and_rejects_misspelt_keys() {
    let schema = schema();
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let templates = fs::read_dir(root.join("templates/init")).unwrap().map(|folder| folder.unwrap().path());
    let files = templates.map(|folder| folder.join("meshsynth.toml.hbs")).chain([root.join("meshsynth.toml")]);
    let texts: Vec<String> = files.filter_map(|file| fs::read_to_string(file).ok()).collect();
    assert!(texts.len() > 4, "{}", texts.len());
    for text in texts.iter().map(|text| text.replace("{{name}}", "shop")).chain([whole(), EXAMPLE.to_owned()]) {
        assert_eq!(violations(&schema, &json_of(&text), ""), [""; 0], "{text}");
    }
    for (table, key) in keys().filter(|(_, key)| !is_free(key)) {
        let text = document(table, key, &key.example.replacen(key.name, &format!("{}s-", key.name), 1));
        assert!(!violations(&schema, &json_of(&text), "").is_empty(), "{text}");
    }
}

#[test]
fn schema_rejects_wrong_values() {
    for lines in [
        "output = 7",
        "[severity]\nMS0421 = \"fatal\"",
        "[severity.production]\nMS0421 = \"fatal\"",
        "[diff]\ndeny = [\"data-lost\"]",
        "[diff]\ndeny = [\"mass-delete\"]",
        "[diff]\nmass-delete = \"much\"",
        "[diff]\nregions-at-once = 0",
        "[deploy.shop-production]\nprotect = \"yes\"",
        "[[lose]]\nzone = \"any\"\nkeep = \"entries\"\nunknown = \"maybe\"",
        "[[diff.allow]]\ngate = \"data-lost\"\nwhat = \"*\"\nreason = \"a\"\nuntil = \"2026-12-31\"",
        "[[check.allow]]\ncode = \"MS0802\"\nwhat = \"*\"\nreason = \"a\"\nuntil = \"soon\"",
    ] {
        let text = if lines.starts_with('[') { format!("{SHOP}{lines}\n") } else { format!("{lines}\n{SHOP}") };
        assert!(refused(&text).is_some(), "the parser accepts {text}");
        assert!(!violations(&schema(), &json_of(&text), "").is_empty(), "the schema accepts {text}");
    }
}

/// Converts a TOML document to JSON.
fn json_of(text: &str) -> Value {
    fn value(of: &Spanned<DeValue<'_>>) -> Value {
        match of.get_ref() {
            DeValue::String(text) => Value::from(text.as_ref()),
            DeValue::Integer(number) => Value::from(number.to_string().parse::<i64>().unwrap()),
            DeValue::Boolean(is_true) => Value::from(*is_true),
            DeValue::Array(items) => items.iter().map(value).collect(),
            DeValue::Table(rows) => table(rows),
            other => panic!("{}", other.type_str()),
        }
    }
    fn table(rows: &DeTable<'_>) -> Value {
        Value::Object(rows.iter().map(|(key, of)| (key.get_ref().to_string(), value(of))).collect())
    }
    table(DeTable::parse(text).unwrap_or_else(|error| panic!("{error}\n{text}")).get_ref())
}

/// Returns the violations of a schema. An unsupported keyword fails the test, so that no keyword is ignored.
fn violations(schema: &Value, value: &Value, at: &str) -> Vec<String> {
    let Some(keywords) = schema.as_object() else {
        return if schema == &Value::Bool(false) { vec![format!("{at}: unknown key")] } else { Vec::new() };
    };
    let mut found = Vec::new();
    let mut require = |holds: bool, keyword: &str| {
        if !holds {
            found.push(format!("{at}: {keyword}: {value}"));
        }
    };
    let mut below = Vec::new();
    for (keyword, wanted) in keywords {
        match keyword.as_str() {
            "$schema" | "title" | "description" => {}
            "type" => require(
                match wanted.as_str().unwrap() {
                    "object" => value.is_object(),
                    "array" => value.is_array(),
                    "string" => value.is_string(),
                    "boolean" => value.is_boolean(),
                    "integer" => value.is_i64(),
                    other => panic!("{other}"),
                },
                keyword,
            ),
            "enum" => require(wanted.as_array().unwrap().contains(value), keyword),
            "minLength" => require(value.as_str().is_none_or(|text| !text.is_empty()), keyword),
            "minimum" => require(value.as_i64().is_none_or(|number| number >= wanted.as_i64().unwrap()), keyword),
            "pattern" => {
                let pattern = regex::Regex::new(wanted.as_str().unwrap()).unwrap();
                require(value.as_str().is_none_or(|text| pattern.is_match(text)), keyword);
            }
            "required" => {
                let names = wanted.as_array().unwrap();
                require(names.iter().all(|name| value.get(name.as_str().unwrap()).is_some()), keyword);
            }
            "anyOf" => {
                let is_one = |one: &Value| violations(one, value, at).is_empty();
                require(wanted.as_array().unwrap().iter().any(is_one), keyword);
            }
            "items" => {
                for (idx, item) in value.as_array().into_iter().flatten().enumerate() {
                    below.extend(violations(wanted, item, &format!("{at}[{idx}]")));
                }
            }
            "properties" | "additionalProperties" => {
                for (name, inner) in value.as_object().into_iter().flatten() {
                    let own = keywords.get("properties").and_then(|properties| properties.get(name));
                    let schema = if keyword == "properties" { own } else { Some(wanted).filter(|_| own.is_none()) };
                    below.extend(schema.into_iter().flat_map(|it| violations(it, inner, &format!("{at}.{name}"))));
                }
            }
            other => panic!("the keyword `{other}` is not supported"),
        }
    }
    found.extend(below);
    found
}
