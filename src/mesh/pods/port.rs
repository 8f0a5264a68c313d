//! A port of a container and of its `Service`.

use crate::kube::core;

use super::super::core::Protocol;

/// An additional port of pods.
///
/// A caller refers to it by name: `orders.calls(&stock.at_port("grpc"))`.
///
/// # Diagnostics
///
/// - `MS0440`: two ports have the same name or number.
/// - `MS0441`: a call names a port that does not exist.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Port {
    /// Its name, unique among the ports of the pod: at most 15 lower-case letters, digits and `-`.
    pub name: String,
    /// The port number. The `Service` has the same port.
    pub port: u16,
    /// The protocol of the port.
    pub protocol: Protocol,
}

impl Port {
    /// Returns a port by name, number and protocol.
    pub fn new(name: impl Into<String>, port: u16, protocol: Protocol) -> Self {
        Self { name: name.into(), port, protocol }
    }

    /// Returns a port with the name of its protocol.
    pub(in crate::mesh) fn main(port: u16, protocol: Protocol) -> Self {
        Self::new(protocol.port_name(), port, protocol)
    }

    /// Returns the name of the route for its requests, if it is not the main port.
    pub(in crate::mesh) fn route_name(&self) -> String {
        format!("port-{}", self.name)
    }

    pub(in crate::mesh) fn of_container(&self) -> core::ContainerPort {
        core::ContainerPort::new(self.port).name(self.name.clone()).protocol(core::Protocol::Tcp)
    }

    pub(in crate::mesh) fn of_service(&self) -> core::ServicePort {
        let app_protocol = match self.protocol {
            Protocol::Http2 => "kubernetes.io/h2c",
            protocol => protocol.port_name(),
        };
        core::ServicePort::new(self.port)
            .name(self.name.clone())
            .target_port(self.name.as_str())
            .protocol(core::Protocol::Tcp)
            .app_protocol(app_protocol)
    }
}
