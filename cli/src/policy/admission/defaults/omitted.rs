//! Fields that are empty and that the API server leaves out of its own kinds: a policy does not see them.

use crate::expressions::Tree;

/// Maps whose keys are anybody's; an empty object of another field, such as `securityContext`, stays.
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

/// Truth values that are left out where they are `false`.
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

/// Lists that stay where they are empty.
const LISTS: [&str; 2] = ["containers", "rules"];

/// Takes out what is empty, below the object as a whole.
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
