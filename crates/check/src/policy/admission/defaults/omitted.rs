//! Empty fields that the API server omits from built-in kinds, so that policies do not see them.

use crate::expressions::Tree;

/// Maps with arbitrary keys. Empty objects in other fields, such as `securityContext`, are kept.
const MAPS: [&str; 10] = [
    "annotations",
    "binaryData",
    "data",
    "limits",
    "matchLabels",
    "nodeSelector",
    "overhead",
    "requests",
    "selector",
    "stringData",
];

/// Boolean fields that are omitted if they are `false`.
const SWITCHES: [&str; 9] = [
    "hostIPC",
    "hostNetwork",
    "hostPID",
    "paused",
    "publishNotReadyAddresses",
    "readOnly",
    "stdin",
    "stdinOnce",
    "tty",
];

/// Lists that are kept even if they are empty.
const LISTS: [&str; 2] = ["containers", "rules"];

/// Removes empty fields below the root of the object.
pub fn omit(tree: &mut Tree) {
    match tree {
        Tree::Map(map) => {
            map.values_mut().for_each(omit);
            map.retain(|key, value| {
                let key = key.as_str();
                match value {
                    Tree::Null => false,
                    Tree::Bool(false) => !SWITCHES.contains(&key),
                    Tree::List(items) => !items.is_empty() || LISTS.contains(&key),
                    Tree::Map(map) => !map.is_empty() || key != "labels" && !MAPS.contains(&key),
                    _ => true,
                }
            });
        }
        Tree::List(items) => items.iter_mut().for_each(omit),
        _ => {}
    }
}
