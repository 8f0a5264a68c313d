//! Spans have tags, and tracing is not configured in the mesh.
//!
//! A mesh without a collector makes no spans, so the tags would stand in an
//! object that changes nothing.
//!
//! Say where spans go with `IstioProps { tracing: Some(..), .. }`, or leave the
//! tags out.
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
    fn tags_that_nobody_gets_are_an_error() {
        assert_eq!(tags(None), ["MS1039"]);
    }

    #[test]
    fn tags_for_a_collector_are_fine() {
        assert_eq!(tags(Some(Tracing::open_telemetry("collector.observability.svc.cluster.local"))), [""; 0]);
    }
}
