//! Load metrics that a mesh measures for a workload: requests, latency, and the sources of requests.

use crate::tree::Scope;
use crate::units::Duration;
use crate::val::Bag;

use super::addons::Prometheus;
use super::promql::{Series, Vector, bucket};
use super::{Istio, Protocol};

/// The proxies that report metrics at the receiving workload: its sidecar, or its waypoint in ambient mode.
const OF_WORKLOAD: &str = "destination|waypoint";
/// The window of autoscaler metrics.
const WINDOW: Duration = Duration::minutes(1);
const REQUESTS: &str = "istio_requests_total";
const LATENCY: &str = "istio_request_duration_milliseconds_bucket";

/// The load of a workload as its proxies measure it, used for scaling.
///
/// A `HorizontalPodAutoscaler` and KEDA support the same loads. [`Autoscale::loads`](super::Autoscale) uses the
/// prometheus-adapter, which is then installed. As a [`Trigger`](super::Trigger) of KEDA, it queries Prometheus
/// directly. The proxies must be scraped: [`Namespace::scrape_proxies`](super::Namespace::scrape_proxies). With
/// waypoints instead of sidecars, there are no metrics for each pod. Use KEDA in this case.
///
/// # Units
///
/// The unit of requests is requests per second and pod. The unit of latency is milliseconds.
///
/// # Example
///
/// ```
/// # use meshsynth::{App, Construct, Duration, mesh, testing};
/// # use meshsynth::mesh::{Autoscale, Load, Scale};
/// # let app = App::new("shop");
/// # let shop = testing::namespace(&app);
/// # let platform = shop.scope().stack();
/// let prometheus = mesh::addons::Prometheus::new(&platform, "prometheus", shop.cluster(), Default::default());
/// mesh::Workload::new(&shop, "orders", "registry.example/orders:1.4.0", mesh::WorkloadProps {
///     scale: Scale::Auto(Autoscale {
///         loads: vec![Load::requests(&prometheus, 50), Load::latency(&prometheus, 95, Duration::millis(200))],
///         ..Autoscale::between(3, 20)
///     }),
///     ..Default::default()
/// });
/// ```
///
/// Source: <https://istio.io/latest/docs/reference/config/metrics/>
#[derive(Clone)]
pub struct Load {
    prometheus: Prometheus,
    pub(super) measure: Measure,
}

/// A metric and its target value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Measure {
    Requests { per_pod: u32, from: Option<String> },
    Latency { percent: u8, target: Duration },
}

impl Load {
    /// Adds pods to limit the number of requests per second that each pod receives.
    pub fn requests(prometheus: &Prometheus, per_pod: u32) -> Self {
        Self { prometheus: prometheus.clone(), measure: Measure::Requests { per_pod, from: None } }
    }

    /// Adds pods to limit the number of requests per second that each pod receives from one cluster of the mesh, for
    /// example from one region.
    pub fn requests_from(prometheus: &Prometheus, cluster: &Istio, per_pod: u32) -> Self {
        let from = Some(cluster.cluster_name().to_owned());
        Self { prometheus: prometheus.clone(), measure: Measure::Requests { per_pod, from } }
    }

    /// Adds pods until a percentage of the requests, from 1 to 99, is answered within a time.
    pub fn latency(prometheus: &Prometheus, percent: u8, target: Duration) -> Self {
        let percent = percent.clamp(1, 99);
        Self { prometheus: prometheus.clone(), measure: Measure::Latency { percent, target } }
    }

    pub(super) fn prometheus(&self) -> &Prometheus {
        &self.prometheus
    }

    /// Returns the query for one workload. If there are no requests, the latency is `NaN`, and the query returns no
    /// value.
    pub(super) fn query(&self, namespace: &str, workload: &str) -> Vector {
        match &self.measure {
            Measure::Requests { from, .. } => {
                let series = requests(namespace, workload);
                let series = match from {
                    Some(cluster) => series.with("source_cluster", cluster),
                    None => series,
                };
                series.rate(WINDOW).sum()
            }
            Measure::Latency { percent, .. } => latency(namespace, workload, *percent, WINDOW).above(0.0),
        }
    }

    /// Returns the name, labels and target of the metric for a `HorizontalPodAutoscaler`, and adds the metric to the
    /// adapter.
    pub(super) fn pod_metric(&self) -> (String, Option<(&'static str, String)>, u32) {
        let adapter = self.prometheus.adapter();
        match &self.measure {
            Measure::Requests { per_pod, from } => {
                let name = "istio_requests_per_second";
                serve(&adapter, REQUESTS, name, &|series| format!("sum(rate({series}[1m])) by (<<.GroupBy>>)"));
                (name.to_owned(), from.clone().map(|cluster| ("source_cluster", cluster)), *per_pod)
            }
            Measure::Latency { percent, target } => {
                let name = format!("istio_request_p{percent}_milliseconds");
                serve(&adapter, LATENCY, &name, &|series| {
                    format!("histogram_quantile(0.{percent:02}, sum(rate({series}[1m])) by (le, <<.GroupBy>>))")
                });
                (name, None, target.as_millis() as u32)
            }
        }
    }
}

/// Adds a rule to the adapter, so that it serves a series as a pod metric. For each request, the adapter replaces the
/// `<<>>` expressions in the query.
///
/// Source: <https://github.com/kubernetes-sigs/prometheus-adapter/blob/master/docs/config.md>
fn serve(adapter: &Scope, series: &'static str, name: &str, query: &dyn Fn(&str) -> String) {
    let resource = |kind: &'static str| Bag::default().with("resource", kind);
    let overrides = Bag::default().with("namespace", resource("namespace")).with("pod", resource("pod"));
    let rule = Bag::default()
        .with("seriesQuery", Series::of(series).without("namespace", "").without("pod", "").to_string())
        .with("resources", Bag::default().with("overrides", overrides))
        .with("name", Bag::default().with("as", name.to_owned()))
        .with("metricsQuery", query(&format!("{series}{{<<.LabelMatchers>>,reporter=\"destination\"}}")));
    adapter.add("rules.custom", rule);
}

/// The requests that a workload received.
pub(super) fn requests(namespace: &str, workload: &str) -> Series {
    of(REQUESTS, namespace, workload)
}

/// All requests, as reported by the proxies of the receiving workloads.
pub(super) fn all_requests() -> Series {
    Series::of(REQUESTS).like("reporter", OF_WORKLOAD)
}

/// The latencies of all requests.
pub(super) fn all_latencies() -> Series {
    Series::of(LATENCY).like("reporter", OF_WORKLOAD)
}

/// All TCP connections of protocols other than HTTP.
pub(super) fn connections() -> Series {
    Series::of("istio_tcp_connections_opened_total").like("reporter", OF_WORKLOAD)
}

/// The requests that failed because of the server.
///
/// gRPC responses always have the HTTP status 200, so the gRPC status identifies failed gRPC requests.
///
/// Source: <https://grpc.io/docs/guides/status-codes/>
pub(super) fn faults(requests: Series, protocol: Protocol) -> Series {
    match protocol {
        Protocol::Grpc => requests.like("grpc_response_status", GRPC_FAULTS),
        _ => requests.like("response_code", "5.."),
    }
}

/// Unknown, deadline exceeded, unimplemented, internal, unavailable, data loss.
const GRPC_FAULTS: &str = "2|4|12|13|14|15";

/// The requests that a workload answered within a time. The time must be a bucket bound of the histogram.
pub(super) fn within(namespace: &str, workload: &str, target: Duration) -> Series {
    of(LATENCY, namespace, workload).like("le", bucket(target))
}

/// The time within which a percentage of the requests was answered, in milliseconds.
pub(super) fn latency(namespace: &str, workload: &str, percent: u8, window: Duration) -> Vector {
    of(LATENCY, namespace, workload).rate(window).sum_by(&["le"]).percentile(percent)
}

/// All requests with a measured latency.
pub(super) fn timed(namespace: &str, workload: &str) -> Series {
    of("istio_request_duration_milliseconds_count", namespace, workload)
}

fn of(name: &'static str, namespace: &str, workload: &str) -> Series {
    Series::of(name)
        .like("reporter", OF_WORKLOAD)
        .with("destination_workload_namespace", namespace)
        .with("destination_workload", workload)
}

#[cfg(test)]
mod tests {
    use super::{latency, requests};
    use crate::mesh::addons::Prometheus;
    use crate::mesh::{Autoscale, Istio, IstioProps, Load, Scale, Workload, WorkloadProps};
    use crate::testing::{Platform, namespace, stack};
    use crate::units::Duration;

    #[test]
    fn queries_metrics_of_workload_proxies() {
        assert_eq!(
            requests("shop", "orders").rate(Duration::minutes(1)).sum().to_string(),
            "sum(rate(istio_requests_total{reporter=~\"destination|waypoint\",\
             destination_workload_namespace=\"shop\",destination_workload=\"orders\"}[1m]))"
        );
        let p95 = latency("shop", "orders", 95, Duration::minutes(1)).to_string();
        assert!(p95.starts_with("histogram_quantile(0.95, sum by (le) (rate(istio_request_duration"), "{p95}");
    }

    #[test]
    fn adds_autoscaler_metrics_to_adapter() {
        let platform = Platform::synth("shop", |app| {
            let shop = namespace(app);
            let prometheus = Prometheus::new(shop.cluster(), "prometheus", shop.cluster(), Default::default());
            crate::ssm::Parameter::new(&stack(app, "config"), "parameter", "a", "b", Default::default());
            let props = IstioProps { cluster_name: Some("osaka".to_owned()), ..Default::default() };
            let istio = Istio::new(shop.cluster(), "istio", shop.cluster(), props);
            let loads = vec![
                Load::requests(&prometheus, 50),
                Load::latency(&prometheus, 95, Duration::millis(200)),
                Load::requests_from(&prometheus, &istio, 30),
            ];
            let scale = Scale::Auto(Autoscale { loads, ..Autoscale::between(3, 20) });
            let props = WorkloadProps { scale, ..Default::default() };
            Workload::new(&shop, "orders", "registry.example/orders:1.0.0", props);
        });
        let scaler = platform.manifest("horizontalpodautoscaler-orders");
        for part in ["name: istio_requests_per_second", "istio_request_p95_milliseconds", "source_cluster: osaka"] {
            assert!(scaler.contains(part), "{part} in {scaler}");
        }
        let values = &platform.assembly.files["helm/platform-cluster/prometheus-adapter.values.yaml"];
        assert_eq!(values.matches("seriesQuery").count(), 2, "{values}");
        assert!(values.contains("by (le, <<.GroupBy>>)"), "{values}");
    }
}
