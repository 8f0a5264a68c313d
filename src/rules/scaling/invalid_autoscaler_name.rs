//! The HorizontalPodAutoscaler of a `ScaledObject` has a name that is too long or already used.
//!
//! # What it reports
//!
//! The name of the `HorizontalPodAutoscaler` has more than 63 characters, or another autoscaler of the namespace has
//! the same name. The name is `keda-hpa-` and the name of the `ScaledObject`, or
//! `advanced.horizontalPodAutoscalerConfig.name`.
//!
//! # Why it matters
//!
//! The webhook of KEDA rejects more than 63 characters. A `ScaledObject` without its own name for the autoscaler can
//! therefore have at most 54 characters. Two autoscalers with the same name overwrite the same object.
//!
//! # Fix
//!
//! Shorten the name, or set a different name for each autoscaler.
//!
//! Source: <https://keda.sh/docs/latest/reference/scaledobject-spec/#horizontalpodautoscalerconfig>

use crate::hash::FastMap;
use crate::diag::Diagnostic;
use crate::val::Data;
use crate::rules::index::{Item, Mesh};
use crate::rules::index::pods::called;

const OWN_NAME: &str = "spec.advanced.horizontalPodAutoscalerConfig.name";
const MAX: usize = 63;

pub(super) fn check(mesh: &Mesh<'_>, out: &mut Vec<Diagnostic>) {
    let mut taken: FastMap<_, &Item<'_>> = FastMap::default();
    for scaler in mesh.all("autoscaling", "HorizontalPodAutoscaler") {
        taken.insert((scaler.place, scaler.object.name.clone()), scaler);
    }
    for scaler in mesh.all("keda.sh", "ScaledObject") {
        let own = scaler.object.body.at(OWN_NAME).and_then(Data::as_str);
        let name = own.map_or_else(|| format!("keda-hpa-{}", scaler.object.name), str::to_owned);
        let diagnostic = |message: String| {
            let diagnostic = mesh.model.error(scaler.id, "MS0902", message);
            if own.is_some() { diagnostic.field(OWN_NAME) } else { diagnostic.field("metadata.name") }
        };
        if name.len() > MAX {
            let message = format!("the name of the HorizontalPodAutoscaler of {} has {} characters; the maximum is {MAX}", called(scaler.object), name.len());
            out.push(diagnostic(message).help(format!("shorten the name, or set `{OWN_NAME}` to a shorter one")));
        }
        if let Some(other) = taken.insert((scaler.place, name.clone()), scaler).filter(|other| other.id != scaler.id) {
            let message = format!("the HorizontalPodAutoscaler of {} has the name `{name}`, which another one already has", called(scaler.object));
            out.push(
                diagnostic(message)
                    .note_at(format!("{} defines the other one", called(other.object)), mesh.model.node(other.id).at)
                    .help(format!("set `{OWN_NAME}` to another name")),
            );
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::rules::testing::manifests::open;

    fn scaler(name: &str, target: &str, own: &str) -> String {
        let advanced = if own.is_empty() { String::new() } else { format!(", advanced: {{ horizontalPodAutoscalerConfig: {{ name: {own} }} }}") };
        format!(
            "---\napiVersion: keda.sh/v1alpha1\nkind: ScaledObject\nmetadata: {{ name: {name} }}\n\
             spec: {{ scaleTargetRef: {{ name: {target} }}, minReplicaCount: 1{advanced}, \
             triggers: [{{ type: cron, metadata: {{ timezone: UTC, start: 0 8 * * *, end: 0 18 * * *, desiredReplicas: '3' }} }}] }}\n"
        )
    }

    #[test]
    fn reports_a_generated_name_that_is_too_long() {
        assert_eq!(open(&scaler(&"a".repeat(55), "orders", "")), ["MS0902"]);
        assert_eq!(open(&scaler(&"a".repeat(60), "orders", "orders")), [""; 0]);
    }

    #[test]
    fn reports_the_same_autoscaler_name_for_two_workloads() {
        assert_eq!(open(&(scaler("a", "orders", "web") + &scaler("b", "payments", "web"))), ["MS0902"]);
        assert_eq!(open(&(scaler("a", "orders", "") + &scaler("b", "payments", ""))), [""; 0]);
    }
}
