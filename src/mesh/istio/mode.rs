//! The choices of an installation of Istio.

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
