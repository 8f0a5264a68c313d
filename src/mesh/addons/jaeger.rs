//! Jaeger, which shows traces.

use crate::eks;
use crate::tree::{Construct, Scope};
use crate::val::Bag;

use super::super::{Chart, HelmRelease, HelmReleaseProps, Namespace, NamespaceProps, PodSecurity};
use super::resources;

const VERSION: &str = "4.11.1";
const NAME: &str = "jaeger";
const NAMESPACE: &str = "tracing";

/// Jaeger, with its collector and its web pages in one pod. The pod keeps traces in memory.
///
/// Use it only for live analysis, because traces are lost when its pod stops. To keep traces, send them to X-Ray with
/// [`OtelCollector::to_xray`](super::OtelCollector::to_xray).
///
/// # Example
///
/// ```
/// # use meshsynth::{App, Env, Stack, aws, eks, mesh};
/// # let app = App::new("shop");
/// # let stack = Stack::new(&app, "run", Env::region("eu-west-1"));
/// # let vpc = aws::Vpc::new(&stack, "vpc", aws::VpcProps::default());
/// # let cluster = eks::Cluster::new(&stack, "cluster", &vpc, eks::ClusterProps::default());
/// let jaeger = mesh::addons::Jaeger::new(&stack, "jaeger", &cluster);
/// ```
///
/// Source: <https://github.com/jaegertracing/helm-charts/tree/main/charts/jaeger>
#[derive(Clone)]
pub struct Jaeger {
    scope: Scope,
}

impl Jaeger {
    /// Installs Jaeger in a cluster, in a separate namespace.
    #[track_caller]
    pub fn new(scope: &impl Construct, id: &str, cluster: &eks::Cluster) -> Self {
        let scope = scope.scope().construct(id);
        let namespace =
            NamespaceProps { deny_by_default: false, pod_security: PodSecurity::Baseline, ..Default::default() };
        let namespace = Namespace::new(&scope, NAMESPACE, cluster, namespace);
        let values = Bag::default()
            .with("fullnameOverride", NAME)
            .with("jaeger", Bag::default().with("resources", resources("100m", "1Gi")));
        let chart = Chart::new("https://jaegertracing.github.io/helm-charts", NAME, VERSION);
        let props = HelmReleaseProps { namespace: NAMESPACE.to_owned(), values };
        HelmRelease::new(&namespace, NAME, cluster, chart, props).diagram_within(&namespace);
        Self { scope }
    }

    /// Returns host and port of its OTLP endpoint over gRPC.
    pub fn otlp(&self) -> String {
        format!("{NAME}.{NAMESPACE}.svc.cluster.local:4317")
    }

    /// Returns the URL of its web pages.
    pub fn url(&self) -> String {
        format!("http://{NAME}.{NAMESPACE}.svc.cluster.local:16686")
    }
}

impl Construct for Jaeger {
    fn scope(&self) -> &Scope {
        &self.scope
    }
}
