//! Database clusters: Aurora, DocumentDB and Neptune, whose storage is in three zones, and RDS Multi-AZ clusters.
//!
//! Source: <https://docs.aws.amazon.com/AmazonRDS/latest/AuroraUserGuide/Concepts.AuroraHighAvailability.html>.

use meshsynth_facts as facts;

use crate::world::ResourceId;

use super::super::outcome::{Cause, Judgement, Outcome, Stage, Step};
use super::super::places;
use super::super::site::Site;

/// The fields that specify the administrator. A secondary of a global cluster has none.
const OF_PRIMARY: [&str; 4] =
    ["MasterUsername", "MasterUserPassword", "ManageMasterUserPassword", "SnapshotIdentifier"];

fn members(site: &Site<'_>, id: ResourceId) -> Vec<ResourceId> {
    let names = |it: &ResourceId| {
        let resource = site.resource(*it);
        // A shard group adds no copies of the data.
        let member = facts::resource(&resource.type_name).member.filter(|_| resource.type_name.ends_with("DBInstance"));
        member.and_then(|it| site.world.named_by(resource.property(it))) == Some(id)
    };
    (0..site.world.resources.len()).map(ResourceId).filter(names).collect()
}

/// Returns the effects on a cluster in a remaining region.
pub fn zone(site: &Site<'_>, id: ResourceId) -> Judgement {
    let resource = site.resource(id);
    let (hit, _) = site.hit_resource(id);
    if hit.is_none() {
        return secondary(site, id);
    }
    let engine = resource.property("Engine").as_str().unwrap_or_default();
    let is_shared = engine.starts_with("aurora") || !resource.type_name.starts_with("AWS::RDS::");
    if !is_shared && !resource.property("DBClusterInstanceClass").is_null() {
        let why = "a Multi-AZ cluster has two readable standbys in other zones, and RDS promotes one";
        return Judgement::new(Outcome::FailsOver, Cause::field(resource, "DBClusterInstanceClass", why));
    }
    let members = members(site, id);
    let chosen = resource.property("AvailabilityZones").as_array().map_or(0, Vec::len);
    if members.len() > 1 && chosen > 1 {
        let why = "its storage and its first three instances are in three different zones, and an instance in a remaining zone becomes the writer";
        return Judgement::new(Outcome::FailsOver, Cause::field(resource, "AvailabilityZones", why));
    }
    let zone = |it: &ResourceId| site.resource(*it).property("AvailabilityZone").as_str().map(str::to_owned);
    let at = site.hit(members.iter().map(zone));
    let name = site.named(id, "DBClusterIdentifier");
    match (members.as_slice(), at.left, at.unknown) {
        ([], ..) => {
            let why = "the files contain no instance of it, so the zone of its writer is unknown";
            Judgement::new(Outcome::Unknown, Cause::new(why).by(resource.title(), "", &resource.at))
        }
        (all, left, _) if left > 0 && all.len() > 1 && at.lost + at.unknown > 0 => {
            let reader = all.iter().find(|it| zone(it).is_some_and(|it| !site.is_zone_lost(&it))).unwrap_or(&all[0]);
            let why = "its storage is in three zones, and an instance in a remaining zone becomes the writer";
            Judgement::new(Outcome::FailsOver, Cause::field(site.resource(*reader), "AvailabilityZone", why))
        }
        (_, left, 0) if left > 0 => Judgement::untouched(),
        ([one], _, 0) => {
            let why = "its storage is in three zones, but its only instance is in the lost zone";
            again(Judgement::new(Outcome::ByHand, Cause::field(site.resource(*one), "AvailabilityZone", why)), &name)
        }
        (all, _, 0) => {
            let why = "its storage is in three zones, but all its instances are in the lost zone";
            let cause = Cause::field(site.resource(all[0]), "AvailabilityZone", why);
            again(Judgement::new(Outcome::ByHand, cause), &name)
        }
        (all, ..) => {
            let why = format!(
                "its storage is in three zones; {} in zones that AWS chose at creation",
                match all.len() {
                    1 => "its only instance is".to_owned(),
                    count => format!("its {count} instances are"),
                }
            );
            let cause = Cause::field(site.resource(all[0]), "AvailabilityZone", why);
            Judgement::new(Outcome::Unknown, cause).step(Step::new(
                Stage::Data,
                format!(
                    "find the zones of the instances of {}; if all are in the lost zone, add an instance in another zone",
                    resource.name()
                ),
                format!(
                    "aws rds describe-db-instances --filters Name=db-cluster-id,Values={name} \
                     --query 'DBInstances[].[DBInstanceIdentifier,AvailabilityZone]'"
                ),
            ))
        }
    }
}

fn again(judgement: Judgement, name: &str) -> Judgement {
    judgement.step(Step::new(
        Stage::Data,
        format!("add an instance to `{name}` in a remaining zone"),
        format!(
            "aws rds create-db-instance --db-instance-identifier {name}-again --db-cluster-identifier {name} \
             --availability-zone <zone> --engine <engine> --db-instance-class <class>"
        ),
    ))
}

/// Returns the effects on an otherwise unaffected cluster. If its primary is lost, it is read-only.
fn secondary(site: &Site<'_>, id: ResourceId) -> Judgement {
    let lost = peers(site, id).into_iter().find(|it| site.is_away(*it) && is_primary(site, *it));
    match lost.filter(|_| !is_primary(site, id)) {
        None => Judgement::untouched(),
        Some(primary) => {
            let why =
                format!("it is read-only until it is promoted, because {} is lost", site.resource(primary).name());
            Judgement::new(Outcome::Left, Cause::field(site.resource(id), "GlobalClusterIdentifier", why))
        }
    }
}

/// Returns the other clusters of the global cluster.
fn peers(site: &Site<'_>, id: ResourceId) -> Vec<ResourceId> {
    let resource = site.resource(id);
    let global = |it: ResourceId| {
        let value = site.resource(it).property("GlobalClusterIdentifier");
        site.world
            .named_by(value)
            .map(|it| site.world.resource(it).name())
            .or_else(|| value.as_str().map(str::to_owned))
    };
    let Some(own) = global(id) else { return Vec::new() };
    let all = site.world.of_type(&resource.type_name).iter().copied();
    all.filter(|it| *it != id && global(*it).as_ref() == Some(&own)).collect()
}

fn is_primary(site: &Site<'_>, id: ResourceId) -> bool {
    OF_PRIMARY.iter().any(|it| !site.resource(id).property(it).is_null())
}

/// Returns the effects on a cluster in a lost region.
///
/// Source: <https://docs.aws.amazon.com/AmazonRDS/latest/AuroraUserGuide/aurora-global-database-disaster-recovery.html>.
pub fn away(site: &Site<'_>, id: ResourceId) -> Judgement {
    let resource = site.resource(id);
    let left: Vec<ResourceId> = peers(site, id).into_iter().filter(|it| !site.is_away(*it)).collect();
    let Some(other) = left.first().copied() else {
        let why = format!("it is only in {}: no global cluster has a copy in another region", site.lost_regions());
        return Judgement::new(Outcome::Lost, Cause::field(resource, "GlobalClusterIdentifier", why));
    };
    let (region, of) = (places::region(site.world, other), site.resource(other));
    if !is_primary(site, id) {
        let why = format!("the copy is lost; {} in {region} remains", of.name());
        return Judgement::new(Outcome::Lost, Cause::field(resource, "GlobalClusterIdentifier", why));
    }
    if members(site, other).is_empty() {
        let why = format!("{} in {region} has the data, but no instance that can become the writer", of.name());
        let name = site.named(other, "DBClusterIdentifier");
        return again(Judgement::new(Outcome::ByHand, Cause::field(of, "GlobalClusterIdentifier", why)), &name);
    }
    let global = site.world.named_by(resource.property("GlobalClusterIdentifier"));
    let global = global.map_or_else(
        || resource.property("GlobalClusterIdentifier").as_str().unwrap_or_default().to_owned(),
        |it| site.named(it, "GlobalClusterIdentifier"),
    );
    let why = format!("you can promote {} in {region}; data that was not yet replicated is lost", of.name());
    Judgement::new(Outcome::ByHand, Cause::field(of, "GlobalClusterIdentifier", why)).step(Step::new(
        Stage::Data,
        format!("promote {}, the secondary of {}", of.name(), resource.name()),
        format!(
            "aws rds failover-global-cluster --region {region} --global-cluster-identifier {global} \
             --target-db-cluster-identifier <arn of {}> --allow-data-loss",
            site.named(other, "DBClusterIdentifier")
        ),
    ))
}
