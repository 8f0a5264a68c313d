//! What a security group is known by.

use serde_json::Value;

use crate::world::Reference;

/// One key for the id and the reference of a group.
pub fn group_key(value: &Value) -> Option<String> {
    let text = value.as_str()?;
    Some(match Reference::parse(text) {
        Some(mut reference) => {
            if reference.attribute == "GroupId" || reference.attribute == "Id" {
                reference.attribute.clear();
            }
            reference.to_string()
        }
        None => text.to_owned(),
    })
}
