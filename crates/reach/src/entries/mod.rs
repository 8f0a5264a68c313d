//! Entries from outside to the pods of a cluster, and to tasks, instances, functions and buckets.
//!
//! Each entry is one hop: a load balancer with a listener, a Service of type LoadBalancer, an Ingress, or a gateway
//! with its routes.

mod apis;
mod backends;
mod balancers;
mod client;
mod controllers;
mod endpoints;
mod forwarding;
mod functions;
mod gateways;
mod ingresses;
mod listeners;
mod members;
mod names;
mod nodes;
mod publics;
mod routes;

pub use apis::{Api, apis};
pub use balancers::{Balanced, balanced, balanced_resource, header_of};
pub use client::Client;
pub use endpoints::api_server;
pub use forwarding::ingressed;
pub use functions::{Url, urls};
pub use gateways::{Routed, routed};
pub use ingresses::ingresses;
pub use listeners::Listeners;
pub use members::{Member, members};
pub use names::{Distribution, distributions};
pub use nodes::{FIRST, NodePort, node_ports};
pub use publics::{Public, publics};
pub use routes::Routes;

/// The type of classic load balancers, which list their members themselves.
const CLASSIC: &str = "AWS::ElasticLoadBalancing::LoadBalancer";
