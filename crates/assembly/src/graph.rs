//! Reads the `graph.json` of an assembly.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use anyhow::{Context, Result};
use serde::Deserialize;

const FILE: &str = "graph.json";

/// The constructs of a platform, and the calls, reads and writes between them.
#[derive(Debug, Default, Deserialize)]
pub struct Graph {
    /// The nodes, sorted by path. An older assembly lists no nodes. Its nodes are the ends of the edges.
    #[serde(default)]
    pub nodes: Vec<Node>,
    /// The edges, sorted by their ends.
    pub edges: Vec<Edge>,
}

/// A construct.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub struct Node {
    /// The path in the program.
    pub path: String,
    /// The kind of construct, such as `workload`.
    pub kind: String,
    /// Whether the construct contains other nodes.
    pub group: bool,
    /// The label in diagrams.
    pub label: String,
    /// More details for the label.
    pub detail: String,
    /// The paths of the enclosing groups, outermost first.
    pub within: Vec<String>,
    /// The subnet tier of the construct.
    pub tier: Option<String>,
    /// The region. `None` for a construct outside of a stack.
    pub region: Option<String>,
}

/// A relation between two constructs.
#[derive(Clone, Debug, Deserialize)]
pub struct Edge {
    /// The path of the construct that calls, reads or writes.
    pub from: String,
    /// The path of the construct that is called, read or written.
    pub to: String,
    /// The kind of relation: `call`, `data`, `entry` or `grant`.
    pub kind: String,
    /// The port, for network relations.
    pub port: Option<u16>,
}

impl Graph {
    /// Reads the graph of an assembly.
    pub fn read(folder: &Path) -> Result<Self> {
        let text = fs::read_to_string(folder.join(FILE)).with_context(|| format!("cannot read `{FILE}`"))?;
        Self::parse(&text)
    }

    /// Reads the text of a `graph.json`.
    pub fn parse(text: &str) -> Result<Self> {
        let mut graph: Self =
            serde_json::from_str(text).with_context(|| format!("`{FILE}` is not a meshsynth graph"))?;
        graph.complete();
        Ok(graph)
    }

    /// Adds nodes that edges or groups name, but that the node list lacks.
    fn complete(&mut self) {
        let mut nodes: BTreeMap<String, Node> =
            std::mem::take(&mut self.nodes).into_iter().map(|node| (node.path.clone(), node)).collect();
        let ends = self.edges.iter().flat_map(|edge| [&edge.from, &edge.to]).cloned();
        let groups: Vec<String> = nodes.values().flat_map(|node| node.within.clone()).collect();
        for path in ends {
            nodes.entry(path.clone()).or_insert_with(|| Node::plain(path));
        }
        for path in groups {
            nodes.entry(path.clone()).or_insert_with(|| Node::plain(path)).group = true;
        }
        self.nodes = nodes.into_values().collect();
    }
}

impl Node {
    fn plain(path: String) -> Self {
        let label = path.rsplit('/').next().unwrap_or_default().to_owned();
        Self { path, label, kind: "construct".to_owned(), ..Self::default() }
    }
}
