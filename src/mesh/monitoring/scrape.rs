//! The scraping of metrics by Prometheus, and its network access.

use crate::kube::prometheus::{pod_monitor, service_monitor};
use crate::kube::{meta, prometheus as prometheus_kinds};
use crate::mesh::addons::Prometheus;
use crate::mesh::labels::NAME;
use crate::mesh::{Mode, Namespace, Workload, labels, network};
use crate::tree::Construct;
use crate::units::Duration;

use super::calls;

/// The port on which a proxy serves its metrics, merged with the metrics of the workload.
const MERGED: u16 = 15_020;
/// The path of the merged metrics.
const STATS: &str = "/stats/prometheus";
/// The scrape interval, short enough for a rate over one minute.
const INTERVAL: Duration = Duration::seconds(15);

impl Workload {
    /// Implements [`Workload::scrape`].
    #[track_caller]
    pub(in crate::mesh) fn define_scrape(&self, prometheus: &Prometheus, path: &str) -> &Self {
        if self.namespace().mesh().is_some_and(|istio| istio.mode() == Mode::Sidecar) {
            let pods = self.deployment().scope();
            let port = self.port().to_string();
            for (key, value) in [("scrape", "true"), ("path", path), ("port", &port)] {
                pods.put("spec.template.metadata.annotations", format!("prometheus.io/{key}"), value.to_owned());
            }
            return self;
        }
        let port = self.pod_port(self.port());
        network::allow_from_namespace(self.policy(), prometheus.namespace(), port);
        if self.is_bare() {
            // The pod labels of a bare workload are known, but the labels of its `Service` are not.
            let endpoint =
                pod_monitor::PodMetricsEndpoint::new().path(path).port_number(i64::from(port)).interval(INTERVAL);
            let selector = meta::LabelSelector::new().match_labels(self.labels());
            let spec = pod_monitor::Spec::new(selector).pod_metrics_endpoints([endpoint]);
            let monitor = prometheus_kinds::PodMonitor::new(spec).define(self.scope(), "monitor", self.name());
            labels::add(monitor.scope(), self.name());
            return self;
        }
        let endpoint = service_monitor::Endpoint::new().path(path).target_port(i64::from(port)).interval(INTERVAL);
        let selector = meta::LabelSelector::new().match_labels([(NAME, self.name())]);
        let spec = service_monitor::Spec::new([endpoint], selector);
        let monitor = prometheus_kinds::ServiceMonitor::new(spec).define(self.scope(), "monitor", self.name());
        labels::add(monitor.scope(), self.name());
        self
    }
}

impl Namespace {
    /// Makes Prometheus scrape every proxy of the namespace. Prometheus then stores the requests, the latency, and the
    /// metrics of [`Workload::scrape`]. Loads, SLOs and analyses use these metrics. Each caller and callee gets the
    /// dashboard `<workload>-calls`, with requests, faults and latency of every declared call.
    ///
    /// Defines a `PodMonitor` and these dashboards, and allows Prometheus to connect to port 15020 of the pods.
    ///
    /// # Example
    ///
    /// ```
    /// # use meshsynth::{testing, mesh, App};
    /// # let app = App::new("shop");
    /// # let shop = testing::namespace(&app);
    /// # let watch = testing::stack(&app, "watch");
    /// let prometheus = mesh::addons::Prometheus::new(&watch, "prometheus", shop.cluster(), Default::default());
    /// shop.scrape_proxies(&prometheus);
    /// ```
    ///
    /// Source: <https://istio.io/latest/docs/ops/integrations/prometheus/>
    #[track_caller]
    pub fn scrape_proxies(&self, prometheus: &Prometheus) -> &Self {
        self.scope().singleton("proxy monitor", || {
            let merged = pod_monitor::PodMetricsEndpointMetricRelabeling::new()
                .source_labels(["__meta_kubernetes_pod_ip"])
                .target_label("__address__")
                .replacement(format!("$1:{MERGED}"));
            let endpoint = pod_monitor::PodMetricsEndpoint::new()
                .port("http-envoy-prom")
                .path(STATS)
                .interval(INTERVAL)
                .relabelings([merged]);
            let spec = pod_monitor::Spec::new(meta::LabelSelector::new()).pod_metrics_endpoints([endpoint]);
            prometheus_kinds::PodMonitor::new(spec).define(self.scope(), "proxies", "istio-proxies").scope().clone()
        });
        self.metrics_for(prometheus.namespace());
        calls::begin(self);
        self
    }
}

impl Prometheus {
    /// Makes Prometheus scrape istiod. The metrics include the configuration that istiod sends, and the configuration
    /// that proxies reject.
    #[track_caller]
    pub fn scrape_istiod(&self) -> &Self {
        self.scope().singleton("istiod monitor", || {
            let endpoint = service_monitor::Endpoint::new().port("http-monitoring").interval(INTERVAL);
            let selector = meta::LabelSelector::new().match_labels([("istio", "pilot")]);
            let place = service_monitor::NamespaceSelector::new().match_names(["istio-system"]);
            let spec = service_monitor::Spec::new([endpoint], selector).namespace_selector(place);
            prometheus_kinds::ServiceMonitor::new(spec).define(self.place(), "istiod", "istiod").scope().clone()
        });
        self
    }
}

#[cfg(test)]
mod tests {
    use crate::mesh::addons::Prometheus;
    use crate::testing::{Platform, stack, workload};

    fn platform() -> Platform {
        Platform::synth("shop", |app| {
            let orders = workload(app);
            crate::ssm::Parameter::new(&stack(app, "config"), "parameter", "a", "b", Default::default());
            let cluster = orders.namespace().cluster();
            let prometheus = Prometheus::new(cluster, "prometheus", cluster, Default::default());
            orders.scrape(&prometheus, "/metrics");
            orders.namespace().scrape_proxies(&prometheus);
            prometheus.scrape_istiod();
        })
    }

    #[test]
    fn opens_network_policy_for_prometheus() {
        let platform = platform();
        assert!(platform.manifest("servicemonitor-orders").contains("path: /metrics"));
        let policy = platform.manifest("networkpolicy-orders");
        assert!(
            policy.contains("kubernetes.io/metadata.name: monitoring") && policy.contains("port: 8080"),
            "{policy}"
        );
    }

    #[test]
    fn scrapes_merged_metrics_of_proxies() {
        let platform = platform();
        assert!(platform.manifest("podmonitor-istio-proxies").contains("$1:15020"));
        assert!(platform.manifest("networkpolicy-allow-metrics").contains("port: 15020"));
        assert!(platform.manifest("servicemonitor-istiod").contains("http-monitoring"));
    }
}
