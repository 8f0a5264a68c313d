//! What the API server makes of a field that is left out, where that follows from the fields beside it, and what is empty.
//!
//! Two templates of pods are the same to a controller where one of them leaves out a list or a map that is empty in the other
//! one: <https://github.com/kubernetes/apimachinery/blob/v0.36.0/pkg/api/equality/semantic.go>.

use meshsynth::facts;
use serde_json::{Map, Value};

use super::defaults::is_default;
use super::order;

/// Maps whose keys are anybody's.
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

/// Where an empty object is what the API server puts there, too.
const EMPTY: [(&str, &str); 5] = [
    ("MutatingWebhookConfiguration", "webhooks.*.namespaceSelector"),
    ("MutatingWebhookConfiguration", "webhooks.*.objectSelector"),
    ("Namespace", "spec"),
    ("ValidatingWebhookConfiguration", "webhooks.*.namespaceSelector"),
    ("ValidatingWebhookConfiguration", "webhooks.*.objectSelector"),
];

/// Ends of paths in pod templates where an empty object is what the API server puts there.
const EMPTY_OF_POD: [&str; 3] =
    ["template.spec.securityContext", ".containers.*.resources", ".initContainers.*.resources"];

/// Objects that the API server puts there with the defaults of their fields.
const PARENTS: [(&str, &str); 7] = [
    ("Deployment", "spec.strategy"),
    ("Deployment", "spec.strategy.rollingUpdate"),
    ("StatefulSet", "spec.updateStrategy"),
    ("StatefulSet", "spec.updateStrategy.rollingUpdate"),
    ("StatefulSet", "spec.persistentVolumeClaimRetentionPolicy"),
    ("DaemonSet", "spec.updateStrategy"),
    ("DaemonSet", "spec.updateStrategy.rollingUpdate"),
];

/// A field that one of two objects has.
pub struct Field<'a> {
    pub api: &'a str,
    pub kind: &'a str,
    /// Its path as the facts write it.
    pub path: &'a str,
    pub value: &'a Value,
    /// The fields beside it in the object that lacks it.
    pub beside: &'a Map<String, Value>,
}

impl Field<'_> {
    /// Whether the API server keeps the object without it as it keeps the other one.
    pub fn is_nothing(&self) -> bool {
        // Definitions hold schemas, in which an empty list is one.
        if !facts::is_of_kubernetes(self.api) || self.kind.is_empty() || self.kind == "CustomResourceDefinition" {
            return false;
        }
        self.is_empty() || self.is_parent() || self.is_implied()
    }

    fn name(&self) -> &str {
        self.path.rsplit('.').next().unwrap_or_default()
    }

    fn is_in_pod(&self) -> bool {
        order::pod_template(self.kind).is_some_and(|steps| self.path.split('.').zip(steps).all(|(a, b)| a == *b))
    }

    fn is_empty(&self) -> bool {
        match self.value {
            Value::Array(items) => items.is_empty(),
            Value::Object(map) if map.is_empty() => {
                let is_of_pod = || self.is_in_pod() && EMPTY_OF_POD.iter().any(|end| self.path.ends_with(end));
                let is_pod = self.kind == "Pod" && self.path == "spec.securityContext";
                MAPS.contains(&self.name()) || EMPTY.contains(&(self.kind, self.path)) || is_pod || is_of_pod()
            }
            Value::String(text) => text.is_empty() && self.is_in_pod() && self.path.ends_with(".env.*.value"),
            _ => false,
        }
    }

    fn is_parent(&self) -> bool {
        let Value::Object(map) = self.value else { return false };
        let is_nothing = |(name, value): (&String, &Value)| {
            let path = format!("{}.{name}", self.path);
            is_default(self.api, self.kind, &path, value) || Field { path: &path, value, ..*self }.is_parent()
        };
        PARENTS.contains(&(self.kind, self.path)) && map.iter().all(is_nothing)
    }

    fn is_implied(&self) -> bool {
        let text = |key: &str| self.beside.get(key).and_then(Value::as_str);
        match self.name() {
            "imagePullPolicy" if self.is_in_pod() => {
                text("image").and_then(pull_policy).is_some_and(|it| self.value == it)
            }
            "apiVersion" if self.is_in_pod() => {
                self.path.ends_with("valueFrom.fieldRef.apiVersion") && self.value == "v1"
            }
            // The API server keeps an older name of the field beside it.
            "serviceAccount" if self.is_in_pod() => self.beside.get("serviceAccountName") == Some(self.value),
            "targetPort" if self.kind == "Service" => self.beside.get("port") == Some(self.value),
            "apiGroup" if self.path == "subjects.*.apiGroup" => match text("kind") {
                Some("ServiceAccount") => self.value == "",
                Some("User" | "Group") => self.value == "rbac.authorization.k8s.io",
                _ => false,
            },
            _ => false,
        }
    }
}

/// When the kubelet pulls an image of which nothing says when; none where the image is not known yet.
///
/// Source: <https://kubernetes.io/docs/concepts/containers/images/#imagepullpolicy-defaulting>.
fn pull_policy(image: &str) -> Option<&'static str> {
    if image.contains(['$', '{']) {
        return None;
    }
    let is_fixed = image.contains('@');
    let tag = image.rsplit('/').next().and_then(|name| name.split_once(':')).map(|(_, tag)| tag);
    Some(if !is_fixed && matches!(tag, None | Some("latest")) { "Always" } else { "IfNotPresent" })
}

#[cfg(test)]
mod tests {
    use super::pull_policy;

    #[test]
    fn an_image_without_a_tag_is_pulled_always() {
        let digest = format!("shop/web@sha256:{}", "0".repeat(64));
        for (image, policy) in [
            ("shop/web", Some("Always")),
            ("localhost:5000/web", Some("Always")),
            ("shop/web:latest", Some("Always")),
            ("shop/web:1", Some("IfNotPresent")),
            (digest.as_str(), Some("IfNotPresent")),
            ("shop/web:${TAG}", None),
        ] {
            assert_eq!(pull_policy(image), policy, "{image}");
        }
    }
}
