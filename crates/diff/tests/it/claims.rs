//! Data of StatefulSets, protected stores, and engine versions.

use meshsynth_diff::{Diff, Verdict};
use serde_json::{Value, json};

use crate::gates::denied;
use crate::scene::{diff, hazards, only, scene};

fn set(replicas: Value, policy: Value, name: &str) -> Value {
    json!({ "apiVersion": "apps/v1", "kind": "StatefulSet", "metadata": { "name": "db", "namespace": "shop" }, "spec": {
        "replicas": replicas, "serviceName": name, "persistentVolumeClaimRetentionPolicy": policy,
        "volumeClaimTemplates": [{ "metadata": { "name": "data" }, "spec": { "resources": { "requests": { "storage": "1Gi" } } } }],
        "template": { "metadata": { "labels": { "app": "db" } }, "spec": { "containers": [{ "name": "c", "image": "i" }] } } } })
}

fn objects(before: Option<Value>, after: Option<Value>) -> Diff {
    let side = |object: Option<Value>| scene(vec![], object.into_iter().map(|it| ("40-workloads", it)).collect());
    diff(&side(before), &side(after))
}

#[test]
fn scale_down_with_a_deleting_policy_is_data_loss() {
    let deletes = json!({ "whenScaled": "Delete" });
    for after in [json!(1), json!(0), Value::Null] {
        let found =
            objects(Some(set(json!(3), deletes.clone(), "db")), Some(set(after.clone(), deletes.clone(), "db")));
        assert_eq!(only(&found).verdict, Verdict::DataLoss, "{after}");
        assert!(denied(&found, "data-loss").contains("`db`"));
    }
    for (before, after, policy) in [
        (json!(1), json!(3), deletes.clone()),
        (json!(3), json!(1), json!({ "whenScaled": "Retain" })),
        (json!(3), json!(1), json!({ "whenDeleted": "Delete" })),
    ] {
        let found = objects(Some(set(before, policy.clone(), "db")), Some(set(after, policy, "db")));
        assert_eq!(only(&found).verdict, Verdict::InPlace);
    }
}

#[test]
fn deleted_set_with_a_deleting_policy_is_data_loss() {
    let deletes = json!({ "whenDeleted": "Delete" });
    let found = objects(Some(set(json!(1), deletes.clone(), "db")), None);
    assert_eq!(only(&found).verdict, Verdict::DataLoss);
    let found = objects(Some(set(json!(1), json!({}), "db")), None);
    assert_eq!(only(&found).verdict, Verdict::Prune);
    // Another service name requires a new set.
    let found = objects(Some(set(json!(1), deletes.clone(), "db")), Some(set(json!(1), deletes, "other")));
    assert_eq!(only(&found).verdict, Verdict::DataLoss);
}

fn template(resources: Value) -> Diff {
    let side = |resources: Value| scene(vec![("a", json!({ "Resources": resources }))], vec![]);
    diff(&side(resources), &side(json!({})))
}

#[test]
fn deletion_of_a_protected_store_fails() {
    for (type_name, properties) in [
        ("AWS::RDS::DBInstance", json!({ "Engine": "postgres", "DeletionProtection": true })),
        ("AWS::RDS::DBCluster", json!({ "Engine": "aurora-postgresql", "DeletionProtection": "true" })),
        ("AWS::DynamoDB::Table", json!({ "DeletionProtectionEnabled": true })),
        ("AWS::Cognito::UserPool", json!({ "DeletionProtection": "ACTIVE" })),
        (
            "AWS::DynamoDB::GlobalTable",
            json!({ "Replicas": [{ "Region": "eu-west-1", "DeletionProtectionEnabled": true }] }),
        ),
        (
            "AWS::ElasticLoadBalancingV2::LoadBalancer",
            json!({ "LoadBalancerAttributes": [{ "Key": "deletion_protection.enabled", "Value": "true" }] }),
        ),
    ] {
        let found = template(json!({ "It": { "Type": type_name, "Properties": properties } }));
        assert_eq!(only(&found).verdict, Verdict::DeleteRetained, "{type_name}");
        assert!(hazards(&found).contains("AWS rejects the deletion of `It`"), "{type_name}: {}", hazards(&found));
        let plain = template(json!({ "It": { "Type": type_name, "Properties": {} } }));
        assert!(!hazards(&plain).contains("AWS rejects the deletion"), "{type_name}");
    }
    let by_parameter = json!({ "It": { "Type": "AWS::RDS::DBInstance", "Properties": { "DeletionProtection": { "Ref": "Protect" } } } });
    let found = template(by_parameter);
    assert_eq!(only(&found).verdict, Verdict::Delete);
    assert!(hazards(&found).contains("if `DeletionProtection` is enabled"), "{}", hazards(&found));
}

#[test]
fn major_versions_depend_on_the_engine() {
    let of = |type_name: &str, engine: Value, property: &str, version: &str| {
        let mut properties = engine;
        properties[property] = json!(version);
        scene(
            vec![(
                "a",
                json!({ "Resources": { "It": { "Type": type_name, "DeletionPolicy": "Retain",
                "UpdatePolicy": { "EnableVersionUpgrade": true }, "Properties": properties } } }),
            )],
            vec![],
        )
    };
    let engine = |name: &str| json!({ "Engine": name });
    let db = "AWS::RDS::DBInstance";
    for (type_name, engine, property, old, new, is_major) in [
        (db, engine("mariadb"), "EngineVersion", "10.6.14", "10.11.4", true),
        (db, engine("mariadb"), "EngineVersion", "10.6.14", "10.6.18", false),
        (db, engine("mysql"), "EngineVersion", "8.0.35", "8.4.3", true),
        (db, engine("mysql"), "EngineVersion", "8.0.35", "8.0.39", false),
        (db, engine("postgres"), "EngineVersion", "16.3", "17.1", true),
        (db, engine("postgres"), "EngineVersion", "16.3", "16.9", false),
        (
            "AWS::RDS::DBCluster",
            engine("aurora-mysql"),
            "EngineVersion",
            "8.0.mysql_aurora.3.07.1",
            "8.4.mysql_aurora.4.0.0",
            true,
        ),
        (
            "AWS::RDS::DBCluster",
            engine("aurora-mysql"),
            "EngineVersion",
            "8.0.mysql_aurora.3.04.0",
            "8.0.mysql_aurora.3.07.1",
            false,
        ),
        ("AWS::RDS::GlobalCluster", engine("aurora-postgresql"), "EngineVersion", "15.4", "16.2", true),
        ("AWS::Neptune::DBCluster", json!({}), "EngineVersion", "1.2.1.0", "1.3.0.0", true),
        ("AWS::Neptune::DBCluster", json!({}), "EngineVersion", "1.3.0.0", "1.3.1.0", false),
        ("AWS::ElastiCache::ReplicationGroup", engine("redis"), "EngineVersion", "6.2", "7.0", true),
        ("AWS::ElastiCache::ReplicationGroup", engine("valkey"), "EngineVersion", "7.2", "8.0", true),
        ("AWS::ElastiCache::ReplicationGroup", engine("redis"), "EngineVersion", "7.0", "7.1", false),
        ("AWS::MSK::Cluster", json!({}), "KafkaVersion", "2.8.1", "3.6.0", true),
        ("AWS::MSK::Cluster", json!({}), "KafkaVersion", "3.5.1", "3.6.0", false),
        ("AWS::AmazonMQ::Broker", json!({ "EngineType": "RABBITMQ" }), "EngineVersion", "3.13", "4.2", true),
        ("AWS::AmazonMQ::Broker", json!({ "EngineType": "ACTIVEMQ" }), "EngineVersion", "5.17.6", "5.18.4", false),
        ("AWS::OpenSearchService::Domain", json!({}), "EngineVersion", "OpenSearch_1.3", "OpenSearch_2.11", true),
        ("AWS::OpenSearchService::Domain", json!({}), "EngineVersion", "Elasticsearch_7.10", "OpenSearch_1.3", true),
        ("AWS::OpenSearchService::Domain", json!({}), "EngineVersion", "OpenSearch_2.11", "OpenSearch_2.13", false),
        ("AWS::Elasticsearch::Domain", json!({}), "ElasticsearchVersion", "6.8", "7.10", true),
    ] {
        let side = |version: &str| of(type_name, engine.clone(), property, version);
        let text = hazards(&diff(&side(old), &side(new)));
        assert_eq!(text.contains("major upgrade"), is_major, "{type_name} {engine} {old} {new}: {text}");
        let back = hazards(&diff(&side(new), &side(old)));
        assert!(back.contains("is downgraded"), "{type_name} {engine} {new} {old}: {back}");
    }
}

#[test]
fn order_of_instance_types_matters() {
    let side = |types: Value| {
        let nodes = json!({ "Type": "AWS::EKS::Nodegroup", "Properties": { "InstanceTypes": types } });
        scene(vec![("a", json!({ "Resources": { "It": nodes } }))], vec![])
    };
    let found = diff(&side(json!(["m7g.large", "m6g.large"])), &side(json!(["m6g.large", "m7g.large"])));
    assert_eq!(only(&found).verdict, Verdict::Replace);
}

#[test]
fn counts_resources_and_not_their_names_for_quotas() {
    let side = |n: usize| {
        let rows = (0..n).map(|idx| (format!("Ip{idx}"), json!({ "Type": "AWS::EC2::EIP", "Properties": {} })));
        let mut resources: serde_json::Map<String, Value> = rows.collect();
        resources.insert(
            "Text".to_owned(),
            json!({ "Type": "AWS::SSM::Parameter", "Properties": { "Value": "AWS::EC2::EIP" } }),
        );
        scene(vec![("a", json!({ "Resources": resources }))], vec![])
    };
    assert_eq!(hazards(&diff(&side(4), &side(5))), "");
    assert!(hazards(&diff(&side(4), &side(6))).contains("6 `AWS::EC2::EIP`"));
}

#[test]
fn growing_volume_has_its_procedure() {
    let with = |size: &str| {
        let mut set = set(json!(2), json!({}), "db");
        set["spec"]["volumeClaimTemplates"][0]["spec"]["resources"]["requests"]["storage"] = json!(size);
        Some(set)
    };
    let found = objects(with("1Gi"), with("2Gi"));
    let reasons: Vec<&str> = only(&found).reasons.iter().map(|it| it.text.as_str()).collect();
    assert!(
        reasons.iter().any(|it| it.contains("`data-db-N` to `2Gi`") && it.contains("--cascade=orphan")),
        "{reasons:?}"
    );
    let found = objects(with("2Gi"), with("1Gi"));
    assert!(!only(&found).reasons.iter().any(|it| it.text.contains("--cascade=orphan")));
}

#[test]
fn tasks_of_owners_are_sentences() {
    let side = |tasks: Value, line: u32| {
        let mut side = scene(vec![], vec![]).side();
        let needed = json!([{ "construct": "data/key", "source": format!("src/data.rs:{line}:1") }]);
        let tasks: Vec<Value> = tasks
            .as_array()
            .into_iter()
            .flatten()
            .map(|what| json!({ "owner": "arn:aws:kms:key/1", "what": what, "document": null, "needed_by": needed }))
            .collect();
        side.add_text("owners.json", json!({ "tasks": tasks }).to_string());
        side
    };
    let found =
        Diff::new(&side(json!(["add a statement"]), 1), &side(json!(["add a statement", "add a grant"]), 2)).unwrap();
    let change = only(&found);
    assert!(change.edits.is_empty());
    assert_eq!(change.reasons[0].text, "1 new task for the owner of `arn:aws:kms:key/1`: add a grant");
}
