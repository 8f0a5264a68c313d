//! Stores, keys and secrets after the loss of their region.

use meshsynth_reach::World;
use meshsynth_reach::loss::{Kind, Outcome};
use serde_json::{Value, json};

use super::support::{outcome, regions, resource, without_region};

/// Returns two stacks in two regions. `there` refers to `here` by its output `Out`.
fn two(here: Value, there: Value) -> World {
    let output = json!({ "Out": { "Value": { "Ref": "Store" } } });
    regions(&[
        ("here", "eu-west-1", json!({ "Resources": here, "Outputs": output })),
        ("there", "eu-central-1", json!({ "Resources": there })),
    ])
}

fn of_here() -> Value {
    json!({ "Fn::GetStackOutput": { "StackName": "here", "Region": "eu-west-1", "OutputName": "Out" } })
}

fn without_here(here: Value, there: Value) -> Outcome {
    let loss = without_region(&two(here, there), "eu-west-1");
    outcome(&loss, Kind::Store, "here/Store")
}

#[test]
fn read_replicas_in_other_regions_need_promotion() {
    let here = json!({ "Store": resource("AWS::RDS::DBInstance", json!({ "Engine": "postgres" })) });
    let replica = json!({ "SourceDBInstanceIdentifier": of_here() });
    let there = json!({ "Replica": resource("AWS::RDS::DBInstance", replica) });
    let loss = without_region(&two(here.clone(), there), "eu-west-1");
    assert_eq!(outcome(&loss, Kind::Store, "here/Store"), Outcome::ByHand);
    assert_eq!(outcome(&loss, Kind::Store, "there/Replica"), Outcome::Left);
    assert!(
        loss.steps[0].command.starts_with("aws rds promote-read-replica --region eu-central-1"),
        "{:?}",
        loss.steps
    );
    assert_eq!(without_here(here, json!({})), Outcome::Lost);
}

#[test]
fn global_clusters_need_manual_failover() {
    let global = |of: Value, more: Value| {
        let mut properties = json!({ "GlobalClusterIdentifier": of, "Engine": "aurora-postgresql" });
        properties.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        resource("AWS::RDS::DBCluster", properties)
    };
    let here = json!({ "Store": global(json!("shop"), json!({ "MasterUsername": "admin" })) });
    let secondary = json!({
        "Second": global(json!("shop"), json!({})),
        "One": resource("AWS::RDS::DBInstance", json!({ "DBClusterIdentifier": { "Ref": "Second" } })),
    });
    let loss = without_region(&two(here.clone(), secondary), "eu-west-1");
    assert_eq!(outcome(&loss, Kind::Store, "here/Store"), Outcome::ByHand);
    assert!(loss.steps[0].command.contains("failover-global-cluster") && loss.steps[0].command.contains("shop"));
    assert_eq!(without_here(here, json!({})), Outcome::Lost);
}

#[test]
fn global_datastores_keep_a_copy_of_a_cache() {
    let here = json!({
        "Store": resource("AWS::ElastiCache::ReplicationGroup", json!({ "NumCacheClusters": 2 })),
        "Global": resource("AWS::ElastiCache::GlobalReplicationGroup", json!({
            "Members": [{ "ReplicationGroupId": { "Ref": "Store" }, "Role": "PRIMARY" }],
        })),
    });
    let output = json!({ "Global": { "Value": { "Ref": "Global" } } });
    let of_global =
        json!({ "Fn::GetStackOutput": { "StackName": "here", "Region": "eu-west-1", "OutputName": "Global" } });
    let there = json!({
        "Second": resource("AWS::ElastiCache::ReplicationGroup", json!({ "GlobalReplicationGroupId": of_global })),
    });
    let world = regions(&[
        ("here", "eu-west-1", json!({ "Resources": here, "Outputs": output })),
        ("there", "eu-central-1", json!({ "Resources": there })),
    ]);
    let loss = without_region(&world, "eu-west-1");
    assert_eq!(outcome(&loss, Kind::Store, "here/Store"), Outcome::ByHand);
    assert_eq!(outcome(&loss, Kind::Store, "there/Second"), Outcome::Left);
    let alone = json!({ "Store": resource("AWS::ElastiCache::ReplicationGroup", json!({ "NumCacheClusters": 2 })) });
    assert_eq!(without_here(alone, json!({})), Outcome::Lost);
}

#[test]
fn tables_with_replicas_fail_over() {
    let table = |regions: &[&str]| {
        let replicas: Vec<Value> = regions.iter().map(|it| json!({ "Region": it })).collect();
        without_here(
            json!({ "Store": resource("AWS::DynamoDB::GlobalTable", json!({ "Replicas": replicas })) }),
            json!({}),
        )
    };
    assert_eq!(table(&["eu-west-1", "eu-central-1"]), Outcome::FailsOver);
    assert_eq!(table(&["eu-west-1"]), Outcome::Lost);
}

#[test]
fn replication_rules_copy_buckets() {
    let rule = json!({ "Rules": [{ "Status": "Enabled", "Destination": { "Bucket": "arn:aws:s3:::copies" } }] });
    let bucket = |more: Value| json!({ "Store": resource("AWS::S3::Bucket", more) });
    // The target bucket is not in the files, so its region is unknown.
    assert_eq!(without_here(bucket(json!({ "ReplicationConfiguration": rule })), json!({})), Outcome::Unknown);
    assert_eq!(without_here(bucket(json!({})), json!({})), Outcome::Lost);
}

#[test]
fn replicators_copy_topics() {
    let here = json!({ "Store": resource("AWS::MSK::ServerlessCluster", json!({})) });
    let there = json!({
        "Copy": resource("AWS::MSK::ServerlessCluster", json!({})),
        "Replicator": resource("AWS::MSK::Replicator", json!({
            "ReplicationInfoList": [{ "SourceKafkaClusterArn": of_here(), "TargetKafkaClusterArn": { "Ref": "Copy" } }],
        })),
    });
    assert_eq!(without_here(here.clone(), there), Outcome::ByHand);
    assert_eq!(without_here(here, json!({})), Outcome::Lost);
}

#[test]
fn supporting_resources_need_copies_in_other_regions() {
    let means = |here: Value, there: Value, name: &str| {
        outcome(&without_region(&two(here, there), "eu-west-1"), Kind::Means, name)
    };
    let secret = |more: Value| json!({ "Store": resource("AWS::SecretsManager::Secret", more) });
    let replicas = json!({ "ReplicaRegions": [{ "Region": "eu-central-1" }] });
    assert_eq!(means(secret(replicas), json!({}), "here/Store"), Outcome::Left);
    assert_eq!(means(secret(json!({})), json!({}), "here/Store"), Outcome::Lost);

    let key = json!({ "Store": resource("AWS::KMS::Key", json!({ "MultiRegion": true })) });
    let replica = json!({ "Replica": resource("AWS::KMS::ReplicaKey", json!({ "PrimaryKeyArn": of_here() })) });
    assert_eq!(means(key.clone(), replica, "here/Store"), Outcome::Left);
    assert_eq!(means(key, json!({}), "here/Store"), Outcome::Lost);

    let repository = |name: &str| resource("AWS::ECR::Repository", json!({ "RepositoryName": name }));
    let rules =
        json!({ "ReplicationConfiguration": { "Rules": [{ "Destinations": [{ "Region": "eu-central-1" }] }] } });
    let copied = json!({ "Store": repository("shop"), "Rules": resource("AWS::ECR::ReplicationConfiguration", rules) });
    assert_eq!(means(copied, json!({}), "here/Store"), Outcome::Left);
    assert_eq!(means(json!({ "Store": repository("shop") }), json!({}), "here/Store"), Outcome::Lost);
    let same = json!({ "Same": repository("shop") });
    assert_eq!(means(json!({ "Store": repository("shop") }), same, "here/Store"), Outcome::Unknown);

    let plan = |copies: Value| {
        let rules = json!([{ "RuleName": "daily", "CopyActions": copies }]);
        json!({ "Store": resource("AWS::Backup::BackupPlan", json!({ "BackupPlan": { "BackupPlanRule": rules } })) })
    };
    let vault = "arn:aws:backup:eu-central-1:111122223333:backup-vault:copies";
    assert_eq!(means(plan(json!([{ "DestinationBackupVaultArn": vault }])), json!({}), "here/Store"), Outcome::Left);
    assert_eq!(means(plan(json!([])), json!({}), "here/Store"), Outcome::Lost);
}
