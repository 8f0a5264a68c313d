//! Reports of paths: each path once, and one line for the consequences of a new or renamed workload.

use meshsynth_diff::gates::{self, Gate, Policy};
use meshsynth_diff::ways::{Arrival, Way};
use meshsynth_diff::{Diff, Standing, day::Day};
use meshsynth_reach::world::Files;
use serde_json::{Value, json};

use crate::gates::{denied, pods, resources, workload};
use crate::scene::{Scene, diff, scene};
use crate::ways::{diff as diff_of, platform};

/// Returns a service in the namespace `shop` with its account, and a policy that allows `web`.
fn service(name: &str, image: &str) -> Vec<(&'static str, Value)> {
    let mut template = pods(image);
    template["spec"]["serviceAccountName"] = name.into();
    let metadata = json!({ "name": name, "namespace": "shop" });
    let from = json!([{ "from": [{ "podSelector": { "matchLabels": { "app": "web" } } }] }]);
    let spec =
        json!({ "podSelector": { "matchLabels": { "app": name } }, "policyTypes": ["Ingress"], "ingress": from });
    vec![
        workload("Deployment", name, json!({ "template": template })),
        (
            "30-policies",
            json!({ "apiVersion": "networking.k8s.io/v1", "kind": "NetworkPolicy", "metadata": metadata, "spec": spec }),
        ),
    ]
}

fn shop(services: &[(&str, &str)]) -> Scene {
    scene(vec![], services.iter().flat_map(|(name, image)| service(name, image)).collect())
}

fn renamed(found: &Diff) -> Vec<String> {
    found.renamed.iter().map(|it| format!("{} {}", it.from, it.to)).collect()
}

const WEB: (&str, &str) = ("web", "registry.example/web:1");

#[test]
fn recognizes_a_renamed_workload() {
    let old = shop(&[WEB, ("orders", "registry.example/orders:1")]);
    // The image may have the old or the new name, and another version.
    for image in ["registry.example/orders:1", "registry.example/checkout:2"] {
        let found = diff(&old, &shop(&[WEB, ("checkout", image)]));
        assert_eq!(renamed(&found), ["shop/orders shop/checkout"], "{image}");
        assert!(found.ways.is_empty(), "{image}: {:#?}", found.ways);
        assert_eq!(denied(&found, "reach"), "");
    }
    // A renamed workload that loses its policy opens a path.
    let mut open = shop(&[WEB, ("checkout", "registry.example/orders:1"), ("other", "registry.example/other:1")]);
    let before = shop(&[WEB, ("orders", "registry.example/orders:1"), ("other", "registry.example/other:1")]);
    assert!(diff(&before, &open).ways.is_empty());
    open.objects.retain(|(_, it)| it["kind"] != "NetworkPolicy" || it["metadata"]["name"] != "checkout");
    assert!(denied(&diff(&before, &open), "reach").contains("`shop/other -> shop/checkout:8080`"));
}

#[test]
fn workload_with_another_image_is_not_renamed() {
    let old = shop(&[WEB, ("orders", "registry.example/orders:1")]);
    for image in ["registry.example/search:1", "elsewhere.example/orders:1"] {
        let found = diff(&old, &shop(&[WEB, ("checkout", image)]));
        assert_eq!(renamed(&found), [""; 0], "{image}");
        assert!(denied(&found, "reach").contains("`shop/web -> shop/checkout:8080`"), "{image}");
    }
    // If two new workloads match one removed workload, neither counts as renamed.
    let two = shop(&[WEB, ("checkout", "registry.example/orders:1"), ("basket", "registry.example/orders:1")]);
    assert_eq!(renamed(&diff(&old, &two)), [""; 0]);
}

/// Returns a platform without the objects and resources of a service, according to their construct paths.
fn without(files: &Files, service: &str) -> Files {
    let part = format!("/{service}/");
    let is_it = |it: &Value| format!("/{}/", it["construct"].as_str().unwrap_or_default()).contains(&part);
    let mut less = files.clone();
    for cluster in less.manifest["clusters"].as_array_mut().expect("clusters") {
        for object in cluster["objects"].as_array().expect("objects").iter().filter(|it| is_it(it)) {
            less.documents.remove(object["path"].as_str().expect("a path"));
        }
        cluster["objects"].as_array_mut().expect("objects").retain(|it| !is_it(it));
    }
    for stack in less.manifest["stacks"].as_array_mut().expect("stacks") {
        let template = stack["template"].as_str().expect("a template").to_owned();
        let rows = stack["resources"].as_object().expect("resources");
        let gone: Vec<String> = rows.iter().filter(|(_, it)| is_it(it)).map(|(id, _)| id.clone()).collect();
        let documents = less.documents.get_mut(&template).expect("a template");
        for id in gone {
            stack["resources"].as_object_mut().expect("resources").remove(&id);
            documents[0].1["Resources"].as_object_mut().expect("resources").remove(&id);
        }
    }
    less
}

#[test]
fn summarizes_a_new_service_except_public_access() {
    let whole = platform("ecommerce");
    let found = diff_of(&without(&whole, "customers"), &whole);
    let alone: Vec<String> =
        found.ways.iter().filter(|it| it.with.is_none() && !it.fresh).map(Way::to_string).collect();
    assert_eq!(alone, ["the internet now reaches `ecommerce/customers:8080`"]);
    let arrivals: Vec<String> = Arrival::all(&found.ways).iter().map(ToString::to_string).collect();
    let callers =
        "7 sources (`ecommerce/orders`, `ecommerce/recommendations`, `ecommerce/recommendations-v2` and 4 more)";
    assert_eq!(arrivals, [format!("`ecommerce/customers` is new: {callers} reach it on 8080")]);
    // Gates evaluate each pair.
    assert!(denied(&found, "reach=ecommerce/*").contains("`ecommerce/orders -> ecommerce/customers:8080`"));
    // Without declared relations, each path to the new service is reported separately, unless other workloads of its
    // namespace have the same path.
    let mut undeclared = whole.clone();
    undeclared.graph = json!({ "nodes": [], "edges": [] });
    let found = diff_of(&without(&undeclared, "customers"), &undeclared);
    let callers = found.ways.iter().filter(|it| it.with.is_none()).flat_map(|it| &it.from);
    assert!(callers.into_iter().any(|it| it.name == "ecommerce/orders"), "{:#?}", found.ways);
}

#[test]
fn lists_statements_of_all_layers_with_their_path() {
    let whole = platform("ecommerce");
    let mut old = whole.clone();
    for (path, documents) in &mut old.documents {
        let is_policy = ["NetworkPolicy", "AuthorizationPolicy"].iter().any(|it| documents[0].1["kind"] == *it);
        if is_policy && documents[0].1["metadata"]["name"] == "customers" {
            let text = documents[0].1.to_string().replace("saga", "orders");
            documents[0].1 = serde_json::from_str(&text).unwrap_or_else(|error| panic!("{path}: {error}"));
        }
    }
    let found = diff_of(&old, &whole);
    let ways: Vec<String> = found.ways.iter().map(Way::to_string).collect();
    assert_eq!(ways, ["`ecommerce/saga` now reaches `ecommerce/customers:8080`"]);
    let (n_behind, n_alone) = (
        found.access.iter().filter(|it| it.standing == Standing::Way).count(),
        found.access.iter().filter(|it| it.standing == Standing::Alone).count(),
    );
    assert!(n_behind >= 2 && n_alone == 0, "{:#?}", found.access);
    assert_eq!(found.ways[0].said.len(), n_behind);
}

fn group(cidr: &str) -> Value {
    let rule = json!({ "IpProtocol": "tcp", "FromPort": 5432, "ToPort": 5432, "CidrIp": cidr });
    json!({ "Type": "AWS::EC2::SecurityGroup", "Properties": { "VpcId": "vpc-1", "SecurityGroupIngress": [rule] } })
}

#[test]
fn group_without_known_members_is_unknown_and_denied() {
    let of = |cidr: &str| scene(vec![("a", resources(json!({ "Shared": group(cidr) })))], vec![]);
    let wider = diff(&of("10.0.0.0/8"), &of("0.0.0.0/0"));
    assert_eq!(wider.ways[0].to_string(), "cannot be decided from the files: the internet may now reach `Shared`");
    assert!(wider.ways[0].public && wider.ways.len() == 1);
    assert!(wider.ways[0].by[0].why.contains("no resource in the platform uses this security group"));
    assert!(denied(&wider, "public").contains("`internet -> Shared`"));
    assert!(denied(&wider, "reach=Shared").contains("`internet -> Shared`"));
    assert!(denied(&wider, "access").contains("`Shared`"));
    let some = diff(&of("10.0.0.0/16"), &of("10.0.0.0/8"));
    assert_eq!((denied(&some, "public").as_str(), some.ways[0].public), ("", false));
    assert!(denied(&some, "reach").contains("10.0.0.0/8"), "{}", denied(&some, "reach"));
    let narrower = diff(&of("0.0.0.0/0"), &of("10.0.0.0/8"));
    assert!(narrower.ways.is_empty());
    assert!(narrower.access.iter().all(|it| it.standing == Standing::Alone && !it.widened));
    // If the platform has members of the group, only these are evaluated.
    let owned = |cidr: &str| {
        let function = json!({ "Type": "AWS::Lambda::Function", "Properties": { "VpcConfig": {
            "SecurityGroupIds": [{ "Fn::GetAtt": ["Shared", "GroupId"] }], "SubnetIds": [{ "Ref": "Subnet" }] } } });
        let subnet =
            json!({ "Type": "AWS::EC2::Subnet", "Properties": { "VpcId": "vpc-1", "CidrBlock": "10.0.0.0/24" } });
        scene(vec![("a", resources(json!({ "Shared": group(cidr), "Function": function, "Subnet": subnet })))], vec![])
    };
    let found = diff(&owned("10.0.0.0/8"), &owned("0.0.0.0/0"));
    assert!(found.ways.iter().all(|way| way.to.iter().all(|to| to.construct != "Shared")), "{:#?}", found.ways);
    let today = Day::parse("2026-11-23").unwrap();
    assert!(gates::check(&found, &[Gate::Access], &Policy::default(), today).denied.len() <= 1);
}
