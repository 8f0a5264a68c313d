//! The kinds of the simulated API server.

use serde_json::{Value, json};

/// The version, the kind, the plural, and whether the kind is namespaced.
const KINDS: [(&str, &str, &str, bool); 17] = [
    ("/api/v1", "Namespace", "namespaces", false),
    ("/api/v1", "ConfigMap", "configmaps", true),
    ("/api/v1", "PersistentVolumeClaim", "persistentvolumeclaims", true),
    ("/api/v1", "Pod", "pods", true),
    ("/api/v1", "Secret", "secrets", true),
    ("/api/v1", "Service", "services", true),
    ("/api/v1", "ServiceAccount", "serviceaccounts", true),
    ("/apis/apps/v1", "Deployment", "deployments", true),
    ("/apis/apps/v1", "Deployment", "deployments/status", true),
    ("/apis/autoscaling/v2", "HorizontalPodAutoscaler", "horizontalpodautoscalers", true),
    ("/apis/networking.k8s.io/v1", "NetworkPolicy", "networkpolicies", true),
    ("/apis/rbac.authorization.k8s.io/v1", "RoleBinding", "rolebindings", true),
    ("/apis/security.istio.io/v1", "AuthorizationPolicy", "authorizationpolicies", true),
    ("/apis/argoproj.io/v1alpha1", "Rollout", "rollouts", true),
    ("/apis/networking.istio.io/v1", "VirtualService", "virtualservices", true),
    ("/apis/apiextensions.k8s.io/v1", "CustomResourceDefinition", "customresourcedefinitions", false),
    ("/apis/example.com/v1", "Thing", "things", true),
];

/// Returns the served kinds of a version. `Thing` requires its CRD.
pub fn served(root: &str, has_things: bool) -> Value {
    let is_served =
        |(version, kind, ..): &&(&str, &str, &str, bool)| *version == root && (*kind != "Thing" || has_things);
    let row = |(_, kind, name, namespaced): &(&str, &str, &str, bool)| json!({ "kind": kind, "name": name, "namespaced": namespaced });
    let rows: Vec<Value> = KINDS.iter().filter(is_served).map(row).collect();
    if rows.is_empty() { Value::Null } else { json!({ "kind": "APIResourceList", "resources": rows }) }
}
