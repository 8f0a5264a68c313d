//! Calls between clusters of a mesh, where one of them does not answer.

use meshsynth_reach::World;
use meshsynth_reach::loss::{Asked, Kind, Outcome};
use meshsynth_reach::world::Files;
use serde_json::{Value, json};

use super::support::{outcome, without, without_region};

/// Two clusters that run `web` and `api`; `web` calls `api` of both.
fn mesh(rule: Option<Value>) -> World {
    let mut files = Files::default();
    let mut rows = Vec::new();
    let mut edges = Vec::new();
    for (cluster, region) in [("here", "eu-west-1"), ("there", "eu-central-1")] {
        let mut objects = Vec::new();
        let mut add = |name: &str, construct: String, document: Value| {
            let path = format!("k8s/{cluster}/{name}.yaml");
            files.add_text(&path, &document.to_string());
            objects.push(json!({ "path": path, "construct": construct, "source": "src/main.rs:1:1" }));
        };
        for app in ["web", "api"] {
            let labels = json!({ "app": app });
            let template = json!({ "metadata": { "labels": labels }, "spec": { "containers": [{ "name": "main", "image": "x" }] } });
            let spec = json!({ "replicas": 2, "selector": { "matchLabels": labels }, "template": template });
            let metadata = json!({ "name": app, "namespace": "shop" });
            add(
                app,
                format!("{cluster}/{app}/deployment"),
                json!({ "apiVersion": "apps/v1", "kind": "Deployment", "metadata": metadata, "spec": spec }),
            );
            let spec = json!({ "selector": labels, "ports": [{ "port": 80 }] });
            add(
                &format!("{app}-service"),
                format!("{cluster}/{app}/service"),
                json!({ "apiVersion": "v1", "kind": "Service", "metadata": metadata, "spec": spec }),
            );
            edges.push(json!({ "from": "here/web", "to": format!("{cluster}/api"), "kind": "call", "port": 80 }));
        }
        if let Some(policy) = &rule {
            let spec = json!({ "host": "api.shop.svc.cluster.local", "trafficPolicy": policy });
            let metadata = json!({ "name": "api", "namespace": "shop" });
            add(
                "rule",
                format!("{cluster}/api/rule"),
                json!({ "apiVersion": "networking.istio.io/v1", "kind": "DestinationRule", "metadata": metadata, "spec": spec }),
            );
        }
        rows.push(json!({ "id": cluster, "name": cluster, "region": region, "objects": objects }));
    }
    files.manifest = json!({ "stacks": [], "files": [], "clusters": rows });
    files.graph = json!({ "edges": edges });
    World::of(&files)
}

#[test]
fn calls_go_to_the_other_region_where_endpoints_are_ejected() {
    let call = |rule| outcome(&without_region(&mesh(rule), "eu-central-1"), Kind::Call, "here/web -> shop/api");
    let ejected =
        |percent: u64| json!({ "outlierDetection": { "consecutive5xxErrors": 3, "maxEjectionPercent": percent } });
    assert_eq!(call(Some(ejected(100))), Outcome::FailsOver);
    assert_eq!(call(Some(ejected(10))), Outcome::Unknown, "half of the endpoints are lost");
    assert_eq!(call(Some(json!({}))), Outcome::ByHand);
    assert_eq!(call(None), Outcome::ByHand);
}

#[test]
fn a_workload_of_one_cluster_is_served_by_the_other() {
    let asked = |name: &str| Asked { workloads: vec![name.to_owned()], ..Asked::default() };
    let call = |name: &str| outcome(&without(&mesh(None), &asked(name)), Kind::Call, "here/web -> shop/api");
    assert_eq!(call("there/shop/api"), Outcome::FailsOver);
    assert_eq!(call("api"), Outcome::Lost);
}

#[test]
fn a_call_is_lost_with_its_caller() {
    let loss = without_region(&mesh(None), "eu-west-1");
    let call = loss.findings.iter().find(|it| it.kind == Kind::Call).unwrap();
    assert!(call.judgement.is_with_caller && call.outcome() == Outcome::Lost);
}
