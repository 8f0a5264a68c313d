//! Compares the remaining node capacity with the minimum number of pods.

use crate::world::WorkloadId;

use super::instances::Room;
use super::nodes::{Pool, Sort};
use super::outcome::{Cause, Finding, Judgement, Kind, Outcome, Stage, Step};
use super::pods::Pods;
use super::site::{Hit, Site};
use super::workloads::lost_cluster;

/// The number of nodes in a pool, before and after the loss.
struct Nodes {
    before: u64,
    /// The nodes that certainly remain before replacements start.
    at_once: u64,
    /// The nodes after replacements have started in the remaining zones.
    again: u64,
    most: u64,
}

/// Returns the effects on the nodes of a cluster, and whether their capacity is sufficient.
pub fn judge(site: &Site<'_>, at: usize, pools: &[Pool]) -> Vec<Finding> {
    let cluster = &site.world.clusters[at];
    let name = format!("nodes of {}", cluster.id);
    if let Some(cause) = lost_cluster(site, at) {
        return vec![Finding::new(Kind::Capacity, name, Judgement::new(Outcome::Lost, cause))];
    }
    if site.event.zones.is_empty() && site.event.node_groups.is_empty() {
        return Vec::new();
    }
    let region = &cluster.region;
    let is_other = |zone: &String| crate::world::region_of(zone).is_some_and(|of| !region.is_empty() && of != region);
    let is_elsewhere = site.event.zones.iter().all(is_other);
    let hits: Vec<Hit> = pools
        .iter()
        .map(
            |it| if is_elsewhere { Hit { left: it.zones.len(), ..Hit::default() } } else { site.hit(it.zones.clone()) },
        )
        .collect();
    if pools.is_empty() {
        let is_spared = is_elsewhere && !region.is_empty();
        let why =
            "the files contain no node group, node pool or Fargate profile, so the capacity of the nodes is unknown";
        let unknown = Judgement::new(Outcome::Unknown, Cause::new(why));
        return if is_spared { Vec::new() } else { vec![Finding::new(Kind::Capacity, name, unknown)] };
    }
    if pools.iter().zip(&hits).all(|(pool, hit)| !pool.is_lost && hit.is_none()) {
        return Vec::new();
    }
    let mut found = vec![Finding::new(Kind::Capacity, name, enough(site, at, pools, &hits))];
    for (pool, hit) in pools.iter().zip(&hits) {
        let judgement = of_pool(pool, *hit);
        if judgement.outcome == Outcome::Lost {
            found.push(Finding::new(Kind::Capacity, pool.name.clone(), judgement));
        }
    }
    found.extend(budgets(site, at));
    found
}

fn of_pool(pool: &Pool, hit: Hit) -> Judgement {
    let (what, field, at) = &pool.decides;
    if pool.is_lost {
        return Judgement::new(Outcome::Lost, Cause::new("it is the lost resource").by(what, field, at));
    }
    if hit.is_whole() {
        return Judgement::new(Outcome::Lost, Cause::new("all its subnets are in the lost zone").by(what, field, at));
    }
    Judgement::untouched()
}

fn nodes(pool: &Pool, hit: Hit) -> Option<Nodes> {
    let Sort::Group { desired, most, .. } = pool.sort else { return None };
    let zones = (hit.lost + hit.left + hit.unknown) as u64;
    if pool.is_lost || hit.is_whole() {
        return Some(Nodes { before: desired, at_once: 0, again: 0, most: 0 });
    }
    // An Auto Scaling group balances its zones to within one node. Among unknown zones, one may be the lost one.
    let lost = hit.lost as u64 + u64::from(hit.unknown > 0);
    let gone = (desired.div_ceil(zones.max(1)) * lost).min(desired);
    Some(Nodes { before: desired, at_once: desired - gone, again: desired, most })
}

/// Returns the total requests of pods at their minimum count, for a number of nodes.
fn asked(site: &Site<'_>, at: usize, nodes: u64) -> (Room, u64) {
    let ids = site.world.workload_ids().filter(|id| site.world.workload(*id).cluster == at);
    let mut all = Room::default();
    let mut pods = 0;
    for id in ids.filter(|id| !site.event.workloads.contains(id)) {
        let of = Pods::of(site.world, id);
        let count = if of.is_on_each_node { nodes } else { of.replicas };
        all = all.and(of.asks.times(count));
        pods += count;
    }
    (all, pods)
}

fn sum(pools: &[Pool], nodes: &[Option<Nodes>], of: impl Fn(&Nodes) -> u64) -> Option<Room> {
    let mut all = Room::default();
    for (pool, nodes) in pools.iter().zip(nodes) {
        if let (Sort::Group { each, .. }, Some(nodes)) = (&pool.sort, nodes) {
            all = all.and((*each)?.times(of(nodes)));
        }
    }
    Some(all)
}

fn enough(site: &Site<'_>, at: usize, pools: &[Pool], hits: &[Hit]) -> Judgement {
    let nodes: Vec<Option<Nodes>> = pools.iter().zip(hits).map(|(pool, hit)| nodes(pool, *hit)).collect();
    let count = |of: &dyn Fn(&Nodes) -> u64| nodes.iter().flatten().map(of).sum::<u64>();
    let (before, at_once) = (count(&|it| it.before), count(&|it| it.at_once));
    let is_left = |(pool, hit): &(&Pool, &Hit)| !pool.is_lost && !hit.is_whole();
    let made: Vec<&Pool> = pools
        .iter()
        .zip(hits)
        .filter(is_left)
        .map(|(pool, _)| pool)
        .filter(|it| matches!(it.sort, Sort::Made { .. }))
        .collect();
    let first = pools.iter().zip(hits).find(|(pool, hit)| pool.is_lost || hit.lost > 0 || hit.unknown > 0);
    let decides = &first.map_or(&pools[0], |(pool, _)| pool).decides;
    let by = |why: String| Cause::new(why).by(&decides.0, &decides.1, &decides.2);
    let (wanted, pods) = asked(site, at, at_once.max(1));
    let charts = site.world.clusters[at].releases.len();
    let more = match charts {
        0 => String::new(),
        1 => ", plus the pods of a chart".to_owned(),
        many => format!(", plus the pods of {many} charts"),
    };
    let ask = format!("{pods} pods request {} at their minimum{more}", wanted.words());
    if pools.iter().zip(hits).all(|it| !is_left(&it)) {
        return Judgement::new(Outcome::Lost, by(format!("no nodes remain, but {ask}")));
    }
    let Some(room) = sum(pools, &nodes, |it| it.at_once) else {
        let why = format!("at least {at_once} of {before} nodes remain, of unknown capacity; {ask}");
        return Judgement::new(Outcome::Unknown, by(why));
    };
    if before > 0 && charts == 0 && room.holds(wanted) {
        let why = format!("at least {at_once} of {before} nodes remain, with {}; {ask}", room.words());
        return Judgement::new(Outcome::Left, by(why));
    }
    let left = if before == 0 {
        String::new()
    } else {
        format!("at least {at_once} of {before} nodes remain, with {}; ", room.words())
    };
    if !made.is_empty() {
        let limits = made.iter().map(|it| match it.sort {
            Sort::Made { limit: Some(limit) } => limit,
            _ => Room { millicores: u64::MAX / 8, mib: u64::MAX / 8 },
        });
        let most = limits.fold(room, |all, it| Room {
            millicores: all.millicores.saturating_add(it.millicores),
            mib: all.mib.saturating_add(it.mib),
        });
        let names: Vec<&str> = made.iter().map(|it| it.name.as_str()).collect();
        let names = names.join(", ");
        if most.holds(wanted) {
            let why = format!("{left}{ask}; if AWS has capacity, new nodes start in the remaining zones from {names}");
            return Judgement::new(Outcome::FailsOver, by(why));
        }
        let lacks = most.lacks(wanted).words();
        let why = format!("{left}{ask}; within the limits of {names}, {lacks} are missing");
        return Judgement::new(Outcome::Lost, by(why));
    }
    let again = sum(pools, &nodes, |it| it.again).unwrap_or_default();
    if again.holds(wanted) {
        let why = format!("{left}{ask}; the Auto Scaling groups start replacements in the remaining zones");
        return Judgement::new(Outcome::FailsOver, by(why));
    }
    let most = sum(pools, &nodes, |it| it.most).unwrap_or_default();
    if !most.holds(wanted) {
        let lacks = most.lacks(wanted).words();
        let why = format!("{left}{ask}; even at the maximum size of the remaining groups, {lacks} are missing");
        return Judgement::new(Outcome::Lost, by(why));
    }
    let cluster = &site.world.clusters[at];
    if cluster.releases.iter().any(|it| it.chart.ends_with("cluster-autoscaler")) {
        let why = format!("{left}{ask}; the cluster autoscaler increases the group sizes");
        return Judgement::new(Outcome::FailsOver, by(why));
    }
    let lacks = again.lacks(wanted).words();
    let why = format!(
        "{left}{ask}; {lacks} are missing until a group size is increased, because the files contain no node autoscaler"
    );
    let mut judgement = Judgement::new(Outcome::ByHand, by(why));
    for (pool, of) in pools.iter().zip(&nodes) {
        if let (Some(id), Some(of)) = (pool.id, of)
            && of.most > of.again
        {
            judgement = judgement.step(Step::new(
                Stage::Capacity,
                format!("increase the size of the node group {}", pool.name),
                format!(
                    "aws eks update-nodegroup-config --cluster-name {} --nodegroup-name {} --scaling-config desiredSize={}",
                    cluster.name,
                    site.named(id, "NodegroupName"),
                    of.most
                ),
            ));
        }
    }
    judgement
}

/// Returns disruption budgets that allow no eviction, which prevents draining a node.
fn budgets(site: &Site<'_>, at: usize) -> Vec<Finding> {
    let cluster = &site.world.clusters[at];
    let workloads: Vec<WorkloadId> =
        site.world.workload_ids().filter(|id| site.world.workload(*id).cluster == at).collect();
    let mut found = Vec::new();
    for object in cluster.objects.iter().filter(|it| it.kind == "PodDisruptionBudget") {
        let spec = &object.document["spec"];
        let selector = meshsynth_access::kubernetes::Selector::parse(&spec["selector"]);
        let of = workloads.iter().find(|id| {
            let workload = site.world.workload(**id);
            workload.namespace == object.namespace && selector.selects(&workload.labels)
        });
        let Some(id) = of else { continue };
        let replicas = Pods::of(site.world, *id).replicas;
        let is_closed = spec["maxUnavailable"] == 0
            || spec["maxUnavailable"] == "0%"
            || spec["minAvailable"] == "100%"
            || (replicas > 0 && spec["minAvailable"].as_u64().is_some_and(|it| it >= replicas));
        if is_closed {
            let field = if spec["maxUnavailable"].is_null() { "spec.minAvailable" } else { "spec.maxUnavailable" };
            let why = "it does not allow any eviction, so the nodes of these pods cannot be drained";
            let cause = Cause::new(why).by(object.title(), field, &object.at);
            found.push(Finding::new(
                Kind::Capacity,
                format!("drain of nodes with {}", site.world.workload(*id).title()),
                Judgement::new(Outcome::ByHand, cause),
            ));
        }
    }
    found
}
