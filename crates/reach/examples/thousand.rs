//! Measures a platform of a thousand services: reading, all pairs, and one query.
//!
//! `cargo run --release --package meshsynth-reach --example thousand`.

use std::io::Write;
use std::time::Instant;

use anyhow::Result;
use meshsynth_reach::world::{Files, WorkloadId};
use meshsynth_reach::{Engine, Port, Source, Target, World};
use serde_json::{Value, json};

const SERVICES: usize = 1000;
const NAMESPACES: usize = 20;

fn object(kind: &str, version: &str, at: usize, spec: Value) -> Value {
    let namespace = format!("team-{}", at % NAMESPACES);
    json!({ "apiVersion": version, "kind": kind, "metadata": { "name": format!("s{at}"), "namespace": namespace }, "spec": spec })
}

fn objects(at: usize) -> Vec<Value> {
    let labels = json!({ "app": format!("s{at}") });
    let callers: Vec<usize> = [1, 7, 20].map(|step| (at + step) % SERVICES).to_vec();
    let callees: Vec<usize> = [1, 7, 20].map(|step| (at + SERVICES - step) % SERVICES).to_vec();
    let peer = |at: &usize| {
        json!({
            "namespaceSelector": { "matchLabels": { "kubernetes.io/metadata.name": format!("team-{}", at % NAMESPACES) } },
            "podSelector": { "matchLabels": { "app": format!("s{at}") } }
        })
    };
    let peers = |all: &[usize]| all.iter().map(peer).collect::<Vec<Value>>();
    let principal = |at: &usize| format!("cluster.local/ns/team-{}/sa/s{at}", at % NAMESPACES);
    let principals: Vec<String> = callers.iter().map(principal).collect();
    let ports = json!([{ "port": 8080, "protocol": "TCP" }]);
    let container = json!({ "name": "main", "ports": [{ "containerPort": 8080, "name": "http" }] });
    vec![
        object(
            "Deployment",
            "apps/v1",
            at,
            json!({ "template": {
            "metadata": { "labels": labels }, "spec": { "serviceAccountName": format!("s{at}"), "containers": [container] }
        } }),
        ),
        object(
            "Service",
            "v1",
            at,
            json!({ "selector": labels, "ports": [{ "port": 80, "targetPort": "http", "name": "http" }] }),
        ),
        object(
            "NetworkPolicy",
            "networking.k8s.io/v1",
            at,
            json!({
                "podSelector": { "matchLabels": labels }, "policyTypes": ["Ingress", "Egress"],
                "ingress": [{ "from": peers(&callers), "ports": ports }], "egress": [{ "to": peers(&callees), "ports": ports }]
            }),
        ),
        object(
            "AuthorizationPolicy",
            "security.istio.io/v1",
            at,
            json!({
                "selector": { "matchLabels": labels }, "action": "ALLOW",
                "rules": [{ "from": [{ "source": { "principals": principals } }] }]
            }),
        ),
    ]
}

fn main() -> Result<()> {
    let mut files = Files::default();
    for at in 0..SERVICES {
        files.documents.insert(format!("s{at}.yaml"), objects(at).into_iter().map(|it| (1, it)).collect());
    }
    for at in 0..NAMESPACES {
        let metadata = json!({ "name": format!("team-{at}"), "labels": { "istio-injection": "enabled" } });
        let namespace = json!({ "apiVersion": "v1", "kind": "Namespace", "metadata": metadata });
        let strict = json!({
            "apiVersion": "security.istio.io/v1", "kind": "PeerAuthentication",
            "metadata": { "name": "default", "namespace": format!("team-{at}") }, "spec": { "mtls": { "mode": "STRICT" } }
        });
        files.documents.insert(format!("team-{at}.yaml"), vec![(1, namespace), (2, strict)]);
    }
    let mut out = std::io::stdout();
    let start = Instant::now();
    let world = World::new(files);
    writeln!(out, "world: {:?}", start.elapsed())?;
    let start = Instant::now();
    let engine = Engine::new(&world);
    writeln!(out, "engine: {:?}", start.elapsed())?;
    let start = Instant::now();
    let pairs = engine.pairs(0);
    writeln!(out, "all pairs: {:?}, {} of {} are open", start.elapsed(), pairs.len(), SERVICES * (SERVICES - 1))?;
    let start = Instant::now();
    let answer = engine.ask(&Source::Workload(WorkloadId(1)), &Target::Workload(WorkloadId(0), Some(Port::tcp(8080))));
    writeln!(out, "one question: {:?}, {}", start.elapsed(), answer.verdict.word())?;
    Ok(())
}
