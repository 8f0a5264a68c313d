//! Defaults of workloads: Deployments, StatefulSets, DaemonSets, Jobs and CronJobs.

use super::pod;
use crate::expressions::Tree;

pub fn deployment(tree: &mut Tree) {
    let spec = tree.map_mut("spec");
    spec.or_set("progressDeadlineSeconds", 600);
    spec.or_set("replicas", 1);
    spec.or_set("revisionHistoryLimit", 10);
    rolling(spec.map_mut("strategy"), [("maxSurge", Tree::from("25%")), ("maxUnavailable", Tree::from("25%"))]);
    pod::set_template_defaults(spec.map_mut("template"));
}

pub fn stateful_set(tree: &mut Tree) {
    let spec = tree.map_mut("spec");
    let retention = spec.map_mut("persistentVolumeClaimRetentionPolicy");
    retention.or_set("whenDeleted", "Retain");
    retention.or_set("whenScaled", "Retain");
    spec.or_set("podManagementPolicy", "OrderedReady");
    spec.or_set("replicas", 1);
    spec.or_set("revisionHistoryLimit", 10);
    rolling(spec.map_mut("updateStrategy"), [("partition", Tree::Int(0))]);
    for claim in spec.items_mut("volumeClaimTemplates") {
        claim.or_set("apiVersion", "v1");
        claim.or_set("kind", "PersistentVolumeClaim");
        claim.map_mut("spec").or_set("volumeMode", "Filesystem");
        claim.or_set("status", Tree::from([("phase", Tree::from("Pending"))]));
    }
    pod::set_template_defaults(spec.map_mut("template"));
}

pub fn daemon_set(tree: &mut Tree) {
    let spec = tree.map_mut("spec");
    spec.or_set("revisionHistoryLimit", 10);
    rolling(spec.map_mut("updateStrategy"), [("maxSurge", Tree::Int(0)), ("maxUnavailable", Tree::Int(1))]);
    pod::set_template_defaults(spec.map_mut("template"));
}

pub fn replica_set(tree: &mut Tree) {
    let spec = tree.map_mut("spec");
    spec.or_set("replicas", 1);
    pod::set_template_defaults(spec.map_mut("template"));
}

pub fn job(spec: &mut Tree) {
    spec.or_set("backoffLimit", if spec.get("backoffLimitPerIndex").is_some() { i64::from(i32::MAX) } else { 6 });
    spec.or_set("completionMode", "NonIndexed");
    if spec.get("completions").is_none() && spec.get("parallelism").is_none() {
        spec.or_set("completions", 1);
    }
    spec.or_set("manualSelector", false);
    spec.or_set("parallelism", 1);
    spec.or_set("podReplacementPolicy", "TerminatingOrFailed");
    spec.or_set("suspend", false);
    pod::set_template_defaults(spec.map_mut("template"));
}

pub fn cron_job(tree: &mut Tree) {
    let spec = tree.map_mut("spec");
    spec.or_set("concurrencyPolicy", "Allow");
    spec.or_set("failedJobsHistoryLimit", 1);
    spec.or_set("successfulJobsHistoryLimit", 3);
    spec.or_set("suspend", false);
    let template = spec.map_mut("jobTemplate");
    template.map_mut("metadata");
    // A job template only has the defaults of its pod template.
    pod::set_template_defaults(template.map_mut("spec").map_mut("template"));
}

/// Sets the defaults of a rolling update, unless another strategy is set.
fn rolling<const N: usize>(strategy: &mut Tree, defaults: [(&str, Tree); N]) {
    strategy.or_set("type", "RollingUpdate");
    if strategy.text("type") == Some("RollingUpdate") {
        let update = strategy.map_mut("rollingUpdate");
        for (key, value) in defaults {
            update.or_set(key, value);
        }
    }
}
