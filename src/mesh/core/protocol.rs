//! What workloads speak, as meshes and load balancers want to know it.

/// What a workload speaks on its port.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Protocol {
    /// HTTP/1.1.
    #[default]
    Http,
    /// HTTP/2 without TLS.
    Http2,
    /// gRPC.
    Grpc,
    /// Anything over TCP.
    Tcp,
}

impl Protocol {
    /// The name of the port, from which a mesh knows the protocol.
    pub(in crate::mesh) fn port_name(self) -> &'static str {
        match self {
            Protocol::Http => "http",
            Protocol::Http2 => "http2",
            Protocol::Grpc => "grpc",
            Protocol::Tcp => "tcp",
        }
    }
}
