//! The constructs in the platform graph.

use serde_json::Value;

/// A construct of `graph.json`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Node {
    /// The path in the program.
    pub path: String,
    /// The kind, such as `entry` or `database`.
    pub kind: String,
    /// The region; empty if unknown.
    pub region: String,
    /// The line in the user's code.
    pub source: String,
}

impl Node {
    /// Reads the nodes of a graph.
    pub fn read(graph: &Value) -> Vec<Self> {
        let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
        let node = |it: &Value| Self {
            path: text(&it["path"]),
            kind: text(&it["kind"]),
            region: text(&it["region"]),
            source: text(&it["source"]),
        };
        graph["nodes"].as_array().into_iter().flatten().map(node).collect()
    }
}
