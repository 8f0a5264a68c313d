//! Proxies without a manifest: those that Istio creates for a Gateway, and those of the gateway chart.
//!
//! Source: <https://istio.io/latest/docs/tasks/traffic-management/ingress/gateway-api/#automated-deployment>.

use meshsynth_access::kubernetes::Labels;
use serde_json::{Value, json};

use super::object::{Cluster, Object, Release, labels};
use super::workload::{ContainerPort, Workload};
use crate::connections::Protocol;

/// The Gateway classes for which Istio creates a proxy.
const CLASSES: [(&str, &str); 3] = [("istio", "-istio"), ("istio-waypoint", ""), ("istio-east-west", "")];

/// Returns the proxies of a cluster. A proxy from a chart becomes an object of the cluster that only contains its
/// source location.
pub(super) fn proxies(at: usize, cluster: &mut Cluster) -> Vec<Workload> {
    let mut found: Vec<Workload> = Vec::new();
    for (index, object) in cluster.objects.iter().enumerate() {
        found.extend(made_for(at, index, object));
    }
    let charts: Vec<Release> =
        cluster.releases.iter().filter(|it| it.chart == "gateway" || it.chart.ends_with("/gateway")).cloned().collect();
    for release in charts {
        let labels = chart_labels(&release);
        let values = with_ports(&release.values);
        let ports = values["service"]["ports"].as_array().into_iter().flatten();
        let ports = ports.filter_map(|it| port(it, it["targetPort"].as_u64()));
        found.push(Workload {
            cluster: at,
            object: cluster.objects.len(),
            namespace: release.namespace.clone(),
            name: release.name.clone(),
            kind: "Release".to_owned(),
            labels,
            annotations: Labels::new(),
            account: release.name.clone(),
            is_on_host: false,
            addresses: Vec::new(),
            ports: ports.collect(),
        });
        cluster.objects.push(Object {
            kind: "Release".to_owned(),
            group: String::new(),
            namespace: release.namespace.clone(),
            name: release.name.clone(),
            document: json!({ "spec": values }),
            at: release.at.clone(),
        });
    }
    found
}

/// Adds the chart's default ports of an east-west gateway to the values, unless they specify ports.
///
/// Source: <https://github.com/istio/istio/blob/master/manifests/charts/gateway/templates/service.yaml>.
fn with_ports(values: &Value) -> Value {
    let mut values = values.clone();
    let is_between = values["networkGateway"].as_str().is_some_and(|it| !it.is_empty());
    // Only an object can have ports. The chart cannot be rendered with other values.
    let is_object = values["service"].is_null() || values["service"].is_object();
    if is_between && is_object && values["service"]["ports"].is_null() {
        let port = |port: u16| json!({ "port": port, "targetPort": port });
        values["service"]["ports"] = [15021, 15443, 15012, 15017].into_iter().map(port).collect();
    }
    values
}

/// Returns the pod labels of the chart, which its values can override.
fn chart_labels(release: &Release) -> Labels {
    let named = |key: &str, value: &str| (key.to_owned(), value.to_owned());
    let mut all: Labels =
        [named("app", &release.name), named("istio", release.name.trim_start_matches("istio-"))].into();
    all.extend(labels(&release.values["labels"]));
    all
}

fn made_for(at: usize, index: usize, object: &Object) -> Option<Workload> {
    if object.kind != "Gateway" || object.group != "gateway.networking.k8s.io" {
        return None;
    }
    let spec = &object.document["spec"];
    let class = spec["gatewayClassName"].as_str()?;
    let (_, end) = CLASSES.iter().find(|(name, _)| *name == class)?;
    let mut all = labels(&spec["infrastructure"]["labels"]);
    all.insert("gateway.networking.k8s.io/gateway-name".to_owned(), object.name.clone());
    all.insert("gateway.networking.k8s.io/gateway-class-name".to_owned(), class.to_owned());
    let listeners = spec["listeners"].as_array().into_iter().flatten();
    let name = format!("{}{end}", object.name);
    Some(Workload {
        cluster: at,
        object: index,
        namespace: object.namespace.clone(),
        account: name.clone(),
        name,
        kind: "Gateway".to_owned(),
        labels: all,
        annotations: Labels::new(),
        is_on_host: false,
        addresses: Vec::new(),
        ports: listeners.filter_map(|it| port(it, None)).collect(),
    })
}

fn port(value: &Value, target: Option<u64>) -> Option<ContainerPort> {
    let number = target.or_else(|| value["port"].as_u64())?;
    let name = value["name"].as_str().unwrap_or_default().to_owned();
    Some(ContainerPort { name, protocol: Protocol::Tcp, number: u16::try_from(number).ok()? })
}
