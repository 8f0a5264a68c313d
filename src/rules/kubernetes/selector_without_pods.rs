//! A `Service`, `NetworkPolicy` or `PodDisruptionBudget` selects no pods.
//!
//! # What it reports
//!
//! No pod template in the namespace of the object has all labels of its selector. In a program, this is an error. In
//! manifests, it is:
//!
//! - an error if a similar label, or another namespace with these pods, is found
//! - a note if the pods of the namespace are only partly known
//! - a warning otherwise
//!
//! Namespaces with a Helm release, and pods that a controller creates for a Gateway, are not checked.
//!
//! # Why it matters
//!
//! Kubernetes accepts the object, but it has no effect. A service has no endpoints, a policy protects no pods, and a
//! budget prevents no eviction. Usually, a label was changed on one side, or the object is in another namespace.
//!
//! # Fix
//!
//! Use labels of a pod template in the same namespace.
//!
//! Source: <https://kubernetes.io/docs/concepts/overview/working-with-objects/labels/#api>

use std::collections::BTreeSet;

use crate::hash::FastMap;
use crate::diag::{Diagnostic, Severity};
use crate::node::Object;
use crate::val::{Bag, Data};
use crate::rules::index::{Mesh, OF_THE_CLUSTER};
use crate::rules::index::near::meant;
use crate::rules::index::pods::{self, Place, called};

pub(super) fn check(mesh: &Mesh<'_>, out: &mut Vec<Diagnostic>) {
    let model = mesh.model;
    let mut values = None;
    for (id, _, object) in model.objects() {
        let place = pods::place(model, id, object);
        let Some(labels) = selector(object) else { continue };
        let is_known = !mesh.has_other_pods(place) && (!model.is_open || mesh.has_all_pods(place));
        let is_left_out = mesh.has_helm(place) || OF_THE_CLUSTER.contains(&place.1) || !is_known && !mesh.is_open_at(place);
        if is_left_out || of_gateway(labels) || mesh.pods.selected(place, labels).is_none_or(|found| !found.is_empty()) {
            continue;
        }
        let wanted: Vec<_> = labels.iter().map(|(key, value)| format!("{key}={}", value.to_text())).collect();
        let message = format!("{} does not select any pod of namespace `{}`", called(object), place.1);
        let diagnostic = model
            .error(id, "MS0405", message)
            .field(if object.kind == "NetworkPolicy" { "spec.podSelector" } else { "spec.selector" })
            .note(format!("its selector is `{}`", wanted.join(",")))
            .help("use labels of a pod template in the same namespace");
        let near = near(mesh, place, labels, values.get_or_insert_with(|| of_labels(mesh)));
        out.push(match near {
            _ if !is_known => mesh.unresolved(diagnostic, None),
            Some(near) => diagnostic.help(near),
            // The pods may belong to a chart that is not among the manifests.
            None if model.is_open => diagnostic.severity(Severity::Warning),
            None => diagnostic,
        });
    }
}

/// The values of each label of pods, by namespace and key.
type Values<'a> = FastMap<(Place<'a>, &'a str), BTreeSet<&'a str>>;

fn of_labels<'a>(mesh: &Mesh<'a>) -> Values<'a> {
    let mut found = Values::default();
    for pods in mesh.pods.all() {
        let place = pods::place(mesh.model, pods.id, pods.object);
        for (key, value) in pods.labels.into_iter().flat_map(Bag::iter) {
            found.entry((place, key)).or_default().extend(value.as_str());
        }
    }
    found
}

/// Returns a suggestion for labels that no pod has: a similar value, a label without the other ones, or pods of another
/// namespace.
fn near<'a>(mesh: &Mesh<'a>, place: Place<'a>, labels: &'a Bag, values: &Values<'a>) -> Option<String> {
    let known = |key: &'a str| values.get(&(place, key));
    let texts = || labels.iter().filter_map(|(key, value)| Some((key, value.as_str()?)));
    let misspelt = texts().filter(|(key, value)| known(key).is_some_and(|known| !known.contains(value)));
    for (key, value) in misspelt {
        if let Some(near) = meant(value, known(key)?.iter().copied()) {
            return Some(format!("did you mean `{key}: {near}`?"));
        }
    }
    if let Some((key, value)) = texts().find(|(key, value)| known(key).is_some_and(|known| known.contains(value))) {
        return Some(format!("pods of the namespace have `{key}: {value}`, but none has all labels of the selector: use the labels of one pod template"));
    }
    let elsewhere = mesh.pods.selected_anywhere(place.0, labels).unwrap_or_default();
    let other = elsewhere.first()?.object.namespace.as_deref()?;
    Some(format!("define it in namespace `{other}`, which has pods with these labels"))
}

/// Whether a controller creates the pods for a `Gateway`. Such pods are unknown.
fn of_gateway(labels: &Bag) -> bool {
    labels.get("gateway.networking.k8s.io/gateway-name").is_some()
}

/// Returns the labels of an object's pod selector, if the selector has only labels.
fn selector(object: &Object) -> Option<&Bag> {
    let by_labels = |path: &str| {
        let selector = object.body.at(path)?.as_map()?;
        selector.get("matchExpressions").is_none().then_some(selector)?.get("matchLabels")?.as_map()
    };
    match object.kind.as_ref() {
        "Service" if object.api_version == "v1" => object.body.at("spec.selector").and_then(Data::as_map),
        "NetworkPolicy" => by_labels("spec.podSelector"),
        "PodDisruptionBudget" => by_labels("spec.selector"),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use crate::rules::testing::pods::{codes_of, orders};

    fn service(selector: Value) -> Value {
        let spec = json!({ "selector": selector, "ports": [{ "name": "http", "port": 80 }] });
        json!({ "apiVersion": "v1", "kind": "Service", "metadata": { "name": "orders" }, "spec": spec })
    }

    #[test]
    fn reports_a_service_without_pods() {
        assert_eq!(codes_of([orders(json!({})), service(json!({ "app": "order" }))]), ["MS0405"]);
    }

    #[test]
    fn reports_a_budget_without_pods() {
        let spec =
            json!({ "maxUnavailable": 1, "selector": { "matchLabels": { "app": "orders", "track": "canary" } } });
        let budget = json!({ "apiVersion": "policy/v1", "kind": "PodDisruptionBudget", "metadata": { "name": "a" }, "spec": spec });
        assert_eq!(codes_of([orders(json!({})), budget]), ["MS0405"]);
    }

    #[test]
    fn accepts_a_service_that_selects_pods() {
        assert_eq!(codes_of([orders(json!({})), service(json!({ "app": "orders" }))]), [""; 0]);
    }

    #[test]
    fn accepts_the_pods_of_an_operator_and_of_the_cluster() {
        let named = |kind: &str, api_version: &str, spec: Value| {
            json!({ "apiVersion": api_version, "kind": kind, "metadata": { "name": "main" }, "spec": spec })
        };
        let metrics = || service(json!({ "operator.prometheus.io/name": "main" }));
        let prometheus = named("Prometheus", "monitoring.coreos.com/v1", json!({ "replicas": 2 }));
        assert_eq!(codes_of([prometheus, metrics()]), [""; 0]);
        let rule = named("PrometheusRule", "monitoring.coreos.com/v1", json!({ "groups": [] }));
        assert_eq!(codes_of([rule, metrics()]), ["MS0405"]);
        let mut dns = service(json!({ "k8s-app": "kube-dns" }));
        dns["metadata"]["namespace"] = json!("kube-system");
        assert_eq!(codes_of([dns]), [""; 0]);
    }

    #[test]
    fn accepts_the_pods_of_a_gateway() {
        assert_eq!(codes_of([service(json!({ "gateway.networking.k8s.io/gateway-name": "waypoint" }))]), [""; 0]);
    }

    #[test]
    fn accepts_a_policy_that_selects_all_pods() {
        let spec = json!({ "podSelector": {}, "policyTypes": ["Ingress"] });
        let policy = json!({
            "apiVersion": "networking.k8s.io/v1",
            "kind": "NetworkPolicy",
            "metadata": { "name": "default-deny" },
            "spec": spec,
        });
        assert_eq!(codes_of([policy]), [""; 0]);
    }
}
