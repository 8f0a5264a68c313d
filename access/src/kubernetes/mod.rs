//! Policies of Kubernetes itself: who may reach a pod, and who may do what at the API server.

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
