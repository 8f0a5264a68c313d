//! Relations that the program declares.

use serde_json::Value;

/// A relation between two constructs, from `graph.json`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Edge {
    /// The path of the construct that calls, reads or writes.
    pub from: String,
    /// The path of the construct that is called, read or written.
    pub to: String,
    /// The kind: `call`, `data`, `entry`, `grant` or `replication`.
    pub kind: String,
    /// The destination port of a network relation.
    pub port: Option<u16>,
    /// The line in the user's code.
    pub source: String,
}

impl Edge {
    /// Reads the edges of a graph.
    pub fn read(graph: &Value) -> Vec<Self> {
        let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
        let edge = |it: &Value| Self {
            from: text(&it["from"]),
            to: text(&it["to"]),
            kind: text(&it["kind"]),
            port: it["port"].as_u64().and_then(|it| u16::try_from(it).ok()),
            source: text(&it["source"]),
        };
        graph["edges"].as_array().into_iter().flatten().map(edge).collect()
    }
}
