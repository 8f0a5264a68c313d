//! The upgrade notes of Istio.

use meshsynth_upgrade::Applies;
use serde_json::{Value, json};

use crate::scene::Scene;

const REPOSITORY: &str = "https://istio-release.storage.googleapis.com/charts";

/// Returns the decision about a note of an upgrade to a minor version.
fn decision(from: &'static str, to: &str, text: &str, charts: &[&'static str], objects: &[Value]) -> Applies {
    let mut scene = Scene::eks("1.33").chart("istiod", REPOSITORY, from);
    for chart in charts {
        scene = scene.chart(chart, REPOSITORY, from);
    }
    for object in objects {
        scene = scene.object(object.clone());
    }
    let plan = scene.plan(&[&format!("istio={to}")]);
    let notes = plan.steps.iter().flat_map(|step| &step.notes);
    let note = notes.clone().find(|note| note.statement.text.contains(text));
    note.unwrap_or_else(|| panic!("{text}: {:?}", notes.collect::<Vec<_>>())).applies.clone()
}

fn is_here(applies: &Applies) -> bool {
    matches!(applies, Applies::Here(_))
}

fn entry(namespace: &str, host: &str) -> Value {
    json!({ "apiVersion": "networking.istio.io/v1", "kind": "ServiceEntry", "metadata": { "name": "a", "namespace": namespace },
        "spec": { "hosts": [host], "resolution": "DNS" } })
}

#[test]
fn decides_about_hosts_in_several_namespaces() {
    let of = |entries: &[Value]| decision("1.29.0", "1.30", "a host in several namespaces", &[], entries);
    assert!(is_here(&of(&[entry("a", "api.example.com"), entry("b", "api.example.com")])));
    assert!(is_here(&of(&[entry("a", "orders.shop.svc.cluster.local")])));
    let absent = of(&[entry("a", "api.example.com"), entry("b", "db.example.com")]);
    assert_eq!(absent, Applies::Absent("no host is in several namespaces".to_owned()));
}

#[test]
fn decides_about_ambient_meshes() {
    let of = |charts: &[&'static str]| decision("1.28.0", "1.29", "packet filter rules", charts, &[]);
    assert!(is_here(&of(&["ztunnel"])) && !is_here(&of(&["cni"])));
    let none = json!({ "apiVersion": "networking.istio.io/v1", "kind": "ServiceEntry", "metadata": { "name": "a" }, "spec": { "hosts": ["a.b"] } });
    let of = |charts: &[&'static str], object: Value| decision("1.27.0", "1.28", "resolution: NONE", charts, &[object]);
    assert!(is_here(&of(&["ztunnel"], none.clone())) && !is_here(&of(&[], none)));
    assert!(!is_here(&of(&["ztunnel"], entry("a", "a.b"))));
}

#[test]
fn decides_about_api_versions_and_annotations() {
    let policy = |version: &str| json!({ "apiVersion": format!("gateway.networking.k8s.io/{version}"), "kind": "BackendTLSPolicy", "metadata": { "name": "a" } });
    let of = |version: &str| decision("1.27.0", "1.28", "BackendTLSPolicy", &[], &[policy(version)]);
    assert!(is_here(&of("v1alpha3")) && !is_here(&of("v1")));
    let annotated = |key: &str| json!({ "apiVersion": "v1", "kind": "Pod", "metadata": { "name": "a", "annotations": { key: "false" } } });
    let of = |key: &str| decision("1.28.0", "1.29", "statsCompression", &[], &[annotated(key)]);
    assert!(is_here(&of("sidecar.istio.io/statsCompression")) && !is_here(&of("sidecar.istio.io/inject")));
}

#[test]
fn decides_about_circuit_breakers() {
    let rule = |policy: Value| {
        json!({ "apiVersion": "networking.istio.io/v1", "kind": "DestinationRule", "metadata": { "name": "a" },
            "spec": { "host": "a", "trafficPolicy": policy } })
    };
    let of = |policy: Value| decision("1.28.0", "1.29", "circuit breaker", &[], &[rule(policy)]);
    assert!(is_here(&of(json!({ "connectionPool": { "http": {} } }))) && !is_here(&of(json!({ "loadBalancer": {} }))));
}
