//! `graph.json`: the components of the platform, with their calls, reads and writes.

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;
use serde::ser::{SerializeMap, Serializer};

use crate::diag::Place;
use crate::node::Edge;
use crate::tree::NodeId;

use super::Model;
use super::text::map;

/// The nodes and edges of the platform, sorted.
pub(super) struct Graph<'a> {
    edges: Vec<EdgeRow<'a>>,
    nodes: Vec<NodeRow<'a>>,
}

impl<'a> Graph<'a> {
    pub(super) fn of(model: &'a Model) -> Self {
        let drawn: Vec<Drawn> = model.edges().filter_map(|edge| drawn(model, edge)).collect();
        let nodes: BTreeMap<&str, NodeRow> =
            shown(model, &drawn).into_iter().map(|id| (model.path(id), node(model, id))).collect();
        let mut edges: Vec<EdgeRow> = drawn
            .iter()
            .map(|it| EdgeRow {
                from: model.path(it.from),
                kind: it.edge.kind.word(),
                port: it.edge.port,
                source: Place::from(it.edge.at).to_string(),
                to: model.path(it.to),
            })
            .collect();
        edges.sort();
        edges.dedup();
        Self { edges, nodes: nodes.into_values().collect() }
    }
}

/// An edge in the file.
#[derive(PartialEq, Eq, PartialOrd, Ord)]
struct EdgeRow<'a> {
    from: &'a str,
    kind: &'static str,
    port: Option<u16>,
    source: String,
    to: &'a str,
}

/// A node in the file.
struct NodeRow<'a> {
    account: Option<&'a str>,
    detail: &'a str,
    group: bool,
    kind: &'a str,
    label: &'a str,
    path: &'a str,
    region: Option<&'a str>,
    source: String,
    stack: Option<&'a str>,
    tier: Option<&'a str>,
    within: Vec<&'a str>,
}

impl Serialize for Graph<'_> {
    fn serialize<S: Serializer>(&self, out: S) -> Result<S::Ok, S::Error> {
        map!(out, { "edges": &self.edges, "nodes": &self.nodes })
    }
}

impl Serialize for EdgeRow<'_> {
    fn serialize<S: Serializer>(&self, out: S) -> Result<S::Ok, S::Error> {
        let Self { from, kind, port, source, to } = self;
        map!(out, { "from": from, "kind": kind, "port": port, "source": source, "to": to })
    }
}

impl Serialize for NodeRow<'_> {
    fn serialize<S: Serializer>(&self, out: S) -> Result<S::Ok, S::Error> {
        map!(out, {
            "account": &self.account,
            "detail": self.detail,
            "group": &self.group,
            "kind": self.kind,
            "label": self.label,
            "path": self.path,
            "region": &self.region,
            "source": &self.source,
            "stack": &self.stack,
            "tier": &self.tier,
            "within": &self.within,
        })
    }
}

/// An edge between documented constructs.
struct Drawn<'a> {
    from: NodeId,
    to: NodeId,
    edge: &'a Edge,
}

/// Returns the edge between the constructs of internal parts, such as the load balancer of a target group. Returns
/// `None` if the diagram shows no construct for the source of the edge, such as the role of a build.
fn drawn<'a>(model: &Model, edge: &'a Edge) -> Option<Drawn<'a>> {
    let from = owner(model, edge.from)?;
    let to = match model.node(edge.to).diagram {
        Some(_) => edge.to,
        None => owner(model, edge.to)?,
    };
    (from != to).then_some(Drawn { from, to, edge })
}

/// Returns the nearest drawn construct at or above a node that is not a group.
fn owner(model: &Model, id: NodeId) -> Option<NodeId> {
    let mut next = Some(id);
    while let Some(id) = next {
        let node = model.node(id);
        if node.diagram.as_ref().is_some_and(|it| !it.is_quiet && !it.is_group) {
            return Some(id);
        }
        next = node.parent;
    }
    None
}

/// Returns the nodes that the diagram shows: drawn nodes, the ends of all edges, and the groups that contain them.
fn shown(model: &Model, edges: &[Drawn]) -> BTreeSet<NodeId> {
    let said = model.nodes().filter(|(_, node)| node.diagram.as_ref().is_some_and(|it| !it.is_quiet));
    let ends = edges.iter().flat_map(|edge| [edge.from, edge.to]);
    let mut shown: BTreeSet<NodeId> = said.map(|(id, _)| id).chain(ends).collect();
    let groups: Vec<NodeId> = shown.iter().flat_map(|id| groups(model, *id)).collect();
    shown.extend(groups);
    shown
}

fn node(model: &Model, id: NodeId) -> NodeRow<'_> {
    let node = model.node(id);
    let diagram = node.diagram.as_deref();
    let stack = model.stack_of(id);
    let env = stack.map(|stack| &model.stack(stack).env);
    NodeRow {
        account: env.and_then(|env| env.account.as_deref()),
        detail: diagram.map_or("", |it| &it.detail),
        group: diagram.is_some_and(|it| it.is_group),
        kind: diagram.map_or("construct", |it| it.kind),
        label: diagram.and_then(|it| it.label.as_deref()).unwrap_or(&node.id),
        path: model.path(id),
        region: diagram.and_then(|it| it.region.as_deref()).or(env.map(|env| &*env.region)),
        source: Place::from(node.at).to_string(),
        stack: stack.map(|stack| model.path(stack)),
        tier: diagram.and_then(|it| it.tier),
        within: groups(model, id).into_iter().rev().map(|group| model.path(group)).collect(),
    }
}

/// Returns the groups of a node, from the inside out.
fn groups(model: &Model, id: NodeId) -> Vec<NodeId> {
    let mut groups: Vec<NodeId> = Vec::new();
    let mut next = within(model, id);
    while let Some(group) = next.filter(|group| *group != id && !groups.contains(group)) {
        groups.push(group);
        next = within(model, group);
    }
    groups
}

fn within(model: &Model, id: NodeId) -> Option<NodeId> {
    model.node(id).diagram.as_ref().and_then(|diagram| diagram.within)
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use crate::diagram::DiagramNode;
    use crate::testing::{Platform, stack};
    use crate::{App, aws, eks, mesh, secrets};

    fn graph(define: impl FnOnce(&App)) -> Value {
        serde_json::from_str(&Platform::synth("shop", define).assembly.files["graph.json"]).expect("it is JSON")
    }

    fn node<'a>(graph: &'a Value, path: &str) -> &'a Value {
        let nodes = graph["nodes"].as_array().expect("a list");
        nodes.iter().find(|node| node["path"] == path).unwrap_or_else(|| panic!("`{path}` in {graph:#}"))
    }

    fn workload(app: &App) -> mesh::Workload {
        let run = stack(app, "run");
        let vpc = aws::Vpc::new(&run, "vpc", aws::VpcProps::default());
        let cluster = eks::Cluster::new(&run, "cluster", &vpc, eks::ClusterProps::default());
        let shop = mesh::Namespace::new(&run, "shop", &cluster, mesh::NamespaceProps::default());
        mesh::Workload::new(&shop, "orders", "registry.example/orders:1.0.0", Default::default())
    }

    #[test]
    fn lists_outer_groups_before_inner_groups() {
        let graph = graph(|app| {
            workload(app);
        });
        let orders = node(&graph, "run/shop/orders");
        assert_eq!(orders["within"], json!(["run/vpc", "run/cluster", "run/shop"]));
        assert_eq!((&orders["kind"], &orders["region"]), (&json!("workload"), &json!("ap-northeast-1")));
        assert_eq!(node(&graph, "run/vpc")["group"], true);
    }

    #[test]
    fn connects_entry_to_workload() {
        let graph = graph(|app| {
            let orders = workload(app);
            let door = crate::Construct::scope(&orders).stack().construct("door");
            door.diagram(DiagramNode::entry("load balancer").label("api.example"));
            door.leads_to(&orders, 8080);
        });
        assert_eq!(node(&graph, "run/door")["detail"], "load balancer");
        let edge = &graph["edges"][0];
        assert_eq!((&edge["kind"], &edge["to"]), (&json!("entry"), &json!("run/shop/orders")));
    }

    #[test]
    fn diagram_shows_keys_only_if_an_edge_ends_at_them() {
        let with = |grants: bool| {
            graph(|app| {
                let orders = workload(app);
                let login = secrets::Secret::new(&stack(app, "data"), "login", secrets::SecretProps::default());
                if grants {
                    login.grant_read(&orders);
                }
            })
        };
        let keys = |graph: Value| {
            let nodes = graph["nodes"].as_array().cloned().unwrap_or_default();
            nodes.into_iter().filter(|node| node["kind"] == "key").count()
        };
        assert_eq!((keys(with(false)), keys(with(true))), (0, 1));
    }
}
