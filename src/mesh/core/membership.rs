//! What a namespace and its workloads know of the mesh that they are part of.

use std::fmt;

use crate::tree::Scope;
use crate::val::Bag;

/// The port of tunnels between pods in ambient mode.
pub(in crate::mesh) const HBONE: u16 = 15_008;

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

    pub(in crate::mesh) fn provider_values(&self) -> Bag {
        let collector = Bag::default().with("service", self.host.clone()).with("port", self.port);
        Bag::default().with("name", self.provider.clone()).with("opentelemetry", collector)
    }
}

/// Membership in a mesh: how the pods of a namespace take part, and how its identities are named.
///
/// [`Istio::membership`](crate::mesh::Istio::membership) gives it, and
/// [`NamespaceProps::mesh`](crate::mesh::NamespaceProps::mesh) takes it.
#[derive(Clone)]
pub struct Membership {
    pub(in crate::mesh) mode: Mode,
    pub(in crate::mesh) revision: String,
    pub(in crate::mesh) network: String,
    pub(in crate::mesh) trust_domain: String,
    pub(in crate::mesh) tracing: Option<Tracing>,
    /// Whether sidecars lead to what the mesh knows alone.
    pub(in crate::mesh) is_closed: bool,
    /// The namespace of the control plane.
    pub(in crate::mesh) system: String,
    /// The release of istiod.
    pub(in crate::mesh) istiod: Scope,
}

impl Membership {
    /// How pods take part.
    pub fn mode(&self) -> Mode {
        self.mode
    }

    /// The name of the network of its pods.
    pub fn network(&self) -> &str {
        &self.network
    }

    /// The root of all identities.
    pub fn trust_domain(&self) -> &str {
        &self.trust_domain
    }

    /// Where proxies send spans.
    pub fn tracing(&self) -> Option<&Tracing> {
        self.tracing.as_ref()
    }

    /// The identity of a service account of this mesh, as authorization policies name it.
    pub fn principal(&self, namespace: &str, service_account: &str) -> String {
        format!("{}/ns/{namespace}/sa/{service_account}", self.trust_domain)
    }

    /// Has proxies answer the names of the mesh that no DNS server knows. In ambient mode the nodes do so by themselves.
    ///
    /// Source: <https://istio.io/latest/docs/ops/configuration/traffic-management/dns-proxy/>
    #[track_caller]
    pub(in crate::mesh) fn answer_names(&self) {
        if self.mode == Mode::Sidecar {
            self.istiod.put("meshConfig.defaultConfig.proxyMetadata", "ISTIO_META_DNS_CAPTURE", "true");
        }
    }

    /// The label by which a namespace takes part: key, value.
    pub(in crate::mesh) fn enrolment(&self) -> (&'static str, String) {
        match self.mode {
            Mode::Sidecar => ("istio.io/rev", self.revision.clone()),
            Mode::Ambient => ("istio.io/dataplane-mode", "ambient".to_owned()),
        }
    }
}

impl fmt::Debug for Membership {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "Membership({}, {:?})", self.istiod.path(), self.mode)
    }
}
