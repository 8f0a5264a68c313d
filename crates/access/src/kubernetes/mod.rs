//! Policies of Kubernetes: network access to pods, and permissions in the API server.

mod load_balancer;
mod network_policy;
mod privilege;
mod rbac;
mod selector;

pub use load_balancer::load_balancer;
pub use network_policy::{NetworkPolicy, Traffic};
pub use privilege::{pod_security, privileges, service_account};
pub use rbac::{Rbac, RoleKey};
pub use selector::{Labels, Selector};
