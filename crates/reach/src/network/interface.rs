//! The network interfaces of a resource in a VPC.

use serde_json::Value;

use crate::world::{At, ResourceId, is_unknown};

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
    /// Whether clients on the internet can use an IPv6 address of it, or `None` if this is unknown.
    pub v6: Option<bool>,
    /// Whether it has no security group at all, such as a Network Load Balancer that was created without groups.
    pub has_no_groups: bool,
    /// The property that assigns a public address, or `None` if there is no such property.
    pub public: Option<Public>,
    /// Whether the files contain only some of its subnets.
    pub has_open_subnets: bool,
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

/// Returns whether a property has a value that opens access, or `None` if only the deployment determines it.
pub fn is_value(value: &Value, open: &[&str]) -> Option<bool> {
    match value {
        _ if is_unknown(value) => None,
        Value::String(text) => Some(open.contains(&text.as_str())),
        _ => Some(false),
    }
}

/// Returns a Boolean, which may be written as text.
pub fn flag(value: &Value) -> Option<bool> {
    match value {
        Value::Bool(it) => Some(*it),
        Value::String(text) => text.parse().ok(),
        _ => None,
    }
}
