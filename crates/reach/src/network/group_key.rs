//! Keys that identify security groups.

use serde_json::Value;

use crate::world::Reference;

/// Returns the same key for the id of a group and for references to it.
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
