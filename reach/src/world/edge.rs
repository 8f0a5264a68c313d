//! Relations that the program declares.

use serde_json::Value;

/// A relation of two constructs, from `graph.json`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Edge {
    /// The path of who calls, reads or writes.
    pub from: String,
    /// The path of what is called, read or written.
    pub to: String,
    /// What it is: `call`, `data`, `entry`, `grant` or `replication`.
    pub kind: String,
    /// The port it goes to, where it is network.
    pub port: Option<u16>,
    /// The user's line.
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
