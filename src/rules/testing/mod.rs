//! What the cases of the rules share.

/// YAML manifests, as `meshsynth check` reads them.
pub mod manifests;
/// Objects of a cluster as JSON, below the constructs.
pub mod pods;
/// Programs of typed constructs.
pub mod programs;
/// CloudFormation templates as JSON.
pub mod templates;
