//! Jobs that run once, such as a migration.

use crate::Object;
use crate::diagram::DiagramNode;
use crate::kube::batch;
use crate::smoke_test::SmokeCheck;
use crate::tree::{Construct, IdRule, Scope};
use crate::units::Duration;
use crate::val::IntoVal;

use super::super::core::{Namespace, Placement, Resources};
use super::super::pods::{PodProps, Pods, TEMPLATE, is_used_as_its_pods};
use super::super::traffic;
use super::spec::JobShape;

/// Properties of a [`Job`].
#[derive(Clone)]
pub struct JobProps {
    /// The number of retries. Pods that are lost with their node do not count. Default: 3.
    pub attempts: u32,
    /// The maximum duration, including its retries. Default: 1 hour.
    pub deadline: Duration,
    /// The number of pods that must succeed. The variable `JOB_COMPLETION_INDEX` contains the number of each pod.
    /// Default: 1.
    pub completions: u32,
    /// The number of concurrent pods. Default: 1.
    pub parallelism: u32,
    /// The resources of its container. Default: 250 millicores, 512 MiB.
    pub resources: Resources,
    /// The nodes that it runs on. Default: any node without taints.
    pub placement: Placement,
    /// Additional containers and volumes of its pods, and node requirements. Default: none.
    pub pod: PodProps,
    /// Arguments of the container. Default: the arguments of the image.
    pub args: Vec<String>,
    /// The user and group it runs as. Default: 10001.
    pub user: u32,
}

impl Default for JobProps {
    fn default() -> Self {
        Self {
            attempts: 3,
            deadline: Duration::hours(1),
            completions: 1,
            parallelism: 1,
            resources: Resources::default(),
            placement: Placement::default(),
            pod: PodProps::default(),
            args: Vec::new(),
            user: 10_001,
        }
    }
}

/// A job that runs once for each version of its content, such as a database migration.
///
/// Defines the `Job`, its `ServiceAccount` and its `NetworkPolicy`, which denies all traffic except the traffic that
/// relations allow. Other workloads wait for it with [`orders.after(&migration)`](Pods::after).
///
/// Kubernetes jobs are immutable, so the job's name ends with a hash of its content. A new image, argument, variable or
/// file defines a new job. The deployment runs the new job and deletes the old one. A deployment without such a change
/// does not run the job. A pod can be lost with its node and started again, so the work must be repeatable.
///
/// In a mesh, the proxy is a native sidecar, so it does not prevent the job from ending.
///
/// # Diagnostics
///
/// - `MS0448`: the job calls a workload that starts only after the job.
/// - `MS0412`: the image has no version.
///
/// # Example
///
/// ```
/// # use meshsynth::{App, Construct, mesh, rds, testing};
/// # let app = App::new("shop");
/// # let orders = testing::workload(&app);
/// # let data = orders.scope().stack();
/// # let db = rds::Database::new(&data, "db", orders.namespace().cluster().vpc(), rds::DatabaseProps::default());
/// let migration = mesh::Job::new(orders.namespace(), "migrate", "registry.example/orders:1.4.0", mesh::JobProps {
///     args: vec!["migrate".to_owned()],
///     ..Default::default()
/// });
/// db.allow_from(&migration);
/// migration.env("DB_HOST", db.address());
/// orders.after(&migration);
/// ```
///
/// Source: <https://kubernetes.io/docs/concepts/workloads/controllers/job/>
#[derive(Clone)]
pub struct Job {
    pub(in crate::mesh) pods: Pods,
    pub(in crate::mesh) job: Object<batch::Job>,
}

impl Construct for Job {
    fn scope(&self) -> &Scope {
        self.pods.scope()
    }
}

is_used_as_its_pods!(Job);

impl Job {
    /// Defines a job that runs `image`. Its name in Kubernetes is the construct's id, followed by a hash.
    #[track_caller]
    pub fn new(namespace: &Namespace, name: &str, image: impl IntoVal<String>, props: JobProps) -> Self {
        let scope = namespace.scope().construct_as(name, IdRule::SERVICE.after("-01234567".len()));
        let name = &*scope.id();
        scope.diagram(DiagramNode::new("workload").detail("runs once").within(namespace));
        let pods = Pods::define(&scope, namespace, name, Vec::new(), &props.pod);
        let shape = JobShape {
            image: image.into_val(),
            attempts: props.attempts,
            deadline: props.deadline,
            parallelism: props.parallelism,
            completions: props.completions,
            resources: &props.resources,
            placement: &props.placement,
            args: &props.args,
            user: props.user,
            pod: &props.pod,
        };
        let job = batch::Job::new().spec(shape.to_l1(&pods)).define(&scope, "job", name);
        job.named_by_content();
        pods.made_by(job.scope(), &TEMPLATE);
        traffic::take_part(&pods, false);
        let (namespace, selector) = (namespace.name().to_owned(), format!("app.kubernetes.io/name={name}"));
        scope.smoke_test(SmokeCheck::Job { namespace, selector });
        Self { pods, job }
    }

    /// Returns the `Job`, for example to set a field for which the props have no property.
    pub fn object(&self) -> &Object<batch::Job> {
        &self.job
    }
}
