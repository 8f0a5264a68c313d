//! Roles outside of the files that resources and service accounts use. The reach engine does not know their permissions.

use meshsynth_access::sets::{Cube, Dimension, Region, Set};
use meshsynth_facts as facts;
use serde_json::Value;

use super::names::{Names, thing};
use super::subjects::{Collected, Topic};

/// Adds the external roles of a resource. The trust of a pod identity association is another topic.
pub(super) fn collect(names: &Names, id: &str, resource: &Value, found: &mut Collected) {
    let type_name = resource["Type"].as_str().unwrap_or_default();
    if facts::resource(type_name).identity.is_some() {
        return;
    }
    let at = names.construct(id);
    let mut roles = Vec::new();
    walk(names, &resource["Properties"], false, &mut roles);
    roles.retain(|role| !names.has(&thing(role)));
    let is_association = type_name == "AWS::EKS::PodIdentityAssociation";
    if roles.is_empty() && !has_role(&resource["Properties"]) || is_association {
        return;
    }
    let pieces = found.pieces(Topic::RunsWith, &at, &at);
    pieces.regions.extend(roles.iter().map(|role| region(role)));
}

/// Returns a region whose only resource is the role.
pub(super) fn region(role: &str) -> Region {
    Cube::new().with(Dimension::Resource, Set::literal(role)).into()
}

/// Whether a property names a role or an instance profile.
fn names_role(key: &str) -> bool {
    let ends = ["Role", "RoleArn", "RoleARN", "Roles", "InstanceProfile", "InstanceProfileName", "InstanceProfileArn"];
    ends.iter().any(|end| key.ends_with(end))
}

fn has_role(value: &Value) -> bool {
    match value {
        Value::Object(map) => map.iter().any(|(key, value)| names_role(key) || has_role(value)),
        Value::Array(items) => items.iter().any(has_role),
        _ => false,
    }
}

/// Adds the names of all roles at any depth.
fn walk(names: &Names, value: &Value, is_role: bool, found: &mut Vec<String>) {
    match value {
        Value::Object(map) if map.len() == 1 && map.keys().all(|key| key == "Ref" || key.starts_with("Fn::")) => {
            let text = names.text(value);
            if is_role && !text.contains("AWS::NoValue") {
                found.push(text);
            }
        }
        Value::Object(map) => {
            map.iter().for_each(|(key, value)| walk(names, value, is_role || names_role(key), found));
        }
        Value::Array(items) => items.iter().for_each(|value| walk(names, value, is_role, found)),
        // A name without an ARN may be another kind of role, such as the role of a database user.
        Value::String(text) if is_role && [":role/", ":instance-profile/"].iter().any(|part| text.contains(part)) => {
            found.push(text.clone());
        }
        _ => {}
    }
}
