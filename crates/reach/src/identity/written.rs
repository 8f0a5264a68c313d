//! The source location of a policy.

use serde_json::Value;

use super::arn;
use super::document::Document;
use super::policy::{Body, Policy};
use crate::world::{At, ResourceId, World};

/// The source location of a policy, for links of a chain.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Written {
    /// The resource that contains the policy, such as `IAM::RolePolicy services/orders`.
    pub what: String,
    /// The property that contains the policy.
    pub field: String,
    /// The location of the resource.
    pub at: At,
}

impl Written {
    /// Creates the location of a property.
    pub fn of(world: &World, id: ResourceId, field: &str) -> Self {
        let resource = world.resource(id);
        Self { what: resource.title(), field: field.to_owned(), at: resource.at.clone() }
    }

    /// Returns the field of a statement.
    pub fn statement(&self, idx: usize) -> String {
        format!("{}.Statement[{idx}]", self.field)
    }
}

/// Returns the policy in a property of a resource.
pub fn policy(world: &World, id: ResourceId, field: &str, document: &Value) -> Policy<Written> {
    let resolved = match document {
        Value::String(text) => serde_json::from_str(text).ok().map(|it: Value| arn::value(world, &it)),
        other => Some(arn::value(world, other)),
    };
    let body = resolved.and_then(|it| Document::parse(&it)).map_or(Body::Unread, Body::Known);
    Policy { body, at: Written::of(world, id, field) }
}
