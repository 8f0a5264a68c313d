//! Calls between clusters of a mesh, one of which is unavailable.

use meshsynth_reach::World;
use meshsynth_reach::loss::{Asked, Kind, Outcome};
use meshsynth_reach::world::Files;
use serde_json::{Value, json};

use super::support::{outcome, without, without_region, world};

/// Returns two clusters that run `web` and `api`. `web` calls `api` in both.
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
fn calls_fail_over_with_outlier_detection() {
    let call = |rule| outcome(&without_region(&mesh(rule), "eu-central-1"), Kind::Call, "here/web -> shop/api");
    let ejected =
        |percent: u64| json!({ "outlierDetection": { "consecutive5xxErrors": 3, "maxEjectionPercent": percent } });
    assert_eq!(call(Some(ejected(100))), Outcome::FailsOver);
    assert_eq!(call(Some(ejected(10))), Outcome::Unknown, "half of the endpoints are lost");
    assert_eq!(call(Some(json!({}))), Outcome::ByHand);
    assert_eq!(call(None), Outcome::ByHand);
}

#[test]
fn other_cluster_serves_lost_workload() {
    let asked = |name: &str| Asked { workloads: vec![name.to_owned()], ..Asked::default() };
    let call = |name: &str| outcome(&without(&mesh(None), &asked(name)), Kind::Call, "here/web -> shop/api");
    assert_eq!(call("there/shop/api"), Outcome::FailsOver);
    assert_eq!(call("api"), Outcome::Lost);
}

#[test]
fn calls_are_lost_with_their_caller() {
    let loss = without_region(&mesh(None), "eu-west-1");
    let call = loss.findings.iter().find(|it| it.kind == Kind::Call).unwrap();
    assert!(call.judgement.is_with_caller && call.outcome() == Outcome::Lost);
}

#[test]
fn calls_to_lost_version_fail_until_route_changes() {
    let call = |weight: u64| {
        let mut files = Files::default();
        let mut objects = Vec::new();
        let mut add = |name: &str, construct: &str, document: Value| {
            let path = format!("k8s/{name}.yaml");
            files.add_text(&path, &document.to_string());
            objects.push(json!({ "path": path, "construct": construct, "source": "src/main.rs:1:1" }));
        };
        let pod = |name: &str, labels: Value| {
            let spec = json!({ "containers": [{ "name": "main", "image": "x" }] });
            json!({ "apiVersion": "v1", "kind": "Pod", "metadata": { "name": name, "namespace": "shop", "labels": labels }, "spec": spec })
        };
        add("web", "web", pod("web", json!({ "app": "web" })));
        add("one", "api/one", pod("api-v1", json!({ "app": "api", "version": "v1" })));
        add("two", "api/two", pod("api-v2", json!({ "app": "api", "version": "v2" })));
        let mesh = |kind: &str, spec: Value| json!({ "apiVersion": "networking.istio.io/v1", "kind": kind, "metadata": { "name": "api", "namespace": "shop" }, "spec": spec });
        let service = json!({ "selector": { "app": "api" }, "ports": [{ "port": 80 }] });
        add(
            "service",
            "api/service",
            json!({ "apiVersion": "v1", "kind": "Service", "metadata": { "name": "api", "namespace": "shop" }, "spec": service }),
        );
        let subset = |name: &str| json!({ "name": name, "labels": { "version": name } });
        add(
            "rule",
            "api/rule",
            mesh("DestinationRule", json!({ "host": "api", "subsets": [subset("v1"), subset("v2")] })),
        );
        let to =
            |subset: &str, weight: u64| json!({ "destination": { "host": "api", "subset": subset }, "weight": weight });
        add(
            "route",
            "api/route",
            mesh(
                "VirtualService",
                json!({ "hosts": ["api"], "http": [{ "route": [to("v1", weight), to("v2", 100 - weight)] }] }),
            ),
        );
        files.manifest = json!({ "stacks": [], "files": [], "clusters": [{ "id": "one", "name": "one", "region": "", "objects": objects }] });
        files.graph = json!({ "edges": [{ "from": "web", "to": "api", "kind": "call" }] });
        let asked = Asked { workloads: vec!["api-v1".to_owned()], ..Asked::default() };
        outcome(&without(&World::of(&files), &asked), Kind::Call, "web -> shop/api")
    };
    assert_eq!((call(10), call(0)), (Outcome::ByHand, Outcome::FailsOver));
}

#[test]
fn treats_policy_paths_of_plain_manifests_as_calls() {
    let pod = |name: &str| {
        format!(
            "apiVersion: v1\nkind: Pod\nmetadata: {{ name: {name}, namespace: shop, labels: {{ app: {name} }} }}\nspec: {{ containers: [ {{ name: main, image: x, ports: [ {{ containerPort: 80 }} ] }} ] }}\n---\n"
        )
    };
    let policy = "apiVersion: networking.k8s.io/v1\nkind: NetworkPolicy\nmetadata: { name: db, namespace: shop }\nspec:\n  podSelector: { matchLabels: { app: db } }\n  \
                  policyTypes: [Ingress]\n  ingress: [ { from: [ { podSelector: { matchLabels: { app: web } } } ] } ]\n";
    let manifests = [pod("web"), pod("db"), pod("other"), policy.to_owned()].concat();
    let asked = Asked { workloads: vec!["db".to_owned()], ..Asked::default() };
    let loss = without(&world(&json!({}), &manifests), &asked);
    assert_eq!(outcome(&loss, Kind::Call, "shop/web -> shop/db"), Outcome::Lost);
    assert_eq!(loss.findings.iter().filter(|it| it.kind == Kind::Call).count(), 1, "what all reach is no relation");
}
