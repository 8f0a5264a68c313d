//! A `PodDisruptionBudget` allows no disruption.
//!
//! # What it reports
//!
//! `maxUnavailable` is 0 or 0%, `minAvailable` is 100%, or `minAvailable` is not below the number of selected pods. The
//! number of pods is the sum of `replicas` of the workloads, or of the minimum of their autoscalers.
//!
//! # Why it matters
//!
//! Nodes are drained for an upgrade, and a pod that cannot be evicted blocks the drain. The upgrade of a managed node
//! group fails with `PodEvictionFailure`.
//!
//! # Fix
//!
//! Set `maxUnavailable: 1`, or a `minAvailable` below the number of pods, and run at least two pods.
//!
//! Source: <https://kubernetes.io/docs/tasks/run-application/configure-pdb/#think-about-how-your-application-reacts-to-disruptions>

use crate::hash::FastMap;
use crate::diag::Diagnostic;
use crate::synth::{Link, Model};
use crate::val::Data;
use crate::rules::index::pods::{self, called};

pub(super) fn check(model: &Model, _: &Link, out: &mut Vec<Diagnostic>) {
    let index = pods::Index::of(model);
    let scaled: FastMap<_, _> =
        pods::scalers(model).map(|scaler| ((scaler.place, scaler.target), scaler.min)).collect();
    for (id, object) in model.of_kind("PodDisruptionBudget") {
        let place = pods::place(model, id, object);
        let labels = object.body.at("spec.selector.matchLabels").and_then(Data::as_map);
        let found = labels.and_then(|labels| index.selected(place, labels)).unwrap_or_default();
        let n_pods: i64 = found
            .iter()
            .map(|pods| {
                let target = (pods.object.kind.as_ref(), pods.object.name.as_str());
                let fixed = || pods.object.body.at("spec.replicas").and_then(Data::as_int).unwrap_or(1);
                scaled.get(&(place, target)).copied().unwrap_or_else(fixed)
            })
            .sum();
        let known = (!found.is_empty()).then_some(n_pods);
        if let Some((field, why)) = blocks(object.body.get("spec"), known) {
            out.push(
                model
                    .error(id, "MS0410", format!("{} does not allow any disruption: {why}", called(object)))
                    .field(format!("spec.{field}"))
                    .help("set `maxUnavailable: 1`, and run 2 or more pods"),
            );
        }
    }
}

/// Returns the field that blocks every eviction and the reason, or `None`. `n_pods` is the number of pods, if known.
fn blocks(spec: Option<&Data>, n_pods: Option<i64>) -> Option<(&'static str, String)> {
    let value = |key: &str| spec.and_then(|spec| spec.at(key));
    match (value("maxUnavailable").map(Data::to_text), value("minAvailable")) {
        (Some(max), _) if max == "0" || max == "0%" => {
            Some(("maxUnavailable", format!("`maxUnavailable` is {max}")))
        },
        (_, Some(Data::Text(min))) if min == "100%" => Some(("minAvailable", "`minAvailable` is 100%".to_owned())),
        (_, Some(Data::Int(min))) if n_pods.is_some_and(|n_pods| n_pods > 0 && *min >= n_pods) => {
            Some(("minAvailable", format!("`minAvailable` is {min} of {} pods", n_pods.unwrap_or_default())))
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use crate::rules::testing::pods::{codes_of, merge, orders};

    fn budget(spec: Value) -> Value {
        let mut whole = json!({ "selector": { "matchLabels": { "app": "orders" } } });
        merge(&mut whole, spec);
        json!({ "apiVersion": "policy/v1", "kind": "PodDisruptionBudget", "metadata": { "name": "a" }, "spec": whole })
    }

    #[test]
    fn reports_a_budget_of_zero_unavailable_pods() {
        assert_eq!(codes_of([orders(json!({})), budget(json!({ "maxUnavailable": 0 }))]), ["MS0410"]);
        assert_eq!(codes_of([orders(json!({})), budget(json!({ "minAvailable": "100%" }))]), ["MS0410"]);
    }

    #[test]
    fn reports_a_budget_that_requires_all_pods() {
        let mut deployment = orders(json!({}));
        merge(&mut deployment["spec"], json!({ "replicas": 2 }));
        assert_eq!(codes_of([deployment, budget(json!({ "minAvailable": 2 }))]), ["MS0410"]);
    }

    #[test]
    fn accepts_a_budget_of_one_unavailable_pod() {
        assert_eq!(codes_of([orders(json!({})), budget(json!({ "maxUnavailable": 1 }))]), [""; 0]);
    }
}
