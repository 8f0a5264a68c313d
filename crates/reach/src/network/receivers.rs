//! Resources that can add rules to a security group, although the files do not contain these rules: nested stacks,
//! modules, custom resources and provisioned products that receive the group.

use std::collections::BTreeMap;

use serde_json::Value;

use super::group_key::group_key;
use crate::world::{At, Resource, World};

/// A resource that receives a group.
#[derive(Clone, Debug)]
pub(super) struct Receiver {
    /// Its title.
    pub title: String,
    /// Its location.
    pub at: At,
}

/// Returns the first receiver of each value that is the key of a group.
pub(super) fn receivers(world: &World) -> BTreeMap<String, Receiver> {
    let mut found = BTreeMap::new();
    for resource in world.resources.iter().filter(|resource| has_unread_resources(world, resource)) {
        let receiver = Receiver { title: resource.title(), at: resource.at.clone() };
        add(&resource.properties, &receiver, &mut found);
    }
    found
}

/// Whether a resource creates other resources that are not in the files.
fn has_unread_resources(world: &World, resource: &Resource) -> bool {
    match resource.type_name.as_str() {
        "AWS::CloudFormation::Stack" => !world.is_template_read(&resource.properties["Parameters"]),
        "AWS::CloudFormation::CustomResource" | "AWS::ServiceCatalog::CloudFormationProvisionedProduct" => true,
        other => other.starts_with("Custom::") || other.ends_with("::MODULE"),
    }
}

fn add(value: &Value, receiver: &Receiver, found: &mut BTreeMap<String, Receiver>) {
    match value {
        Value::Array(items) => items.iter().for_each(|item| add(item, receiver, found)),
        Value::Object(map) => map.values().for_each(|item| add(item, receiver, found)),
        text => {
            if let Some(key) = group_key(text) {
                found.entry(key).or_insert_with(|| receiver.clone());
            }
        }
    }
}
