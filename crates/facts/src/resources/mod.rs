//! One row of facts for each AWS resource type that the crates treat specially.
//!
//! The rows are in `schema/facts/resources.jsonl`, sorted by type. `schema/README.md` documents each column. A row is
//! parsed on the first query for its type, once per process.

mod columns;
mod limits;
mod read;
mod row;

use std::sync::OnceLock;

pub use columns::{
    Access, AccessTarget, Arn, Backup, Holds, Identity, Interfaces, Ipv6, KeyUse, Login, Policy, Ports, Public,
    Retained, Retention, Source, Version, Zones,
};
pub use limits::{Growth, Guard, InstanceClasses, Quota, Stop, Window};
pub use row::ResourceFacts;

use read::read;

/// A row as text, and its facts after the first query.
struct Row {
    type_name: &'static str,
    text: &'static str,
    facts: OnceLock<ResourceFacts>,
}

static TEXT: &str = include_str!("../../schema/facts/resources.jsonl");

fn rows() -> &'static [Row] {
    static ROWS: OnceLock<Vec<Row>> = OnceLock::new();
    ROWS.get_or_init(|| {
        let row = |text: &'static str| {
            // A row begins with `{"type":"AWS::…"`.
            let type_name = text.split('"').nth(3).unwrap_or_default();
            Row { type_name, text, facts: OnceLock::new() }
        };
        TEXT.lines().map(row).collect()
    })
}

/// Returns the facts about a resource type. A type without a row has no facts.
pub fn resource(type_name: &str) -> &'static ResourceFacts {
    static NONE: OnceLock<ResourceFacts> = OnceLock::new();
    let rows = rows();
    match rows.binary_search_by_key(&type_name, |row| row.type_name) {
        Ok(at) => rows[at].facts.get_or_init(|| read(rows[at].text)),
        Err(_) => NONE.get_or_init(ResourceFacts::default),
    }
}

/// Returns all rows, sorted by type.
pub fn resources() -> impl Iterator<Item = &'static ResourceFacts> {
    rows().iter().map(|row| row.facts.get_or_init(|| read(row.text)))
}

/// Returns the types that run code of the platform, except pods.
pub fn computes() -> &'static [&'static str] {
    static FOUND: OnceLock<Vec<&'static str>> = OnceLock::new();
    // Searching the text avoids parsing all rows.
    let is_compute = |row: &&Row| row.text.contains("\"computes\":true");
    FOUND.get_or_init(|| rows().iter().filter(is_compute).map(|row| row.type_name).collect())
}

#[cfg(test)]
mod tests;
