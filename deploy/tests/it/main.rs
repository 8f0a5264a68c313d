//! Deployments without any AWS: against a world in memory, and against endpoints of the tests' own.

mod endpoint;
mod fake;
mod faults;
mod http;
mod plan;
mod platform;
mod states;
mod template;
mod world;
