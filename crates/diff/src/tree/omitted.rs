//! Empty fields that have the same effect as omitted ones for the API server.
//!
//! For a controller, two pod templates are equal if one omits a list or map that is empty in the other:
//! <https://github.com/kubernetes/apimachinery/blob/v0.36.0/pkg/api/equality/semantic.go>.

use meshsynth_facts as facts;
use serde_json::{Map, Value};

use super::defaults::is_default;
use super::field::Field;
use super::implied::is_implied;

/// Maps with arbitrary keys.
const MAPS: [&str; 11] = [
    "annotations",
    "binaryData",
    "data",
    "labels",
    "limits",
    "matchLabels",
    "nodeSelector",
    "overhead",
    "requests",
    "selector",
    "stringData",
];

/// Fields whose default is an empty object.
const EMPTY: [(&str, &str); 14] = [
    ("EndpointSlice", "endpoints.*.conditions"),
    ("MutatingAdmissionPolicy", "spec.matchConstraints.namespaceSelector"),
    ("MutatingAdmissionPolicy", "spec.matchConstraints.objectSelector"),
    ("MutatingAdmissionPolicyBinding", "spec.matchResources.namespaceSelector"),
    ("MutatingAdmissionPolicyBinding", "spec.matchResources.objectSelector"),
    ("MutatingWebhookConfiguration", "webhooks.*.namespaceSelector"),
    ("MutatingWebhookConfiguration", "webhooks.*.objectSelector"),
    ("Namespace", "spec"),
    ("ValidatingAdmissionPolicy", "spec.matchConstraints.namespaceSelector"),
    ("ValidatingAdmissionPolicy", "spec.matchConstraints.objectSelector"),
    ("ValidatingAdmissionPolicyBinding", "spec.matchResources.namespaceSelector"),
    ("ValidatingAdmissionPolicyBinding", "spec.matchResources.objectSelector"),
    ("ValidatingWebhookConfiguration", "webhooks.*.namespaceSelector"),
    ("ValidatingWebhookConfiguration", "webhooks.*.objectSelector"),
];

/// Path suffixes in pod templates whose default is an empty object.
const EMPTY_OF_POD: [&str; 3] =
    ["template.spec.securityContext", ".containers.*.resources", ".initContainers.*.resources"];

/// Objects that the API server creates with the defaults of their fields.
const PARENTS: [(&str, &str); 14] = [
    ("CustomResourceDefinition", "spec.conversion"),
    ("ExternalSecret", "spec.target"),
    ("HorizontalPodAutoscaler", "spec.behavior"),
    ("HorizontalPodAutoscaler", "spec.behavior.scaleDown"),
    ("HorizontalPodAutoscaler", "spec.behavior.scaleUp"),
    ("Service", "spec.sessionAffinityConfig"),
    ("Service", "spec.sessionAffinityConfig.clientIP"),
    ("Deployment", "spec.strategy"),
    ("Deployment", "spec.strategy.rollingUpdate"),
    ("StatefulSet", "spec.updateStrategy"),
    ("StatefulSet", "spec.updateStrategy.rollingUpdate"),
    ("StatefulSet", "spec.persistentVolumeClaimRetentionPolicy"),
    ("DaemonSet", "spec.updateStrategy"),
    ("DaemonSet", "spec.updateStrategy.rollingUpdate"),
];

impl Field<'_> {
    /// Whether the API server stores the same object with and without the field.
    pub fn is_nothing(&self) -> bool {
        if self.kind.is_empty() || self.is_in_schema() {
            return false;
        }
        if !facts::is_of_kubernetes(self.api) {
            return self.is_parent();
        }
        self.is_empty() || self.is_parent() || is_implied(self)
    }

    /// Whether the field may be part of a schema in a definition. An empty list is significant in a schema.
    fn is_in_schema(&self) -> bool {
        let is_other = ["spec.conversion", "spec.names."].iter().any(|it| self.path.starts_with(it));
        self.kind == "CustomResourceDefinition" && !is_other
    }

    fn is_empty(&self) -> bool {
        match self.value {
            Value::Array(items) => items.is_empty(),
            Value::Object(map) if map.is_empty() => {
                let is_of_pod = || self.is_in_pod() && EMPTY_OF_POD.iter().any(|end| self.path.ends_with(end));
                let is_pod = self.kind == "Pod" && self.path == "spec.securityContext";
                // A volume without a source is an `emptyDir`.
                let is_volume = || {
                    self.is_in_pod()
                        && self.path.ends_with("spec.volumes.*.emptyDir")
                        && self.beside.keys().eq(["name"])
                };
                let is_metadata = self.name() == "metadata" && self.path != "metadata";
                is_metadata
                    || is_volume()
                    || MAPS.contains(&self.name())
                    || EMPTY.contains(&(self.kind, self.path))
                    || is_pod
                    || is_of_pod()
            }
            Value::String(text) => text.is_empty() && self.is_in_pod() && self.path.ends_with(".env.*.value"),
            _ => false,
        }
    }

    fn is_parent(&self) -> bool {
        let Value::Object(map) = self.value else { return false };
        let none = Map::new();
        let is_nothing = |(name, value): (&String, &Value)| {
            let path = format!("{}.{name}", self.path);
            let below = Field { path: &path, value, beside: &none, ..*self };
            is_default(self.api, self.kind, &path, value) || below.is_parent() || is_implied(&below)
        };
        PARENTS.contains(&(self.kind, self.path)) && map.iter().all(is_nothing)
    }
}
