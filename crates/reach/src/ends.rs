//! The two ends of a query.

use std::net::IpAddr;

use meshsynth_access::kubernetes::Labels;

use crate::connections::Protocol;
use crate::world::{ResourceId, WorkloadId};

/// The source of a connection or a request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Source {
    /// Any client on the internet, from any public address and without a login.
    Internet,
    /// A client with an address in a block. The text is kept as it is written.
    Addresses(String),
    /// A workload, with its network, its certificate and its role.
    Workload(WorkloadId),
    /// Pods with certain labels, even if no workload creates them.
    Pods {
        /// The id of the cluster.
        cluster: String,
        /// Their namespace.
        namespace: String,
        /// Their labels.
        labels: Labels,
        /// Their service account.
        account: String,
    },
    /// A resource with a network interface in a VPC: a node group, an instance, a function.
    Resource(ResourceId),
    /// A client with the credentials of a role of the platform.
    Role(ResourceId),
    /// A principal, by its ARN.
    Principal(String),
    /// Any principal of an account.
    Account(String),
}

/// The target of a connection or a request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Target {
    /// A port of a workload.
    Workload(WorkloadId, Option<Port>),
    /// A resource with a network interface in a VPC, or a resource with an API of its service.
    Resource(ResourceId, Option<Port>),
    /// An action of an API, such as `s3:GetObject`, on a resource.
    Action(String, ResourceId),
    /// An address outside the platform.
    Address(IpAddr, Port),
}

/// A port and its protocol.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Port {
    /// The protocol.
    pub protocol: Protocol,
    /// The number.
    pub number: u16,
}

impl Port {
    /// Creates a TCP port.
    pub fn tcp(number: u16) -> Self {
        Self { protocol: Protocol::Tcp, number }
    }
}
