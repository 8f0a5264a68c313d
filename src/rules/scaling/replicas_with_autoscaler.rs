//! A workload sets its number of replicas although an autoscaler controls it.
//!
//! # What it reports
//!
//! An autoscaler or `ScaledObject` targets a workload that sets `spec.replicas`.
//!
//! # Why it matters
//!
//! Each time the manifest is applied, its number replaces the number of the autoscaler: under load, pods are deleted.
//! With server-side apply, it is a conflict instead, and the object is not applied.
//!
//! # Fix
//!
//! Remove `replicas`. A new workload starts with the minimum of the autoscaler. `mesh::Workload` omits it with
//! `Scale::Auto`.
//!
//! Source: <https://kubernetes.io/docs/tasks/run-application/horizontal-pod-autoscale/#migrating-deployments-and-statefulsets-to-horizontal-autoscaling>

use crate::diag::Diagnostic;
use crate::synth::{Link, Model};
use crate::rules::index::pods::{self, called};

pub(super) fn check(model: &Model, _: &Link, out: &mut Vec<Diagnostic>) {
    let index = pods::Index::of(model);
    for scaler in pods::scalers(model) {
        let Some(pods) = index.named(scaler.place, scaler.target.0, scaler.target.1) else { continue };
        if pods.object.body.at("spec.replicas").is_some() {
            let message = format!("{} sets `replicas`, but an autoscaler controls the number of its pods", called(pods.object));
            out.push(
                model
                    .error(pods.id, "MS0401", message)
                    .field("spec.replicas")
                    .note_at(format!("{} scales it", called(scaler.object)), model.node(scaler.id).at)
                    .help("remove `replicas`; the workload starts with the minimum of the autoscaler"),
            );
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use crate::rules::testing::pods::{codes_of, hpa, merge, orders};

    const REQUESTS: &str = r#"{ "containers": [{ "name": "orders", "image": "orders:1.0.0", "resources": { "requests": { "cpu": "1" } } }] }"#;

    #[test]
    fn reports_replicas_with_an_autoscaler() {
        let mut deployment = orders(serde_json::from_str(REQUESTS).unwrap());
        merge(&mut deployment["spec"], json!({ "replicas": 3 }));
        assert_eq!(codes_of([deployment, hpa("orders", json!({}))]), ["MS0401"]);
    }

    #[test]
    fn accepts_an_autoscaler_without_replicas() {
        let deployment = orders(serde_json::from_str(REQUESTS).unwrap());
        assert_eq!(codes_of([deployment, hpa("orders", json!({}))]), [""; 0]);
    }
}
