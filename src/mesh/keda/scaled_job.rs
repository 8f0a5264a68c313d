//! Jobs that KEDA starts for pending work.

use crate::Object;
use crate::aws::Grantee;
use crate::diag::Diagnostic;
use crate::diagram::DiagramNode;
use crate::eks::Identity;
use crate::kube::keda;
use crate::kube::keda::scaled_job as shape;
use crate::mesh::addons::Keda;
use crate::mesh::core::{Namespace, Placement, Resources};
use crate::mesh::jobs::JobShape;
use crate::mesh::pods::{PodProps, Pods, SCALED_JOB_TEMPLATE, is_used_as_its_pods};
use crate::mesh::traffic;
use crate::tree::{Construct, IdRule, Scope};
use crate::units::Duration;
use crate::val::IntoVal;

use super::identity::KedaIdentity;
use super::trigger::Source;
use super::{Trigger, TriggerIdentity};

/// Properties of a [`ScaledJob`].
#[derive(Clone)]
pub struct ScaledJobProps {
    /// The maximum number of concurrent jobs. Default: 10.
    pub max: u32,
    /// The resources of a job's container. Default: 250 millicores, 512 MiB.
    pub resources: Resources,
    /// The nodes that jobs run on. Default: any node without taints.
    pub placement: Placement,
    /// Additional containers and volumes of its pods, and node requirements. Default: none.
    pub pod: PodProps,
    /// Arguments of the container. Default: the arguments of the image.
    pub args: Vec<String>,
    /// The user and group it runs as. Default: 10001.
    pub user: u32,
    /// The number of retries of a failed job. Default: 3.
    pub attempts: u32,
    /// The maximum duration of a job, including its retries. Default: 1 hour.
    pub deadline: Duration,
    /// The polling interval of KEDA. Default: 30 seconds.
    pub polling: Duration,
}

impl Default for ScaledJobProps {
    fn default() -> Self {
        Self {
            max: 10,
            resources: Resources::default(),
            placement: Placement::default(),
            pod: PodProps::default(),
            args: Vec::new(),
            user: 10_001,
            attempts: 3,
            deadline: Duration::hours(1),
            polling: Duration::seconds(30),
        }
    }
}

/// Jobs that KEDA starts for pending events, one job for each event.
///
/// Use it for long work that scaling down must not interrupt. KEDA never stops a running job. The job continues during
/// the deployment of a new version. Defines the `ScaledJob`, its service account and its network policy, which denies
/// all traffic except the traffic that relations allow. In a mesh, the proxy is a native sidecar, so it does not
/// prevent a job from ending.
///
/// # Diagnostics
///
/// - `MS0953`: it is scaled by CPU or memory, which needs long-running pods.
///
/// # Example
///
/// ```
/// # use meshsynth::{App, Construct, mesh, sqs, testing};
/// # let app = App::new("shop");
/// # let shop = testing::namespace(&app);
/// # let run = shop.scope().stack();
/// let keda = mesh::addons::Keda::new(&run, "keda", shop.cluster());
/// let films = sqs::Queue::new(&run, "films", sqs::QueueProps::default());
/// let triggers = [mesh::Trigger::queue(&films, 1)];
/// let cutter = mesh::ScaledJob::new(&shop, "cutter", "registry.example/cutter:2.0.0", &keda, triggers, Default::default());
/// cutter.env("QUEUE_URL", films.url());
/// films.grant_receive(&cutter);
/// ```
///
/// Source: <https://keda.sh/docs/2.20/reference/scaledjob-spec/>
#[derive(Clone)]
pub struct ScaledJob {
    pods: Pods,
    job: Object<keda::ScaledJob>,
}

impl Construct for ScaledJob {
    fn scope(&self) -> &Scope {
        self.pods.scope()
    }
}

is_used_as_its_pods!(ScaledJob);

impl ScaledJob {
    /// Defines jobs that run `image`. The name in Kubernetes is the construct's id.
    #[track_caller]
    pub fn new(
        namespace: &Namespace,
        name: &str,
        image: impl IntoVal<String>,
        keda: &Keda,
        triggers: impl IntoIterator<Item = Trigger>,
        props: ScaledJobProps,
    ) -> Self {
        // Kubernetes appends a few letters to the names of each job and its pod.
        let scope = namespace.scope().construct_as(name, IdRule::SERVICE.after("-01234".len()));
        let name = &*scope.id();
        scope.diagram(DiagramNode::new("workload").detail(format!("up to {} jobs", props.max)).within(namespace));
        let triggers: Vec<_> = triggers.into_iter().collect();
        let pods = Pods::define(&scope, namespace, name, Vec::new(), &props.pod);
        let is_irsa = namespace.cluster().identity() == Identity::Irsa;
        if is_irsa && triggers.iter().any(|it| it.identity == TriggerIdentity::Workload) {
            pods.lend_role_to(keda.role());
        }
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
        // The triggers are added later in this function, because they may need the identity of the job.
        let spec = shape::Spec::new(shape.to_l1(&pods), Vec::<shape::Trigger>::new())
            .max_replica_count(props.max)
            .polling_interval(props.polling.as_seconds() as i64)
            .successful_jobs_history_limit(3)
            .failed_jobs_history_limit(5)
            // By default, KEDA stops running jobs when the `ScaledJob` changes.
            .rollout(shape::Rollout::new().strategy(shape::RolloutStrategyChoice::Gradual));
        let job = keda::ScaledJob::new().spec(spec).define(&scope, "job", name);
        pods.made_by(job.scope(), &SCALED_JOB_TEMPLATE);
        traffic::take_part(&pods, false);
        let job = Self { pods, job };
        job.look_at(keda, &triggers);
        job
    }

    #[track_caller]
    fn look_at(&self, keda: &Keda, triggers: &[Trigger]) {
        let scope = self.scope().construct("events");
        let (namespace, name) = (self.namespace(), self.name());
        let keda_identity = KedaIdentity { scope, keda, namespace, name, workload: self };
        for trigger in triggers {
            if matches!(trigger.source, Source::Share { .. }) {
                let message = format!(
                    "`{name}` scales on the CPU or memory of its jobs, but has no jobs to measure when the queue is empty"
                );
                let help = "use a trigger that measures pending work: a queue, a topic, a list or a query";
                self.scope().report(Diagnostic::error("MS0953", message).help(help));
            }
            let written = trigger.written(&keda_identity.scope.region(), namespace.name(), name);
            let mut out = shape::Trigger::new(written.metadata, written.kind);
            if let Some((kind, name)) = keda_identity.prepare(trigger) {
                let kind = match kind {
                    "TriggerAuthentication" => shape::TriggerAuthenticationRefKind::TriggerAuthentication,
                    _ => shape::TriggerAuthenticationRefKind::ClusterTriggerAuthentication,
                };
                out = out.authentication_ref(shape::TriggerAuthenticationRef::new(name).kind(kind));
            }
            self.job.scope().add("spec.triggers", out);
        }
    }

    /// Returns the `ScaledJob`, for example to set a field for which the props have no property.
    pub fn object(&self) -> &Object<keda::ScaledJob> {
        &self.job
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::mesh::{Toleration, TolerationEffect, Volume, Workload};
    use crate::sqs::Queue;
    use crate::testing::{Platform, mesh_workload, namespace};

    fn cutter(orders: &Workload, pod: PodProps) -> ScaledJob {
        let cluster = orders.namespace().cluster();
        let keda = Keda::new(cluster, "keda", cluster);
        let films = Queue::new(cluster, "films", Default::default());
        let props = ScaledJobProps { pod, ..Default::default() };
        let triggers = [Trigger::queue(&films, 1)];
        ScaledJob::new(orders.namespace(), "cutter", "registry.example/cutter:2.0.0", &keda, triggers, props)
    }

    #[test]
    fn scaled_job_supports_the_relations_of_a_job() {
        let platform = Platform::synth("shop", |app| {
            let orders = mesh_workload(app);
            let volumes = vec![Volume::config("cuts", [("cuts.toml", "width = 640\n")]).at("/etc/cuts")];
            let cutter = cutter(&orders, PodProps { volumes, gpus: 1, ..Default::default() });
            cutter.calls_at("ORDERS_URL", &orders);
        });
        let job = platform.manifest("scaledjob-cutter");
        for part in ["cutter-config", "meshsynth/config", "meshsynth/files-cuts", "nvidia.com/gpu", "strategy: gradual"]
        {
            assert!(job.contains(part), "{part} in {job}");
        }
        assert!(job.contains("sidecar.istio.io/nativeSidecar: \"true\""), "{job}");
        assert!(platform.manifest("authorizationpolicy-orders").contains("/sa/cutter"));
        assert!(platform.manifest("networkpolicy-orders").contains("cutter"));
        assert!(platform.manifest("sidecar-cutter").contains("shop/orders.shop.svc.cluster.local"));
        assert!(platform.assembly.files["graph.json"].contains("shop/cutter\""));
    }

    #[test]
    fn pods_have_restricted_security_context_outside_mesh() {
        let platform = Platform::synth("shop", |app| {
            let shop = namespace(app);
            let keda = Keda::new(shop.cluster(), "keda", shop.cluster());
            let films = Queue::new(shop.cluster(), "films", Default::default());
            let taint =
                Toleration { key: "films".to_owned(), value: String::new(), effect: TolerationEffect::NoSchedule };
            let placement = Placement { tolerations: vec![taint], ..Default::default() };
            let props = ScaledJobProps { placement, ..Default::default() };
            ScaledJob::new(&shop, "cutter", "registry.example/cutter:2.0.0", &keda, [Trigger::queue(&films, 1)], props);
        });
        let job = platform.manifest("scaledjob-cutter");
        for part in ["readOnlyRootFilesystem: true", "runAsNonRoot: true", "restartPolicy: Never", "key: films"] {
            assert!(job.contains(part), "{part} in {job}");
        }
        assert!(!job.contains("nativeSidecar"), "{job}");
    }
}
