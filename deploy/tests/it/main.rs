//! Deployments without any AWS: against a world in memory, and against endpoints of the tests' own.

mod cluster;
mod endpoint;
mod fake;
mod faults;
mod helm;
mod http;
mod kubernetes;
mod look;
mod plan;
mod platform;
mod reach;
mod states;
mod template;
mod world;
