//! Rate limits of workloads and gateways, for all clients together or for each client.

mod limit;
mod local;
mod service;

pub use limit::{Each, Per, RateLimit};
pub use service::{RateLimitService, RateLimitServiceProps};
