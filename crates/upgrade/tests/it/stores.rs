//! Steps of databases and brokers.

use serde_json::{Value, json};

use crate::scene::{Scene, titles};

fn postgres(version: &str) -> Scene {
    let properties =
        json!({ "Engine": "postgres", "EngineVersion": version, "DBParameterGroupName": { "Ref": "Group" } });
    let group = json!({ "Family": "postgres14", "Description": "a" });
    Scene::resource("OrdersDb", "AWS::RDS::DBInstance", &properties).with("Group", "AWS::RDS::DBParameterGroup", &group)
}

#[test]
fn upgrades_postgres_to_the_newest_valid_target() {
    let plan = postgres("14.15").plan(&["OrdersDb=17"]);
    assert_eq!(titles(&plan), ["PostgreSQL OrdersDb 14.15 → 17.11"]);
    let step = &plan.steps[0];
    assert_eq!(step.effects[0].verdict, "interruption");
    assert!(step.blockers[0].text.contains("family postgres14: define one of postgres17"), "{step:?}");
    assert!(step.hazards.iter().any(|it| it.text.contains("cannot be undone")), "{step:?}");
}

#[test]
fn refuses_targets_of_an_older_quarterly_release() {
    let refused = |from: &str, to: &str| postgres(from).plan(&[&format!("OrdersDb={to}")]).refused.len();
    assert_eq!([("16.9", "17.5"), ("16.8", "17.4"), ("16.7", "17.3")].map(|(from, to)| refused(from, to)), [0; 3]);
    assert_eq!([("16.9", "17.4"), ("16.8", "17.2"), ("16.7", "17.2")].map(|(from, to)| refused(from, to)), [1; 3]);
    assert_eq!(refused("16.9", "15.20"), 1);
}

#[test]
fn reports_targets_without_data_as_unknown() {
    let plan = postgres("13.23").plan(&["OrdersDb=17"]);
    assert!(plan.steps.is_empty());
    assert!(
        plan.unknowns[0].call.as_deref().is_some_and(|call| call.starts_with("aws rds describe-db-engine-versions"))
    );
}

fn kafka(version: &str, zones: usize) -> Scene {
    let subnets: Vec<Value> = (0..zones).map(|at| json!(format!("subnet-{at}"))).collect();
    let properties = json!({
        "ClusterName": "events", "KafkaVersion": version,
        "BrokerNodeGroupInfo": { "ClientSubnets": subnets, "InstanceType": "kafka.m5.large" },
    });
    Scene::resource("Events", "AWS::MSK::Cluster", &properties)
}

#[test]
fn migrates_kafka_to_kraft_before_version_4() {
    let plan = kafka("3.8.x", 3).plan(&["msk=4.1"]);
    assert_eq!(
        titles(&plan),
        ["Kafka Events 3.8.x → 3.9.x", "Kafka Events 3.9.x → 3.9.x.kraft", "Kafka Events 3.9.x.kraft → 4.1.x.kraft"]
    );
    assert_eq!(plan.steps[1].blockers.len(), 1, "{:?}", plan.steps[1].blockers);
    let plan = kafka("3.9.x", 2).plan(&["msk=4.1"]);
    assert!(plan.steps[0].blockers[0].text.contains("three zones"));
}
