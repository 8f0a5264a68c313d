//! RDS database instances outside of clusters.
//!
//! Source: <https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/Concepts.MultiAZSingleStandby.html>.

use crate::world::ResourceId;

use super::super::outcome::{Cause, Judgement, Outcome, Stage, Step};
use super::super::places;
use super::super::site::Site;

/// The field with the instance name for commands.
const NAME: &str = "DBInstanceIdentifier";

/// Returns the effects on an instance in a remaining region.
pub fn zone(site: &Site<'_>, id: ResourceId) -> Judgement {
    let resource = site.resource(id);
    let source = site.world.named_by(resource.property("SourceDBInstanceIdentifier"));
    let (hit, field) = site.hit_resource(id);
    if hit.is_none() {
        return match source.filter(|it| site.is_away(*it)) {
            None => Judgement::untouched(),
            Some(source) => {
                let why =
                    format!("it is read-only until it is promoted, because {} is lost", site.resource(source).name());
                Judgement::new(Outcome::Left, Cause::field(resource, "SourceDBInstanceIdentifier", why))
            }
        };
    }
    if resource.property("MultiAZ") == true || resource.property("MultiAZ") == "true" {
        let why = "RDS promotes the standby in another zone, and the endpoint points to it";
        return Judgement::new(Outcome::FailsOver, Cause::field(resource, "MultiAZ", why));
    }
    if let Some(zone) = resource.property("AvailabilityZone").as_str() {
        if !site.is_zone_lost(zone) {
            return Judgement::new(
                Outcome::Left,
                Cause::field(resource, "AvailabilityZone", format!("it is in `{zone}`")),
            );
        }
        let why = format!("it is in `{zone}` and has no standby");
        return gone(site, id, Cause::field(resource, "AvailabilityZone", why));
    }
    if hit.is_whole() {
        return gone(site, id, Cause::field(resource, field, "all its subnets are in the zone, and it has no standby"));
    }
    let name = site.named(id, NAME);
    let why = "it has no standby, and AWS chose its zone when it was created";
    Judgement::new(Outcome::Unknown, Cause::field(resource, "MultiAZ", why)).step(Step::new(
        Stage::Data,
        format!("find the zone of {}; if it is the lost zone, restore the database in another zone", resource.name()),
        format!(
            "aws rds describe-db-instances --db-instance-identifier {name} --query 'DBInstances[0].AvailabilityZone'"
        ),
    ))
}

fn gone(site: &Site<'_>, id: ResourceId, cause: Cause) -> Judgement {
    let name = site.named(id, NAME);
    let is_kept = site.resource(id).property("BackupRetentionPeriod").as_u64() != Some(0);
    let lost = Judgement::new(Outcome::Lost, cause);
    if !is_kept {
        return lost;
    }
    lost.step(Step::new(
        Stage::Data,
        format!("restore {} in a remaining zone from its automated backups", site.resource(id).name()),
        format!(
            "aws rds restore-db-instance-to-point-in-time --source-db-instance-identifier {name} \
             --target-db-instance-identifier {name}-restored --use-latest-restorable-time --availability-zone <zone>"
        ),
    ))
}

/// Returns the effects on an instance in a lost region.
///
/// Source: <https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/USER_ReadRepl.XRgn.html>.
pub fn away(site: &Site<'_>, id: ResourceId) -> Judgement {
    let world = site.world;
    let resource = site.resource(id);
    let is_replica =
        |it: &&ResourceId| world.named_by(site.resource(**it).property("SourceDBInstanceIdentifier")) == Some(id);
    let replicas = world.of_type(&site.resource(id).type_name).iter().filter(is_replica);
    if let Some(replica) = replicas.copied().find(|it| !site.is_away(*it)) {
        let (region, of) = (places::region(world, replica), site.resource(replica));
        let why = format!(
            "{} in {region} is a read replica that you can promote; data that was not yet replicated is lost",
            of.name()
        );
        return Judgement::new(Outcome::ByHand, Cause::field(of, "SourceDBInstanceIdentifier", why)).step(Step::new(
            Stage::Data,
            format!("promote {}, the read replica of {}", of.name(), resource.name()),
            format!(
                "aws rds promote-read-replica --region {region} --db-instance-identifier {}",
                site.named(replica, NAME)
            ),
        ));
    }
    if let Some(region) = resource.property("AutomaticBackupReplicationRegion").as_str()
        && !site.is_region_lost(region)
    {
        let why = format!("it has no replica in another region, but its backups are copied to {region}");
        let cause = Cause::field(resource, "AutomaticBackupReplicationRegion", why);
        return Judgement::new(Outcome::Lost, cause).step(Step::new(
            Stage::Data,
            format!("restore {} in {region}, from its replicated backups", resource.name()),
            format!(
                "aws rds restore-db-instance-to-point-in-time --region {region} \
                 --source-db-instance-automated-backups-arn <arn> --target-db-instance-identifier {} \
                 --use-latest-restorable-time",
                site.named(id, NAME)
            ),
        ));
    }
    if let Some(source) = world.named_by(resource.property("SourceDBInstanceIdentifier"))
        && !site.is_away(source)
    {
        let why =
            format!("the replica is in {}; its source {} remains", site.lost_regions(), site.resource(source).name());
        return Judgement::new(Outcome::Lost, Cause::field(resource, "SourceDBInstanceIdentifier", why));
    }
    let why = format!("it is only in {}: it has no read replica in another region", site.lost_regions());
    Judgement::new(Outcome::Lost, Cause::new(why).by(resource.title(), "", &resource.at))
}
