//! The effects of a loss on data stores.

mod brokers;
mod caches;
mod clusters;
mod instances;
mod regional;
mod zonal;

use crate::world::ResourceId;

use super::outcome::{Cause, Judgement, Outcome};
use super::site::Site;

/// Returns the effects on a resource of any type.
pub fn judge(site: &Site<'_>, id: ResourceId) -> Judgement {
    if site.event.stores.contains(&id) {
        return Judgement::new(Outcome::Lost, Cause::new("it is the lost resource"));
    }
    let resource = site.resource(id);
    if site.is_away(id) && resource.type_name != "AWS::DynamoDB::GlobalTable" {
        return match resource.type_name.as_str() {
            "AWS::RDS::DBInstance" => instances::away(site, id),
            "AWS::RDS::DBCluster" | "AWS::DocDB::DBCluster" | "AWS::Neptune::DBCluster" => clusters::away(site, id),
            "AWS::ElastiCache::ReplicationGroup" => caches::away(site, id),
            "AWS::MSK::Cluster" | "AWS::MSK::ServerlessCluster" => brokers::away(site, id),
            _ => regional::away(site, id),
        };
    }
    match resource.type_name.as_str() {
        "AWS::RDS::DBInstance" => instances::zone(site, id),
        "AWS::RDS::DBCluster" | "AWS::DocDB::DBCluster" | "AWS::Neptune::DBCluster" => clusters::zone(site, id),
        "AWS::ElastiCache::ReplicationGroup" => caches::zone(site, id),
        "AWS::MSK::Cluster" => brokers::zone(site, id),
        "AWS::DynamoDB::GlobalTable" => regional::global_table(site, id),
        _ => zonal::zone(site, id),
    }
}
