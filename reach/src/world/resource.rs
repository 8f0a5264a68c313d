//! Resources of stacks.

use serde_json::Value;

use super::at::At;

/// Which resource of a [`World`](super::World).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ResourceId(pub usize);

/// Where a stack is deployed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Place {
    /// The id of the stack: its path in the program, or its file.
    pub id: String,
    /// Its name in AWS.
    pub name: String,
    /// Its account; empty where nobody says it.
    pub account: String,
    /// Its region; empty where nobody says it.
    pub region: String,
}

/// A resource, its references resolved.
#[derive(Clone, Debug)]
pub struct Resource {
    /// The place of its stack among those of the world.
    pub stack: usize,
    /// The id of its stack.
    pub stack_id: String,
    /// Its logical id.
    pub logical: String,
    /// Such as `AWS::EC2::Subnet`.
    pub type_name: String,
    /// Its properties. References are text, as [`super::Reference`] reads them.
    pub properties: Value,
    /// Where it is written.
    pub at: At,
}

impl Resource {
    /// What people call it: its path in the program, or its stack and logical id.
    pub fn name(&self) -> String {
        if self.at.construct.is_empty() {
            return format!("{}/{}", self.stack_id, self.logical);
        }
        self.at.construct.trim_end_matches("/resource").to_owned()
    }

    /// Its type without the vendor, and its name: `EC2::Subnet network/vpc/public-1`.
    pub fn title(&self) -> String {
        format!("{} {}", self.type_name.trim_start_matches("AWS::"), self.name())
    }

    /// A property at a path such as `SubnetMapping.0`; null where it is absent.
    pub fn property(&self, path: &str) -> &Value {
        path.split('.').fold(&self.properties, |value, key| match key.parse::<usize>() {
            Ok(index) if value.is_array() => &value[index],
            _ => &value[key],
        })
    }
}
