//! The options of an Istio installation.

/// The istiod that configures the proxies of a cluster.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum ControlPlane {
    /// The istiod of the cluster, which is then a primary cluster.
    #[default]
    Local,
    /// The istiod of the only primary cluster of the [`Mesh`](crate::mesh::Mesh), by its host name. The name is in a
    /// private hosted zone that all networks can resolve. The istiod of the remote cluster only injects sidecars and
    /// distributes the root certificate.
    ///
    /// [`ExternalDns`](crate::mesh::addons::ExternalDns) in the primary cluster creates a DNS record with this name for
    /// the east-west gateway of the primary cluster. The istiod of the primary cluster reads only the Istio objects of
    /// that cluster. Therefore, define the objects for remote workloads in the primary cluster (`MS1006`).
    Remote(String),
}

/// The format of the access log that proxies write to their standard output.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum AccessLog {
    /// No access log.
    #[default]
    Off,
    /// A line of text.
    Text,
    /// A line of JSON.
    Json,
}

impl AccessLog {
    /// Returns the value of `accessLogEncoding`, or `None` without an access log.
    pub(super) fn encoding(self) -> Option<&'static str> {
        match self {
            AccessLog::Off => None,
            AccessLog::Text => Some("TEXT"),
            AccessLog::Json => Some("JSON"),
        }
    }
}

/// Whether pods may connect to hosts that are not in the mesh registry.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum OutboundTraffic {
    /// They may connect to all hosts that network policies allow.
    #[default]
    AllowAny,
    /// They may connect only to services and `ServiceEntry` hosts.
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
