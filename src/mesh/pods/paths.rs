//! The paths of pod templates in the objects that create pods.

/// The paths of a pod template in an object, and of the parts that relations change.
pub(in crate::mesh) struct Paths {
    pub template: &'static str,
    pub annotations: &'static str,
    pub labels: &'static str,
    pub env: &'static str,
    pub env_from: &'static str,
}

macro_rules! paths {
    ($template:literal) => {
        Paths {
            template: $template,
            annotations: concat!($template, ".metadata.annotations"),
            labels: concat!($template, ".metadata.labels"),
            env: concat!($template, ".spec.containers.0.env"),
            env_from: concat!($template, ".spec.containers.0.envFrom"),
        }
    };
}

/// Paths in a `Deployment`, a `StatefulSet`, a `DaemonSet` and a `Job`.
pub(in crate::mesh) const TEMPLATE: Paths = paths!("spec.template");
/// Paths in a `CronJob`.
pub(in crate::mesh) const JOB_TEMPLATE: Paths = paths!("spec.jobTemplate.spec.template");

/// Paths in a `ScaledJob`.
pub(in crate::mesh) const SCALED_JOB_TEMPLATE: Paths = paths!("spec.jobTargetRef.template");
