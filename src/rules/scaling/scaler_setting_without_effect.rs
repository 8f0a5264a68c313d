//! A `ScaledObject` that never scales to zero has settings for scaling to and from zero.
//!
//! # What it reports
//!
//! `minReplicaCount` is above 0, `idleReplicaCount` is not set, and the object sets `cooldownPeriod` or
//! `pollingInterval`. The finding is a warning. `pollingInterval` is not reported if a trigger has `useCachedMetrics`.
//!
//! # Why it matters
//!
//! KEDA uses `cooldownPeriod` and `pollingInterval` only if the workload can scale to zero or to the number of idle
//! pods. Its webhook warns about them at every `apply`, and changing them has no effect.
//!
//! # Fix
//!
//! Remove the settings, or set `minReplicaCount: 0`.
//!
//! Source: <https://github.com/kedacore/keda/pull/7271>

use crate::diag::Diagnostic;
use crate::val::{Bag, Data};
use crate::rules::index::Mesh;
use crate::rules::index::pods::called;

pub(super) fn check(mesh: &Mesh<'_>, out: &mut Vec<Diagnostic>) {
    for scaler in mesh.all("keda.sh", "ScaledObject") {
        let Some(spec) = scaler.object.body.get("spec").and_then(Data::as_map) else { continue };
        let Some(min) = spec.get("minReplicaCount").and_then(Data::as_int).filter(|min| *min > 0) else { continue };
        if spec.get("idleReplicaCount").is_some() {
            continue;
        }
        for field in ["pollingInterval", "cooldownPeriod"] {
            if spec.get(field).is_none() || field == "pollingInterval" && caches(spec) {
                continue;
            }
            let message = format!("`{field}` of {} has no effect, because the minimum is {min} pods", called(scaler.object));
            out.push(
                mesh.model
                    .warning(scaler.id, "MS0911", message)
                    .field(format!("spec.{field}"))
                    .help("remove the setting, or set `minReplicaCount` to 0"),
            );
        }
    }
}

fn caches(spec: &Bag) -> bool {
    let triggers = spec.get("triggers").map(Data::items).unwrap_or_default();
    triggers.iter().any(|trigger| trigger.at("useCachedMetrics").and_then(Data::as_bool) == Some(true))
}

#[cfg(test)]
mod tests {
    use crate::rules::testing::manifests::fields;

    fn found(more: &str, cached: bool) -> Vec<String> {
        fields(&format!(
            "apiVersion: keda.sh/v1alpha1\nkind: ScaledObject\nmetadata: {{ name: orders }}\n\
             spec: {{ scaleTargetRef: {{ name: orders }}, pollingInterval: 30, cooldownPeriod: 300, {more}\
             triggers: [{{ type: cron, useCachedMetrics: {cached}, metadata: {{ timezone: UTC, start: 0 8 * * *, \
             end: 0 18 * * *, desiredReplicas: '3' }} }}] }}\n"
        ))
    }

    #[test]
    fn warns_about_settings_without_effect() {
        assert_eq!(found("minReplicaCount: 1, ", false), ["spec.cooldownPeriod", "spec.pollingInterval"]);
        assert_eq!(found("minReplicaCount: 2, ", true), ["spec.cooldownPeriod"]);
    }

    #[test]
    fn accepts_settings_of_a_scaler_with_zero_or_idle_replicas() {
        assert!(found("", false).is_empty());
        assert!(found("minReplicaCount: 0, ", false).is_empty());
        assert!(found("minReplicaCount: 2, idleReplicaCount: 1, ", false).is_empty());
    }
}
