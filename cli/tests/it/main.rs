//! The binary, driven over small projects whose programs are shell scripts.

mod aws;
mod check;
mod ci;
mod config;
mod current;
mod deploy;
mod deployed;
mod diff;
mod doctor;
mod graph;
mod init;
mod mistakes;
mod output;
mod programs;
mod project;
mod reports;
mod sixty;
mod svg;
mod together;
mod versions;
mod watch;

// CloudFormation as the tests of `deploy` script it, for the binary.
#[path = "../../../deploy/tests/it/bucket.rs"]
#[allow(dead_code, reason = "a test of deployments needs more of it")]
mod bucket;
#[path = "../../../deploy/tests/it/endpoint.rs"]
#[allow(dead_code, reason = "a test of deployments needs more of it")]
mod endpoint;
#[path = "../../../deploy/tests/it/operations.rs"]
#[allow(dead_code, reason = "a test of deployments needs more of it")]
mod operations;
#[path = "../../../deploy/tests/it/query.rs"]
#[allow(dead_code, reason = "a test of deployments needs more of it")]
mod query;
#[path = "../../../deploy/tests/it/template.rs"]
#[allow(dead_code, reason = "a test of deployments needs more of it")]
mod template;
#[path = "../../../deploy/tests/it/world.rs"]
#[allow(dead_code, reason = "a test of deployments needs more of it")]
mod world;
