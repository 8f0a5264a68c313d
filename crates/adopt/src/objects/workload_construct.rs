//! Constructs of workloads.

/// The construct of a workload kind.
pub struct WorkloadConstruct {
    /// The `apiVersion` and the kind of the object.
    pub kind: (&'static str, &'static str),
    /// The path of the construct.
    pub construct: &'static str,
    /// The path of the pod template.
    pub template: &'static str,
    /// The ID of the object below the construct.
    pub id: &'static str,
    /// The method that returns the object.
    pub method: &'static str,
    /// The additions of `new`: more objects or fields.
    pub adds: &'static str,
}

/// The constructs of all workload kinds.
pub const WORKLOAD_CONSTRUCTS: [WorkloadConstruct; 5] = [
    WorkloadConstruct {
        kind: ("apps/v1", "Deployment"),
        construct: "mesh::Workload",
        template: "spec.template",
        id: "deployment",
        method: "deployment",
        adds: "a Service, a service account, an autoscaler, a disruption budget and a network policy, probes, a \
             restricted security context, spread over zones",
    },
    WorkloadConstruct {
        kind: ("apps/v1", "StatefulSet"),
        construct: "mesh::StatefulSet",
        template: "spec.template",
        id: "set",
        method: "object",
        adds: "its Services, a service account, a disruption budget and a network policy, probes, a restricted \
             security context",
    },
    WorkloadConstruct {
        kind: ("apps/v1", "DaemonSet"),
        construct: "mesh::DaemonSet",
        template: "spec.template",
        id: "set",
        method: "object",
        adds: "a service account and a network policy, probes, a restricted security context",
    },
    WorkloadConstruct {
        kind: ("batch/v1", "Job"),
        construct: "mesh::Job",
        template: "spec.template",
        id: "job",
        method: "object",
        adds: "a service account and a network policy, a restricted security context, a name from its content",
    },
    WorkloadConstruct {
        kind: ("batch/v1", "CronJob"),
        construct: "mesh::CronJob",
        template: "spec.jobTemplate.spec.template",
        id: "job",
        method: "object",
        adds: "a service account and a network policy, a restricted security context, time limits",
    },
];
