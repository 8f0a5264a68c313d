//! The mesh membership of a namespace and its workloads.

use std::fmt;

use crate::tree::Scope;
use crate::val::Bag;

/// The port of tunnels between pods in ambient mode.
pub(in crate::mesh) const HBONE: u16 = 15_008;

/// The data plane mode of a mesh.
///
/// Source: <https://istio.io/latest/docs/overview/dataplane-modes/>
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Mode {
    /// Each pod has a sidecar proxy.
    #[default]
    Sidecar,
    /// Each node has a tunnel (ztunnel). Workloads that need an HTTP proxy get a waypoint.
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

/// The destination of spans: a collector that supports OpenTelemetry over gRPC.
///
/// These settings only declare the tracing provider. A `Telemetry` object refers to the provider by name, and selects
/// the workloads and the sampling rate.
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
    /// Returns the collector at a host of the mesh, such as `otel-collector.observability.svc.cluster.local`, on port
    /// 4317.
    pub fn open_telemetry(host: impl Into<String>) -> Self {
        Self { provider: "otel-tracing".to_owned(), host: host.into(), port: 4317 }
    }

    pub(in crate::mesh) fn provider_values(&self) -> Bag {
        let collector = Bag::default().with("service", self.host.clone()).with("port", self.port);
        Bag::default().with("name", self.provider.clone()).with("opentelemetry", collector)
    }
}

/// The membership of a namespace in a mesh: its data plane mode, and the trust domain of its identities.
///
/// [`Istio::membership`](crate::mesh::Istio::membership) returns it, for use in
/// [`NamespaceProps::mesh`](crate::mesh::NamespaceProps::mesh).
#[derive(Clone)]
pub struct Membership {
    pub(in crate::mesh) mode: Mode,
    pub(in crate::mesh) revision: String,
    pub(in crate::mesh) network: String,
    pub(in crate::mesh) trust_domain: String,
    pub(in crate::mesh) tracing: Option<Tracing>,
    /// Whether sidecars send traffic only to hosts in the registry of the mesh.
    pub(in crate::mesh) is_closed: bool,
    /// The namespace of the control plane.
    pub(in crate::mesh) system: String,
    /// The release of istiod.
    pub(in crate::mesh) istiod: Scope,
}

impl Membership {
    /// Returns the data plane mode.
    pub fn mode(&self) -> Mode {
        self.mode
    }

    /// Returns the name of the network of its pods.
    pub fn network(&self) -> &str {
        &self.network
    }

    /// Returns the trust domain of all identities.
    pub fn trust_domain(&self) -> &str {
        &self.trust_domain
    }

    /// Returns the collector of spans, if there is one.
    pub fn tracing(&self) -> Option<&Tracing> {
        self.tracing.as_ref()
    }

    /// Returns the principal of a service account of this mesh, for authorization policies.
    pub fn principal(&self, namespace: &str, service_account: &str) -> String {
        format!("{}/ns/{namespace}/sa/{service_account}", self.trust_domain)
    }

    /// Enables DNS in sidecar proxies, for mesh host names that no DNS server contains. In ambient mode, ztunnel always
    /// resolves these names.
    ///
    /// Source: <https://istio.io/latest/docs/ops/configuration/traffic-management/dns-proxy/>
    #[track_caller]
    pub(in crate::mesh) fn answer_names(&self) {
        if self.mode == Mode::Sidecar {
            self.istiod.put("meshConfig.defaultConfig.proxyMetadata", "ISTIO_META_DNS_CAPTURE", "true");
        }
    }

    /// Returns the key and value of the label that adds a namespace to the mesh.
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
