//! ElastiCache replication groups.
//!
//! Source: <https://docs.aws.amazon.com/AmazonElastiCache/latest/dg/AutoFailover.html>.

use crate::world::{Resource, ResourceId};

use super::super::outcome::{Cause, Judgement, Outcome, Stage, Step};
use super::super::places;
use super::super::site::Site;

/// Returns the number of nodes that contain each shard.
fn copies(resource: &Resource) -> u64 {
    let replicas = resource.property("ReplicasPerNodeGroup").as_u64().map(|it| it + 1);
    let listed = resource.property("NodeGroupConfiguration.0.ReplicaCount").as_u64().map(|it| it + 1);
    replicas.or(listed).or_else(|| resource.property("NumCacheClusters").as_u64()).unwrap_or(1)
}

/// Returns the effects on a group in a remaining region.
pub fn zone(site: &Site<'_>, id: ResourceId) -> Judgement {
    let resource = site.resource(id);
    let (hit, _) = site.hit_resource(id);
    if hit.is_none() {
        return secondary(site, id);
    }
    let is_set = |field: &str| resource.property(field) == true || resource.property(field) == "true";
    let copies = copies(resource).max(if resource.property("GlobalReplicationGroupId").is_null() { 1 } else { 2 });
    let name = site.named(id, "ReplicationGroupId");
    let listed = resource.property("PreferredCacheClusterAZs").as_array().into_iter().flatten();
    let at = site.hit(listed.map(|it| it.as_str().map(str::to_owned)));
    if copies == 1 {
        let cause = |why: &str| Cause::field(resource, "NumCacheClusters", why);
        return match (at.lost, at.left) {
            (0, 1..) => Judgement::new(Outcome::Left, cause("its only node is in another zone")),
            (1.., _) => Judgement::new(Outcome::Lost, cause("its only node is in the zone, so no copy remains")),
            _ if hit.is_whole() => Judgement::new(Outcome::Lost, cause("all its subnets are in the zone")),
            _ => Judgement::new(Outcome::Unknown, cause("it has no copy, and AWS chose the zone of its only node")),
        };
    }
    if is_set("AutomaticFailoverEnabled") && is_set("MultiAZEnabled") {
        let why =
            format!("one of {copies} replicas in another zone becomes the primary, and the endpoint points to it");
        return Judgement::new(Outcome::FailsOver, Cause::field(resource, "MultiAZEnabled", why));
    }
    if is_set("AutomaticFailoverEnabled") && at.lost > 0 && at.left > 0 {
        let why = "a node in a remaining zone becomes the primary";
        return Judgement::new(Outcome::FailsOver, Cause::field(resource, "AutomaticFailoverEnabled", why));
    }
    if is_set("AutomaticFailoverEnabled") {
        let why = "a replica becomes the primary, but it may also be in the lost zone";
        return Judgement::new(Outcome::Unknown, Cause::field(resource, "MultiAZEnabled", why));
    }
    let why = "automatic failover is off, so no replica becomes the primary";
    Judgement::new(Outcome::ByHand, Cause::field(resource, "AutomaticFailoverEnabled", why)).step(Step::new(
        Stage::Data,
        format!("promote a replica of {} in a remaining zone to primary", resource.name()),
        format!(
            "aws elasticache modify-replication-group --replication-group-id {name} --primary-cluster-id <replica> \
             --apply-immediately"
        ),
    ))
}

/// Returns the Global Datastore of a group, and its other members.
fn datastore(site: &Site<'_>, id: ResourceId) -> Option<(ResourceId, Vec<ResourceId>)> {
    let groups = || site.world.of_type("AWS::ElastiCache::ReplicationGroup").iter().copied();
    for global in site.world.of_type("AWS::ElastiCache::GlobalReplicationGroup") {
        let listed = site.resource(*global).property("Members").as_array().into_iter().flatten();
        let mut members: Vec<ResourceId> =
            listed.filter_map(|it| site.world.named_by(&it["ReplicationGroupId"])).collect();
        let names = |it: &ResourceId| {
            site.world.named_by(site.resource(*it).property("GlobalReplicationGroupId")) == Some(*global)
        };
        members.extend(groups().filter(names));
        if members.contains(&id) {
            members.retain(|it| *it != id);
            return Some((*global, members));
        }
    }
    None
}

/// Whether a group is a secondary of a Global Datastore. The group in the member list of the datastore is the primary.
fn is_secondary(site: &Site<'_>, id: ResourceId) -> bool {
    !site.resource(id).property("GlobalReplicationGroupId").is_null()
}

fn secondary(site: &Site<'_>, id: ResourceId) -> Judgement {
    let lost = datastore(site, id)
        .and_then(|(_, others)| others.into_iter().find(|it| site.is_away(*it) && !is_secondary(site, *it)));
    match lost.filter(|_| is_secondary(site, id)) {
        None => Judgement::untouched(),
        Some(primary) => {
            let why =
                format!("it is read-only until it is promoted, because {} is lost", site.resource(primary).name());
            Judgement::new(Outcome::Left, Cause::field(site.resource(id), "GlobalReplicationGroupId", why))
        }
    }
}

/// Returns the effects on a group in a lost region.
///
/// Source: <https://docs.aws.amazon.com/AmazonElastiCache/latest/dg/Redis-Global-Datastores-Console.html>.
pub fn away(site: &Site<'_>, id: ResourceId) -> Judgement {
    let resource = site.resource(id);
    let found = datastore(site, id);
    let other = found.and_then(|(global, others)| Some((global, others.into_iter().find(|it| !site.is_away(*it))?)));
    let Some((global, other)) = other else {
        let why = format!("it is only in {}: no Global Datastore has a copy in another region", site.lost_regions());
        return Judgement::new(Outcome::Lost, Cause::new(why).by(resource.title(), "", &resource.at));
    };
    let (region, of) = (places::region(site.world, other), site.resource(other));
    if is_secondary(site, id) {
        let why = format!("the copy is lost; {} in {region} remains", of.name());
        return Judgement::new(Outcome::Lost, Cause::field(resource, "GlobalReplicationGroupId", why));
    }
    let why = format!(
        "{} in {region} has a copy that you can promote; ElastiCache does not promote it automatically",
        of.name()
    );
    Judgement::new(Outcome::ByHand, Cause::field(of, "GlobalReplicationGroupId", why)).step(Step::new(
        Stage::Data,
        format!("promote {}, the secondary of {}", of.name(), resource.name()),
        format!(
            "aws elasticache failover-global-replication-group --global-replication-group-id <GlobalReplicationGroupId of {}> \
             --primary-region {region} --primary-replication-group-id {}",
            site.resource(global).name(),
            site.named(other, "ReplicationGroupId")
        ),
    ))
}
