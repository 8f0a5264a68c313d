//! An autoscaler uses resource utilization, but the containers have no resource requests.
//!
//! # What it reports
//!
//! An autoscaler or `ScaledObject` measures the utilization of CPU or memory, and a container of the pods has neither a
//! request nor a limit for this resource. A `HorizontalPodAutoscaler` without metrics measures CPU by default.
//!
//! # Why it matters
//!
//! Utilization is a percentage of the request. If one container of the pods has no request, the autoscaler shows
//! `<unknown>` and never scales. KEDA rejects such a `ScaledObject`.
//!
//! # Fix
//!
//! Add a request for each measured resource to every container.
//!
//! Source: <https://kubernetes.io/docs/tasks/run-application/horizontal-pod-autoscale/#algorithm-details>

use std::collections::BTreeMap;

use crate::diag::Diagnostic;
use crate::synth::{Link, Model};
use crate::val::{Bag, Data};
use crate::rules::index::items;
use crate::rules::index::pods::{self, Scaler, called};

pub(super) fn check(model: &Model, _: &Link, out: &mut Vec<Diagnostic>) {
    let index = pods::Index::of(model);
    for scaler in pods::scalers(model) {
        let Some(pods) = index.named(scaler.place, scaler.target.0, scaler.target.1) else { continue };
        for (resource, field) in measured(&scaler) {
            for container in pods.spec.get("containers").map(Data::items).unwrap_or_default() {
                let Some(container) = container.as_map() else { continue };
                if requests(container, resource) {
                    continue;
                }
                let name = container.get("name").map(Data::to_text).unwrap_or_default();
                let message = format!(
                    "{} scales on {resource}, which container `{name}` of {} does not request",
                    called(scaler.object),
                    called(pods.object),
                );
                out.push(
                    model
                        .error(scaler.id, "MS0404", message)
                        .field(&field)
                        .note_at(format!("{} is defined here", called(pods.object)), model.node(pods.id).at)
                        .help(format!("set `resources.requests.{resource}` of the container")),
                );
            }
        }
    }
}

/// Whether a container has a request. A limit also sets the request.
fn requests(container: &Bag, resource: &str) -> bool {
    ["requests", "limits"].iter().any(|kind| container.at(&format!("resources.{kind}.{resource}")).is_some())
}

/// Returns the resources whose utilization an autoscaler measures, and their fields.
fn measured<'a>(scaler: &Scaler<'a>) -> BTreeMap<&'a str, String> {
    let body = &scaler.object.body;
    let text = |data: &'a Data, path: &str| data.at(path).and_then(Data::as_str);
    let of_metrics = items(body.at("spec.metrics"), "spec.metrics").filter_map(|(path, metric)| {
        let is_share = text(metric, "resource.target.type") == Some("Utilization");
        let name = text(metric, "resource.name").filter(|_| is_share)?;
        Some((name, format!("{path}.resource")))
    });
    let of_triggers = items(body.at("spec.triggers"), "spec.triggers").filter_map(|(path, trigger)| {
        let is_share = text(trigger, "metricType").unwrap_or("Utilization") == "Utilization";
        let name = text(trigger, "type").filter(|kind| is_share && matches!(*kind, "cpu" | "memory"))?;
        Some((name, path))
    });
    // If several metrics measure the same resource, keep the first one.
    let mut found = BTreeMap::new();
    for (name, field) in of_metrics.chain(of_triggers) {
        found.entry(name).or_insert(field);
    }
    let is_default = scaler.object.kind == "HorizontalPodAutoscaler" && body.at("spec.metrics").is_none();
    if is_default { BTreeMap::from([("cpu", "spec".to_owned())]) } else { found }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use crate::rules::testing::pods::{codes_of, hpa, orders};

    #[test]
    fn reports_utilization_without_a_request() {
        let metric = json!({ "type": "Resource", "resource": {
            "name": "memory",
            "target": { "type": "Utilization", "averageUtilization": 80 },
        } });
        assert_eq!(codes_of([orders(json!({})), hpa("orders", json!({ "metrics": [metric] }))]), ["MS0404"]);
    }

    #[test]
    fn considers_the_default_metric() {
        assert_eq!(codes_of([orders(json!({})), hpa("orders", json!({}))]), ["MS0404"]);
    }

    #[test]
    fn accepts_a_request() {
        let resources = json!({ "requests": { "cpu": "250m" } });
        let containers = json!([{ "name": "orders", "image": "orders:1.0.0", "resources": resources }]);
        assert_eq!(codes_of([orders(json!({ "containers": containers })), hpa("orders", json!({}))]), [""; 0]);
    }

    #[test]
    fn accepts_an_average_value_without_a_request() {
        let metric = json!({ "type": "Resource", "resource": {
            "name": "cpu",
            "target": { "type": "AverageValue", "averageValue": "500m" },
        } });
        assert_eq!(codes_of([orders(json!({})), hpa("orders", json!({ "metrics": [metric] }))]), [""; 0]);
    }
}
