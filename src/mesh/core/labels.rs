//! The labels of objects and of pods.

use crate::tree::Scope;

/// The label that selects a workload's pods.
pub(in crate::mesh) const NAME: &str = "app.kubernetes.io/name";
/// The label of pods in a mesh with the name of their workload, which is the same for all versions.
pub(in crate::mesh) const VERSION_OF: &str = "app";
/// The label of pods in a mesh that contains the version of the workload.
pub(in crate::mesh) const VERSION_LABEL: &str = "version";

/// The version label of objects, which meshes and dashboards read.
pub(in crate::mesh) const VERSION: &str = "app.kubernetes.io/version";

pub(in crate::mesh) fn of(scope: &Scope, name: &str) -> [(&'static str, String); 3] {
    [
        (NAME, name.to_owned()),
        ("app.kubernetes.io/part-of", scope.app_name()),
        ("app.kubernetes.io/managed-by", "meshsynth".to_owned()),
    ]
}

/// Labels an object with the name of its workload.
pub(in crate::mesh) fn add(object: &Scope, name: &str) {
    for (key, value) in of(object, name) {
        object.put("metadata.labels", key, value);
    }
}
