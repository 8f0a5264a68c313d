//! Resources with a service API: their representative actions, and the target ARNs.
//!
//! Source: <https://docs.aws.amazon.com/service-authorization/latest/reference/reference_policies_actions-resources-contextkeys.html>.

use meshsynth_facts as facts;
pub use meshsynth_facts::resources::{Access as Use, AccessTarget as On};
use serde_json::Value;

use super::arn;
use crate::world::{ResourceId, World};

/// Returns the uses of a resource type through the API of its service. The list is empty for types without such uses.
pub fn uses(type_name: &str) -> &'static [Use] {
    &facts::resource(type_name).uses
}

/// Returns the target of an action: objects of a bucket, topics, users, or the resource itself.
pub fn on(type_name: &str, action: &str) -> On {
    let name = action.split_once(':').map_or(action, |it| it.1);
    match (type_name, action) {
        ("AWS::S3::Bucket", _) if name.contains("Object") || name.contains("MultipartUpload") => On::Below,
        ("AWS::MSK::Cluster" | "AWS::MSK::ServerlessCluster", _) if name.contains("Topic") || name.contains("Data") => {
            On::Topic
        }
        (_, "rds-db:connect") => On::User,
        _ => On::Itself,
    }
}

/// Returns the target ARN of an action, with markers for the parts that only the request determines.
pub fn target(world: &World, id: ResourceId, on: On) -> Option<String> {
    let resource = world.resource(id);
    let of = arn::of(world, id)?;
    Some(match on {
        On::Itself => of,
        On::Below => format!("{of}/${{?name}}"),
        On::Topic => format!("{}/${{?topic}}", of.replacen(":cluster/", ":topic/", 1)),
        On::User => {
            let is_member = facts::resource(&resource.type_name).member.is_some();
            let attribute = if is_member { "DbiResourceId" } else { "DBClusterResourceId" };
            let made = format!("${{={}.{attribute}}}", resource.name());
            format!("{}dbuser:{made}/${{?user}}", arn::prefix(world, id, "rds-db"))
        }
    })
}

/// The key that encrypts a resource.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Key {
    /// Callers need no key permission: AWS owns the key, or the service uses it for itself.
    None,
    /// A key of the platform, and the service that uses it for the caller.
    Own(ResourceId, &'static str),
    /// A key outside the platform.
    Foreign(String),
}

/// Returns the key that encrypts a resource and that callers of its API must be allowed to use.
///
/// Source: <https://docs.aws.amazon.com/kms/latest/developerguide/service-integration.html>.
pub fn key(world: &World, id: ResourceId) -> Key {
    let resource = world.resource(id);
    let Some(key) = facts::resource(&resource.type_name).key else { return Key::None };
    of_value(world, resource.property(key.property), key.service)
}

/// Returns the key that a property specifies, by reference or by ARN, directly or with an alias.
pub fn of_value(world: &World, value: &Value, service: &'static str) -> Key {
    let Some(text) = value.as_str() else { return Key::None };
    let is_key = |id: &ResourceId| world.resource(*id).type_name.ends_with("Key");
    if let Some(named) = world.named_by(value) {
        let aliased = world.named_by(world.resource(named).property("TargetKeyId"));
        if let Some(own) = [Some(named), aliased].into_iter().flatten().find(is_key) {
            return Key::Own(own, service);
        }
    }
    let text = arn::text(world, text);
    if text.starts_with("alias/aws/") { Key::None } else { Key::Foreign(text) }
}

/// Returns the key action that an action requires.
pub fn key_action(action: &str) -> &'static str {
    let name = action.split_once(':').map_or(action, |it| it.1);
    let writes = ["Put", "Send", "Publish"].iter().any(|it| name.starts_with(it));
    // Sending requires a new data key. A table uses its existing key.
    if writes && !action.starts_with("dynamodb:") { "kms:GenerateDataKey" } else { "kms:Decrypt" }
}

/// Whether an action needs no key, because it neither reads nor writes encrypted data.
pub fn is_without_key(action: &str) -> bool {
    let name = action.split_once(':').map_or(action, |it| it.1);
    ["List", "Describe", "Delete", "Purge", "Subscribe"].iter().any(|it| name.starts_with(it))
        || name == "GetQueueAttributes"
}
