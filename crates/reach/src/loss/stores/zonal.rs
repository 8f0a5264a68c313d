//! Resources in some zones of a remaining region.

use meshsynth_facts::{self as facts, resources::Zones};
use serde_json::Value;

use crate::network::number;
use crate::world::{Resource, ResourceId, region_of};

use super::super::outcome::{Cause, Judgement, Outcome, Stage, Step};
use super::super::places;
use super::super::site::Site;

/// Returns the effects on a resource in a remaining region.
pub fn zone(site: &Site<'_>, id: ResourceId) -> Judgement {
    let resource = site.resource(id);
    match resource.type_name.as_str() {
        "AWS::EFS::FileSystem" => return files(site, id),
        "AWS::S3Express::DirectoryBucket" => {
            if site.event.zones.is_empty() {
                return Judgement::untouched();
            }
            let why = "it is in one zone with a zone ID, and the account determines the zone name for this ID";
            return Judgement::new(Outcome::Unknown, Cause::field(resource, "LocationName", why));
        }
        // A volume has no subnet.
        "AWS::EC2::Volume" if !site.event.zones.is_empty() => return volume(site, resource),
        _ => {}
    }
    let (hit, field) = site.hit_resource(id);
    if hit.is_none() && field.is_empty() {
        return without_subnets(site, id);
    }
    if hit.is_none() {
        return Judgement::untouched();
    }
    let spread = |field: &str, why: &str| Judgement::new(Outcome::FailsOver, Cause::field(resource, field, why));
    match resource.type_name.as_str() {
        "AWS::AmazonMQ::Broker" => {
            let mode = resource.property("DeploymentMode").as_str().unwrap_or("SINGLE_INSTANCE");
            match mode {
                "CLUSTER_MULTI_AZ" => {
                    return spread(
                        "DeploymentMode",
                        "its nodes in other zones continue to serve queues that have copies there",
                    );
                }
                "ACTIVE_STANDBY_MULTI_AZ" => {
                    return spread("DeploymentMode", "the standby in another zone takes over");
                }
                _ => {}
            }
        }
        "AWS::OpenSearchService::Domain" | "AWS::Elasticsearch::Domain" => {
            let config = ["ClusterConfig", "ElasticsearchClusterConfig"].map(|it| resource.property(it));
            let is_aware = |it: &&&Value| it["ZoneAwarenessEnabled"] == true || it["MultiAZWithStandbyEnabled"] == true;
            if let Some(config) = config.iter().find(is_aware) {
                // Source: <https://docs.aws.amazon.com/opensearch-service/latest/developerguide/managedomains-multiaz.html>.
                let zones = number(&config["ZoneAwarenessConfig"]["AvailabilityZoneCount"]).unwrap_or(2);
                if zones < 3 && config["MultiAZWithStandbyEnabled"] != true {
                    let why =
                        "its nodes are in two zones: the zone that is lost may have the majority of its master nodes";
                    let field = "ClusterConfig.ZoneAwarenessConfig.AvailabilityZoneCount";
                    return Judgement::new(Outcome::Unknown, Cause::field(resource, field, why));
                }
                return spread(
                    "ClusterConfig.ZoneAwarenessEnabled",
                    "copies of its shards are in other zones, for every index that has replicas",
                );
            }
            let why = "its nodes are in one zone";
            let outcome = if hit.is_whole() { Outcome::Lost } else { Outcome::Unknown };
            return Judgement::new(outcome, Cause::field(resource, "ClusterConfig.ZoneAwarenessEnabled", why));
        }
        "AWS::Redshift::Cluster" => {
            if *resource.property("MultiAZ") == true {
                return spread("MultiAZ", "its compute nodes in the second zone continue to run");
            }
            if *resource.property("AvailabilityZoneRelocation") == true {
                let why = "Amazon Redshift moves it to a subnet in another zone";
                return spread("AvailabilityZoneRelocation", why);
            }
        }
        "AWS::Timestream::InfluxDBInstance"
            if resource.property("DeploymentType").as_str().is_some_and(|it| it.contains("MULTI")) =>
        {
            return spread("DeploymentType", "the standby, which is in another zone, takes over");
        }
        "AWS::MemoryDB::Cluster" => {
            let replicas = resource.property("NumReplicasPerShard").as_u64().unwrap_or(1);
            if replicas > 0 {
                return spread(
                    "NumReplicasPerShard",
                    "a replica in another zone becomes the primary; the transaction log is in several zones",
                );
            }
        }
        "AWS::FSx::FileSystem" => {
            let types = ["WindowsConfiguration", "OntapConfiguration", "OpenZFSConfiguration"];
            let mode = types.iter().find_map(|it| resource.property(it)["DeploymentType"].as_str());
            if mode.is_some_and(|it| it.starts_with("MULTI_AZ")) {
                return spread("DeploymentType", "the standby file server in another zone takes over");
            }
        }
        _ => {}
    }
    if let Some(zone) = resource.property("AvailabilityZone").as_str() {
        return single(resource, "AvailabilityZone", zone, site.is_zone_lost(zone));
    }
    if hit.is_whole() {
        let why = if hit.lost == 1 { "its only subnet is in the zone" } else { "all its subnets are in the zone" };
        return Judgement::new(Outcome::Lost, Cause::field(resource, field, why));
    }
    let zones = facts::resource(&resource.type_name).zones;
    if zones.is_spread() {
        return match (hit.left, hit.lost) {
            // These resource types have at most one subnet in each zone, so one of several subnets remains.
            (0, 0) if hit.unknown > 1 && zones == Zones::Distinct => {
                spread(&field, "it continues in its subnets in the remaining zones")
            }
            (0, 0) => {
                let why = format!("the zones of its {} subnets are not in the files", hit.unknown);
                Judgement::new(Outcome::Unknown, Cause::field(resource, field, why))
            }
            (0, _) => Judgement::new(
                Outcome::Unknown,
                Cause::field(resource, field, "the zones of its other subnets are not in the files"),
            ),
            (_, 0) => Judgement::untouched(),
            _ => spread(&field, "it continues in its subnets in other zones"),
        };
    }
    let why = "its subnet is chosen at deployment";
    Judgement::new(Outcome::Unknown, Cause::field(resource, field, why))
}

/// Types with a resource in one zone, which AWS selects if the template does not.
const IN_ONE_ZONE: [&str; 3] = ["AWS::EC2::Instance", "AWS::Redshift::Cluster", "AWS::Timestream::InfluxDBInstance"];

/// Returns the effects on a resource whose subnets are not in the files.
fn without_subnets(site: &Site<'_>, id: ResourceId) -> Judgement {
    let resource = site.resource(id);
    let region = places::region(site.world, id);
    let is_near = |zone: &String| region.is_empty() || region_of(zone).is_none_or(|it| it == region);
    let is_spread = *resource.property("MultiAZ") == true;
    if is_spread || !IN_ONE_ZONE.contains(&resource.type_name.as_str()) || !site.event.zones.iter().any(is_near) {
        return Judgement::untouched();
    }
    volume(site, resource)
}

/// Returns the effects on a volume, which is in one zone.
fn volume(site: &Site<'_>, resource: &Resource) -> Judgement {
    match resource.property("AvailabilityZone").as_str().filter(|it| !it.contains("${")) {
        Some(zone) => single(resource, "AvailabilityZone", zone, site.is_zone_lost(zone)),
        None => {
            let why = "the files do not specify its zone";
            Judgement::new(Outcome::Unknown, Cause::field(resource, "AvailabilityZone", why))
        }
    }
}

fn single(resource: &Resource, field: &str, zone: &str, is_lost: bool) -> Judgement {
    if is_lost {
        return Judgement::new(Outcome::Lost, Cause::field(resource, field, format!("it is only in `{zone}`")));
    }
    Judgement::new(Outcome::Left, Cause::field(resource, field, format!("it is in `{zone}`")))
}

/// Returns the effects on an EFS file system. Its data is in all zones of the region, or in one zone. Pods connect to
/// the mount target in their own zone.
///
/// Source: <https://docs.aws.amazon.com/efs/latest/ug/features.html>.
fn files(site: &Site<'_>, id: ResourceId) -> Judgement {
    let resource = site.resource(id);
    if let Some(zone) = resource.property("AvailabilityZoneName").as_str() {
        return single(resource, "AvailabilityZoneName", zone, site.is_zone_lost(zone));
    }
    let targets: Vec<ResourceId> = site.world.of_type("AWS::EFS::MountTarget").to_vec();
    let targets: Vec<ResourceId> = targets
        .into_iter()
        .filter(|it| site.world.named_by(site.resource(*it).property("FileSystemId")) == Some(id))
        .collect();
    let subnets: Vec<_> = targets.iter().map(|it| site.resource(*it).property("SubnetId").clone()).collect();
    let hit = site.hit_subnets(&subnets, &places::region(site.world, id));
    match targets.first() {
        Some(first) if hit.is_whole() => {
            let why = "the files are also in other zones, but every mount target is in the lost zone";
            let cause = Cause::field(site.resource(*first), "SubnetId", why);
            Judgement::new(Outcome::ByHand, cause).step(Step::new(
                Stage::Data,
                format!("create a mount target of {} in a remaining zone", resource.name()),
                format!(
                    "aws efs create-mount-target --file-system-id <FileSystemId of {}> --subnet-id <subnet> --security-groups <group>",
                    resource.name()
                ),
            ))
        }
        Some(first) if hit.lost > 0 => {
            let why = format!(
                "the files are in all zones; {} of {} mount targets remain, each for its zone",
                hit.left + hit.unknown,
                subnets.len()
            );
            Judgement::new(Outcome::Left, Cause::field(site.resource(*first), "SubnetId", why))
        }
        _ => Judgement::untouched(),
    }
}
