//! Stores after the loss of a zone: stores with failover continue, stores without it are lost.

use meshsynth_reach::loss::{Kind, Outcome};
use serde_json::{Value, json};

use super::support::{outcome, resource, template, without_zone, world};

/// Returns the effect on the resource `Store` of losing the zone `eu-west-1a`.
fn store(resources: Value) -> Outcome {
    let loss = without_zone(&world(&template(resources), ""), "eu-west-1a");
    outcome(&loss, Kind::Store, "Store")
}

fn one(type_name: &str, properties: Value) -> Outcome {
    store(json!({ "Store": resource(type_name, properties) }))
}

fn database(more: Value) -> Outcome {
    let mut properties = json!({ "DBSubnetGroupName": { "Ref": "Databases" }, "Engine": "postgres" });
    properties.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    one("AWS::RDS::DBInstance", properties)
}

#[test]
fn databases_fail_over_only_with_standby() {
    assert_eq!(database(json!({ "MultiAZ": true })), Outcome::FailsOver);
    assert_eq!(database(json!({ "AvailabilityZone": "eu-west-1a" })), Outcome::Lost);
    assert_eq!(database(json!({ "AvailabilityZone": "eu-west-1b" })), Outcome::Left);
    assert_eq!(database(json!({ "MultiAZ": false })), Outcome::Unknown, "AWS chose its zone");
}

#[test]
fn databases_in_unknown_networks_are_unknown() {
    assert_eq!(one("AWS::RDS::DBInstance", json!({ "DBSubnetGroupName": "made-elsewhere" })), Outcome::Unknown);
}

#[test]
fn aurora_fails_over_to_other_zones() {
    let cluster = |more: Value, zones: &[Option<&str>]| {
        let mut properties = json!({ "DBSubnetGroupName": { "Ref": "Databases" }, "Engine": "aurora-postgresql" });
        properties.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        let mut all = json!({ "Store": resource("AWS::RDS::DBCluster", properties) });
        for (idx, zone) in zones.iter().enumerate() {
            let mut instance = json!({ "DBClusterIdentifier": { "Ref": "Store" } });
            if let Some(zone) = zone {
                instance["AvailabilityZone"] = (*zone).into();
            }
            all[format!("Instance{idx}")] = resource("AWS::RDS::DBInstance", instance);
        }
        store(all)
    };
    let (a, b) = (Some("eu-west-1a"), Some("eu-west-1b"));
    assert_eq!(cluster(json!({}), &[a, b]), Outcome::FailsOver);
    assert_eq!(cluster(json!({}), &[a]), Outcome::ByHand, "the storage is left, an instance is not");
    assert_eq!(cluster(json!({}), &[b]), Outcome::Left);
    assert_eq!(cluster(json!({}), &[None, None]), Outcome::Unknown);
    let zones = json!({ "AvailabilityZones": ["eu-west-1a", "eu-west-1b", "eu-west-1c"] });
    assert_eq!(cluster(zones, &[None, None]), Outcome::FailsOver);
}

#[test]
fn caches_fail_over_to_other_zones() {
    let cache = |more: Value| {
        let mut properties = json!({ "CacheSubnetGroupName": { "Ref": "Caches" } });
        properties.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        one("AWS::ElastiCache::ReplicationGroup", properties)
    };
    let zones = json!(["eu-west-1a", "eu-west-1b"]);
    assert_eq!(
        cache(json!({ "NumCacheClusters": 2, "AutomaticFailoverEnabled": true, "MultiAZEnabled": true })),
        Outcome::FailsOver
    );
    assert_eq!(cache(json!({ "NumCacheClusters": 2, "AutomaticFailoverEnabled": true })), Outcome::Unknown);
    assert_eq!(cache(json!({ "NumCacheClusters": 2, "PreferredCacheClusterAZs": zones })), Outcome::ByHand);
    assert_eq!(cache(json!({ "NumCacheClusters": 1, "PreferredCacheClusterAZs": ["eu-west-1a"] })), Outcome::Lost);
}

#[test]
fn topics_need_replicas_in_other_zones() {
    let kafka = |settings: &str| {
        store(json!({
            "Settings": resource("AWS::MSK::Configuration", json!({ "ServerProperties": settings })),
            "Store": resource("AWS::MSK::Cluster", json!({
                "NumberOfBrokerNodes": 2,
                "BrokerNodeGroupInfo": { "ClientSubnets": [{ "Ref": "A" }, { "Ref": "B" }] },
                "ConfigurationInfo": { "Arn": { "Ref": "Settings" }, "Revision": 1 },
            })),
        }))
    };
    assert_eq!(kafka("default.replication.factor=2\nmin.insync.replicas=1\n"), Outcome::FailsOver);
    assert_eq!(kafka("default.replication.factor=2\nmin.insync.replicas=2\n"), Outcome::Lost);
    assert_eq!(kafka("default.replication.factor=1\n"), Outcome::Lost);
}

#[test]
fn brokers_and_search_domains_fail_over_by_deployment_mode() {
    let broker =
        |mode: &str| one("AWS::AmazonMQ::Broker", json!({ "DeploymentMode": mode, "SubnetIds": [{ "Ref": "A" }] }));
    assert_eq!(broker("CLUSTER_MULTI_AZ"), Outcome::FailsOver);
    assert_eq!(broker("SINGLE_INSTANCE"), Outcome::Lost);
    let search = |is_aware: bool| {
        let subnets = json!({ "SubnetIds": [{ "Ref": "A" }] });
        one(
            "AWS::OpenSearchService::Domain",
            json!({ "ClusterConfig": { "ZoneAwarenessEnabled": is_aware }, "VPCOptions": subnets }),
        )
    };
    // The default number of zones is two, so the lost zone may have the majority of the master nodes.
    assert_eq!((search(true), search(false)), (Outcome::Unknown, Outcome::Lost));
    let three = json!({ "ZoneAwarenessEnabled": true, "ZoneAwarenessConfig": { "AvailabilityZoneCount": 3 } });
    let properties = json!({ "ClusterConfig": three, "VPCOptions": { "SubnetIds": [{ "Ref": "A" }, { "Ref": "B" }] } });
    assert_eq!(one("AWS::OpenSearchService::Domain", properties), Outcome::FailsOver);
}

#[test]
fn single_zone_warehouses_are_lost_with_their_zone() {
    let warehouse = |properties: Value| one("AWS::Redshift::Cluster", properties);
    assert_eq!(warehouse(json!({ "AvailabilityZone": "eu-west-1a" })), Outcome::Lost);
    assert_eq!(warehouse(json!({ "AvailabilityZone": "eu-west-1b" })), Outcome::Left);
    assert_eq!(warehouse(json!({})), Outcome::Unknown);
    let grouped = json!({ "ClusterSubnetGroupName": { "Ref": "Databases" } });
    assert_eq!(warehouse(grouped.clone()), Outcome::Unknown);
    let mut spread = grouped;
    spread["MultiAZ"] = true.into();
    assert_eq!(warehouse(spread), Outcome::FailsOver);
}

#[test]
fn volumes_are_lost_with_their_zone() {
    let volume = |properties: Value| one("AWS::EC2::Volume", properties);
    assert_eq!(volume(json!({ "AvailabilityZone": "eu-west-1a" })), Outcome::Lost);
    assert_eq!(volume(json!({ "AvailabilityZone": "eu-west-1b" })), Outcome::Left);
    assert_eq!(volume(json!({})), Outcome::Unknown);
}

#[test]
fn database_proxies_continue_in_other_zones() {
    let proxy = |subnets: Value| one("AWS::RDS::DBProxy", json!({ "VpcSubnetIds": subnets }));
    assert_eq!(proxy(json!([{ "Ref": "A" }, { "Ref": "B" }])), Outcome::FailsOver);
    assert_eq!(proxy(json!([{ "Ref": "A" }])), Outcome::Lost);
}

#[test]
fn file_systems_need_mount_targets_in_other_zones() {
    let files = |subnets: &[&str]| {
        let mut all = json!({ "Store": resource("AWS::EFS::FileSystem", json!({})) });
        for subnet in subnets {
            let target = json!({ "FileSystemId": { "Ref": "Store" }, "SubnetId": { "Ref": subnet } });
            all[format!("Target{subnet}")] = resource("AWS::EFS::MountTarget", target);
        }
        store(all)
    };
    assert_eq!((files(&["A", "B"]), files(&["A"]), files(&["B"])), (Outcome::Left, Outcome::ByHand, Outcome::Left));
    assert_eq!(one("AWS::EFS::FileSystem", json!({ "AvailabilityZoneName": "eu-west-1a" })), Outcome::Lost);
}

#[test]
fn regional_services_survive_zone_loss() {
    for type_name in ["AWS::S3::Bucket", "AWS::SQS::Queue", "AWS::DynamoDB::Table"] {
        assert_eq!(one(type_name, json!({})), Outcome::Left, "{type_name}");
    }
}
