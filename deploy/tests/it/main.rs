//! Deployments without any AWS: against a world in memory, and against endpoints of the tests' own.

mod fake;
mod faults;
mod plan;
mod platform;
mod states;
mod template;
mod world;
