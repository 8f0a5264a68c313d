//! The protocols of workloads, for meshes and load balancers.

/// The protocol of a workload's port.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Protocol {
    /// HTTP/1.1.
    #[default]
    Http,
    /// HTTP/2 without TLS.
    Http2,
    /// gRPC.
    Grpc,
    /// Any protocol over TCP.
    Tcp,
}

impl Protocol {
    /// Returns the port name, from which a mesh derives the protocol.
    pub(in crate::mesh) fn port_name(self) -> &'static str {
        match self {
            Protocol::Http => "http",
            Protocol::Http2 => "http2",
            Protocol::Grpc => "grpc",
            Protocol::Tcp => "tcp",
        }
    }
}
