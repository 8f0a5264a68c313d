//! Deployments without any AWS: against a world in memory, and against endpoints of the tests' own.

mod bucket;
mod cluster;
mod delivery;
mod destroy;
mod drift;
mod endpoint;
mod events;
mod fake;
mod faults;
mod helm;
mod http;
mod kubernetes;
mod lock;
mod look;
mod newer;
mod orphans;
mod plan;
mod platform;
mod policy;
mod query;
mod reach;
mod server;
mod states;
mod template;
mod whole;
mod world;
