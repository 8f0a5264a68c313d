//! The choices of an installation of Istio.

use crate::val::Bag;

/// How pods take part in a mesh.
///
/// Source: <https://istio.io/latest/docs/overview/dataplane-modes/>
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Mode {
    /// Each pod has a proxy beside its containers.
    #[default]
    Sidecar,
    /// Each node has a tunnel (ztunnel); proxies of their own (waypoints) are there for those who need one.
    Ambient,
}

impl Mode {
    pub(in crate::mesh) fn word(self) -> &'static str {
        match self {
            Mode::Sidecar => "sidecars",
            Mode::Ambient => "ambient",
        }
    }
}

/// Whose istiod the proxies of a cluster follow.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum ControlPlane {
    /// That of the cluster itself: a primary cluster.
    #[default]
    Local,
    /// That of the one primary cluster of its [`Mesh`](crate::mesh::Mesh), which has this name in a private zone
    /// of all networks. istiod of the cluster itself injects sidecars and distributes the root of trust, no more.
    ///
    /// The name is led to the east-west gateway of the primary cluster by
    /// [`ExternalDns`](crate::mesh::addons::ExternalDns) there. Objects of Istio are read in the primary cluster
    /// alone, so what the remote cluster runs must be defined alike there (`MS1006`).
    Remote(String),
}

/// What proxies write about each request, to their standard output.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum AccessLog {
    /// Nothing.
    #[default]
    Off,
    /// A line of text.
    Text,
    /// A line of JSON.
    Json,
}

impl AccessLog {
    /// The value of `accessLogEncoding`; none where there is no log.
    pub(super) fn encoding(self) -> Option<&'static str> {
        match self {
            AccessLog::Off => None,
            AccessLog::Text => Some("TEXT"),
            AccessLog::Json => Some("JSON"),
        }
    }
}

/// Whether pods may reach hosts that the mesh does not know.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum OutboundTraffic {
    /// They may; network policies say where to.
    #[default]
    AllowAny,
    /// They reach services and `ServiceEntry` hosts alone.
    RegistryOnly,
}

impl OutboundTraffic {
    pub(super) fn word(self) -> &'static str {
        match self {
            OutboundTraffic::AllowAny => "ALLOW_ANY",
            OutboundTraffic::RegistryOnly => "REGISTRY_ONLY",
        }
    }
}

/// Where proxies send spans: a collector that speaks OpenTelemetry over gRPC.
///
/// The provider is only declared here; a `Telemetry` object says by its name which
/// workloads use it, and how many of their requests are sampled.
///
/// Source: <https://istio.io/latest/docs/tasks/observability/distributed-tracing/opentelemetry/>
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tracing {
    /// The name of the provider.
    pub provider: String,
    /// The host of the collector.
    pub host: String,
    /// Its port for OTLP over gRPC.
    pub port: u16,
}

impl Tracing {
    /// The collector at a host of the mesh, such as `otel-collector.observability.svc.cluster.local`, on port 4317.
    pub fn open_telemetry(host: impl Into<String>) -> Self {
        Self { provider: "otel-tracing".to_owned(), host: host.into(), port: 4317 }
    }

    pub(super) fn provider_values(&self) -> Bag {
        let collector = Bag::default().with("service", self.host.clone()).with("port", self.port);
        Bag::default().with("name", self.provider.clone()).with("opentelemetry", collector)
    }
}
