//! What becomes of the relations that the program declares: calls of services, and their data.
//!
//! Source: <https://istio.io/latest/docs/tasks/traffic-management/locality-load-balancing/failover/>.

use std::collections::BTreeMap;

use serde_json::Value;

use crate::world::{Edge, Object, WorkloadId, World};

use super::known::{End, Known};
use super::outcome::{Cause, Finding, Judgement, Kind, Outcome, Stage, Step};
use super::places;
use super::pods::Pods;
use super::workloads::lost_cluster;

/// What becomes of each relation.
pub fn judge(known: &Known<'_>) -> Vec<Finding> {
    let world = known.site.world;
    // A service in several clusters is one that is called.
    let mut calls: BTreeMap<(String, String), Vec<&Edge>> = BTreeMap::new();
    let mut data: BTreeMap<(String, String), Judgement> = BTreeMap::new();
    for edge in &world.edges {
        let to = known.end(&edge.to);
        match edge.kind.as_str() {
            "call" => {
                let service = to.workloads.first().map_or_else(|| edge.to.clone(), |id| world.workload(*id).title());
                calls.entry((edge.from.clone(), service)).or_default().push(edge);
            }
            "data" => {
                data.insert((edge.from.clone(), edge.to.clone()), relation(known, edge, &to));
            }
            // A permission alone is a relation where the service is reached by its API.
            "grant" if is_api(world, &to) => {
                let key = (edge.from.clone(), edge.to.clone());
                data.entry(key).or_insert_with(|| relation(known, edge, &to));
            }
            _ => {}
        }
    }
    let mut found = Vec::new();
    for ((from, service), edges) in calls {
        let judgement = call(known, &from, &edges);
        found.push(Finding::new(Kind::Call, format!("{from} -> {service}"), judgement));
    }
    for ((from, to), judgement) in data {
        found.push(Finding::new(Kind::Call, format!("{from} -> {to}"), judgement));
    }
    found.sort_by(|a, b| a.name.cmp(&b.name));
    found
}

fn is_api(world: &World, to: &End) -> bool {
    let Some(id) = to.resource else { return to.workloads.is_empty() };
    places::subnets(world, world.resource(id)).0.is_empty()
}

/// What becomes of whoever calls: none where nothing is lost of it for good.
fn caller(known: &Known<'_>, path: &str) -> Option<Judgement> {
    let end = known.end(path);
    let outcome = match (known.best(&end.workloads), end.resource) {
        (Some(best), _) => best.outcome,
        (None, Some(id)) => known.resource(id).outcome,
        (None, None) if known.is_node_away(path) => Outcome::Lost,
        (None, None) => Outcome::Left,
    };
    let lost = || Judgement { is_with_caller: true, ..Judgement::new(Outcome::Lost, Cause::new("its caller is lost")) };
    Known::is_down(outcome).then(lost)
}

fn relation(known: &Known<'_>, edge: &Edge, to: &End) -> Judgement {
    if let Some(lost) = caller(known, &edge.from) {
        return lost;
    }
    let is_replica = to.resource.is_some_and(|id| type_of(known, id) == "AWS::DynamoDB::GlobalTable");
    if is_replica && !known.is_node_away(&edge.to) {
        return Judgement::untouched();
    }
    let judgement = match (to.resource, known.best(&to.workloads)) {
        (Some(id), _) => known.resource(id).clone(),
        (None, Some(best)) => best.clone(),
        (None, None) if known.is_node_away(&edge.to) => Judgement::new(Outcome::Lost, Cause::new("its region is lost")),
        (None, None) => Judgement::untouched(),
    };
    // What is done about a store is told once, with the store.
    Judgement { steps: Vec::new(), ..judgement }
}

fn type_of<'a>(known: &Known<'a>, id: crate::world::ResourceId) -> &'a str {
    &known.site.world.resource(id).type_name
}

fn call(known: &Known<'_>, from: &str, edges: &[&Edge]) -> Judgement {
    if let Some(lost) = caller(known, from) {
        return lost;
    }
    let world = known.site.world;
    let ends: Vec<WorkloadId> = edges.iter().flat_map(|it| known.end(&it.to).workloads).collect();
    let Some(best) = known.best(&ends) else {
        let is_away = edges.iter().all(|it| known.is_node_away(&it.to));
        return if is_away {
            Judgement::new(Outcome::Lost, Cause::new("its region is lost"))
        } else {
            Judgement::untouched()
        };
    };
    let best = Judgement { steps: Vec::new(), ..best.clone() };
    let down: Vec<WorkloadId> = ends.iter().copied().filter(|id| Known::is_down(known.workload(*id).outcome)).collect();
    if down.is_empty() || down.len() == ends.len() {
        return best;
    }
    let caller = known.end(from).workloads.first().map(|id| world.workload(*id).cluster);
    let others: Vec<String> = ends.iter().filter(|id| !down.contains(id)).map(|id| known.title(*id)).collect();
    let others = others.join(", ");
    // A cluster that answers takes the endpoints of pods that are gone out of the mesh.
    let is_silent = |id: &WorkloadId| lost_cluster(&known.site, world.workload(*id).cluster).is_some();
    let Some(at) = caller.filter(|_| down.iter().any(is_silent)) else {
        let cause = Cause::new(format!("it is served by {others}"));
        return Judgement::new(Outcome::FailsOver.and(best.outcome), cause);
    };
    ejected(known, at, &down, &ends, &others).unwrap_or_else(|| {
        let cluster = &world.clusters[world.workload(down[0]).cluster].id;
        let why = format!(
            "{others} serves it, but nothing ejects the endpoints of {cluster}: istiod keeps those of a cluster that does not answer"
        );
        let step = Step::new(
            Stage::Calls,
            format!("take {cluster} out of the mesh of {}: delete the secret by which istiod reads it, and what makes that", world.clusters[at].id),
            "kubectl -n istio-system delete secret <remote secret>",
        );
        Judgement::new(Outcome::ByHand, Cause::new(why)).step(step)
    })
}

/// Whether the caller's proxies eject endpoints that no longer answer, and enough of them.
fn ejected(known: &Known<'_>, at: usize, down: &[WorkloadId], all: &[WorkloadId], others: &str) -> Option<Judgement> {
    let world = known.site.world;
    let to = world.workload(down[0]);
    let names: Vec<&str> =
        world.services_of(down[0]).iter().map(|it| world.clusters[to.cluster].objects[*it].name.as_str()).collect();
    let rules = world.clusters[at].objects.iter().filter(|it| it.kind == "DestinationRule");
    let (rule, host) = rules
        .filter_map(|it| Some((it, it.document["spec"]["host"].as_str()?)))
        .filter(|(it, host)| means(it, host, &to.namespace, &names))
        .max_by_key(|(_, host)| host.trim_start_matches('*').len())?;
    let detection = &rule.document["spec"]["trafficPolicy"]["outlierDetection"];
    if detection.is_null() {
        return None;
    }
    let is_off = rule.document["spec"]["trafficPolicy"]["loadBalancer"]["localityLbSetting"]["enabled"] == false;
    let number = |value: &Value, default: u64| value.as_u64().unwrap_or(default);
    let pods = |ids: &[WorkloadId]| ids.iter().map(|id| Pods::of(world, *id).replicas.max(1)).sum::<u64>();
    let (lost, whole) = (pods(down), pods(all));
    let most = number(&detection["maxEjectionPercent"], 10);
    let field = "spec.trafficPolicy.outlierDetection";
    let by = |field: &str, why: String| Cause::new(why).by(rule.title(), field, &rule.at);
    if lost * 100 > most * whole {
        let why = format!(
            "of {whole} endpoints of {host}, {lost} are lost, and at most {most} % are ejected: some calls go on to fail"
        );
        return Some(Judgement::new(Outcome::Unknown, by(&format!("{field}.maxEjectionPercent"), why)));
    }
    let how = if is_off {
        "endpoints that do not answer are ejected"
    } else {
        "endpoints that do not answer are ejected, and calls go to the other locality"
    };
    Some(Judgement::new(Outcome::FailsOver, by(field, format!("{how}: {others} serves it"))))
}

/// Whether the host of a rule is that of a service.
fn means(rule: &Object, host: &str, namespace: &str, services: &[&str]) -> bool {
    services.iter().any(|service| {
        let whole = format!("{service}.{namespace}.svc.cluster.local");
        match host.strip_prefix('*') {
            Some(end) => whole.ends_with(end),
            None => {
                host == whole
                    || (host == *service && rule.namespace == namespace)
                    || host == format!("{service}.{namespace}")
                    || host == format!("{service}.{namespace}.svc")
            }
        }
    })
}
