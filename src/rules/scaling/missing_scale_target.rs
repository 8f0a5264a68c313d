//! An autoscaler scales a workload that is not defined.
//!
//! # What it reports
//!
//! No workload has the kind and name of `scaleTargetRef` in the namespace. The rule also reports a `Rollout` with a
//! missing or wrong `apiVersion` in `scaleTargetRef`. If the namespace is not completely known, a missing workload is
//! reported only if another kind has this name.
//!
//! # Why it matters
//!
//! The autoscaler does not scale the workload. Usually, a `Deployment` became a `Rollout`, or the workload was renamed,
//! and the autoscaler was not changed.
//!
//! # Fix
//!
//! Use the kind, API group and name of the workload in `scaleTargetRef`. For a `Rollout`, set `apiVersion:
//! argoproj.io/v1alpha1`.
//!
//! Source: <https://argo-rollouts.readthedocs.io/en/stable/features/hpa-support/>

use crate::facts;
use crate::diag::Diagnostic;
use crate::val::Data;
use crate::rules::index::{ARGO, Mesh};
use crate::rules::index::near::meant;
use crate::rules::index::pods::{self, called};

/// Returns the kinds that a scaler can scale.
fn kinds() -> impl Iterator<Item = &'static str> {
    facts::kinds().iter().filter(|kind| kind.replicas.is_some()).map(|kind| kind.name)
}

pub(super) fn check(mesh: &Mesh<'_>, out: &mut Vec<Diagnostic>) {
    for scaler in pods::scalers(mesh.model) {
        let (kind, name) = scaler.target;
        let Some(kind) = kinds().find(|known| *known == kind) else { continue };
        let report = |message: String, help: String| {
            mesh.model.error(scaler.id, "MS0907", message).field("spec.scaleTargetRef").help(help)
        };
        // A `Rollout` may use the pod template of a `Deployment`, so search for a `Rollout` with this name instead of
        // pods.
        let is_rollout = mesh.find(ARGO, "Rollout", scaler.place, name).is_some();
        let is_here = mesh.pods.named(scaler.place, kind, name).is_some() || kind == "Rollout" && is_rollout;
        if is_here {
            let group = scaler.object.body.at("spec.scaleTargetRef.apiVersion").and_then(Data::as_str);
            let is_wrong = kind == "Rollout" && group.is_some_and(|group| !group.starts_with("argoproj.io/"));
            if is_wrong || kind == "Rollout" && group.is_none() {
                let message = format!("{} scales a Rollout, but its target has the API group of another kind", called(scaler.object));
                out.push(report(message, "set `scaleTargetRef.apiVersion: argoproj.io/v1alpha1`".to_owned()));
            }
            continue;
        }
        let other = kinds().find(|other| {
            mesh.pods.named(scaler.place, other, name).is_some() || *other == "Rollout" && is_rollout
        });
        if other.is_none() && !mesh.has_all_pods(scaler.place) {
            continue;
        }
        let message = format!("{} scales {kind} `{name}`, which is not defined", called(scaler.object));
        out.push(match other {
            Some(other) => report(message, format!("`{name}` is a {other}: set the kind in `scaleTargetRef`")),
            None => {
                let beside = mesh.pods.all().filter(|it| it.object.kind == kind && pods::place(mesh.model, it.id, it.object) == scaler.place);
                let near = meant(name, beside.map(|it| it.object.name.as_str()));
                let define = || format!("define it in namespace `{}`, or correct the name", scaler.place.1);
                report(message, near.map_or_else(define, |near| format!("did you mean `{near}`?")))
            }
        });
    }
}

#[cfg(test)]
mod tests {
    use crate::rules::testing::manifests::{open, with_orders};

    fn scaler(kind: &str, name: &str) -> String {
        with_orders(&format!(
            "apiVersion: autoscaling/v2\nkind: HorizontalPodAutoscaler\nmetadata: {{ name: orders }}\n\
             spec: {{ scaleTargetRef: {{ apiVersion: apps/v1, kind: {kind}, name: {name} }}, minReplicas: 2, maxReplicas: 9, metrics: [] }}\n"
        ))
    }

    #[test]
    fn reports_a_missing_workload() {
        assert_eq!(open(&scaler("Deployment", "orders")), ["MS0907"]);
        assert_eq!(open(&scaler("StatefulSet", "orders-v1")), ["MS0907"]);
    }

    #[test]
    fn accepts_an_existing_workload() {
        assert_eq!(open(&scaler("Deployment", "orders-v1")), [""; 0]);
    }
}
