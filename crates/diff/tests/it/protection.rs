//! Missing protections of stores, as the gate `unprotected` reports them.

use serde_json::{Value, json};

use crate::gates::{denied, pods, resources, workload};
use crate::scene::{diff, scene};

#[test]
fn store_needs_backup_deletion_protection_and_retention() {
    let store = |kind: &str, attributes: Value, properties: Value| {
        let mut row = json!({ "Type": kind, "Properties": properties });
        row.as_object_mut().unwrap().extend(attributes.as_object().unwrap().clone());
        scene(vec![("data", resources(json!({ "Store": row, "Topic": { "Type": "AWS::SNS::Topic" } })))], vec![])
    };
    let none = scene(vec![("data", resources(json!({ "Topic": { "Type": "AWS::SNS::Topic" } })))], vec![]);
    let lacks = |kind: &str, attributes: Value, properties: Value| {
        let found = diff(&none, &store(kind, attributes, properties));
        let words =
            found.changes.iter().flat_map(|change| &change.lacks).map(|lack| lack.to_string().replace("without ", ""));
        words.collect::<Vec<_>>().join(", ")
    };
    let (keep, snapshot, go) =
        (json!({ "DeletionPolicy": "Retain" }), json!({ "DeletionPolicy": "Snapshot" }), json!({}));
    let recovery = |on: bool| json!({ "PointInTimeRecoverySpecification": { "PointInTimeRecoveryEnabled": on } });
    let replica = |on: bool| {
        json!({ "Replicas": [{ "Region": "a", "DeletionProtectionEnabled": true,
            "PointInTimeRecoverySpecification": { "PointInTimeRecoveryEnabled": true } },
            { "Region": "b", "DeletionProtectionEnabled": on,
            "PointInTimeRecoverySpecification": { "PointInTimeRecoveryEnabled": on } }] })
    };
    for (kind, attributes, properties, wanted) in [
        ("AWS::RDS::DBInstance", go.clone(), json!({ "DeletionProtection": true }), ""),
        ("AWS::RDS::DBInstance", go.clone(), json!({ "BackupRetentionPeriod": 0 }), "backup, deletion protection"),
        (
            "AWS::RDS::DBInstance",
            keep.clone(),
            json!({ "BackupRetentionPeriod": { "Ref": "Days" }, "DeletionProtection": true }),
            "",
        ),
        ("AWS::RDS::DBInstance", json!({ "DeletionPolicy": "Delete" }), json!({ "DBClusterIdentifier": "c" }), ""),
        (
            "AWS::RDS::DBCluster",
            json!({ "DeletionPolicy": "Delete" }),
            json!({ "DeletionProtection": "true" }),
            "retention",
        ),
        ("AWS::DocDB::DBCluster", go.clone(), json!({ "DeletionProtection": true }), "retention"),
        ("AWS::Neptune::DBCluster", snapshot.clone(), json!({}), "deletion protection"),
        ("AWS::DynamoDB::Table", keep.clone(), recovery(true), "deletion protection"),
        ("AWS::DynamoDB::Table", keep.clone(), recovery(false), "backup, deletion protection"),
        ("AWS::DynamoDB::GlobalTable", keep.clone(), replica(true), ""),
        ("AWS::DynamoDB::GlobalTable", keep.clone(), replica(false), "backup, deletion protection"),
        ("AWS::S3::Bucket", keep.clone(), json!({}), "backup"),
        ("AWS::S3::Bucket", go.clone(), json!({ "VersioningConfiguration": { "Status": "Enabled" } }), "retention"),
        ("AWS::EFS::FileSystem", keep.clone(), json!({ "BackupPolicy": { "Status": "ENABLED" } }), ""),
        ("AWS::EFS::FileSystem", keep.clone(), json!({}), "backup"),
        ("AWS::MSK::Cluster", go.clone(), json!({}), "retention"),
        ("AWS::ElastiCache::ReplicationGroup", snapshot.clone(), json!({}), "backup"),
        ("AWS::ElastiCache::ReplicationGroup", snapshot.clone(), json!({ "SnapshotRetentionLimit": 7 }), ""),
        ("AWS::ElastiCache::CacheCluster", go.clone(), json!({ "Engine": "memcached" }), ""),
        ("AWS::KMS::Key", go.clone(), json!({}), "retention"),
        (
            "AWS::RDS::DBInstance",
            json!({ "DeletionPolicy": "Delete" }),
            json!({ "SourceDBInstanceIdentifier": "d" }),
            "",
        ),
        ("AWS::ElastiCache::ReplicationGroup", go.clone(), json!({ "GlobalReplicationGroupId": "g" }), ""),
        ("AWS::SecretsManager::Secret", keep.clone(), json!({}), ""),
        ("AWS::OpenSearchService::Domain", keep.clone(), json!({}), ""),
        ("AWS::Redshift::Cluster", snapshot.clone(), json!({ "AutomatedSnapshotRetentionPeriod": 0 }), "backup"),
        ("AWS::Cognito::UserPool", keep.clone(), json!({ "DeletionProtection": "INACTIVE" }), "deletion protection"),
        ("AWS::Logs::LogGroup", keep.clone(), json!({}), ""),
        ("AWS::SNS::Topic", go.clone(), json!({}), ""),
    ] {
        assert_eq!(lacks(kind, attributes, properties.clone()), wanted, "{kind} {properties}");
    }
    // The gate counts lost protections. It does not count protections that never existed, or deleted stores.
    let table = |on: bool| store("AWS::DynamoDB::Table", keep.clone(), recovery(on));
    assert_eq!(
        denied(&diff(&table(true), &table(false)), "unprotected"),
        "gate `unprotected` failed: stores without protection: `Store` (without backup)"
    );
    assert_eq!(denied(&diff(&table(false), &table(true)), "unprotected"), "");
    assert_eq!(denied(&diff(&table(false), &none), "unprotected"), "");
    let tagged = json!({ "PointInTimeRecoverySpecification": { "PointInTimeRecoveryEnabled": false }, "BillingMode": "PROVISIONED" });
    let tagged = store("AWS::DynamoDB::Table", keep.clone(), tagged);
    assert_eq!(denied(&diff(&table(false), &tagged), "unprotected"), "");
    // An AWS Backup plan provides backups regardless of the store's properties.
    let mut planned = table(false);
    planned.stacks[0].1["Resources"]["Selection"] = json!({ "Type": "AWS::Backup::BackupSelection",
        "Properties": { "BackupSelection": { "Resources": [{ "Fn::GetAtt": ["Store", "Arn"] }] } } });
    assert_eq!(
        denied(&diff(&none, &planned), "unprotected"),
        "gate `unprotected` failed: stores without protection: `Store` (without deletion protection)"
    );
}

#[test]
fn volume_protection_depends_on_its_reclaim_policy() {
    let claim = |class: &str| {
        let metadata = json!({ "name": "files", "namespace": "shop" });
        (
            "30-configuration",
            json!({ "apiVersion": "v1", "kind": "PersistentVolumeClaim", "metadata": metadata, "spec": { "storageClassName": class } }),
        )
    };
    let class = |policy: &str| {
        (
            "10-definitions",
            json!({ "apiVersion": "storage.k8s.io/v1", "kind": "StorageClass", "metadata": { "name": "kept" }, "reclaimPolicy": policy }),
        )
    };
    let before = scene(vec![], vec![]);
    let words = |objects: Vec<(&'static str, Value)>| denied(&diff(&before, &scene(vec![], objects)), "unprotected");
    assert_eq!(words(vec![claim("kept"), class("Retain")]), "");
    assert_eq!(
        words(vec![claim("kept"), class("Delete")]),
        "gate `unprotected` failed: stores without protection: `files` (without retention)"
    );
    assert!(words(vec![claim("gp3"), class("Retain")]).contains("`files`"));
    let set = |policy: Value| {
        let spec = json!({ "replicas": 3, "template": pods("i:1"), "volumeClaimTemplates": [{ "metadata": { "name": "v" } }],
            "persistentVolumeClaimRetentionPolicy": policy });
        workload("StatefulSet", "db", spec)
    };
    assert_eq!(words(vec![set(json!({ "whenDeleted": "Retain" }))]), "");
    assert!(words(vec![set(json!({ "whenScaled": "Delete" }))]).contains("`db` (without retention)"));
}
