//! The effects of a loss on the relations that the program declares: calls between services, and access to data.
//!
//! Source: <https://istio.io/latest/docs/tasks/traffic-management/locality-load-balancing/failover/>.

use std::collections::{BTreeMap, BTreeSet};

use crate::engine::Engine;
use crate::link::Verdict;
use crate::world::{Edge, WorkloadId, World};

use super::known::{End, Known};
use super::mesh::{ejected, shared};
use super::outcome::{Cause, Finding, Judgement, Kind, Outcome, Stage, Step};
use super::places;
use super::workloads::lost_cluster;

/// Returns the effects on each relation.
pub fn judge(known: &Known<'_>) -> Vec<Finding> {
    let world = known.site.world;
    // A service in several clusters counts as one service.
    let mut calls: BTreeMap<(String, String), Vec<&Edge>> = BTreeMap::new();
    let mut data: BTreeMap<(String, String), Judgement> = BTreeMap::new();
    for edge in &world.edges {
        let to = known.end(&edge.to);
        match edge.kind.as_str() {
            "call" => {
                let service = to.workloads.first().map_or_else(|| edge.to.clone(), |id| service(world, *id));
                calls.entry((edge.from.clone(), service)).or_default().push(edge);
            }
            "data" => {
                data.insert((edge.from.clone(), edge.to.clone()), relation(known, edge, &to));
            }
            // A permission is a call only if clients use the resource through its AWS API.
            "grant" if is_api(world, &to) => {
                let key = (edge.from.clone(), edge.to.clone());
                data.entry(key).or_insert_with(|| relation(known, edge, &to));
            }
            _ => {}
        }
    }
    let mut found = if world.edges.is_empty() { open_ways(known) } else { Vec::new() };
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

/// Returns the effects on open paths of a platform without a program: the paths that only some workloads have.
fn open_ways(known: &Known<'_>) -> Vec<Finding> {
    let world = known.site.world;
    let engine = Engine::new(world);
    let mut found = Vec::new();
    for (at, cluster) in world.clusters.iter().enumerate() {
        let is_policy = |kind: &str| ["NetworkPolicy", "AuthorizationPolicy"].contains(&kind);
        if !cluster.objects.iter().any(|it| is_policy(&it.kind)) {
            continue;
        }
        let mut by_target: BTreeMap<WorkloadId, BTreeSet<WorkloadId>> = BTreeMap::new();
        for pair in engine.pairs(at).into_iter().filter(|it| it.verdict == Verdict::Allowed) {
            by_target.entry(pair.to).or_default().insert(pair.from);
        }
        let all = world.workload_ids().filter(|id| world.workload(*id).cluster == at).count();
        for (to, sources) in by_target.into_iter().filter(|(_, sources)| sources.len() + 1 < all) {
            for from in sources {
                let judgement = match Known::is_down(known.workload(from).outcome) {
                    true => lost_with_caller(),
                    false => Judgement { steps: Vec::new(), ..known.workload(to).clone() },
                };
                found.push(Finding::new(
                    Kind::Call,
                    format!("{} -> {}", known.title(from), known.title(to)),
                    judgement,
                ));
            }
        }
    }
    found
}

/// Returns the name with which callers refer to a workload: its shortest Service name, or its own name.
fn service(world: &World, id: WorkloadId) -> String {
    let objects = &world.clusters[world.workload(id).cluster].objects;
    let names = world.services_of(id).iter().map(|it| (objects[*it].name.len(), &objects[*it]));
    let shortest = names.min_by_key(|(length, it)| (*length, it.name.clone()));
    shortest.map_or_else(|| world.workload(id).title(), |(_, it)| format!("{}/{}", it.namespace, it.name))
}

fn is_api(world: &World, to: &End) -> bool {
    let Some(id) = to.resource else { return to.workloads.is_empty() };
    places::subnets(world, world.resource(id)).0.is_empty()
}

/// Returns a lost judgement if the caller is down, or `None` otherwise.
fn caller(known: &Known<'_>, path: &str) -> Option<Judgement> {
    let end = known.end(path);
    let outcome = match (known.best(&end.workloads), end.resource) {
        (Some(best), _) => best.outcome,
        (None, Some(id)) => known.resource(id).outcome,
        (None, None) if known.is_node_away(path) => Outcome::Lost,
        (None, None) => Outcome::Left,
    };
    Known::is_down(outcome).then(lost_with_caller)
}

fn lost_with_caller() -> Judgement {
    Judgement { is_with_caller: true, ..Judgement::new(Outcome::Lost, Cause::new("its caller is lost")) }
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
    // The steps for a store are listed only with the store.
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
    // A cluster with a working control plane removes the endpoints of lost pods from the mesh.
    let is_silent = |id: &WorkloadId| lost_cluster(&known.site, world.workload(*id).cluster).is_some();
    let near = caller.unwrap_or(world.workload(down[0]).cluster);
    if let Some(judgement) = shared(known, near, &ends, &others) {
        return judgement;
    }
    let Some(at) = caller.filter(|_| down.iter().any(is_silent)) else {
        let cause = Cause::new(format!("calls go to {others}"));
        return Judgement::new(Outcome::FailsOver.and(best.outcome), cause);
    };
    ejected(known, at, &down, &ends, &others).unwrap_or_else(|| {
        let cluster = &world.clusters[world.workload(down[0]).cluster].id;
        let why = format!(
            "calls go to {others}, but the endpoints of {cluster} are not ejected: istiod keeps the endpoints of an unreachable cluster"
        );
        let step = Step::new(
            Stage::Calls,
            format!("remove {cluster} from the mesh of {}: delete the remote secret for istiod, and the object that creates this secret", world.clusters[at].id),
            "kubectl -n istio-system delete secret <remote secret>",
        );
        Judgement::new(Outcome::ByHand, Cause::new(why)).step(step)
    })
}
