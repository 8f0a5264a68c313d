//! The adapter that serves Prometheus metrics to a `HorizontalPodAutoscaler`.
//!
//! A cluster can have only one server for the API `custom.metrics.k8s.io` and one for `external.metrics.k8s.io`. KEDA
//! serves `external.metrics.k8s.io`. Therefore, the adapter serves only `custom.metrics.k8s.io`, with only the metrics
//! that autoscalers use.
//!
//! Source: <https://github.com/prometheus-community/helm-charts/tree/prometheus-adapter-5.3.0/charts/prometheus-adapter>

use crate::tree::{Construct, Scope};
use crate::val::{Bag, Data};

use super::super::{Chart, HelmRelease, HelmReleaseProps, Namespace};
use super::{NOT_IN_MESH, resources};

const VERSION: &str = "5.3.0";
const NAME: &str = "prometheus-adapter";
/// The port of its API.
const API: u16 = 6_443;

#[track_caller]
pub(super) fn define(namespace: &Namespace, url: &str, port: u16) -> Scope {
    let url = url.strip_suffix(&format!(":{port}")).unwrap_or(url).to_owned();
    let values = Bag::default()
        .with("replicas", 2)
        .with("listenPort", i64::from(API))
        .with("prometheus", Bag::default().with("url", url).with("port", i64::from(port)))
        .with("podDisruptionBudget", Bag::default().with("enabled", true).with("maxUnavailable", 1))
        .with("podLabels", Bag::default().with(NOT_IN_MESH.0, NOT_IN_MESH.1))
        .with("resources", resources("100m", "256Mi"))
        .with("rules", Bag::default().with("default", false).with("custom", Data::List(Vec::new())));
    let chart = Chart::new("https://prometheus-community.github.io/helm-charts", NAME, VERSION);
    let props = HelmReleaseProps { namespace: namespace.name().to_owned(), values };
    let release = HelmRelease::new(namespace, NAME, namespace.cluster(), chart, props);
    release.diagram_within(namespace);
    namespace.cluster().open_node_port(API, "prometheus-adapter");
    release.scope().clone()
}
