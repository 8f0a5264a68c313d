//! Ways in: what leads from outside to the pods of a cluster.
//!
//! A [`Door`] is one hop: a load balancer with a listener, a Service of type LoadBalancer, an Ingress, or a gateway with
//! its routes.

mod balancers;
mod gateways;
mod ingresses;
mod names;
mod publics;

pub use balancers::{Balanced, balanced, header_of};
pub use gateways::{Routed, routed};
pub use ingresses::ingresses;
pub use names::distributions;
pub use publics::{Public, publics};
