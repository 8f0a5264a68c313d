//! What watches a cluster: metrics, traces, and a picture of the mesh.

use meshsynth::eks::Cluster;
use meshsynth::mesh::addons::{Jaeger, OtelCollector, Prometheus};
use meshsynth::mesh::{AlertRoute, Namespace, Receiver, Tracing};
use meshsynth::{Stack, sns};

pub struct Watch {
    /// Metrics, alerts and dashboards.
    pub prometheus: Prometheus,
    /// Traces.
    pub jaeger: Jaeger,
    /// Where proxies send spans.
    pub collector: OtelCollector,
}

impl Watch {
    /// Installs it.
    pub fn new(stack: &Stack, cluster: &Cluster) -> Self {
        let prometheus = Prometheus::new(stack, "prometheus", cluster, Default::default());
        let jaeger = Jaeger::new(stack, "jaeger", cluster);
        let collector = OtelCollector::to_jaeger(stack, "collector", cluster, &jaeger);
        Self { prometheus, jaeger, collector }
    }

    /// Where the proxies of the mesh send spans.
    pub fn tracing(&self) -> Tracing {
        Tracing::open_telemetry(self.collector.host())
    }

    /// Takes the numbers of a namespace, and leads its alerts to whoever is on call.
    pub fn take(&self, stack: &Stack, namespace: &Namespace) {
        namespace.scrape_proxies(&self.prometheus);
        let on_call = sns::Topic::new(stack, "on-call", sns::TopicProps::default());
        AlertRoute::new(namespace, "on-call", &self.prometheus, Receiver::Topic(on_call), Default::default());
    }
}
