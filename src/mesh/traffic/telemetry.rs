//! Telemetry: spans and metrics of proxies.

use crate::diag::Diagnostic;
use crate::kube::istio::{self, telemetry as l1};
use crate::tree::{At, Construct, Scope};

use super::super::Namespace;

/// The value of a span tag.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Tag {
    /// This text.
    Literal(String),
    /// The value of a request header, or a default text.
    Header {
        /// The name of the header.
        name: String,
        /// The value if the request lacks the header. `None` omits the tag.
        or: Option<String>,
    },
    /// The value of a variable in the proxy's environment.
    Environment(String),
}

impl Tag {
    /// Uses the value of a request header.
    pub fn header(name: impl Into<String>) -> Self {
        Tag::Header { name: name.into(), or: None }
    }

    fn to_l1(&self) -> l1::TracingCustomTag {
        let tag = l1::TracingCustomTag::new();
        match self {
            Tag::Literal(text) => tag.literal(l1::CustomTagFormatter::new(text)),
            Tag::Header { name, or: None } => tag.header(l1::CustomTagEnvironment::new(name)),
            Tag::Header { name, or: Some(or) } => tag.header(l1::CustomTagEnvironment::new(name).default_value(or)),
            Tag::Environment(name) => tag.environment(l1::CustomTagEnvironment::new(name)),
        }
    }
}

/// A change to a label of the proxies' metrics.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MetricTag {
    /// The metric.
    pub metric: l1::OverrideMatchMetric,
    /// The name of the label.
    pub tag: String,
    /// The value of the label, as an expression such as `request.host`. `None` removes the label.
    pub value: Option<String>,
}

impl MetricTag {
    /// Sets a label of a metric to the value of an expression (CEL over Envoy's attributes).
    pub fn set(metric: l1::OverrideMatchMetric, tag: &str, expression: &str) -> Self {
        Self { metric, tag: tag.to_owned(), value: Some(expression.to_owned()) }
    }

    /// Removes a label of a metric, which reduces the number of series.
    pub fn remove(metric: l1::OverrideMatchMetric, tag: &str) -> Self {
        Self { metric, tag: tag.to_owned(), value: None }
    }
}

/// Properties of a [`Telemetry`].
#[derive(Clone, Debug, PartialEq)]
pub struct TelemetryProps {
    /// The percentage of traced requests, if the mesh has a [collector](super::super::Tracing). Default: 1.
    pub sampling: f64,
    /// Tags of spans, by name. Default: none.
    pub tags: Vec<(String, Tag)>,
    /// Changes to the labels of Prometheus metrics. Default: none.
    pub metrics: Vec<MetricTag>,
}

impl Default for TelemetryProps {
    fn default() -> Self {
        Self { sampling: 1.0, tags: Vec::new(), metrics: Vec::new() }
    }
}

/// The spans and metrics of a namespace's proxies.
///
/// Istio reads tags only from an entry of `tracing`, and a label with the operation `UPSERT` must have a value. This
/// construct always meets both requirements, in contrast to hand-written objects.
///
/// # Diagnostics
///
/// - `MS1031`: the namespace is not in a mesh.
/// - `MS1039`: spans have tags, but the mesh has no collector.
///
/// # Example
///
/// ```
/// # use meshsynth::{testing, mesh, App, Construct};
/// # let app = App::new("shop");
/// # let cluster = testing::cluster(&app);
/// use meshsynth::mesh::traffic::{Metric, MetricTag, Tag, Telemetry, TelemetryProps};
///
/// let istio = mesh::Istio::new(&cluster, "istio", &cluster, mesh::IstioProps {
///     tracing: Some(mesh::Tracing::open_telemetry("collector.observability.svc.cluster.local")),
///     ..Default::default()
/// });
/// let shop = mesh::Namespace::new(&cluster, "shop", &cluster, mesh::NamespaceProps {
///     mesh: Some(istio.membership()),
///     ..Default::default()
/// });
/// Telemetry::new(&shop, "default", TelemetryProps {
///     sampling: 5.0,
///     tags: vec![
///         ("user-type".to_owned(), Tag::header("user-type")),
///         ("environment".to_owned(), Tag::Literal("production".to_owned())),
///     ],
///     metrics: vec![MetricTag::set(Metric::RequestCount, "request_host", "request.host")],
/// });
/// ```
///
/// Source: <https://istio.io/latest/docs/reference/config/telemetry/>
#[derive(Clone)]
pub struct Telemetry {
    scope: Scope,
}

impl Telemetry {
    /// Configures all proxies of a namespace. The object's name is the construct's id.
    #[track_caller]
    pub fn new(namespace: &Namespace, name: &str, props: TelemetryProps) -> Self {
        let scope = namespace.scope().construct(&format!("telemetry-{name}"));
        let id = scope.id();
        let name = id.strip_prefix("telemetry-").unwrap_or(&id);
        let Some(istio) = namespace.mesh() else {
            namespace.wants_mesh(&scope, "telemetry", At::caller());
            return Self { scope };
        };
        let mut spec = l1::Spec::new();
        match istio.tracing() {
            Some(tracing) => {
                let mut entry = l1::Tracing::new()
                    .providers([l1::Provider::new(&tracing.provider)])
                    .random_sampling_percentage(props.sampling);
                if !props.tags.is_empty() {
                    let tags: Vec<_> = props.tags.iter().map(|(name, tag)| (name.clone(), tag.to_l1())).collect();
                    entry = entry.custom_tags(tags);
                }
                spec = spec.tracing([entry]);
            }
            None if !props.tags.is_empty() => scope.report(
                Diagnostic::error("MS1039", "the workload sets span tags, but the mesh has no tracing".to_owned())
                    .at(At::caller())
                    .help("configure tracing: `IstioProps { tracing: Some(Tracing::open_telemetry(host)), .. }`"),
            ),
            None => {}
        }
        if !props.metrics.is_empty() {
            let overrides: Vec<_> = props.metrics.into_iter().map(metric_override).collect();
            let metric = l1::Metric::new().providers([l1::Provider::new("prometheus")]).overrides(overrides);
            spec = spec.metrics([metric]);
        }
        istio::Telemetry::new().spec(spec).define(&scope, "telemetry", name);
        Self { scope }
    }
}

impl Construct for Telemetry {
    fn scope(&self) -> &Scope {
        &self.scope
    }
}

fn metric_override(change: MetricTag) -> l1::MetricOverride {
    let tag = l1::OverrideTagOverride::new();
    let tag = match change.value {
        Some(value) => tag.operation(l1::OverrideTagOverrideOperation::Upsert).value(value),
        None => tag.operation(l1::OverrideTagOverrideOperation::Remove),
    };
    let of = l1::OverrideMatch::new().metric(change.metric);
    l1::MetricOverride::new().match_(of).tag_overrides([(change.tag, tag)])
}
