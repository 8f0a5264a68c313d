//! Istio policies: the permitted callers of a workload, and the required transport security.

mod authorization_policy;
mod peer_authentication;
mod request_authentication;
mod scope;

pub use authorization_policy::{Action, AuthorizationPolicy};
pub use peer_authentication::PeerAuthentication;
pub use request_authentication::RequestAuthentication;
pub use scope::{Scope, Target};
