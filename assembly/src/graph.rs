//! `graph.json`, read from an assembly.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use anyhow::{Context, Result};
use serde::Deserialize;

/// The file.
const FILE: &str = "graph.json";

/// What a platform consists of, and who calls, reads and writes whom.
#[derive(Debug, Default, Deserialize)]
pub struct Graph {
    /// The nodes, sorted by path. An older assembly lists none: then they are the ends of the edges.
    #[serde(default)]
    pub nodes: Vec<Node>,
    /// The edges, sorted by their ends.
    pub edges: Vec<Edge>,
}

/// A construct.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub struct Node {
    /// Its path in the program.
    pub path: String,
    /// What it is, such as `workload`.
    pub kind: String,
    /// Whether other nodes lie in it.
    pub group: bool,
    /// What it is called.
    pub label: String,
    /// A few words more.
    pub detail: String,
    /// The paths of the groups around it, from the outside in.
    pub within: Vec<String>,
    /// The tier of subnets that it lies in.
    pub tier: Option<String>,
    /// Its region; none outside of a stack.
    pub region: Option<String>,
}

/// A relation of two constructs.
#[derive(Clone, Debug, Deserialize)]
pub struct Edge {
    /// The path of who calls, reads or writes.
    pub from: String,
    /// The path of what is called, read or written.
    pub to: String,
    /// What it is: `call`, `data`, `entry` or `grant`.
    pub kind: String,
    /// The port it goes to, where it is network.
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
            serde_json::from_str(text).with_context(|| format!("`{FILE}` is not a graph of meshsynth"))?;
        graph.complete();
        Ok(graph)
    }

    /// Adds what edges and groups name and the list of nodes does not.
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
