//! Tests the binary that accesses AWS and clusters, with small projects whose programs are shell scripts.

mod asked;
mod aws;
mod by_name;
mod deploy;
mod deployed;
mod doctor;
mod place;
mod stale;
mod take_over;

#[path = "../../../cli/tests/it/project.rs"]
#[allow(dead_code, reason = "the tests of the other binary need more of it")]
mod project;

// The simulated CloudFormation of the `deploy` tests.
#[path = "../../../deploy/tests/it/bucket.rs"]
#[allow(dead_code, reason = "a test of deployments needs more of it")]
mod bucket;
#[path = "../../../deploy/tests/it/endpoint.rs"]
#[allow(dead_code, reason = "a test of deployments needs more of it")]
mod endpoint;
#[path = "../../../deploy/tests/it/fake_import.rs"]
#[allow(dead_code, reason = "a test of deployments needs more of it")]
mod fake_import;
#[path = "../../../deploy/tests/it/fake_refactor.rs"]
#[allow(dead_code, reason = "a test of deployments needs more of it")]
mod fake_refactor;
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

// The simulated API server of the `deploy` tests.
#[path = "../../../deploy/tests/it/cluster.rs"]
#[allow(dead_code, reason = "a test of deployments needs more of it")]
mod cluster;
#[path = "../../../deploy/tests/it/kinds.rs"]
#[allow(dead_code, reason = "a test of deployments needs more of it")]
mod kinds;
#[path = "../../../deploy/tests/it/managed.rs"]
#[allow(dead_code, reason = "a test of deployments needs more of it")]
mod managed;
#[path = "../../../deploy/tests/it/server.rs"]
#[allow(dead_code, reason = "a test of deployments needs more of it")]
mod server;

const BINARY: &str = env!("CARGO_BIN_EXE_meshsynth-deploy");
/// The files that the test programs write.
const FIXTURES: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../cli/tests/fixtures");
