//! The network interfaces of a resource in a VPC.

use serde_json::Value;

use crate::world::{At, ResourceId};

/// The network interfaces of one resource. They have the same security groups, and each is in one
/// of the subnets.
#[derive(Clone, Debug, Default)]
pub struct Interface {
    /// The description of the resource.
    pub title: String,
    /// The source location.
    pub at: At,
    /// The subnets.
    pub subnets: Vec<ResourceId>,
    /// The addresses in the VPC, if specified. Otherwise, it can have any address of its subnets.
    pub addresses: Vec<(u128, u128)>,
    /// The keys of its security groups.
    pub groups: Vec<String>,
    /// The field with the security groups.
    pub field: String,
    /// Whether it has a public address, or `None` if only the deployment determines it.
    pub is_public: Option<bool>,
    /// The property that assigns a public address, or `None` if there is no such property.
    pub public: Option<Public>,
    /// A description of unknown facts; empty if there are none.
    pub unknown: String,
}

/// The property that assigns a public address.
#[derive(Clone, Debug)]
pub struct Public {
    /// The property.
    pub field: &'static str,
    /// The value that assigns a public address.
    pub open: Value,
    /// The value that assigns no public address.
    pub closed: Value,
}

/// Returns a Boolean, which may be written as text.
pub fn flag(value: &Value) -> Option<bool> {
    match value {
        Value::Bool(it) => Some(*it),
        Value::String(text) => text.parse().ok(),
        _ => None,
    }
}
