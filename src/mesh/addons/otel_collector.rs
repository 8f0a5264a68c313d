//! The OpenTelemetry collector, which receives spans of workloads and proxies, and exports them.

use crate::eks::{self, Identity};
use crate::tree::{Construct, Scope};
use crate::val::{Bag, Data};
use crate::xray;

use super::super::{Chart, HelmRelease, HelmReleaseProps, Namespace, NamespaceProps};
use super::{Jaeger, resources, service_account};

const VERSION: &str = "0.170.0";
const CHART: &str = "opentelemetry-collector";
const NAME: &str = "otel-collector";
const NAMESPACE: &str = "telemetry";

/// The OpenTelemetry collector, as one service for the whole cluster.
///
/// It receives spans by OTLP (port 4317 for gRPC, port 4318 for HTTP) and exports them in batches. It has a memory
/// limit. A mesh uses [`host`](OtelCollector::host) and [`PORT`](OtelCollector::PORT) as its tracing provider.
///
/// # Example
///
/// ```
/// # use meshsynth::{App, Env, Stack, aws, eks, mesh};
/// # let app = App::new("shop");
/// # let stack = Stack::new(&app, "run", Env::region("eu-west-1"));
/// # let vpc = aws::Vpc::new(&stack, "vpc", aws::VpcProps::default());
/// # let cluster = eks::Cluster::new(&stack, "cluster", &vpc, eks::ClusterProps::default());
/// let collector = mesh::addons::OtelCollector::to_xray(&stack, "traces", &cluster);
/// assert_eq!(collector.host(), "otel-collector.telemetry.svc.cluster.local");
/// ```
///
/// Source: <https://github.com/open-telemetry/opentelemetry-helm-charts/tree/opentelemetry-collector-0.170.0/charts/opentelemetry-collector>
#[derive(Clone)]
pub struct OtelCollector {
    scope: Scope,
}

impl OtelCollector {
    /// The port for OTLP over gRPC.
    pub const PORT: u16 = 4_317;

    /// Installs a collector that writes to AWS X-Ray, with a role that has only this permission.
    #[track_caller]
    pub fn to_xray(scope: &impl Construct, id: &str, cluster: &eks::Cluster) -> Self {
        let scope = scope.scope().construct(id);
        let role = cluster.service_account_role(&scope, "role", NAMESPACE, NAME);
        xray::grant_write(&role);
        let annotation = matches!(cluster.identity(), Identity::Irsa).then(|| role.arn().into());
        let exporter = Bag::default().with("region", scope.region());
        let account = service_account(NAME, annotation);
        Self::define(scope, cluster, ("awsxray", exporter), account)
    }

    /// Installs a collector that writes to Jaeger.
    #[track_caller]
    pub fn to_jaeger(scope: &impl Construct, id: &str, cluster: &eks::Cluster, jaeger: &Jaeger) -> Self {
        let scope = scope.scope().construct(id);
        let plain = Bag::default().with("insecure", true);
        let exporter = Bag::default().with("endpoint", jaeger.otlp()).with("tls", plain);
        Self::define(scope, cluster, ("otlp/jaeger", exporter), service_account(NAME, None))
    }

    #[track_caller]
    fn define(scope: Scope, cluster: &eks::Cluster, exporter: (&'static str, Bag), account: Bag) -> Self {
        let namespace = NamespaceProps { deny_by_default: false, ..Default::default() };
        let namespace = Namespace::new(&scope, NAMESPACE, cluster, namespace);
        let values = Bag::default()
            .with("fullnameOverride", NAME)
            .with("mode", "deployment")
            .with("replicaCount", 2)
            .with("image", Bag::default().with("repository", "otel/opentelemetry-collector-contrib"))
            .with("serviceAccount", account)
            .with("resources", resources("100m", "512Mi"))
            .with("podDisruptionBudget", Bag::default().with("enabled", true).with("maxUnavailable", 1))
            .with("podSecurityContext", pod_security())
            .with("securityContext", container_security())
            .with("ports", ports())
            .with("config", config(exporter));
        let chart = Chart::new("https://open-telemetry.github.io/opentelemetry-helm-charts", CHART, VERSION);
        let props = HelmReleaseProps { namespace: NAMESPACE.to_owned(), values };
        HelmRelease::new(&namespace, NAME, cluster, chart, props).diagram_within(&namespace);
        Self { scope }
    }

    /// Returns its host name.
    pub fn host(&self) -> String {
        format!("{NAME}.{NAMESPACE}.svc.cluster.local")
    }
}

impl Construct for OtelCollector {
    fn scope(&self) -> &Scope {
        &self.scope
    }
}

fn pod_security() -> Bag {
    let profile = Bag::default().with("type", "RuntimeDefault");
    Bag::default().with("runAsNonRoot", true).with("runAsUser", 10_001).with("seccompProfile", profile)
}

fn container_security() -> Bag {
    Bag::default()
        .with("allowPrivilegeEscalation", false)
        .with("readOnlyRootFilesystem", true)
        .with("capabilities", Bag::default().with("drop", vec!["ALL"]))
}

/// Closes the ports of unused protocols.
fn ports() -> Bag {
    let closed = ["jaeger-compact", "jaeger-grpc", "jaeger-thrift", "zipkin"];
    closed.iter().fold(Bag::default(), |it, port| it.with(*port, Bag::default().with("enabled", false)))
}

/// Returns the configuration. A key with the value `null` removes the default value of the chart.
fn config((name, exporter): (&'static str, Bag)) -> Bag {
    let pipeline = Bag::default()
        .with("receivers", vec!["otlp"])
        .with("processors", vec!["memory_limiter", "batch"])
        .with("exporters", vec![name]);
    let receivers = Bag::default().with("jaeger", Data::Null).with("zipkin", Data::Null).with("prometheus", Data::Null);
    let pipelines = Bag::default().with("traces", pipeline).with("logs", Data::Null).with("metrics", Data::Null);
    Bag::default()
        .with("receivers", receivers)
        .with("exporters", Bag::default().with(name, exporter).with("debug", Data::Null))
        .with("service", Bag::default().with("pipelines", pipelines))
}

#[cfg(test)]
mod tests {
    use super::OtelCollector;
    use crate::mesh::addons::Jaeger;
    use crate::testing::{Platform, stack};
    use crate::{App, aws, eks};

    fn values(define: impl FnOnce(&crate::Stack, &eks::Cluster)) -> (Platform, String) {
        let platform = Platform::synth("shop", |app: &App| {
            let run = stack(app, "run");
            let vpc = aws::Vpc::new(&run, "vpc", aws::VpcProps::default());
            let cluster = eks::Cluster::new(&run, "cluster", &vpc, eks::ClusterProps::default());
            define(&run, &cluster);
        });
        let values = platform.assembly.files["helm/run-cluster/otel-collector.values.yaml"].clone();
        (platform, values)
    }

    #[test]
    fn exports_to_xray_with_role() {
        let (platform, values) = values(|run, cluster| {
            OtelCollector::to_xray(run, "traces", cluster);
        });
        assert!(values.contains("awsxray:") && values.contains("${run/traces/role.Arn}"), "{values}");
        let policies = platform.resources("AWS::IAM::RolePolicy");
        let policy = policies.iter().find(|it| it.logical_id.starts_with("Traces")).expect("its policy");
        assert!(policy.props.to_string().contains("xray:PutTraceSegments"));
    }

    #[test]
    fn exports_to_jaeger_without_role() {
        let (platform, values) = values(|run, cluster| {
            let jaeger = Jaeger::new(run, "jaeger", cluster);
            OtelCollector::to_jaeger(run, "traces", cluster, &jaeger);
        });
        assert!(values.contains("endpoint: jaeger.tracing.svc.cluster.local:4317"), "{values}");
        assert!(!platform.resources("AWS::IAM::Role").iter().any(|it| it.logical_id.starts_with("Traces")));
    }
}
