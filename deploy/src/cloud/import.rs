//! What an import asks of AWS: how types are named, what is there, and whose it is.

use std::collections::{BTreeMap, BTreeSet};

use super::error::CloudError;
use super::place::AccountRegion;

/// AWS, as far as an import needs it.
#[allow(async_fn_in_trait, reason = "one thread runs a deployment, so no future has to be Send")]
pub trait Importing {
    /// What names the resources of a template for an import: property names, by logical id. What cannot be imported is
    /// left out.
    async fn identifiers(
        &self,
        place: &AccountRegion,
        template: &str,
    ) -> Result<BTreeMap<String, Vec<String>>, CloudError>;
    /// The name of the stack that has a resource; none where no stack has it.
    async fn owner(&self, place: &AccountRegion, physical: &str) -> Result<Option<String>, CloudError>;
    /// The newest scan of resources; none where there was none.
    async fn latest_scan(&self, place: &AccountRegion) -> Result<Option<Scan>, CloudError>;
    /// Has the resources of some types scanned; answers the id of the scan.
    async fn start_scan(&self, place: &AccountRegion, types: &[String], token: &str) -> Result<String, CloudError>;
    /// A scan by its id.
    async fn scan(&self, place: &AccountRegion, id: &str) -> Result<Scan, CloudError>;
    /// The resources of a type that a scan found, those alone that have a tag if one is given.
    async fn scanned(
        &self,
        place: &AccountRegion,
        scan: &str,
        kind: &str,
        tag: Option<(&str, &str)>,
    ) -> Result<Vec<ScannedResource>, CloudError>;
}

/// A scan of the resources in an account and region.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Scan {
    /// Its id.
    pub id: String,
    /// Such as `COMPLETE`.
    pub status: String,
    /// Why it is in that status.
    pub reason: String,
    /// The types that it looked at.
    pub types: BTreeSet<String>,
    /// When it began, in milliseconds since 1970.
    pub started: i64,
}

/// A resource that a scan found.
#[derive(Clone, Debug, PartialEq)]
pub struct ScannedResource {
    /// What names it in AWS.
    pub identifier: BTreeMap<String, String>,
    /// Whether a stack has it.
    pub is_managed: bool,
}
