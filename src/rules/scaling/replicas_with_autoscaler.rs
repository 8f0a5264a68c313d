//! A workload sets its number of replicas, and an autoscaler controls it.
//!
//! Each time the manifest is applied, the number in it takes the workload back
//! from what the autoscaler had made of it: under load, pods are killed. With
//! server-side apply it is a conflict instead, and nothing is applied at all.
//!
//! Leave `replicas` out; the autoscaler's minimum is what a fresh workload
//! starts with. `mesh::Workload` does so by itself with `Scale::Auto`.
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
            let message = format!("{} sets `replicas` although an autoscaler controls it", called(pods.object));
            out.push(
                model
                    .error(pods.id, "MS0401", message)
                    .field("spec.replicas")
                    .note_at(format!("{} scales it", called(scaler.object)), model.node(scaler.id).at)
                    .help("remove `replicas`; it starts with the minimum of the autoscaler"),
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
    fn a_number_beside_an_autoscaler_is_an_error() {
        let mut deployment = orders(serde_json::from_str(REQUESTS).unwrap());
        merge(&mut deployment["spec"], json!({ "replicas": 3 }));
        assert_eq!(codes_of([deployment, hpa("orders", json!({}))]), ["MS0401"]);
    }

    #[test]
    fn an_autoscaler_alone_is_fine() {
        let deployment = orders(serde_json::from_str(REQUESTS).unwrap());
        assert_eq!(codes_of([deployment, hpa("orders", json!({}))]), [""; 0]);
    }
}
