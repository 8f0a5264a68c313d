//! The partition of a `StatefulSet` excludes all pods from updates.
//!
//! # What it reports
//!
//! `partition` of the update strategy is greater than the highest pod number: `ordinals.start` + `replicas` - 1. The
//! finding is a warning. Sets without `replicas` are not checked, because an autoscaler may control them.
//!
//! # Why it matters
//!
//! Only pods with a number greater than or equal to the partition are updated. A new image reaches no pod, although the
//! update appears to succeed.
//!
//! # Fix
//!
//! Set the partition to the number of the first pod to update. Pods are numbered from 0 by default.
//!
//! Source: <https://kubernetes.io/docs/concepts/workloads/controllers/statefulset/#partitions>

use crate::diag::Diagnostic;
use crate::rules::index::pods::called;
use crate::synth::{Link, Model};
use crate::val::Data;

pub(super) fn check(model: &Model, _: &Link, out: &mut Vec<Diagnostic>) {
    for (id, object) in model.of_kind("StatefulSet") {
        let number = |path: &str| object.body.at(path).and_then(Data::as_int);
        let Some(partition) = number("spec.updateStrategy.rollingUpdate.partition").filter(|it| *it > 0) else { continue };
        let first = number("spec.ordinals.start").unwrap_or(0);
        // Without `replicas`, an autoscaler may control the number of pods.
        let Some(replicas) = number("spec.replicas").filter(|it| *it > 0) else { continue };
        if partition >= first + replicas {
            let message = format!(
                "the partition {partition} of {} is above all pod numbers, {first} to {}: updates change no pod",
                called(object),
                first + replicas - 1
            );
            out.push(
                model
                    .warning(id, "MS0445", message)
                    .field("spec.updateStrategy.rollingUpdate.partition")
                    .help("set the partition to the number of the first pod to update, or remove it"),
            );
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::mesh::{StatefulSet, StatefulSetProps};
    use crate::testing::{codes, namespace};

    fn with(partition: u32) -> Vec<&'static str> {
        codes(|app| {
            let props = StatefulSetProps { replicas: 3, partition, ..Default::default() };
            StatefulSet::new(&namespace(app), "index", "registry.example/index:7.2.0", props);
        })
    }

    #[test]
    fn warns_about_a_partition_above_the_last_pod() {
        assert_eq!(with(3), ["MS0445"]);
    }

    #[test]
    fn accepts_a_partition_that_updates_at_least_one_pod() {
        assert_eq!(with(2), [""; 0]);
        assert_eq!(with(0), [""; 0]);
    }
}
