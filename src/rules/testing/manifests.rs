//! Test helpers for manifests in YAML, as users write them.

use serde_json::Value;

use crate::diag::Severity;
use crate::tree::At;
use crate::val::{Bag, Data};
use crate::{Contents, Manifest, Release, World, check};

/// Returns the codes of findings, without notes, for manifests that may be incomplete.
#[track_caller]
pub fn open(text: &str) -> Vec<&'static str> {
    of_severity(text, &[Severity::Error, Severity::Warning])
}

/// Returns only the codes of notes.
#[track_caller]
pub fn noted(text: &str) -> Vec<&'static str> {
    of_severity(text, &[Severity::Note])
}

/// Returns only the codes of warnings.
#[track_caller]
pub fn warned(text: &str) -> Vec<&'static str> {
    of_severity(text, &[Severity::Warning])
}

#[track_caller]
fn of_severity(text: &str, severities: &[Severity]) -> Vec<&'static str> {
    let found = check(vec![contents(text)], World::Open).into_iter().filter(|it| severities.contains(&it.severity));
    let mut codes: Vec<_> = found.map(|it| it.code).collect();
    codes.sort_unstable();
    codes
}

/// Returns the codes of findings for complete manifests.
#[track_caller]
pub fn closed(text: &str) -> Vec<&'static str> {
    codes(World::Closed, vec![contents(text)])
}

/// Returns the codes of findings for manifests with Helm releases, given as release, chart and namespace.
#[track_caller]
pub fn with_releases(text: &str, releases: &[(&str, &str, &str)]) -> Vec<&'static str> {
    let mut contents = contents(text);
    contents.releases = releases
        .iter()
        .map(|(name, chart, namespace)| Release {
            name: (*name).to_owned(),
            chart: (*chart).to_owned(),
            namespace: (*namespace).to_owned(),
            ..Release::default()
        })
        .collect();
    codes(World::Closed, vec![contents])
}

/// Returns the codes of findings for several clusters.
#[track_caller]
pub fn codes(world: World, clusters: Vec<Contents>) -> Vec<&'static str> {
    let mut found: Vec<_> = check(clusters, world).into_iter().map(|it| it.code).collect();
    found.sort_unstable();
    found
}

/// Returns the fields of findings.
#[track_caller]
pub fn fields(text: &str) -> Vec<String> {
    check(vec![contents(text)], World::Open).into_iter().filter_map(|it| it.field).collect()
}

/// Returns a cluster with the manifests of a text.
#[track_caller]
pub fn contents(text: &str) -> Contents {
    let documents: Vec<Value> = serde_yaml::from_multiple(text).expect("the case is YAML");
    let manifests = documents.iter().enumerate().map(|(idx, value)| {
        let line = u32::try_from(idx + 1).expect("a case is short");
        Manifest::new(data(value), At::new("case.yaml", line, 1)).expect("the case is a manifest")
    });
    Contents {
        cluster: "run".to_owned(),
        version: "1.36".to_owned(),
        namespace: "shop".to_owned(),
        manifests: manifests.collect(),
        ..Contents::default()
    }
}

/// Converts JSON to the data of a manifest.
pub fn data(json: &Value) -> Data {
    match json {
        Value::Null => Data::Null,
        Value::Bool(value) => Data::Bool(*value),
        Value::Number(number) => number.as_i64().map_or(Data::Float(number.as_f64().unwrap_or_default()), Data::Int),
        Value::String(text) => Data::from(text.clone()),
        Value::Array(items) => Data::List(items.iter().map(data).collect()),
        Value::Object(map) => Data::Map(map.iter().map(|(key, value)| (key.clone(), data(value))).collect::<Bag>()),
    }
}

/// A service `orders` with two ports, and its pods in two versions.
pub const ORDERS: &str = "
apiVersion: v1
kind: Service
metadata: { name: orders }
spec: { selector: { app: orders }, ports: [{ name: http, port: 8080 }] }
---
apiVersion: apps/v1
kind: Deployment
metadata: { name: orders-v1 }
spec:
  selector: { matchLabels: { app: orders, version: v1 } }
  template:
    metadata: { labels: { app: orders, version: v1 } }
    spec: { containers: [{ name: orders, image: 'orders:1.0.0', ports: [{ name: http, containerPort: 8080 }] }] }
---
apiVersion: apps/v1
kind: Deployment
metadata: { name: orders-v2 }
spec:
  selector: { matchLabels: { app: orders, version: v2 } }
  template:
    metadata: { labels: { app: orders, version: v2 } }
    spec: { containers: [{ name: orders, image: 'orders:2.0.0', ports: [{ name: http, containerPort: 8080 }] }] }
";

/// Returns [`ORDERS`] with additional manifests.
pub fn with_orders(more: &str) -> String {
    format!("{ORDERS}---\n{more}")
}

/// The pods of an ingress gateway and their service, in a separate namespace.
pub const GATEWAY: &str = "
apiVersion: v1
kind: Service
metadata: { name: ingress, namespace: istio-ingress }
spec:
  selector: { istio: ingress }
  ports:
    - { name: status-port, port: 15021 }
    - { name: http2, port: 80, targetPort: 8080 }
    - { name: https, port: 443, targetPort: 8443 }
---
apiVersion: apps/v1
kind: Deployment
metadata: { name: ingress, namespace: istio-ingress }
spec:
  selector: { matchLabels: { istio: ingress } }
  template:
    metadata:
      labels: { istio: ingress }
      annotations: { inject.istio.io/templates: gateway }
    spec: { containers: [{ name: istio-proxy, image: 'istio/proxyv2:1.30.3' }] }
";

/// Returns [`ORDERS`] and [`GATEWAY`] with additional manifests.
pub fn with_gateway(more: &str) -> String {
    format!("{ORDERS}---{GATEWAY}---\n{more}")
}
