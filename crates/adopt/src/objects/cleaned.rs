//! Removal of values that a cluster adds to an object.

use meshsynth_model::val::{Bag, Data};

/// The fields of `metadata` that the API server maintains.
///
/// Source: <https://kubernetes.io/docs/reference/generated/kubernetes-api/v1.34/#objectmeta-v1-meta>
const METADATA: [&str; 6] = ["uid", "resourceVersion", "generation", "creationTimestamp", "managedFields", "selfLink"];

/// Annotations of `kubectl` and of controllers.
const ANNOTATIONS: [&str; 2] =
    ["kubectl.kubernetes.io/last-applied-configuration", "deployment.kubernetes.io/revision"];

/// The label of a namespace that the API server sets to its name.
const OWN_NAME: &str = "kubernetes.io/metadata.name";

/// Returns an object without the values that the cluster added.
pub fn cleaned(object: &Bag) -> Bag {
    let mut object = object.clone();
    object.remove("status");
    let is_namespace = object.get("kind").and_then(Data::as_str) == Some("Namespace");
    if let Data::Map(metadata) = object.entry("metadata") {
        if let Some(Data::Map(mut labels)) = metadata.remove("labels") {
            labels.retain(|key, _| !(is_namespace && key == OWN_NAME));
            if !labels.is_empty() {
                metadata.set("labels", labels);
            }
        }
        metadata.retain(|key, _| !METADATA.contains(&key));
        if let Some(Data::Map(mut annotations)) = metadata.remove("annotations") {
            annotations.retain(|key, _| !ANNOTATIONS.contains(&key));
            if !annotations.is_empty() {
                metadata.set("annotations", annotations);
            }
        }
    }
    without_stamps(&mut object);
    object.iter_mut().filter(|(key, _)| *key == "spec").for_each(|(_, spec)| without_status_of_claims(spec));
    object
}

/// Removes the `Pending` status that the API server adds to each claim of a StatefulSet.
fn without_status_of_claims(spec: &mut Data) {
    let Data::Map(spec) = spec else { return };
    for (_, claims) in spec.iter_mut().filter(|(key, _)| *key == "volumeClaimTemplates") {
        let Data::List(claims) = claims else { continue };
        for claim in claims {
            if let Data::Map(claim) = claim {
                claim.remove("status");
            }
        }
    }
}

/// Removes `creationTimestamp: null`, which some tools write.
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
