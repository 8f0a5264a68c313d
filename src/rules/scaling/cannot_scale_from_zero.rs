//! A `ScaledObject` has only CPU and memory triggers, but may scale to zero.
//!
//! # What it reports
//!
//! All triggers are of type `cpu` or `memory`, and `minReplicaCount` is 0 or not set. The default is 0.
//!
//! # Why it matters
//!
//! Without pods, there is no CPU or memory usage, so the workload would never scale up again. The webhook of KEDA
//! rejects the object.
//!
//! # Fix
//!
//! Set `minReplicaCount` to 1 or more, or add a trigger that measures work without pods, such as a queue.
//!
//! Source: <https://keda.sh/docs/latest/scalers/cpu/>

use crate::diag::Diagnostic;
use crate::val::Data;
use crate::rules::index::Mesh;
use crate::rules::index::pods::called;

pub(super) fn check(mesh: &Mesh<'_>, out: &mut Vec<Diagnostic>) {
    for scaler in mesh.all("keda.sh", "ScaledObject") {
        let body = &scaler.object.body;
        let triggers = body.at("spec.triggers").map(Data::items).unwrap_or_default();
        let of_pods = |trigger: &Data| matches!(trigger.at("type").and_then(Data::as_str), Some("cpu" | "memory"));
        let min = body.at("spec.minReplicaCount");
        let is_zero = min.is_none_or(|min| min.as_int() == Some(0));
        if !triggers.is_empty() && triggers.iter().all(of_pods) && is_zero {
            let message = format!("{} has only CPU or memory triggers, but can scale to zero", called(scaler.object));
            out.push(
                mesh.model
                    .error(scaler.id, "MS0903", message)
                    .field(if min.is_some() { "spec.minReplicaCount" } else { "spec.triggers" })
                    .help("set `minReplicaCount` to 1 or more"),
            );
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::rules::testing::manifests::open;

    fn scaler(min: &str, more: &str) -> String {
        format!(
            "apiVersion: keda.sh/v1alpha1\nkind: ScaledObject\nmetadata: {{ name: orders }}\n\
             spec: {{ scaleTargetRef: {{ name: orders }}, {min}triggers: [{{ type: cpu, metricType: Utilization, metadata: {{ value: '70' }} }}{more}] }}\n"
        )
    }

    const CRON: &str = ", { type: cron, metadata: { timezone: UTC, start: 0 8 * * *, end: 0 18 * * *, desiredReplicas: '3' } }";

    #[test]
    fn reports_only_a_cpu_trigger_with_zero_pods() {
        assert_eq!(open(&scaler("", "")), ["MS0903"]);
        assert_eq!(open(&scaler("minReplicaCount: 0, ", "")), ["MS0903"]);
    }

    #[test]
    fn accepts_a_minimum_or_another_trigger() {
        assert_eq!(open(&scaler("minReplicaCount: 2, ", "")), [""; 0]);
        assert_eq!(open(&scaler("", CRON)), [""; 0]);
    }
}
