//! Jobs that run by a schedule.

use crate::Object;
use crate::diagram::DiagramNode;
use crate::kube::batch;
use crate::smoke_test::SmokeCheck;
use crate::tree::{Construct, IdRule, Scope};
use crate::units::Duration;
use crate::val::IntoVal;

use super::super::core::{Namespace, Placement, Resources};
use super::super::pods::{JOB_TEMPLATE, PodProps, Pods, is_used_as_its_pods};
use super::super::traffic;
use super::spec::JobShape;

/// The action if a run is due while the previous run is still active.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Concurrency {
    /// Skips the new run.
    #[default]
    Forbid,
    /// Starts the new run in parallel.
    Allow,
    /// Stops the previous run.
    Replace,
}

/// Properties of a [`CronJob`].
#[derive(Clone)]
pub struct CronJobProps {
    /// The time zone of the schedule, such as `Europe/Berlin`. Default: `Etc/UTC`.
    pub time_zone: String,
    /// The action if the previous run is still active. Default: the new run is skipped.
    pub concurrency: Concurrency,
    /// The maximum delay of a run, after which it is skipped. Default: 5 minutes.
    pub latest_start: Duration,
    /// The number of successful runs that are kept. Default: 3.
    pub successful_history: u32,
    /// The number of failed runs that are kept. Default: 5.
    pub failed_history: u32,
    /// Whether the schedule is suspended. Default: `false`.
    pub is_suspended: bool,
    /// The number of retries of a failed run. Pods that are lost with their node do not count. Default: 3.
    pub attempts: u32,
    /// The maximum duration of a run, including its retries. Default: 1 hour.
    pub deadline: Duration,
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

impl Default for CronJobProps {
    fn default() -> Self {
        Self {
            time_zone: "Etc/UTC".to_owned(),
            concurrency: Concurrency::default(),
            latest_start: Duration::minutes(5),
            successful_history: 3,
            failed_history: 5,
            is_suspended: false,
            attempts: 3,
            deadline: Duration::hours(1),
            resources: Resources::default(),
            placement: Placement::default(),
            pod: PodProps::default(),
            args: Vec::new(),
            user: 10_001,
        }
    }
}

/// A job that runs by a schedule.
///
/// Defines the `CronJob`, its `ServiceAccount` and its `NetworkPolicy`, which denies all traffic except the traffic
/// that relations allow. In a mesh, the proxy is a native sidecar, so it does not prevent the pod from ending.
///
/// # Diagnostics
///
/// - `MS0446`: the maximum delay is so short that all runs may be skipped.
/// - `MS0412`: the image has no version.
///
/// # Example
///
/// ```
/// # use meshsynth::{testing, mesh, App, s3};
/// # let app = App::new("shop");
/// # let orders = testing::workload(&app);
/// # let data = testing::stack(&app, "data");
/// let reports = s3::Bucket::new(&data, "reports", s3::BucketProps::default());
/// let nightly = mesh::CronJob::new(orders.namespace(), "nightly", "30 2 * * *", "registry.example/reports:3.0.0", mesh::CronJobProps {
///     time_zone: "Europe/Berlin".to_owned(),
///     ..Default::default()
/// });
/// nightly.calls(&orders);
/// nightly.env("BUCKET", reports.name());
/// reports.grant_read_write(&nightly);
/// ```
///
/// Source: <https://kubernetes.io/docs/concepts/workloads/controllers/cron-jobs/>
#[derive(Clone)]
pub struct CronJob {
    pub(in crate::mesh) pods: Pods,
    pub(in crate::mesh) job: Object<batch::CronJob>,
}

impl Construct for CronJob {
    fn scope(&self) -> &Scope {
        self.pods.scope()
    }
}

is_used_as_its_pods!(CronJob);

impl CronJob {
    /// Defines a job that runs `image` by a schedule: minute, hour, day of the month, month, day of the week.
    #[track_caller]
    pub fn new(
        namespace: &Namespace,
        name: &str,
        schedule: &str,
        image: impl IntoVal<String>,
        props: CronJobProps,
    ) -> Self {
        // The cron job controller appends the scheduled time to the name, with up to 11 characters.
        let scope = namespace.scope().construct_as(name, IdRule::SERVICE.after("-0123456789".len()));
        let name = &*scope.id();
        scope.diagram(DiagramNode::new("workload").detail(format!("at {schedule}")).within(namespace));
        let pods = Pods::define(&scope, namespace, name, Vec::new(), &props.pod);
        let shape = JobShape {
            image: image.into_val(),
            attempts: props.attempts,
            deadline: props.deadline,
            parallelism: 1,
            completions: 1,
            resources: &props.resources,
            placement: &props.placement,
            args: &props.args,
            user: props.user,
            pod: &props.pod,
        };
        let spec = batch::CronJobSpec::new(batch::JobTemplateSpec::new().spec(shape.to_l1(&pods)), schedule)
            .time_zone(props.time_zone)
            .concurrency_policy(match props.concurrency {
                Concurrency::Forbid => batch::ConcurrencyPolicy::Forbid,
                Concurrency::Allow => batch::ConcurrencyPolicy::Allow,
                Concurrency::Replace => batch::ConcurrencyPolicy::Replace,
            })
            .starting_deadline_seconds(props.latest_start.as_seconds() as i64)
            .successful_jobs_history_limit(props.successful_history)
            .failed_jobs_history_limit(props.failed_history)
            .suspend(props.is_suspended);
        let job = batch::CronJob::new(spec).define(&scope, "job", name);
        pods.made_by(job.scope(), &JOB_TEMPLATE);
        traffic::take_part(&pods, false);
        if !props.is_suspended {
            let (namespace, name) = (namespace.name().to_owned(), name.to_owned());
            scope.smoke_test(SmokeCheck::CronJob { namespace, name });
        }
        Self { pods, job }
    }

    /// Returns the `CronJob`, for example to set a field for which the props have no property.
    pub fn object(&self) -> &Object<batch::CronJob> {
        &self.job
    }
}
