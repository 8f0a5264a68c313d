//! Helpers for the tests of rules.

/// YAML manifests, as `meshsynth check` reads them.
pub mod manifests;
/// Raw cluster objects as JSON, without constructs.
pub mod pods;
/// Programs of typed constructs.
pub mod programs;
/// CloudFormation templates as JSON.
pub mod templates;
