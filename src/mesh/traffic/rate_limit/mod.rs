//! Rate limits: how many requests a workload or a gateway takes, of all clients or of each one.

mod limit;
mod local;
mod service;

pub use limit::{Each, Per, RateLimit};
pub use service::{RateLimitService, RateLimitServiceProps};
