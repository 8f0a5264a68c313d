//! Resources of stacks.

use serde_json::Value;

use super::at::At;

/// The index of a resource in a [`World`](super::World).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ResourceId(pub usize);

/// The environment of a stack.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Place {
    /// The id of the stack: its path in the program, or its file.
    pub id: String,
    /// The name in AWS.
    pub name: String,
    /// The account; empty if unknown.
    pub account: String,
    /// The region; empty if unknown.
    pub region: String,
}

/// A resource with resolved references.
#[derive(Clone, Debug)]
pub struct Resource {
    /// The index of its stack in the world.
    pub stack: usize,
    /// The id of its stack.
    pub stack_id: String,
    /// The logical ID.
    pub logical: String,
    /// The type, such as `AWS::EC2::Subnet`.
    pub type_name: String,
    /// The properties. References are text in the format of [`super::Reference`].
    pub properties: Value,
    /// The source location.
    pub at: At,
}

impl Resource {
    /// Returns the displayed name: the path in the program, or the stack and logical ID.
    pub fn name(&self) -> String {
        if self.at.construct.is_empty() {
            return format!("{}/{}", self.stack_id, self.logical);
        }
        self.at.construct.trim_end_matches("/resource").to_owned()
    }

    /// Returns the type without the vendor, and the name: `EC2::Subnet network/vpc/public-1`.
    pub fn title(&self) -> String {
        format!("{} {}", self.type_name.trim_start_matches("AWS::"), self.name())
    }

    /// Returns the property at a path such as `SubnetMapping.0`; null if it is missing.
    pub fn property(&self, path: &str) -> &Value {
        path.split('.').fold(&self.properties, |value, key| match key.parse::<usize>() {
            Ok(index) if value.is_array() => &value[index],
            _ => &value[key],
        })
    }
}

/// Returns the values at a path, in which `*` selects all items of a list. Missing values are omitted.
pub fn values<'a>(value: &'a Value, path: &str) -> Vec<&'a Value> {
    let mut found = vec![value];
    for key in path.split('.') {
        let inner = |value: &'a Value| match (key, value) {
            ("*", Value::Array(items)) => items.iter().collect(),
            ("*", _) => Vec::new(),
            (key, value) => value.get(key).into_iter().collect::<Vec<_>>(),
        };
        found = found.into_iter().flat_map(inner).collect();
    }
    found
}
