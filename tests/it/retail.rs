//! The reference platform `retail` uses each kind of construct at least once.

use meshsynth::testing::{Platform, try_synth};
use serde_json::Value;

fn production() -> Platform {
    let environment = retail::Environment::production();
    Platform::of(try_synth("retail-production", |app| retail::platform(app, &environment)).expect("it synthesizes"))
}

/// Resource types, each with a property that one resource sets. The property is empty if any resource is sufficient.
const RESOURCES: &[(&str, &str)] = &[
    ("AWS::AmazonMQ::Broker", ""),
    ("AWS::Backup::BackupPlan", ""),
    ("AWS::Cognito::UserPoolClient", ""),
    ("AWS::DynamoDB::GlobalTable", "GlobalSecondaryIndexes"),
    ("AWS::DynamoDB::GlobalTable", "LocalSecondaryIndexes"),
    ("AWS::DynamoDB::GlobalTable", "StreamSpecification"),
    ("AWS::DynamoDB::GlobalTable", "TimeToLiveSpecification"),
    ("AWS::DynamoDB::GlobalTable", "WriteProvisionedThroughputSettings"),
    ("AWS::EFS::AccessPoint", ""),
    ("AWS::EKS::Cluster", ""),
    ("AWS::ElastiCache::ReplicationGroup", ""),
    ("AWS::Events::Archive", ""),
    ("AWS::Events::Rule", ""),
    ("AWS::Lambda::EventSourceMapping", "StartingPosition"),
    ("AWS::Lambda::Function", "Code.ImageUri"),
    ("AWS::Lambda::Function", "Code.S3Bucket"),
    ("AWS::Lambda::Function", "VpcConfig"),
    ("AWS::Lambda::Url", "AuthType"),
    ("AWS::OpenSearchService::Domain", ""),
    ("AWS::RDS::DBCluster", ""),
    ("AWS::RDS::DBInstance", "AllocatedStorage"),
    ("AWS::Route53::HostedZone", ""),
    ("AWS::S3::Bucket", "NotificationConfiguration"),
    ("AWS::Scheduler::Schedule", "ScheduleExpressionTimezone"),
    ("AWS::SNS::Subscription", "FilterPolicy"),
    ("AWS::StepFunctions::StateMachine", ""),
    ("AWS::WAFv2::WebACL", ""),
];

/// Object kinds, each with a field that one object sets.
const OBJECTS: &[(&str, &str)] = &[
    ("CronJob", "spec.jobTemplate.spec.template.spec.containers.0.command"),
    ("DaemonSet", "spec.template.spec.tolerations"),
    ("Deployment", "spec.template.spec.imagePullSecrets"),
    ("Deployment", "spec.template.spec.initContainers.1"),
    ("Deployment", "spec.template.spec.priorityClassName"),
    ("EC2NodeClass", ""),
    ("EnvoyFilter", ""),
    ("Gateway", ""),
    ("Ingress", ""),
    ("Job", "spec.template.spec.containers.0.args"),
    ("NodePool", "spec.template.spec.taints"),
    ("PriorityClass", ""),
    ("RequestAuthentication", ""),
    ("ScaledJob", ""),
    ("ScaledObject", ""),
    ("StatefulSet", "spec.volumeClaimTemplates"),
    ("StorageClass", ""),
    ("TargetGroupBinding", ""),
    ("VirtualService", ""),
];

/// Sources of volumes in deployments.
const VOLUMES: [&str; 5] = ["configMap", "emptyDir", "persistentVolumeClaim", "projected", "secret"];

/// Types of DNS records.
const RECORDS: [&str; 4] = ["CAA", "MX", "SRV", "TXT"];

#[test]
fn every_kind_of_resource_is_used() {
    let platform = production();
    let lacks = |(kind, property): &&(&str, &str)| {
        let found = platform.resources(kind);
        !found.iter().any(|it| property.is_empty() && it.props.is_object() || !it.get(property).is_null())
    };
    let missing: Vec<_> = RESOURCES.iter().filter(lacks).collect();
    assert!(missing.is_empty(), "{missing:?}");
    let records = platform.resources("AWS::Route53::RecordSet");
    let missing: Vec<_> = RECORDS.iter().filter(|kind| !records.iter().any(|it| it.props["Type"] == **kind)).collect();
    assert!(missing.is_empty(), "{missing:?}");
}

#[test]
fn every_kind_of_workload_volume_and_mesh_object_is_used() {
    let platform = production();
    let lacks = |(kind, field): &&(&str, &str)| {
        !platform.objects(kind).iter().any(|it| field.is_empty() || !it.get(field).is_null())
    };
    let missing: Vec<_> = OBJECTS.iter().filter(lacks).collect();
    assert!(missing.is_empty(), "{missing:?}");
    let deployments = platform.objects("Deployment");
    let volumes: Vec<&Value> =
        deployments.iter().filter_map(|it| it.get("spec.template.spec.volumes").as_array()).flatten().collect();
    let missing: Vec<_> = VOLUMES.iter().filter(|kind| !volumes.iter().any(|it| !it[**kind].is_null())).collect();
    assert!(missing.is_empty(), "{missing:?}");
    // The platform has two revisions, a mesh with sidecars, and an ambient mesh with a namespace waypoint.
    let namespaces = platform.objects("Namespace");
    for label in ["istio.io/rev", "istio.io/dataplane-mode", "istio.io/use-waypoint"] {
        assert!(namespaces.iter().any(|it| it.object["metadata"]["labels"][label].is_string()), "{label}");
    }
    let mut revisions: Vec<&Value> =
        namespaces.iter().map(|it| &it.object["metadata"]["labels"]["istio.io/rev"]).collect();
    revisions.retain(|it| it.is_string());
    revisions.sort_by_key(|it| it.as_str());
    revisions.dedup();
    assert_eq!(revisions.len(), 2, "{revisions:?}");
}

#[test]
fn refers_to_existing_resources_without_defining_them() {
    let platform = production();
    let graph: Value = serde_json::from_str(&platform.assembly.files["graph.json"]).expect("it is JSON");
    let existing: Vec<&str> = graph["nodes"]
        .as_array()
        .expect("there are nodes")
        .iter()
        .filter(|it| it["detail"].as_str().is_some_and(|detail| detail.contains("exists already")))
        .filter_map(|it| it["kind"].as_str())
        .collect();
    let kinds = ["bucket", "cluster", "kafka", "key", "namespace", "queue", "repository", "table"];
    let missing: Vec<_> = kinds.iter().filter(|kind| !existing.contains(kind)).collect();
    assert!(missing.is_empty(), "{missing:?} of {existing:?}");
}
