//! The two ends of a question.

use std::net::IpAddr;

use meshsynth_access::kubernetes::Labels;

use crate::connections::Protocol;
use crate::world::{ResourceId, WorkloadId};

/// Who asks.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Source {
    /// Anybody, from any public address, without a login.
    Internet,
    /// Whoever has an address of a block, given as it is written.
    Addresses(String),
    /// A workload, with its network, its certificate and its role.
    Workload(WorkloadId),
    /// Pods with some labels, whether a workload makes them or not.
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
    /// Something with an interface in a VPC: a node group, an instance, a function.
    Resource(ResourceId),
    /// Whoever has assumed a role of the platform.
    Role(ResourceId),
    /// Whoever is a principal by its ARN.
    Principal(String),
    /// Any principal of an account.
    Account(String),
}

/// What is asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Target {
    /// A port of a workload.
    Workload(WorkloadId, Option<Port>),
    /// A resource with an interface in a VPC, or a resource that is reached by the API of its service.
    Resource(ResourceId, Option<Port>),
    /// An action of an API, such as `s3:GetObject`, on a resource.
    Action(String, ResourceId),
    /// An address outside of the platform.
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
    /// A port of TCP.
    pub fn tcp(number: u16) -> Self {
        Self { protocol: Protocol::Tcp, number }
    }
}
