//! The interfaces of a resource in a VPC.

use serde_json::Value;

use crate::world::{At, ResourceId};

/// The interfaces of one thing: all have the same groups, each is in one of the subnets.
#[derive(Clone, Debug, Default)]
pub struct Interface {
    /// What has it, in words.
    pub title: String,
    /// Where that is written.
    pub at: At,
    /// Its subnets.
    pub subnets: Vec<ResourceId>,
    /// Its addresses in the VPC, where they are written; any of its subnets' otherwise.
    pub addresses: Vec<(u128, u128)>,
    /// Its security groups, by their keys.
    pub groups: Vec<String>,
    /// The field that names the groups.
    pub field: String,
    /// Whether it has a public address; none where only the deployment tells.
    pub is_public: Option<bool>,
    /// What gives it a public address; none where it has no such property.
    pub public: Option<Public>,
    /// What of it is not known, in words; empty where all is.
    pub unknown: String,
}

/// The property that gives something a public address.
#[derive(Clone, Debug)]
pub struct Public {
    /// The property.
    pub field: &'static str,
    /// Its value for a public address.
    pub open: Value,
    /// Its value for none.
    pub closed: Value,
}

/// A boolean, also where it is written as text.
pub fn flag(value: &Value) -> Option<bool> {
    match value {
        Value::Bool(it) => Some(*it),
        Value::String(text) => text.parse().ok(),
        _ => None,
    }
}
