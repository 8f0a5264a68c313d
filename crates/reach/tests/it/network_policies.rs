//! Network policies whose peers the files determine completely, partly, or not at all.

use meshsynth_reach::{Engine, Port, Source, Target, Verdict, World};
use serde_json::{Value, json};

use crate::support::{assembly, world};

fn pod(namespace: &str, name: &str, add: Value) -> Value {
    let mut pod = json!({
        "apiVersion": "v1", "kind": "Pod",
        "metadata": { "name": name, "namespace": namespace, "labels": { "app": name } },
        "spec": { "containers": [{ "name": "main", "image": "x", "ports": [{ "containerPort": 80 }] }] },
    });
    for (key, value) in add.as_object().unwrap() {
        pod["spec"][key] = value.clone();
    }
    pod
}

fn at(mut pod: Value, address: &str) -> Value {
    pod["status"] = json!({ "podIP": address });
    pod
}

fn ingress(peers: Value) -> Value {
    json!({
        "apiVersion": "networking.k8s.io/v1", "kind": "NetworkPolicy", "metadata": { "name": "own", "namespace": "shop" },
        "spec": { "podSelector": { "matchLabels": { "app": "orders" } }, "policyTypes": ["Ingress"], "ingress": [{ "from": peers }] },
    })
}

fn files(objects: &[Value]) -> World {
    let items = json!({ "apiVersion": "v1", "kind": "List", "items": objects });
    world(&[("all.json", &items.to_string())])
}

fn verdict(world: &World, from: &str, to: &str) -> Verdict {
    let id = |name: &str| world.workload_ids().find(|id| world.workload(*id).name == name).unwrap();
    let target = Target::Workload(id(to), Some(Port::tcp(80)));
    Engine::new(world).ask(&Source::Workload(id(from)), &target).verdict
}

fn between(add: &[Value], from: Value) -> Verdict {
    let mut objects = vec![pod("shop", "orders", json!({})), from];
    objects.extend(add.iter().cloned());
    verdict(&files(&objects), "web", "orders")
}

fn block(cidr: &str, except: &[&str]) -> Value {
    ingress(json!([{ "ipBlock": { "cidr": cidr, "except": except } }]))
}

#[test]
fn ip_blocks_match_pods_by_their_address() {
    let web = || at(pod("shop", "web", json!({})), "10.1.2.3");
    assert_eq!(between(&[block("10.1.0.0/16", &[])], web()), Verdict::Allowed);
    assert_eq!(between(&[block("10.1.0.0/16", &["10.1.2.0/24"])], web()), Verdict::Denied);
    assert_eq!(between(&[block("10.2.0.0/16", &[])], web()), Verdict::Denied);
    assert_eq!(between(&[block("0.0.0.0/0", &[])], web()), Verdict::Allowed);
}

#[test]
fn ip_blocks_are_unknown_for_pods_without_known_address() {
    let web = || pod("shop", "web", json!({}));
    assert_eq!(between(&[block("0.0.0.0/0", &[])], web()), Verdict::Allowed);
    assert_eq!(between(&[block("0.0.0.0/0", &["10.0.0.0/8"])], web()), Verdict::Unknown);
    assert_eq!(between(&[block("10.0.0.0/8", &[])], web()), Verdict::Unknown);
}

#[test]
fn ip_blocks_match_pods_by_the_subnets_of_their_nodes() {
    let template = json!({ "Resources": {
        "Vpc": { "Type": "AWS::EC2::VPC", "Properties": { "CidrBlock": "10.0.0.0/16" } },
        "Subnet": { "Type": "AWS::EC2::Subnet", "Properties": { "VpcId": { "Ref": "Vpc" }, "CidrBlock": "10.0.4.0/24" } },
        "Cluster": { "Type": "AWS::EKS::Cluster", "Properties": { "Name": "main", "ResourcesVpcConfig": { "SubnetIds": [{ "Ref": "Subnet" }] } } },
        "Nodes": { "Type": "AWS::EKS::Nodegroup", "Properties": { "ClusterName": { "Ref": "Cluster" }, "Subnets": [{ "Ref": "Subnet" }] } },
    } });
    let ask = |policy: Value| {
        let objects = vec![pod("shop", "orders", json!({})), pod("shop", "web", json!({})), policy];
        let stack = ("net", "", "eu-west-1", template.clone());
        verdict(&assembly(vec![stack], vec![("main", "main", "", "eu-west-1", objects)]), "web", "orders")
    };
    assert_eq!(ask(block("10.0.0.0/16", &[])), Verdict::Allowed);
    assert_eq!(ask(block("10.0.0.0/8", &["10.0.4.0/22"])), Verdict::Denied);
    assert_eq!(ask(block("10.0.4.0/25", &[])), Verdict::Unknown);
    assert_eq!(ask(block("10.1.0.0/16", &[])), Verdict::Denied);
}

#[test]
fn labels_of_namespaces_without_an_object_are_unknown() {
    let team = ingress(json!([{ "namespaceSelector": { "matchLabels": { "team": "web" } } }]));
    let by_name =
        ingress(json!([{ "namespaceSelector": { "matchLabels": { "kubernetes.io/metadata.name": "front" } } }]));
    let other = ingress(
        json!([{ "namespaceSelector": { "matchLabels": { "kubernetes.io/metadata.name": "back", "team": "web" } } }]),
    );
    let namespace = |labels: Value| json!({ "apiVersion": "v1", "kind": "Namespace", "metadata": { "name": "front", "labels": labels } });
    let web = || pod("front", "web", json!({}));
    assert_eq!(between(std::slice::from_ref(&team), web()), Verdict::Unknown);
    assert_eq!(between(&[by_name], web()), Verdict::Allowed);
    assert_eq!(between(&[other], web()), Verdict::Denied);
    assert_eq!(between(&[team.clone(), namespace(json!({}))], web()), Verdict::Denied);
    assert_eq!(between(&[team, namespace(json!({ "team": "web" }))], web()), Verdict::Allowed);
}

#[test]
fn labels_may_not_match_pods_that_use_the_host_network() {
    let by_label = ingress(json!([{ "podSelector": { "matchLabels": { "app": "web" } } }]));
    let on_host = || pod("shop", "web", json!({ "hostNetwork": true }));
    assert_eq!(between(std::slice::from_ref(&by_label), pod("shop", "web", json!({}))), Verdict::Allowed);
    assert_eq!(between(&[by_label], on_host()), Verdict::Unknown);
}

#[test]
fn policies_for_pods_with_the_host_network_are_unknown() {
    let objects = |policy: Value| {
        files(&[pod("shop", "orders", json!({ "hostNetwork": true })), pod("shop", "web", json!({})), policy])
    };
    let closed = ingress(json!([{ "podSelector": { "matchLabels": { "app": "nobody" } } }]));
    assert_eq!(verdict(&objects(closed), "web", "orders"), Verdict::Unknown);
    let open = ingress(json!([{ "podSelector": {} }]));
    assert_eq!(verdict(&objects(open), "web", "orders"), Verdict::Allowed);
}

#[test]
fn policies_of_network_plugins_make_the_answer_unknown() {
    let web = || pod("shop", "web", json!({}));
    let policy = |api: &str, kind: &str, namespace: &str, spec: Value| json!({ "apiVersion": api, "kind": kind, "metadata": { "name": "own", "namespace": namespace }, "spec": spec });
    for (api, kind) in [
        ("cilium.io/v2", "CiliumNetworkPolicy"),
        ("cilium.io/v2", "CiliumClusterwideNetworkPolicy"),
        ("projectcalico.org/v3", "GlobalNetworkPolicy"),
        ("crd.projectcalico.org/v1", "NetworkPolicy"),
        ("policy.networking.k8s.io/v1alpha2", "ClusterNetworkPolicy"),
        ("networking.k8s.aws/v1alpha1", "ApplicationNetworkPolicy"),
        ("crd.antrea.io/v1beta1", "ClusterNetworkPolicy"),
    ] {
        assert_eq!(between(&[policy(api, kind, "shop", json!({}))], web()), Verdict::Unknown, "{kind}");
    }
    let elsewhere = policy("cilium.io/v2", "CiliumNetworkPolicy", "other", json!({}));
    assert_eq!(between(&[elsewhere], web()), Verdict::Allowed);
    let selecting = json!({ "endpointSelector": { "matchLabels": { "app": "payments" } } });
    assert_eq!(between(&[policy("cilium.io/v2", "CiliumNetworkPolicy", "shop", selecting)], web()), Verdict::Allowed);
}

/// A generator of numbers below a limit.
struct Dice(u64);

impl Dice {
    fn roll(&mut self, below: u64) -> u64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % below
    }
}

/// A block of addresses as the independent evaluator sees it: the first bits of an address.
fn contains(cidr: &str, address: &str) -> bool {
    let bits = |text: &str| text.split('.').map(|it| format!("{:08b}", it.parse::<u8>().unwrap())).collect::<String>();
    let (base, length) = cidr.split_once('/').unwrap();
    let length: usize = length.parse().unwrap();
    bits(base)[..length] == bits(address)[..length]
}

#[test]
fn random_ip_blocks_agree_with_an_independent_matcher() {
    const CIDRS: [&str; 8] = [
        "0.0.0.0/0",
        "10.0.0.0/8",
        "10.0.0.0/15",
        "10.1.0.0/16",
        "10.1.2.0/23",
        "10.1.2.0/24",
        "10.1.3.128/25",
        "10.1.2.3/32",
    ];
    const ADDRESSES: [&str; 6] = ["10.0.0.1", "10.1.2.3", "10.1.2.4", "10.1.3.127", "10.1.3.128", "192.168.0.1"];
    let mut dice = Dice(7);
    for round in 0..400 {
        let address = ADDRESSES[usize::try_from(dice.roll(6)).unwrap()];
        let mut wanted = false;
        let mut peers = Vec::new();
        for _ in 0..=dice.roll(2) {
            let cidr = CIDRS[usize::try_from(dice.roll(8)).unwrap()];
            let except: Vec<&str> = (0..dice.roll(3)).map(|_| CIDRS[usize::try_from(dice.roll(8)).unwrap()]).collect();
            wanted |= contains(cidr, address) && !except.iter().any(|it| contains(it, address));
            peers.push(json!({ "ipBlock": { "cidr": cidr, "except": except } }));
        }
        let found = between(&[ingress(json!(peers))], at(pod("shop", "web", json!({})), address));
        let wanted = if wanted { Verdict::Allowed } else { Verdict::Denied };
        assert_eq!(found, wanted, "round {round}: {peers:?} {address}");
    }
}

#[test]
fn egress_of_plain_manifests_is_decided_by_policies() {
    let egress = |cidr: &str| {
        let policy = json!({
            "apiVersion": "networking.k8s.io/v1", "kind": "NetworkPolicy", "metadata": { "name": "out", "namespace": "shop" },
            "spec": { "podSelector": {}, "policyTypes": ["Egress"], "egress": [{ "to": [{ "ipBlock": { "cidr": cidr } }] }] },
        });
        let world = files(&[pod("shop", "web", json!({})), policy]);
        let target = Target::Address("203.0.113.7".parse().unwrap(), Port::tcp(443));
        Engine::new(&world).ask(&Source::Workload(world.workload_ids().next().unwrap()), &target).verdict
    };
    assert_eq!((egress("203.0.113.0/24"), egress("198.51.100.0/24")), (Verdict::Allowed, Verdict::Denied));
}
