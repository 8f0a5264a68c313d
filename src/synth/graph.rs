//! `graph.json`: what the platform consists of, and who calls, reads and writes whom.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value, json};

use crate::depict::Depicted;
use crate::diag::Place;
use crate::node::Edge;
use crate::tree::NodeId;

use super::Model;

/// The graph as data: nodes by path, edges by their ends.
pub(super) fn graph(model: &Model) -> Value {
    let edges: Vec<Drawn> = model.edges().iter().filter_map(|edge| drawn(model, edge)).collect();
    let nodes: BTreeMap<&str, Value> =
        shown(model, &edges).into_iter().map(|id| (model.path(id), node(model, id))).collect();
    let rows = edges.iter().map(|it| {
        json!({
            "from": model.path(it.from),
            "to": model.path(it.to),
            "kind": it.edge.kind.word(),
            "port": it.edge.port,
            "source": Place::from(it.edge.at).to_string(),
        })
    });
    let mut rows: Vec<Value> = rows.collect();
    rows.sort_by_cached_key(Value::to_string);
    rows.dedup();
    json!({ "nodes": nodes.into_values().collect::<Vec<_>>(), "edges": rows })
}

/// An edge between the things that a reader knows.
struct Drawn<'a> {
    from: NodeId,
    to: NodeId,
    edge: &'a Edge,
}

/// The inner parts of a construct stand for the construct: a target group for its load balancer. What
/// acts for nothing that is shown, such as the role of a build, is no edge of the picture.
fn drawn<'a>(model: &Model, edge: &'a Edge) -> Option<Drawn<'a>> {
    let from = owner(model, edge.from)?;
    let to = match model.node(edge.to).depicted {
        Some(_) => edge.to,
        None => owner(model, edge.to)?,
    };
    (from != to).then_some(Drawn { from, to, edge })
}

/// The nearest construct at or above a node that says what it is, and is no group.
fn owner(model: &Model, id: NodeId) -> Option<NodeId> {
    let mut next = Some(id);
    while let Some(id) = next {
        let node = model.node(id);
        if node.depicted.as_ref().is_some_and(|it| !it.is_quiet && !it.is_group) {
            return Some(id);
        }
        next = node.parent;
    }
    None
}

/// What says that it is to be shown, whatever an edge ends at, and the groups of both.
fn shown(model: &Model, edges: &[Drawn]) -> BTreeSet<NodeId> {
    let said = model.nodes().filter(|(_, node)| node.depicted.as_ref().is_some_and(|it| !it.is_quiet));
    let ends = edges.iter().flat_map(|edge| [edge.from, edge.to]);
    let mut shown: BTreeSet<NodeId> = said.map(|(id, _)| id).chain(ends).collect();
    let groups: Vec<NodeId> = shown.iter().flat_map(|id| groups(model, *id)).collect();
    shown.extend(groups);
    shown
}

fn node(model: &Model, id: NodeId) -> Value {
    let node = model.node(id);
    let plain = Depicted::new("construct");
    let depicted = node.depicted.as_deref().unwrap_or(&plain);
    let within: Vec<&str> = groups(model, id).into_iter().rev().map(|group| model.path(group)).collect();
    let stack = model.stack_of(id);
    let env = stack.map(|stack| &model.stack(stack).env);
    json!({
        "path": model.path(id),
        "kind": depicted.kind,
        "group": depicted.is_group,
        "label": depicted.label.as_deref().unwrap_or(&node.id),
        "detail": depicted.detail,
        "within": within,
        "tier": depicted.tier,
        "stack": stack.map(|stack| model.path(stack)),
        "region": depicted.region.as_ref().or(env.map(|env| &env.region)),
        "account": env.and_then(|env| env.account.as_ref()),
        "source": Place::from(node.at).to_string(),
    })
}

/// The groups around a node, the nearest first.
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
    model.node(id).depicted.as_ref().and_then(|depicted| depicted.within)
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use crate::depict::Depicted;
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
    fn a_node_names_its_groups_from_the_outside_in() {
        let graph = graph(|app| {
            workload(app);
        });
        let orders = node(&graph, "run/shop/orders");
        assert_eq!(orders["within"], json!(["run/vpc", "run/cluster", "run/shop"]));
        assert_eq!((&orders["kind"], &orders["region"]), (&json!("workload"), &json!("ap-northeast-1")));
        assert_eq!(node(&graph, "run/vpc")["group"], true);
    }

    #[test]
    fn an_entry_leads_to_a_workload() {
        let graph = graph(|app| {
            let orders = workload(app);
            let door = crate::Construct::scope(&orders).stack().construct("door");
            door.depict(Depicted::entry("load balancer").label("api.example"));
            door.leads_to(&orders, 8080);
        });
        assert_eq!(node(&graph, "run/door")["detail"], "load balancer");
        let edge = &graph["edges"][0];
        assert_eq!((&edge["kind"], &edge["to"]), (&json!("entry"), &json!("run/shop/orders")));
    }

    #[test]
    fn keys_are_shown_where_somebody_may_use_them() {
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
