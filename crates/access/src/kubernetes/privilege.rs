//! Access of pods to their node, and their service accounts.
//!
//! Source: <https://kubernetes.io/docs/concepts/security/pod-security-standards/>.

use serde_json::Value;

use crate::json::{field, flag, items};
use crate::sets::{Cube, Dimension, Region, Set};

/// Returns the node privileges of a pod. Each field of the pod and of its containers is an action. The value of the
/// field, if it has one, is the resource.
pub fn privileges(pod: &Value) -> Region {
    let mut found: Vec<(&str, String)> = Vec::new();
    for name in ["hostNetwork", "hostPID", "hostIPC"] {
        if flag(&pod[name]) == Some(true) {
            found.push((name, String::new()));
        }
    }
    for volume in items(&pod["volumes"]) {
        if let Some(path) = volume["hostPath"]["path"].as_str() {
            found.push(("hostPath", path.to_owned()));
        }
    }
    let lists = ["containers", "initContainers", "ephemeralContainers"];
    for container in lists.iter().flat_map(|list| items(&pod[*list])) {
        let context = &container["securityContext"];
        if flag(&context["privileged"]) == Some(true) {
            found.push(("privileged", String::new()));
        }
        if context["runAsUser"].as_i64() == Some(0) {
            found.push(("runAsUser", "0".to_owned()));
        }
        for capability in items(&context["capabilities"]["add"]) {
            found.push(("capability", capability.as_str().unwrap_or_default().to_owned()));
        }
    }
    if pod["securityContext"]["runAsUser"].as_i64() == Some(0) {
        found.push(("runAsUser", "0".to_owned()));
    }
    found.into_iter().map(|(action, value)| row(action, &value)).collect()
}

/// Returns the service account of a pod.
pub fn service_account(pod: &Value) -> Region {
    let name = match (field(pod, "serviceAccountName"), field(pod, "serviceAccount")) {
        ("", "") => "default",
        ("", old) => old,
        (name, _) => name,
    };
    row("serviceAccountName", name)
}

/// Returns the pod security levels that a namespace accepts. Without a label, it accepts all.
pub fn pod_security(namespace: &Value) -> Region {
    let level = field(&namespace["metadata"]["labels"], "pod-security.kubernetes.io/enforce");
    let levels: &[&str] = match level {
        "restricted" => &["restricted"],
        "baseline" => &["baseline", "restricted"],
        _ => &["baseline", "privileged", "restricted"],
    };
    Cube::new().with(Dimension::Action, Set::literals(levels.iter().copied())).into()
}

fn row(action: &str, value: &str) -> Region {
    let cube = Cube::new().with(Dimension::Action, Set::literal(action));
    cube.with(Dimension::Resource, Set::literal(value)).into()
}
