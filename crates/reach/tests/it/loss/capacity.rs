//! Pods and nodes without a zone.

use meshsynth_reach::World;
use meshsynth_reach::loss::{Asked, Kind, Outcome};
use serde_json::{Value, json};

use super::support::{outcome, resource, template, without, without_zone, world};

/// Returns a cluster with a node group in some subnets, and additions to the template.
fn cluster(subnets: &[&str], scaling: Value, manifests: &str, more: Value) -> World {
    let subnets: Vec<Value> = subnets.iter().map(|it| json!({ "Ref": it })).collect();
    let mut all = json!({
        "Cluster": resource("AWS::EKS::Cluster", json!({ "Name": "shop", "ResourcesVpcConfig": { "SubnetIds": [{ "Ref": "A" }, { "Ref": "B" }] } })),
    });
    if !subnets.is_empty() {
        all["Nodes"] = resource(
            "AWS::EKS::Nodegroup",
            json!({ "ClusterName": { "Ref": "Cluster" }, "Subnets": subnets, "ScalingConfig": scaling, "InstanceTypes": ["m7g.large"] }),
        );
    }
    all.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    world(&template(all), manifests)
}

fn scaling(desired: u64, most: u64) -> Value {
    json!({ "MinSize": 1, "DesiredSize": desired, "MaxSize": most })
}

/// Returns a deployment with a number of pods and additions to its pod template.
fn pods(replicas: u64, cpu: &str, more: &str) -> String {
    format!(
        "apiVersion: apps/v1\nkind: Deployment\nmetadata: {{ name: orders, namespace: shop }}\nspec:\n  replicas: {replicas}\n  \
         selector: {{ matchLabels: {{ app: orders }} }}\n  template:\n    metadata: {{ labels: {{ app: orders }} }}\n    spec:\n      \
         containers:\n        - {{ name: main, image: x, resources: {{ requests: {{ cpu: {cpu:?} }} }} }}\n{more}"
    )
}

const STRICT: &str = "      topologySpreadConstraints:\n        - { maxSkew: 1, topologyKey: topology.kubernetes.io/zone, \
                      whenUnsatisfiable: DoNotSchedule, labelSelector: { matchLabels: { app: orders } } }\n";
const APART: &str = "      affinity: { podAntiAffinity: { requiredDuringSchedulingIgnoredDuringExecution: [ { topologyKey: \
                     topology.kubernetes.io/zone, labelSelector: { matchLabels: { app: orders } } } ] } }\n";

fn workload(world: &World) -> Outcome {
    outcome(&without_zone(world, "eu-west-1a"), Kind::Workload, "shop/orders")
}

#[test]
fn pods_spread_over_zones_remain_and_other_pods_restart() {
    let of = |replicas: u64, more: &str| {
        workload(&cluster(&["A", "B"], scaling(4, 4), &pods(replicas, "100m", more), json!({})))
    };
    assert_eq!(of(2, STRICT), Outcome::Left);
    assert_eq!(of(2, APART), Outcome::Left);
    assert_eq!(of(2, &STRICT.replace("DoNotSchedule", "ScheduleAnyway")), Outcome::FailsOver);
    assert_eq!(of(2, &STRICT.replace("app: orders", "app: other")), Outcome::FailsOver, "others are spread");
    assert_eq!(of(1, STRICT), Outcome::FailsOver, "one pod is in one zone");
    assert_eq!(of(3, ""), Outcome::FailsOver);
}

#[test]
fn zonal_pods_are_lost_with_their_zone() {
    let of =
        |subnets: &[&str], more: &str| workload(&cluster(subnets, scaling(2, 2), &pods(2, "100m", more), json!({})));
    assert_eq!((of(&["A"], ""), of(&["B"], "")), (Outcome::Lost, Outcome::Left));
    let zone = |it: &str| format!("      nodeSelector: {{ topology.kubernetes.io/zone: {it} }}\n");
    assert_eq!(of(&["A", "B"], &zone("eu-west-1a")), Outcome::Lost);
    assert_eq!(of(&["A", "B"], &zone("eu-west-1b")), Outcome::Left);
}

#[test]
fn pods_do_not_start_without_their_volume() {
    let set = |provisioner: &str| {
        let pods = pods(1, "100m", "").replace("kind: Deployment", "kind: StatefulSet");
        let claims = "  volumeClaimTemplates:\n    - { metadata: { name: data }, spec: { storageClassName: disk } }\n";
        let class = format!(
            "---\napiVersion: storage.k8s.io/v1\nkind: StorageClass\nmetadata: {{ name: disk }}\nprovisioner: {provisioner}\n"
        );
        workload(&cluster(&["A", "B"], scaling(4, 4), &(pods + claims + &class), json!({})))
    };
    assert_eq!(set("ebs.csi.aws.com"), Outcome::Unknown);
    assert_eq!(set("efs.csi.aws.com"), Outcome::FailsOver);
}

#[test]
fn compares_remaining_nodes_with_pod_requests() {
    let nodes = |desired, most, cpu: &str| {
        let world = cluster(&["A", "B"], scaling(desired, most), &pods(2, cpu, ""), json!({}));
        outcome(&without_zone(&world, "eu-west-1a"), Kind::Capacity, "nodes of cluster")
    };
    assert_eq!(nodes(4, 4, "500m"), Outcome::Left, "two nodes are enough");
    assert_eq!(nodes(2, 4, "1500m"), Outcome::FailsOver, "the group starts the other again");
    assert_eq!(nodes(1, 4, "1500m"), Outcome::ByHand, "nothing makes the group greater");
    assert_eq!(nodes(1, 1, "1500m"), Outcome::Lost, "the group cannot be greater");
}

#[test]
fn loses_node_group_by_name() {
    let other = json!({ "Others": resource("AWS::EKS::Nodegroup", json!({
        "ClusterName": { "Ref": "Cluster" }, "Subnets": [{ "Ref": "A" }], "ScalingConfig": scaling(2, 2), "InstanceTypes": ["m7g.large"],
    })) });
    let asked = Asked { node_groups: vec!["Nodes".to_owned()], ..Asked::default() };
    let of = |more| {
        outcome(
            &without(&cluster(&["A", "B"], scaling(2, 2), &pods(2, "100m", ""), more), &asked),
            Kind::Workload,
            "shop/orders",
        )
    };
    assert_eq!((of(other), of(json!({}))), (Outcome::FailsOver, Outcome::Lost));
}

#[test]
fn created_nodes_respect_limits() {
    let pool = |cpu: &str| {
        format!(
            "---\napiVersion: karpenter.sh/v1\nkind: NodePool\nmetadata: {{ name: general }}\nspec:\n  limits: {{ cpu: {cpu:?} }}\n  \
             template: {{ spec: {{ nodeClassRef: {{ name: default }} }} }}\n---\napiVersion: karpenter.k8s.aws/v1\nkind: EC2NodeClass\n\
             metadata: {{ name: default }}\nspec: {{ subnetSelectorTerms: [ {{ id: \"${{main/A}}\" }}, {{ id: \"${{main/B}}\" }} ] }}\n"
        )
    };
    let nodes = |cpu: &str| {
        let world = cluster(&[], Value::Null, &(pods(2, "1500m", "") + &pool(cpu)), json!({}));
        outcome(&without_zone(&world, "eu-west-1a"), Kind::Capacity, "nodes of cluster")
    };
    assert_eq!((nodes("10"), nodes("2")), (Outcome::FailsOver, Outcome::Lost));
}

#[test]
fn fargate_and_auto_mode_use_other_zones() {
    let of = |subnets: Value| {
        let profile =
            resource("AWS::EKS::FargateProfile", json!({ "ClusterName": { "Ref": "Cluster" }, "Subnets": subnets }));
        let world = cluster(&[], Value::Null, &pods(2, "1", ""), json!({ "Profile": profile }));
        workload(&world)
    };
    assert_eq!(of(json!([{ "Ref": "A" }, { "Ref": "B" }])), Outcome::FailsOver);
    assert_eq!(of(json!([{ "Ref": "A" }])), Outcome::Lost);
    let auto = json!({ "Cluster": resource("AWS::EKS::Cluster", json!({
        "Name": "shop", "ComputeConfig": { "Enabled": true, "NodePools": ["general-purpose"] },
        "ResourcesVpcConfig": { "SubnetIds": [{ "Ref": "A" }, { "Ref": "B" }] },
    })) });
    let world = cluster(&[], Value::Null, &pods(2, "1", ""), auto);
    assert_eq!(outcome(&without_zone(&world, "eu-west-1a"), Kind::Capacity, "nodes of cluster"), Outcome::FailsOver);
}

#[test]
fn pods_without_known_nodes_need_a_zone() {
    let alone = |more: &str| workload(&world(&json!({}), &pods(2, "100m", more)));
    assert_eq!(alone(""), Outcome::Unknown);
    assert_eq!(alone("      nodeSelector: { topology.kubernetes.io/zone: eu-west-1a }\n"), Outcome::Lost);
}

#[test]
fn egress_through_lost_nat_gateway_is_lost() {
    let way = |subnet: &str| {
        let world = world(
            &template(json!({
                "Nat": resource("AWS::EC2::NatGateway", json!({ "SubnetId": { "Ref": subnet } })),
                "Table": resource("AWS::EC2::RouteTable", json!({})),
                "OfB": resource("AWS::EC2::SubnetRouteTableAssociation", json!({ "RouteTableId": { "Ref": "Table" }, "SubnetId": { "Ref": "B" } })),
                "Out": resource("AWS::EC2::Route", json!({ "RouteTableId": { "Ref": "Table" }, "NatGatewayId": { "Ref": "Nat" }, "DestinationCidrBlock": "0.0.0.0/0" })),
            })),
            "",
        );
        without_zone(&world, "eu-west-1a").count(Kind::Network, Outcome::Lost)
    };
    assert_eq!((way("A"), way("B")), (1, 0));
}
