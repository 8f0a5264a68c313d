//! A workload uses the address of a resource to which it has no relation.
//!
//! # What it reports
//!
//! An environment variable or a `ConfigMap` of a workload contains one of these values, and the program declares no
//! relation:
//!
//! - the address of a database, cache, broker, Kafka cluster or search domain
//! - the name or ARN of a table, queue, topic, bucket, function, state machine or event bus
//! - the URL or host name of another workload
//!
//! The finding is a warning. The rule recognizes references to resources of the program, and host names of its
//! Services. It does not recognize other addresses in plain text. Resources in another region or account are not
//! reported.
//!
//! # Why it matters
//!
//! Only relations open network policies and security groups and grant permissions. Without a relation, connections time
//! out and API calls are denied.
//!
//! # Fix
//!
//! Add the line that the help text suggests: `allow_from` for resources in the VPC, a grant for AWS APIs, `calls` for
//! workloads.
//!
//! Source: <https://docs.aws.amazon.com/eks/latest/best-practices/network-security.html>

use crate::diag::Diagnostic;
use crate::hash::FastMap;
use crate::node::{Edge, EdgeKind};
use crate::rules::index::Mesh;
use crate::rules::index::pods::{Pods, place};
use crate::synth::Model;
use crate::tree::NodeId;
use crate::val::{Bag, Data, Deferred, Part};

pub(super) fn check(mesh: &Mesh<'_>, out: &mut Vec<Diagnostic>) {
    let model = mesh.model;
    if model.is_open {
        return;
    }
    let relations = Relations::new(model);
    let pods: FastMap<NodeId, &Pods<'_>> = mesh.pods.all().map(|pods| (pods.id, pods)).collect();
    for (id, _, object) in model.objects() {
        let Some(workload) = workload_of(model, id) else { continue };
        let mut told: Vec<(String, &Data)> = Vec::new();
        match object.kind.as_ref() {
            "ConfigMap" => {
                let data = object.body.get("data").and_then(Data::as_map).into_iter().flat_map(Bag::iter);
                told.extend(data.map(|(key, value)| (key.to_owned(), value)));
            }
            _ => {
                if let Some(pods) = pods.get(&id) {
                    let env = pods.containers().flat_map(|it| it.get("env").map(Data::items).unwrap_or_default());
                    told.extend(env.filter_map(|it| Some((it.at("name")?.to_text(), it.at("value")?))));
                }
            }
        }
        let place = place(model, id, object);
        for (key, value) in told {
            let mut found = Found::default();
            read(value, &mut found);
            let resources = found.nodes.iter().filter_map(|node| resource_needs(model, *node));
            let callees = found.texts.iter().flat_map(|text| hosts(text)).filter_map(|host| {
                let (name, namespace) = host.split_once('.').unwrap_or((host, place.1));
                let service = mesh.services(namespace, name).iter().find(|it| it.place.0 == place.0)?;
                Some((workload_of(model, service.id)?, Needs { kind: EdgeKind::Call, relation: "calls" }))
            });
            let missing = resources.chain(callees).find(|(to, needs)| !relations.contains(workload, *to, needs.kind));
            let Some((to, needs)) = missing else { continue };
            let [from_id, to_id] = [workload, to].map(|node| model.node(node).shown().replace(['-', '.'], "_"));
            let line = match needs.kind {
                EdgeKind::Call => format!("{from_id}.calls(&{to_id})"),
                _ => format!("{to_id}.{}(&{from_id})", needs.relation),
            };
            let name = model.node(workload).shown();
            let message = format!("the variable `{key}` of `{name}` refers to `{}`, but the program defines no relation between them", model.path(to));
            out.push(model.warning(id, "MS0869", message).help(format!("add the relation `{line}`")));
        }
    }
}

/// The relation that a resource or workload requires.
struct Needs {
    kind: EdgeKind,
    relation: &'static str,
}

/// The references and texts in a value.
#[derive(Default)]
struct Found<'a> {
    nodes: Vec<NodeId>,
    texts: Vec<&'a str>,
}

fn read<'a>(data: &'a Data, found: &mut Found<'a>) {
    match data {
        Data::Text(text) => found.texts.push(text),
        Data::Deferred(deferred) => read_deferred(deferred, found),
        _ => {}
    }
}

fn read_deferred<'a>(deferred: &'a Deferred, found: &mut Found<'a>) {
    match deferred {
        Deferred::Attr(attr) => found.nodes.push(attr.node),
        Deferred::Piece { of, .. } | Deferred::Item { of, .. } | Deferred::Joined { of, .. } => read_deferred(of, found),
        Deferred::Verbatim(tree) => tree.each(&mut |value| read_deferred(value, found)),
        Deferred::Text(parts) | Deferred::Doc(parts) => {
            for part in parts {
                match part {
                    Part::Text(text) => found.texts.push(text),
                    Part::Value(value) => read_deferred(value, found),
                }
            }
        }
    }
}

/// Returns the construct of a resource and the required relation, or `None` for other types.
fn resource_needs(model: &Model, node: NodeId) -> Option<(NodeId, Needs)> {
    let resource = model.resource(node)?;
    let relation = crate::facts::resource(&resource.type_name).relation?;
    let kind = if relation == "allow_from" { EdgeKind::Data } else { EdgeKind::Grant };
    let needs = Needs { kind, relation };
    let owner = model.node(node).parent.filter(|parent| model.stack_of(node) != Some(*parent));
    Some((owner.unwrap_or(node), needs))
}

/// Returns the hosts in a text that may be Services: `orders.shop` of `orders.shop.svc.cluster.local`, and hosts of
/// URLs.
fn hosts(text: &str) -> impl Iterator<Item = &str> {
    let is_of_host = |c: char| c.is_ascii_alphanumeric() || c == '-' || c == '.';
    let full = text.split(move |c| !is_of_host(c)).filter_map(|word| {
        word.strip_suffix(".svc.cluster.local").or_else(|| word.strip_suffix(".svc"))
    });
    let of_urls = text.split("://").skip(1).filter_map(move |rest| {
        let host = rest.split(|c| !is_of_host(c)).next()?;
        (!host.is_empty() && host.matches('.').count() < 2).then_some(host)
    });
    full.chain(of_urls)
}

/// Returns the outermost workload that contains a node.
fn workload_of(model: &Model, id: NodeId) -> Option<NodeId> {
    let is_workload = |node: &NodeId| model.node(*node).diagram.as_ref().is_some_and(|it| it.kind == "workload");
    ancestors(model, id).filter(is_workload).last()
}

/// Returns a node and all its ancestors.
fn ancestors(model: &Model, id: NodeId) -> impl Iterator<Item = NodeId> + '_ {
    std::iter::successors(Some(id), |node| model.node(*node).parent)
}

/// The relations of each workload.
struct Relations<'a> {
    model: &'a Model,
    by_workload: FastMap<NodeId, Vec<&'a Edge>>,
}

impl<'a> Relations<'a> {
    fn new(model: &'a Model) -> Self {
        let mut by_workload: FastMap<NodeId, Vec<&Edge>> = FastMap::default();
        for edge in model.edges() {
            if let Some(workload) = workload_of(model, edge.from) {
                by_workload.entry(workload).or_default().push(edge);
            }
        }
        Self { model, by_workload }
    }

    /// Returns whether a workload has a relation to a construct, to its parent, or to one of its parts. A resource in
    /// another region or account counts as related: joined networks lead to it, and these are not a relation of the
    /// workload.
    fn contains(&self, workload: NodeId, to: NodeId, kind: EdgeKind) -> bool {
        let model = self.model;
        let env = |node| model.stack_of(node).map(|stack| &model.stack(stack).env);
        if workload == to || kind != EdgeKind::Call && env(workload) != env(to) {
            return true;
        }
        let stack = model.stack_of(to);
        let is_above = |above: NodeId, below: NodeId| {
            Some(above) != stack && ancestors(model, below).take_while(|it| Some(*it) != stack).any(|it| it == above)
        };
        let edges = self.by_workload.get(&workload).into_iter().flatten();
        edges.filter(|edge| edge.kind == kind).any(|edge| is_above(edge.to, to) || is_above(to, edge.to))
    }
}

#[cfg(test)]
mod tests {
    use crate::mesh::Workload;
    use crate::testing::{codes, stack, workload};
    use crate::{App, aws, dynamodb, rds, sqs};

    fn told(define: impl FnOnce(&App, &Workload)) -> Vec<&'static str> {
        let mut found = codes(|app| {
            let orders = workload(app);
            define(app, &orders);
        });
        found.retain(|code| *code == "MS0869");
        found
    }

    #[test]
    fn warns_about_a_database_address_without_declared_access() {
        let with = |is_let_in: bool| {
            told(|_, orders| {
                let vpc = orders.namespace().cluster().vpc().clone();
                let db = rds::Database::new(orders.namespace().cluster(), "orders-db", &vpc, Default::default());
                orders.env("DB_URL", crate::text!["postgresql://", db.address()]);
                if is_let_in {
                    db.allow_from(orders);
                }
            })
        };
        assert_eq!(with(false), ["MS0869"]);
        assert_eq!(with(true), [""; 0]);
    }

    #[test]
    fn warns_about_table_and_queue_names_without_a_grant() {
        let with = |is_granted: bool| {
            told(|app, orders| {
                let data = stack(app, "data");
                let id = dynamodb::Attribute::text("id");
                let table = dynamodb::Table::new(&data, "carts", id, Default::default());
                let queue = sqs::Queue::new(&data, "mails", Default::default());
                orders.env("TABLE_NAME", table.name()).env("QUEUE_URL", queue.url());
                if is_granted {
                    table.grant_read(orders);
                    queue.grant_send(orders);
                }
            })
        };
        assert_eq!(with(false), ["MS0869"; 2]);
        assert_eq!(with(true), [""; 0]);
    }

    #[test]
    fn warns_about_a_workload_url_without_a_declared_call() {
        let with = |url: fn(&Workload) -> String, is_called: bool| {
            told(|_, orders| {
                let stock = Workload::new(orders.namespace(), "stock", "registry.example/stock:1.0.0", Default::default());
                orders.env("STOCK_URL", url(&stock)).env("OWN_URL", orders.url());
                if is_called {
                    orders.calls(&stock);
                }
            })
        };
        assert_eq!(with(|it| it.url(), false), ["MS0869"]);
        assert_eq!(with(|_| "http://stock:8080/api".to_owned(), false), ["MS0869"]);
        assert_eq!(with(|it| it.url(), true), [""; 0]);
        assert_eq!(with(|_| "https://stock.example.com/api".to_owned(), false), [""; 0]);
    }

    #[test]
    fn ignores_resources_of_another_network() {
        let found = told(|app, orders| {
            let far = crate::Stack::new(app, "far", crate::Env::new("111122223333", "ap-northeast-3"));
            let vpc = aws::Vpc::new(&far, "vpc", Default::default());
            let db = rds::Database::new(&far, "db", &vpc, Default::default());
            orders.env("DB_HOST", db.address());
        });
        assert_eq!(found, [""; 0]);
    }
}
