//! AWS calls for imports: identifiers of types, existing resources, and their stacks.

use std::collections::{BTreeMap, BTreeSet};

use super::error::CloudError;
use super::place::AccountRegion;

/// The AWS calls that an import needs.
#[allow(async_fn_in_trait, reason = "a deployment runs on one thread, so its futures need not be Send")]
pub trait Importing {
    /// Returns the identifier properties of the template resources, by logical ID. Omits resources that cannot be
    /// imported.
    async fn identifiers(
        &self,
        place: &AccountRegion,
        template: &str,
    ) -> Result<BTreeMap<String, Vec<String>>, CloudError>;
    /// Returns the name of the stack that contains a resource, or `None` if no stack contains it.
    async fn owner(&self, place: &AccountRegion, physical: &str) -> Result<Option<String>, CloudError>;
    /// Returns the latest resource scan, or `None` if there is none.
    async fn latest_scan(&self, place: &AccountRegion) -> Result<Option<Scan>, CloudError>;
    /// Starts a scan of some resource types. Returns the scan ID.
    async fn start_scan(&self, place: &AccountRegion, types: &[String], token: &str) -> Result<String, CloudError>;
    /// Returns the scan with an ID.
    async fn scan(&self, place: &AccountRegion, id: &str) -> Result<Scan, CloudError>;
    /// Returns the scanned resources of a type, filtered by a tag if one is given.
    async fn scanned(
        &self,
        place: &AccountRegion,
        scan: &str,
        kind: &str,
        tag: Option<(&str, &str)>,
    ) -> Result<Vec<ScannedResource>, CloudError>;
}

/// A resource scan of an account and region.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Scan {
    /// The scan ID.
    pub id: String,
    /// The status, such as `COMPLETE`.
    pub status: String,
    /// The status reason.
    pub reason: String,
    /// The scanned resource types.
    pub types: BTreeSet<String>,
    /// The start time in milliseconds since 1970.
    pub started: i64,
}

/// A resource that a scan found.
#[derive(Clone, Debug, PartialEq)]
pub struct ScannedResource {
    /// The properties that identify the resource in AWS.
    pub identifier: BTreeMap<String, String>,
    /// Whether a stack manages the resource.
    pub is_managed: bool,
}
