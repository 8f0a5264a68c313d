//! Ways in: what leads from outside to the pods of a cluster.
//!
//! A [`Door`] is one hop: a load balancer with a listener, a Service of type LoadBalancer, an Ingress, or a gateway with
//! its routes.

mod balancers;
mod client;
mod gateways;
mod ingresses;
mod names;
mod nodes;
mod publics;

pub use balancers::{Balanced, balanced, header_of};
pub use client::Client;
pub use gateways::{Routed, routed};
pub use ingresses::ingresses;
pub use names::distributions;
pub use nodes::{FIRST, NodePort, node_ports};
pub use publics::{Public, publics};
