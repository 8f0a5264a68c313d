//! Where the template of pods lies in what makes them.

/// Where the pods' template lies in an object, and in it what is added to.
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

/// Of a `Deployment`, a `StatefulSet`, a `DaemonSet` and a `Job`.
pub(in crate::mesh) const TEMPLATE: Paths = paths!("spec.template");
/// Of a `CronJob`.
pub(in crate::mesh) const JOB_TEMPLATE: Paths = paths!("spec.jobTemplate.spec.template");

/// Of a `ScaledJob`.
pub(in crate::mesh) const SCALED_JOB_TEMPLATE: Paths = paths!("spec.jobTargetRef.template");
