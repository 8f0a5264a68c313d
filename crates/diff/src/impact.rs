//! Services that a change affects because they call, read or write a changed resource, directly or indirectly.

use std::collections::{BTreeMap, BTreeSet};

use meshsynth_assembly::graph::Graph;
use meshsynth_facts as facts;

use crate::change::{Change, Section};
use crate::effect::Verdict;

/// Adds the affected services to each change, and returns the affected part of the graph.
pub fn follow(text: &str, changes: &mut [Change]) -> Graph {
    if !changes.iter().any(is_felt) {
        return Graph::default();
    }
    // An assembly without a diagram lists no services.
    let Ok(graph) = Graph::parse(text) else { return Graph::default() };
    let mut callers: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    for edge in graph.edges.iter().filter(|edge| !matches!(edge.kind.as_str(), "grant" | "order")) {
        callers.entry(&edge.to).or_default().insert(&edge.from);
    }
    let labels: BTreeMap<&str, &str> =
        graph.nodes.iter().map(|node| (node.path.as_str(), node.label.as_str())).collect();
    let mut words: BTreeMap<String, Verdict> = BTreeMap::new();
    let mut touched: BTreeSet<String> = BTreeSet::new();
    for change in changes.iter_mut().filter(|change| is_felt(change)) {
        let Some(start) = node(&graph, change) else { continue };
        let worst = words.entry(start.to_owned()).or_insert(change.verdict);
        *worst = (*worst).max(change.verdict);
        let mut seen = BTreeSet::from([start]);
        let mut next = vec![start];
        let mut impact = Vec::new();
        while !next.is_empty() {
            let around: BTreeSet<&str> = next.iter().filter_map(|path| callers.get(path)).flatten().copied().collect();
            next = around.into_iter().filter(|path| seen.insert(path)).collect();
            impact.extend(next.iter().map(|path| labels.get(path).unwrap_or(path).to_string()));
        }
        touched.extend(seen.into_iter().map(str::to_owned));
        change.impact = impact;
    }
    part(graph, &touched, &words)
}

/// AWS services that monitor or protect resources. Changes of their resources do not affect the users of a construct.
const BESIDE: [&str; 7] = ["ApplicationAutoScaling", "Backup", "CloudWatch", "DLM", "IAM", "Logs", "SNS"];

/// Whether objects of a kind make up a service. Other objects may have the same name as a service.
fn is_part_of_service(kind: &str) -> bool {
    kind == "Service" || facts::kind(kind).is_permanent() || kind == "CronJob"
}

/// Whether a change can affect dependent services.
fn is_felt(change: &Change) -> bool {
    let service = change.kind.split("::").nth(1).unwrap_or_default();
    if matches!(change.section, Section::Stack(_)) && BESIDE.contains(&service) {
        return false;
    }
    let is_file = change.section == Section::Files;
    let serves = !matches!(change.section, Section::Namespace(..)) || is_part_of_service(&change.kind);
    serves && !is_file && !matches!(change.verdict, Verdict::Create | Verdict::InPlace | Verdict::Upgrade)
}

/// Returns the graph node of a change: its nearest enclosing construct.
fn node<'a>(graph: &'a Graph, change: &Change) -> Option<&'a str> {
    let nodes = graph.nodes.iter().filter(|node| !node.group).map(|node| node.path.as_str());
    let is_around =
        |path: &str| change.name.strip_prefix(path).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'));
    match &change.section {
        Section::Stack(_) => nodes.filter(|path| is_around(path)).max_by_key(|path| path.len()),
        Section::Namespace(_, namespace) if !namespace.is_empty() => {
            let mut nodes = nodes;
            let end = format!("/{namespace}/{}", change.name);
            nodes.find(|path| path.ends_with(&end))
        }
        _ => None,
    }
}

fn part(graph: Graph, touched: &BTreeSet<String>, words: &BTreeMap<String, Verdict>) -> Graph {
    let groups: BTreeSet<String> =
        graph.nodes.iter().filter(|it| touched.contains(&it.path)).flat_map(|it| it.within.clone()).collect();
    let is_kept = |path: &String| touched.contains(path) || groups.contains(path);
    let mut nodes: Vec<_> = graph.nodes.into_iter().filter(|node| is_kept(&node.path)).collect();
    for node in &mut nodes {
        if let Some(verdict) = words.get(&node.path) {
            node.detail = format!("{} {}", verdict.sign(), verdict.word());
        }
    }
    let edges = graph.edges.into_iter();
    let edges = edges.filter(|it| it.kind != "grant" && touched.contains(&it.from) && touched.contains(&it.to));
    Graph { nodes, edges: edges.collect() }
}
