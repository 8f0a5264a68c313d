//! The defaults that the API server adds to an object before admission, because policies see them.
//!
//! They are the defaults of the built-in kinds of Kubernetes 1.36 and of custom resource schemas. Fields that only the
//! server sets, such as `metadata.uid`, exist with unknown values.
//!
//! Source: <https://github.com/kubernetes/kubernetes/tree/v1.36.2/pkg/apis>, the files `defaults.go`

mod omitted;
mod pod;
mod schema;
mod service;
mod workload;

use serde_json::Value;

use crate::expressions::Tree;

pub use schema::Definitions;

/// The metadata fields that the server sets.
const OF_THE_SERVER: [&str; 3] = ["creationTimestamp", "managedFields", "uid"];

/// Returns the admitted object in a namespace; `None` is for cluster-scoped objects.
pub fn admitted(tree: &Tree, namespace: Option<&str>, definitions: &Definitions) -> Tree {
    let mut tree = tree.clone();
    let kind = tree.text("kind").unwrap_or_default().to_owned();
    let api_version = tree.text("apiVersion").unwrap_or_default().to_owned();
    let metadata = tree.map_mut("metadata");
    if let Some(namespace) = namespace {
        metadata.or_set("namespace", namespace);
    }
    for key in OF_THE_SERVER {
        metadata.set(key, Tree::unknown(&format!("`metadata.{key}`, which the API server sets")));
    }
    if let (None, Some(begin)) = (metadata.get("name"), metadata.text("generateName").map(str::to_owned)) {
        metadata.or_set("name", Tree::unknown(&format!("the name that begins with `{begin}`")));
    }
    if let Some(schema) = definitions.schema(&api_version, &kind) {
        schema::set_defaults(&mut tree, &schema);
        // Only the controller writes the status.
        tree.remove("status");
        tree.map_mut("metadata").or_set("generation", 1);
        return tree;
    }
    omitted::omit(&mut tree);
    if built_in(&mut tree, &api_version, &kind) {
        tree.map_mut("metadata").or_set("generation", 1);
        tree.set("status", Tree::unknown("`status`, which the API server sets"));
    }
    tree
}

/// Sets the defaults of a built-in kind; returns whether the kind has a status.
fn built_in(tree: &mut Tree, api_version: &str, kind: &str) -> bool {
    match (api_version, kind) {
        ("v1", "Pod") => pod::set_pod_defaults(tree),
        ("apps/v1", "Deployment") => workload::deployment(tree),
        ("apps/v1", "StatefulSet") => workload::stateful_set(tree),
        ("apps/v1", "DaemonSet") => workload::daemon_set(tree),
        ("apps/v1", "ReplicaSet") | ("v1", "ReplicationController") => workload::replica_set(tree),
        ("batch/v1", "Job") => workload::job(tree.map_mut("spec")),
        ("batch/v1", "CronJob") => workload::cron_job(tree),
        ("v1", "Service") => service::service(tree),
        ("v1", "Namespace") => service::namespace(tree),
        ("v1", "PersistentVolumeClaim") => tree.map_mut("spec").or_set("volumeMode", "Filesystem"),
        ("autoscaling/v1" | "autoscaling/v2", "HorizontalPodAutoscaler") => {
            tree.map_mut("spec").or_set("minReplicas", 1)
        }
        ("networking.k8s.io/v1", "Ingress") | ("policy/v1", "PodDisruptionBudget") => {}
        _ => {
            service::without_status(tree, api_version, kind);
            return false;
        }
    }
    true
}

/// Converts JSON to a value of an object.
fn tree(json: &Value) -> Tree {
    match json {
        Value::Null => Tree::Null,
        Value::Bool(value) => Tree::Bool(*value),
        Value::Number(number) => number.as_i64().map_or(Tree::Float(number.as_f64().unwrap_or_default()), Tree::Int),
        Value::String(text) => Tree::Text(text.clone()),
        Value::Array(items) => Tree::List(items.iter().map(tree).collect()),
        Value::Object(map) => Tree::Map(map.iter().map(|(key, value)| (key.clone(), tree(value))).collect()),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    #[track_caller]
    fn is_set(object: Value, path: &str, wanted: Value) {
        let admitted = admitted(&tree(&object), Some("shop"), &Definitions::default());
        assert_eq!(admitted.at_path(path), Some(&tree(&wanted)), "{path}");
    }

    #[test]
    fn workloads_have_defaults_of_kind_and_pods() {
        let deployment = |image: &str| {
            json!({ "apiVersion": "apps/v1", "kind": "Deployment", "metadata": { "name": "a" }, "spec": { "template": { "spec": {
                "containers": [{ "name": "a", "image": image, "ports": [{ "containerPort": 80 }],
                                 "readinessProbe": { "httpGet": { "port": 80 } } }] } } } })
        };
        let a = "spec.template.spec.containers.0";
        is_set(deployment("a"), "spec.replicas", json!(1));
        is_set(deployment("a"), "metadata.namespace", json!("shop"));
        is_set(deployment("a"), "spec.strategy.rollingUpdate.maxSurge", json!("25%"));
        is_set(deployment("a"), "spec.template.spec.restartPolicy", json!("Always"));
        is_set(deployment("a"), "spec.template.spec.securityContext", json!({}));
        is_set(deployment("a"), &format!("{a}.imagePullPolicy"), json!("Always"));
        is_set(deployment("a:1.2"), &format!("{a}.imagePullPolicy"), json!("IfNotPresent"));
        is_set(deployment("host:5000/a"), &format!("{a}.imagePullPolicy"), json!("Always"));
        is_set(deployment("a@sha256:0a"), &format!("{a}.imagePullPolicy"), json!("IfNotPresent"));
        is_set(deployment("a"), &format!("{a}.ports.0.protocol"), json!("TCP"));
        is_set(deployment("a"), &format!("{a}.resources"), json!({}));
        is_set(deployment("a"), &format!("{a}.readinessProbe.httpGet.scheme"), json!("HTTP"));
    }

    #[test]
    fn services_and_namespaces_have_defaults() {
        let service = json!({ "apiVersion": "v1", "kind": "Service", "metadata": { "name": "a" }, "spec": { "ports": [{ "port": 80 }] } });
        is_set(service.clone(), "spec.type", json!("ClusterIP"));
        is_set(service.clone(), "spec.ports.0.targetPort", json!(80));
        is_set(service, "spec.ports.0.protocol", json!("TCP"));
        let namespace = json!({ "apiVersion": "v1", "kind": "Namespace", "metadata": { "name": "a" } });
        is_set(namespace, "spec.finalizers", json!(["kubernetes"]));
    }

    #[test]
    fn keeps_written_values() {
        let autoscaler = json!({ "apiVersion": "autoscaling/v2", "kind": "HorizontalPodAutoscaler", "metadata": { "name": "a" }, "spec": { "minReplicas": 3 } });
        is_set(autoscaler, "spec.minReplicas", json!(3));
    }

    #[test]
    fn omits_empty_fields_of_built_in_kinds() {
        let settings =
            json!({ "apiVersion": "v1", "kind": "ConfigMap", "metadata": { "name": "a", "labels": {} }, "data": {} });
        let settings = admitted(&tree(&settings), Some("shop"), &Definitions::default());
        assert_eq!((settings.at_path("data"), settings.at_path("metadata.labels")), (None, None));
        let pod = json!({ "apiVersion": "v1", "kind": "Pod", "metadata": { "name": "a" }, "spec": { "hostNetwork": false, "securityContext": {}, "containers": [] } });
        let pod = admitted(&tree(&pod), Some("shop"), &Definitions::default());
        assert_eq!(
            (pod.at_path("spec.hostNetwork"), pod.at_path("spec.securityContext")),
            (None, Some(&Tree::empty()))
        );
    }

    #[test]
    fn custom_resources_have_schema_defaults() {
        let definition = json!({ "spec": { "group": "acme.example", "names": { "kind": "Widget", "plural": "widgets" }, "versions": [{
            "name": "v1", "schema": { "openAPIV3Schema": { "properties": { "spec": { "properties": {
                "size": { "default": 3 }, "parts": { "items": { "properties": { "on": { "default": true } } } } } } } } } }] } });
        let mut definitions = Definitions::default();
        definitions.add(&tree(&definition));
        let widget = json!({ "apiVersion": "acme.example/v1", "kind": "Widget", "metadata": { "name": "a" }, "spec": { "parts": [{}] } });
        let admitted = admitted(&tree(&widget), None, &definitions);
        assert_eq!(admitted.at_path("spec.size"), Some(&Tree::Int(3)));
        assert_eq!(admitted.at_path("spec.parts.0.on"), Some(&Tree::Bool(true)));
    }
}
