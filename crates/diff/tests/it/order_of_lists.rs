//! List order: it matters in pod templates, and in resources unless the schema declares a list unordered.

use meshsynth_diff::{Diff, Verdict};
use serde_json::{Value, json};

use crate::scene::{diff, only, scene};

/// Returns a value with one of its lists reversed.
fn turned(value: &Value, pointer: &str) -> Value {
    let mut turned = value.clone();
    let list = turned.pointer_mut(pointer).and_then(Value::as_array_mut).unwrap_or_else(|| panic!("no {pointer}"));
    assert!(list.len() > 1, "{pointer}");
    list.reverse();
    turned
}

fn of_object(before: &Value, after: &Value) -> Diff {
    let of = |object: &Value| scene(vec![], vec![("40-workloads", object.clone())]);
    diff(&of(before), &of(after))
}

fn of_resource(type_name: &str, before: &Value, after: &Value) -> Diff {
    let of = |properties: &Value| {
        let it = json!({ "Type": type_name, "Properties": properties });
        scene(vec![("a", json!({ "Resources": { "It": it } }))], vec![])
    };
    diff(&of(before), &of(after))
}

fn template() -> Value {
    let expressions = json!([
        { "key": "zone", "operator": "In", "values": ["a", "b"] }, { "key": "arch", "operator": "In", "values": ["x"] }
    ]);
    let container = json!({
        "name": "a", "image": "i:1", "command": ["sh", "-c"], "args": ["x", "y"],
        "env": [{ "name": "A", "value": "1" }, { "name": "B", "value": "2" }],
        "envFrom": [{ "configMapRef": { "name": "a" } }, { "configMapRef": { "name": "b" } }],
        "ports": [{ "name": "http", "containerPort": 80 }, { "name": "admin", "containerPort": 81 }],
        "volumeMounts": [{ "name": "a", "mountPath": "/a" }, { "name": "b", "mountPath": "/b" }],
        "securityContext": { "capabilities": { "add": ["NET_ADMIN", "NET_RAW"], "drop": ["CHOWN", "KILL"] } },
    });
    json!({
        "metadata": { "labels": { "app": "a" } },
        "spec": {
            "containers": [container, { "name": "b", "image": "i:1" }],
            "initContainers": [{ "name": "c", "image": "i:1" }, { "name": "d", "image": "i:1" }],
            "volumes": [{ "name": "a", "emptyDir": {} }, { "name": "b", "emptyDir": {} }],
            "tolerations": [{ "key": "a", "operator": "Exists" }, { "key": "b", "operator": "Exists" }],
            "topologySpreadConstraints": [{ "topologyKey": "zone", "maxSkew": 1 }, { "topologyKey": "host", "maxSkew": 1 }],
            "imagePullSecrets": [{ "name": "a" }, { "name": "b" }],
            "hostAliases": [{ "ip": "10.0.0.1", "hostnames": ["a", "b"] }, { "ip": "10.0.0.2", "hostnames": ["c"] }],
            "readinessGates": [{ "conditionType": "a" }, { "conditionType": "b" }],
            "securityContext": { "sysctls": [{ "name": "a", "value": "1" }, { "name": "b", "value": "1" }], "supplementalGroups": [1, 2] },
            "affinity": { "nodeAffinity": { "requiredDuringSchedulingIgnoredDuringExecution": {
                "nodeSelectorTerms": [{ "matchExpressions": expressions }] } } },
        },
    })
}

/// Returns the pointers of all lists with more than one item.
fn lists(value: &Value, at: &str) -> Vec<String> {
    match value {
        Value::Object(map) => map.iter().flat_map(|(key, value)| lists(value, &format!("{at}/{key}"))).collect(),
        Value::Array(items) => {
            let inner = items.iter().enumerate().flat_map(|(idx, item)| lists(item, &format!("{at}/{idx}")));
            (items.len() > 1).then(|| at.to_owned()).into_iter().chain(inner).collect()
        }
        _ => Vec::new(),
    }
}

#[test]
fn list_order_in_a_pod_template_causes_a_rollout() {
    for (api, kind) in [
        ("apps/v1", "Deployment"),
        ("apps/v1", "StatefulSet"),
        ("apps/v1", "DaemonSet"),
        ("argoproj.io/v1alpha1", "Rollout"),
    ] {
        let object = json!({ "apiVersion": api, "kind": kind, "metadata": { "name": "a", "namespace": "n" },
            "spec": { "template": template() } });
        let pointers = lists(&object, "");
        assert!(pointers.len() > 18, "{pointers:?}");
        for pointer in pointers {
            let found = of_object(&object, &turned(&object, &pointer));
            assert_eq!(only(&found).verdict, Verdict::RolloutRestart, "{kind} {pointer}");
        }
    }
}

#[test]
fn list_order_in_an_immutable_template_is_refused() {
    let spec = json!({ "template": template() });
    let job = json!({ "apiVersion": "batch/v1", "kind": "Job", "metadata": { "name": "a" }, "spec": spec });
    let cron = json!({ "apiVersion": "batch/v1", "kind": "CronJob", "metadata": { "name": "a" },
        "spec": { "schedule": "0 3 * * *", "jobTemplate": { "spec": spec } } });
    let claims = json!({ "apiVersion": "apps/v1", "kind": "StatefulSet", "metadata": { "name": "a" },
        "spec": { "volumeClaimTemplates": [{ "metadata": { "name": "a" } }, { "metadata": { "name": "b" } }] } });
    let env = "/spec/template/spec/containers/0/env";
    assert_eq!(only(&of_object(&job, &turned(&job, env))).verdict, Verdict::KubernetesImmutable);
    let env = "/spec/jobTemplate/spec/template/spec/containers/0/env";
    assert_eq!(only(&of_object(&cron, &turned(&cron, env))).verdict, Verdict::InPlace);
    let found = of_object(&claims, &turned(&claims, "/spec/volumeClaimTemplates"));
    assert_eq!(only(&found).verdict, Verdict::KubernetesImmutable);
}

#[test]
fn ignores_list_order_outside_of_templates() {
    let of = |api: &str, kind: &str, spec: Value| {
        let object = json!({ "apiVersion": api, "kind": kind, "metadata": { "name": "a", "namespace": "n" } });
        let mut object = object.as_object().unwrap().clone();
        object.extend(spec.as_object().unwrap().clone());
        Value::Object(object)
    };
    let role = of(
        "rbac.authorization.k8s.io/v1",
        "Role",
        json!({ "rules": [{ "apiGroups": [""], "resources": ["pods", "nodes"], "verbs": ["get"] }, { "apiGroups": ["apps"], "resources": ["deployments"], "verbs": ["get", "list"] }] }),
    );
    let service =
        of("v1", "Service", json!({ "spec": { "ports": [{ "name": "a", "port": 80 }, { "name": "b", "port": 81 }] } }));
    let policy = of(
        "networking.k8s.io/v1",
        "NetworkPolicy",
        json!({ "spec": { "policyTypes": ["Ingress", "Egress"], "ingress": [{ "ports": [{ "port": 1 }, { "port": 2 }] }, { "ports": [{ "port": 3 }] }] } }),
    );
    for object in [role, service, policy] {
        for pointer in lists(&object, "") {
            assert!(of_object(&object, &turned(&object, &pointer)).changes.is_empty(), "{} {pointer}", object["kind"]);
        }
    }
    // Lists of an unknown custom kind are ordered.
    let ordered = of(
        "example.com/v1",
        "Thing",
        json!({ "spec": { "hosts": ["a", "b"], "values": ["a", "b"], "ports": [{ "name": "a" }, { "name": "b" }] } }),
    );
    for pointer in lists(&ordered, "") {
        assert_eq!(only(&of_object(&ordered, &turned(&ordered, &pointer))).verdict, Verdict::InPlace, "{pointer}");
    }
}

#[test]
fn only_the_schema_declares_lists_unordered() {
    let name = |key: &str| json!([{ key: "a" }, { key: "b" }]);
    let ordered = [
        ("AWS::CodePipeline::Pipeline", json!({ "Stages": name("Name") }), "/Stages"),
        (
            "AWS::Glue::Table",
            json!({ "TableInput": { "StorageDescriptor": { "Columns": name("Name") } } }),
            "/TableInput/StorageDescriptor/Columns",
        ),
        ("AWS::EMR::Cluster", json!({ "Steps": name("Name") }), "/Steps"),
        ("AWS::DynamoDB::Table", json!({ "KeySchema": name("AttributeName") }), "/KeySchema"),
        ("AWS::WAFv2::WebACL", json!({ "Rules": name("Name") }), "/Rules"),
        (
            "AWS::S3::Bucket",
            json!({ "LifecycleConfiguration": { "Rules": name("Id") } }),
            "/LifecycleConfiguration/Rules",
        ),
        ("Custom::Thing", json!({ "Subnets": ["a", "b"], "Rules": name("Name") }), "/Subnets"),
        ("Custom::Thing", json!({ "Rules": name("Name") }), "/Rules"),
    ];
    for (type_name, properties, pointer) in &ordered {
        let found = of_resource(type_name, properties, &turned(properties, pointer));
        assert!(!found.changes.is_empty(), "{type_name} {pointer}");
    }
    let statement = json!([{ "Sid": "a", "Effect": "Allow", "Action": ["x", "y"] }, { "Sid": "b", "Effect": "Allow", "Action": "z", "Condition": { "StringEquals": { "aws:x": ["a", "b"] } } }]);
    let unordered = [
        ("AWS::EC2::SecurityGroup", json!({ "SecurityGroupIngress": [{ "FromPort": 1 }, { "FromPort": 2 }] })),
        ("AWS::EKS::Cluster", json!({ "ResourcesVpcConfig": { "SubnetIds": ["a", "b"] } })),
        ("AWS::EC2::Subnet", json!({ "Tags": [{ "Key": "a", "Value": "1" }, { "Key": "b", "Value": "2" }] })),
        ("AWS::IAM::RolePolicy", json!({ "PolicyDocument": { "Statement": statement } })),
    ];
    for (type_name, properties) in &unordered {
        for pointer in lists(properties, "") {
            let found = of_resource(type_name, properties, &turned(properties, &pointer));
            assert!(found.changes.is_empty(), "{type_name} {pointer}: {found:#?}");
        }
    }
}

#[test]
fn list_order_of_a_create_only_property_replaces() {
    let properties = json!({ "KeySchema": [{ "AttributeName": "a" }, { "AttributeName": "b" }] });
    let found = of_resource("AWS::DynamoDB::Table", &properties, &turned(&properties, "/KeySchema"));
    assert_eq!(only(&found).verdict, Verdict::DataLoss);
}
