//! In-place data loss and refused changes, each with a harmless counterpart.

use meshsynth_diff::day::Day;
use meshsynth_diff::gates;
use meshsynth_diff::gates::{Gate, Policy};
use meshsynth_diff::{Diff, Verdict};
use serde_json::{Value, json};

use crate::scene::{Scene, diff, hazards, only, scene};

fn platform(resources: Value) -> Scene {
    scene(vec![("a", json!({ "Resources": resources }))], vec![])
}

fn judge(type_name: &str, before: &Value, after: &Value) -> Diff {
    let of = |properties: &Value| platform(json!({ "It": { "Type": type_name, "Properties": properties } }));
    diff(&of(before), &of(after))
}

fn is_denied(diff: &Diff) -> bool {
    !gates::check(diff, &[Gate::DataLoss], &Policy::default(), Day::from_unix(0)).denied.is_empty()
}

#[test]
fn only_shorter_retention_is_data_loss() {
    let rows = [
        ("AWS::SQS::Queue", json!({ "MessageRetentionPeriod": 1_209_600 }), json!({ "MessageRetentionPeriod": 60 })),
        ("AWS::SQS::Queue", json!({ "MessageRetentionPeriod": 1_209_600 }), json!({})),
        ("AWS::SQS::Queue", json!({}), json!({ "MessageRetentionPeriod": "60" })),
        ("AWS::Logs::LogGroup", json!({}), json!({ "RetentionInDays": 3653 })),
        ("AWS::RDS::DBCluster", json!({ "BackupRetentionPeriod": 7 }), json!({})),
        ("AWS::DocDB::DBCluster", json!({ "BackupRetentionPeriod": 7 }), json!({ "BackupRetentionPeriod": 3 })),
        ("AWS::Neptune::DBCluster", json!({ "BackupRetentionPeriod": 7 }), json!({ "BackupRetentionPeriod": 3 })),
        ("AWS::Redshift::Cluster", json!({ "AutomatedSnapshotRetentionPeriod": 7 }), json!({})),
        ("AWS::MemoryDB::Cluster", json!({ "SnapshotRetentionLimit": 7 }), json!({})),
        (
            "AWS::Timestream::Table",
            json!({ "RetentionProperties": { "MagneticStoreRetentionPeriodInDays": "365" } }),
            json!({ "RetentionProperties": { "MagneticStoreRetentionPeriodInDays": "30" } }),
        ),
        ("AWS::Events::Archive", json!({ "RetentionDays": 0 }), json!({ "RetentionDays": 30 })),
        (
            "AWS::DLM::LifecyclePolicy",
            json!({ "PolicyDetails": { "Schedules": [{ "Name": "a", "RetainRule": { "Count": 14 } }] } }),
            json!({ "PolicyDetails": { "Schedules": [{ "Name": "a", "RetainRule": { "Count": 7 } }] } }),
        ),
        (
            "AWS::MSK::Configuration",
            json!({ "ServerProperties": "" }),
            json!({ "ServerProperties": "log.retention.hours=24\n" }),
        ),
        ("AWS::MSK::Topic", json!({}), json!({ "Configs": "cmV0ZW50aW9uLm1zPTYwMDAw" })),
        (
            "AWS::DynamoDB::Table",
            json!({}),
            json!({ "TimeToLiveSpecification": { "Enabled": true, "AttributeName": "t" } }),
        ),
    ];
    for (type_name, longer, shorter) in &rows {
        let found = judge(type_name, longer, shorter);
        assert_eq!(only(&found).verdict, Verdict::DataLoss, "{type_name} {shorter}: {found:#?}");
        assert!(is_denied(&found) && !only(&found).data.is_empty());
        let found = judge(type_name, shorter, longer);
        assert_eq!(only(&found).verdict, Verdict::InPlace, "{type_name} {longer}: {found:#?}");
    }
}

#[test]
fn new_object_expiration_is_data_loss() {
    let bucket = |rules: Value| json!({ "LifecycleConfiguration": { "Rules": rules } });
    let rule =
        |prefix: &str, days: u32, status: &str| json!({ "Prefix": prefix, "ExpirationInDays": days, "Status": status });
    let kind = "AWS::S3::Bucket";
    let loses = |before: &Value, after: &Value| is_denied(&judge(kind, before, after));
    let month = bucket(json!([rule("logs/", 30, "Enabled")]));
    assert!(loses(&json!({}), &month));
    assert!(loses(&bucket(json!([rule("logs/", 90, "Enabled")])), &month));
    assert!(loses(&bucket(json!([rule("logs/", 30, "Disabled")])), &month));
    assert!(loses(&month, &bucket(json!([rule("", 30, "Enabled")]))));
    assert!(!loses(&bucket(json!([rule("", 30, "Enabled")])), &month), "a rule for all objects was as strict");
    assert!(!loses(&month, &bucket(json!([rule("logs/", 90, "Enabled")]))));
    assert!(!loses(&month, &json!({})));
    let moved = bucket(
        json!([{ "Status": "Enabled", "Transitions": [{ "StorageClass": "GLACIER", "TransitionInDays": 30 }] }]),
    );
    assert!(!loses(&json!({}), &moved));
    let old_versions = bucket(json!([{ "Status": "Enabled", "NoncurrentVersionExpiration": { "NoncurrentDays": 1 } }]));
    assert!(loses(&json!({}), &old_versions));
}

#[test]
fn topic_and_archive_are_stores() {
    let nothing = platform(json!({}));
    for type_name in ["AWS::MSK::Topic", "AWS::Events::Archive"] {
        let found = diff(&platform(json!({ "It": { "Type": type_name, "Properties": {} } })), &nothing);
        assert_eq!(only(&found).verdict, Verdict::DataLoss, "{type_name}");
    }
    let found = judge("AWS::MSK::Topic", &json!({ "TopicName": "a" }), &json!({ "TopicName": "b" }));
    assert_eq!(only(&found).verdict, Verdict::DataLoss);
}

#[test]
fn replacing_or_removing_the_source_endangers_a_replica() {
    let kind = "AWS::RDS::DBInstance";
    let of = |source: &str| json!({ "SourceDBInstanceIdentifier": source });
    for after in [json!({}), of("other")] {
        let found = judge(kind, &of("main"), &after);
        assert!(
            is_denied(&found) && only(&found).verdict.is_replacement() || only(&found).verdict == Verdict::DataLoss
        );
    }
    let both = |name: &str| {
        platform(json!({
            "Main": { "Type": kind, "Properties": { "DBName": name } },
            "Copy": { "Type": kind, "Properties": { "SourceDBInstanceIdentifier": { "Ref": "Main" } } },
        }))
    };
    let found = diff(&both("a"), &both("b"));
    let copy = found.changes.iter().find(|change| change.id == "Copy").unwrap();
    assert!(copy.verdict == Verdict::MayReplace && !copy.data.is_empty(), "{copy:#?}");
}

#[test]
fn only_refused_changes_are_hazards() {
    let rows = [
        (
            "AWS::RDS::DBInstance",
            json!({ "AllocatedStorage": "200" }),
            json!({ "AllocatedStorage": "100" }),
            "which AWS rejects",
        ),
        ("AWS::EC2::Volume", json!({ "Size": 20 }), json!({ "Size": 10 }), "which AWS rejects"),
        (
            "AWS::MSK::Cluster",
            json!({ "NumberOfBrokerNodes": 6 }),
            json!({ "NumberOfBrokerNodes": 3 }),
            "which AWS rejects",
        ),
        (
            "AWS::MSK::Cluster",
            json!({ "BrokerNodeGroupInfo": { "StorageInfo": { "EBSStorageInfo": { "VolumeSize": 200 } } } }),
            json!({ "BrokerNodeGroupInfo": { "StorageInfo": { "EBSStorageInfo": { "VolumeSize": 100 } } } }),
            "which AWS rejects",
        ),
        (
            "AWS::MSK::Cluster",
            json!({ "StorageMode": "TIERED" }),
            json!({ "StorageMode": "LOCAL" }),
            "changes back from",
        ),
        (
            "AWS::MSK::Cluster",
            json!({ "KafkaVersion": "3.8.x" }),
            json!({ "KafkaVersion": "3.7.x" }),
            "is downgraded from",
        ),
        ("AWS::MSK::Topic", json!({ "PartitionCount": 6 }), json!({ "PartitionCount": 3 }), "which AWS rejects"),
        (
            "AWS::EKS::Cluster",
            json!({ "AccessConfig": { "AuthenticationMode": "API" } }),
            json!({ "AccessConfig": { "AuthenticationMode": "API_AND_CONFIG_MAP" } }),
            "changes back from",
        ),
        (
            "AWS::RDS::DBInstance",
            json!({ "EngineVersion": "16.4" }),
            json!({ "EngineVersion": "16.3" }),
            "is downgraded from",
        ),
        (
            "AWS::RDS::DBCluster",
            json!({ "EngineVersion": "8.0.mysql_aurora.3.8.0" }),
            json!({ "EngineVersion": "8.0.mysql_aurora.3.7.1" }),
            "is downgraded from",
        ),
    ];
    for (type_name, larger, smaller, words) in &rows {
        let text = hazards(&judge(type_name, larger, smaller));
        assert!(text.contains(words), "{type_name} {smaller}: {text}");
        assert_eq!(hazards(&judge(type_name, smaller, larger)), "", "{type_name} {larger}");
    }
    for (type_name, old, new) in [
        ("AWS::RDS::GlobalCluster", "15.4", "16.2"),
        ("AWS::ElastiCache::ReplicationGroup", "6.2", "7.1"),
        ("AWS::ElastiCache::GlobalReplicationGroup", "6.2", "7.1"),
        ("AWS::RDS::DBInstance", "5.7.44", "8.0.36"),
        ("AWS::RDS::DBInstance", "8.0.36", "8.4.3"),
    ] {
        let of = |version: &str| json!({ "EngineVersion": version });
        assert!(hazards(&judge(type_name, &of(old), &of(new))).contains("major upgrade"), "{type_name} {old} {new}");
        assert!(hazards(&judge(type_name, &of(new), &of(old))).contains("is downgraded"), "{type_name} {new} {old}");
    }
    assert_eq!(
        hazards(&judge("AWS::RDS::DBInstance", &json!({ "EngineVersion": "16.4" }), &json!({ "EngineVersion": "16" }))),
        ""
    );
    let key = |on: Value| json!({ "MultiRegion": on });
    assert!(
        hazards(&judge("AWS::KMS::Key", &json!({}), &key(json!(true)))).contains("`MultiRegion` of `It` cannot change")
    );
    assert_eq!(hazards(&judge("AWS::KMS::Key", &json!({}), &key(json!(false)))), "");
    let shards = |n: u32| json!({ "ShardCount": n });
    assert!(hazards(&judge("AWS::Kinesis::Stream", &shards(2), &shards(5))).contains("at most double"));
    assert_eq!(hazards(&judge("AWS::Kinesis::Stream", &shards(2), &shards(4))), "");
}

#[test]
fn several_index_changes_of_a_table_are_a_hazard() {
    let table = |names: &[&str]| {
        let index =
            |name: &&str| json!({ "IndexName": name, "KeySchema": [{ "AttributeName": name, "KeyType": "HASH" }] });
        json!({ "GlobalSecondaryIndexes": names.iter().map(index).collect::<Vec<_>>() })
    };
    let of = |before: &[&str], after: &[&str]| hazards(&judge("AWS::DynamoDB::Table", &table(before), &table(after)));
    assert!(of(&[], &["a", "b"]).contains("2 global secondary indexes in one update"));
    assert!(of(&["a"], &["b"]).contains("2 global secondary indexes in one update"));
    assert!(of(&["a", "b"], &[]).contains("2 global secondary indexes in one update"));
    assert_eq!(of(&["a"], &["a", "b"]) + &of(&["a", "b"], &["b"]) + &of(&["a", "b"], &["b", "a"]), "");
    let mut other = table(&["a"]);
    other["GlobalSecondaryIndexes"][0]["KeySchema"][0]["KeyType"] = json!("RANGE");
    assert!(hazards(&judge("AWS::DynamoDB::Table", &table(&["a"]), &other)).contains("in one update"));
}

#[test]
fn subnet_group_cannot_change_its_vpc() {
    let of = |subnet: &str| {
        let at = |vpc: &str| json!({ "Type": "AWS::EC2::Subnet", "Properties": { "VpcId": { "Ref": vpc }, "CidrBlock": vpc } });
        platform(json!({
            "One": at("A"), "Two": at("A"), "Three": at("B"),
            "Group": { "Type": "AWS::RDS::DBSubnetGroup", "Properties": { "SubnetIds": [{ "Ref": subnet }] } },
        }))
    };
    assert!(hazards(&diff(&of("One"), &of("Three"))).contains("`Group` moves to subnets of another VPC"));
    assert_eq!(hazards(&diff(&of("One"), &of("Two"))), "");
}
