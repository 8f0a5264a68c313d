//! Two autoscalers scale the same workload.
//!
//! # What it reports
//!
//! Two `HorizontalPodAutoscaler` or `ScaledObject` objects have the same target.
//!
//! # Why it matters
//!
//! Each autoscaler reverts the changes of the other, so the number of pods oscillates. KEDA creates a
//! `HorizontalPodAutoscaler` for each `ScaledObject`, so a `ScaledObject` and a `HorizontalPodAutoscaler` are two
//! autoscalers as well. The webhook of KEDA rejects them.
//!
//! # Fix
//!
//! Keep one of them, and add the metrics of both. `mesh::WorkloadProps::scale` allows exactly one choice.
//!
//! Source: <https://keda.sh/docs/latest/concepts/scaling-deployments/>

use crate::hash::FastMap;
use crate::diag::Diagnostic;
use crate::synth::{Link, Model};
use crate::rules::index::pods::{self, called};

pub(super) fn check(model: &Model, _: &Link, out: &mut Vec<Diagnostic>) {
    let mut first = FastMap::default();
    for scaler in pods::scalers(model) {
        let (kind, name) = scaler.target;
        match first.get(&(scaler.place, scaler.target)) {
            None => {
                first.insert((scaler.place, scaler.target), (scaler.id, called(scaler.object)));
            }
            Some((other, called_other)) => {
                let message = format!("{} is the second autoscaler of {kind} `{name}`", called(scaler.object));
                out.push(
                    model
                        .error(scaler.id, "MS0402", message)
                        .field("spec.scaleTargetRef")
                        .note_at(format!("{called_other} also scales it"), model.node(*other).at)
                        .help("combine the metrics of both in one autoscaler"),
                );
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use crate::rules::testing::pods::{codes_of, hpa, orders};

    #[test]
    fn reports_two_autoscalers_for_the_same_workload() {
        let memory = json!({ "metrics": [] });
        assert_eq!(codes_of([orders(json!({})), hpa("a", memory.clone()), hpa("b", memory)]), ["MS0402"]);
    }

    #[test]
    fn reports_a_scaled_object_with_an_autoscaler() {
        let keda = json!({
            "apiVersion": "keda.sh/v1alpha1",
            "kind": "ScaledObject",
            "metadata": { "name": "orders" },
            "spec": {
                "scaleTargetRef": { "name": "orders" },
                "triggers": [{
                    "type": "cron",
                    "metadata": { "timezone": "UTC", "start": "0 8 * * *", "end": "0 18 * * *", "desiredReplicas": "4" },
                }],
            },
        });
        assert_eq!(codes_of([orders(json!({})), hpa("a", json!({ "metrics": [] })), keda]), ["MS0402"]);
    }

    #[test]
    fn accepts_one_autoscaler() {
        assert_eq!(codes_of([orders(json!({})), hpa("a", json!({ "metrics": [] }))]), [""; 0]);
    }
}
