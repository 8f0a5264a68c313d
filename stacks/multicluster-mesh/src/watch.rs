//! Monitoring of a cluster: metrics, traces, and a diagram of the mesh.

use meshsynth::eks::Cluster;
use meshsynth::mesh::addons::{Jaeger, OtelCollector, Prometheus};
use meshsynth::mesh::{AlertRoute, Namespace, Receiver, Tracing};
use meshsynth::{Stack, sns};

pub struct Watch {
    /// Metrics, alerts and dashboards.
    pub prometheus: Prometheus,
    /// Traces.
    pub jaeger: Jaeger,
    /// The address to which proxies send spans.
    pub collector: OtelCollector,
}

impl Watch {
    /// Installs the monitoring.
    pub fn new(stack: &Stack, cluster: &Cluster) -> Self {
        let prometheus = Prometheus::new(stack, "prometheus", cluster, Default::default());
        let jaeger = Jaeger::new(stack, "jaeger", cluster);
        let collector = OtelCollector::to_jaeger(stack, "collector", cluster, &jaeger);
        Self { prometheus, jaeger, collector }
    }

    /// Returns the address to which the proxies of the mesh send spans.
    pub fn tracing(&self) -> Tracing {
        Tracing::open_telemetry(self.collector.host())
    }

    /// Collects the metrics of a namespace, and sends its alerts to the person on call.
    pub fn take(&self, stack: &Stack, namespace: &Namespace) {
        namespace.scrape_proxies(&self.prometheus);
        let on_call = sns::Topic::new(stack, "on-call", sns::TopicProps::default());
        AlertRoute::new(namespace, "on-call", &self.prometheus, Receiver::Topic(on_call), Default::default());
    }
}
