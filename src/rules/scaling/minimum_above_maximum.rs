//! An autoscaler's minimum is above its maximum.
//!
//! # What it reports
//!
//! The minimum number of pods is greater than the maximum. The default minimum is 1 for a `HorizontalPodAutoscaler` and
//! 0 for a `ScaledObject`. The default maximum of a `ScaledObject` is 100.
//!
//! # Why it matters
//!
//! Kubernetes rejects such a `HorizontalPodAutoscaler`, and KEDA such a `ScaledObject`, when it is applied, after other
//! objects have already changed.
//!
//! # Fix
//!
//! Increase the maximum or decrease the minimum.
//!
//! Source: <https://kubernetes.io/docs/reference/kubernetes-api/workload-resources/horizontal-pod-autoscaler-v2/>

use crate::diag::Diagnostic;
use crate::synth::{Link, Model};
use crate::rules::index::pods::{self, called};

pub(super) fn check(model: &Model, _: &Link, out: &mut Vec<Diagnostic>) {
    for scaler in pods::scalers(model) {
        if let Some(max) = scaler.max
            && scaler.min > max
        {
            let message = format!("the minimum of {} is {} pods, which is above its maximum of {max}", called(scaler.object), scaler.min);
            out.push(
                model
                    .error(scaler.id, "MS0403", message)
                    .field(if scaler.object.kind == "ScaledObject" { "spec.minReplicaCount" } else { "spec.minReplicas" })
                    .help(format!("set the maximum to {} or more, or the minimum to {max} or less", scaler.min)),
            );
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use crate::rules::testing::pods::{codes_of, hpa, orders};

    #[test]
    fn reports_a_minimum_above_the_maximum() {
        let scaler = hpa("orders", json!({ "minReplicas": 5, "maxReplicas": 3, "metrics": [] }));
        assert_eq!(codes_of([orders(json!({})), scaler]), ["MS0403"]);
    }

    #[test]
    fn accepts_an_equal_minimum_and_maximum() {
        let scaler = hpa("orders", json!({ "minReplicas": 3, "maxReplicas": 3, "metrics": [] }));
        assert_eq!(codes_of([orders(json!({})), scaler]), [""; 0]);
    }
}
