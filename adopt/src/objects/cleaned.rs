//! An object without what a cluster writes into it.

use meshsynth_types::val::{Bag, Data};

/// What the API server keeps in `metadata`.
///
/// Source: <https://kubernetes.io/docs/reference/generated/kubernetes-api/v1.34/#objectmeta-v1-meta>
const METADATA: [&str; 6] = ["uid", "resourceVersion", "generation", "creationTimestamp", "managedFields", "selfLink"];

/// Annotations of `kubectl` and of controllers.
const ANNOTATIONS: [&str; 2] =
    ["kubectl.kubernetes.io/last-applied-configuration", "deployment.kubernetes.io/revision"];

/// The object as somebody wrote it.
pub fn cleaned(object: &Bag) -> Bag {
    let mut object = object.clone();
    object.remove("status");
    if let Data::Map(metadata) = object.entry("metadata") {
        metadata.retain(|key, _| !METADATA.contains(&key));
        if let Some(Data::Map(mut annotations)) = metadata.remove("annotations") {
            annotations.retain(|key, _| !ANNOTATIONS.contains(&key));
            if !annotations.is_empty() {
                metadata.set("annotations", annotations);
            }
        }
    }
    without_stamps(&mut object);
    object
}

/// What is written with `creationTimestamp: null` by tools that know no time.
fn without_stamps(bag: &mut Bag) {
    bag.retain(|key, value| !(key == "creationTimestamp" && *value == Data::Null));
    for (_, value) in bag.iter_mut() {
        match value {
            Data::Map(inner) => without_stamps(inner),
            Data::List(items) => items.iter_mut().for_each(|item| {
                if let Data::Map(inner) = item {
                    without_stamps(inner);
                }
            }),
            _ => {}
        }
    }
}
