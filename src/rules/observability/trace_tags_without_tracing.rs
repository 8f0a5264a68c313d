//! Spans have tags, but tracing is not configured in the mesh.
//!
//! # What it reports
//!
//! The telemetry of a namespace or workload has `tags`, and `IstioProps::tracing` is not set.
//!
//! # Why it matters
//!
//! A mesh without a collector creates no spans, so the tags have no effect.
//!
//! # Fix
//!
//! Configure the collector with `IstioProps { tracing: Some(..), .. }`, or remove the tags.
//!
//! Source: <https://istio.io/latest/docs/tasks/observability/distributed-tracing/opentelemetry/>

#[cfg(test)]
mod tests {
    use crate::Construct;
    use crate::mesh::traffic::{Tag, Telemetry, TelemetryProps};
    use crate::mesh::{Istio, IstioProps, Namespace, NamespaceProps, Tracing};
    use crate::testing::{cluster, codes};

    fn tags(tracing: Option<Tracing>) -> Vec<&'static str> {
        codes(|app| {
            let cluster = cluster(app);
            let stack = cluster.scope().stack();
            let istio = Istio::new(&stack, "istio", &cluster, IstioProps { tracing, ..Default::default() });
            let props = NamespaceProps { mesh: Some(istio.membership()), ..Default::default() };
            let shop = Namespace::new(&stack, "shop", &cluster, props);
            let tags = vec![("user-type".to_owned(), Tag::header("user-type"))];
            Telemetry::new(&shop, "default", TelemetryProps { tags, ..Default::default() });
        })
    }

    #[test]
    fn reports_tags_without_a_collector() {
        assert_eq!(tags(None), ["MS1039"]);
    }

    #[test]
    fn accepts_tags_for_a_collector() {
        assert_eq!(tags(Some(Tracing::open_telemetry("collector.observability.svc.cluster.local"))), [""; 0]);
    }
}
