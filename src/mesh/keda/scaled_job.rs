//! Jobs, as many as what waits needs.

use crate::Object;
use crate::aws::{Client, Endpoint, Grantee};
use crate::cfn::ids::SecurityGroupId;
use crate::diag::Diagnostic;
use crate::diagram::DiagramNode;
use crate::eks::Identity;
use crate::iam::Role;
use crate::kube::keda::scaled_job as shape;
use crate::kube::{batch, core, keda, meta, networking};
use crate::mesh::addons::Keda;
use crate::mesh::core::labels::NAME;
use crate::mesh::core::{identity, ways};
use crate::mesh::{Namespace, Placement, Resources, labels, network, pod};
use crate::tree::{Construct, Scope};
use crate::units::Duration;
use crate::val::{IntoVal, Val};

use super::identity::KedaIdentity;
use super::trigger::Source;
use super::{Trigger, TriggerIdentity};

/// Properties of a [`ScaledJob`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ScaledJobProps {
    /// The most jobs at one time. Default: 10.
    pub max: u32,
    /// What the container of a job gets. Default: 250 millicores, 512 MiB.
    pub resources: Resources,
    /// Which nodes jobs run on. Default: any without taints.
    pub placement: Placement,
    /// Arguments of the container. Default: those of the image.
    pub args: Vec<String>,
    /// The user and group it runs as. Default: 10001.
    pub user: u32,
    /// How often a job that fails is tried again. Default: 3 times.
    pub attempts: u32,
    /// How long a job may take, its tries included. Default: 1 hour.
    pub deadline: Duration,
    /// How often KEDA looks. Default: 30 seconds.
    pub polling: Duration,
}

impl Default for ScaledJobProps {
    fn default() -> Self {
        Self {
            max: 10,
            resources: Resources::default(),
            placement: Placement::default(),
            args: Vec::new(),
            user: 10_001,
            attempts: 3,
            deadline: Duration::hours(1),
            polling: Duration::seconds(30),
        }
    }
}

/// Work that is done by one job for each piece of it, and not by pods that stay.
///
/// For work that takes long and must not be cut off when there is less of it:
/// a job that runs is never scaled away. Its pods take no part in a mesh, so they
/// reach what is outside of it. Defines the `ScaledJob`, its service
/// account and its network policy, which is closed until a relation opens it.
///
/// # Diagnostics
///
/// - `MS0953`: it is scaled by processor or memory, which only pods that stay have.
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
    scope: Scope,
    namespace: Namespace,
    name: String,
    job: Object<keda::ScaledJob>,
    service_account: Object<core::ServiceAccount>,
    policy: Object<networking::NetworkPolicy>,
    lent_to: Option<Role>,
}

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
        let scope = namespace.scope().construct(name);
        let name = &*scope.id();
        scope.diagram(DiagramNode::new("workload").detail(format!("up to {} jobs", props.max)).within(namespace));
        let service_account = core::ServiceAccount::new().automount_service_account_token(false);
        let service_account = service_account.define(&scope, "identity", name);
        let policy = network::define(&scope, NAME, name);
        let triggers: Vec<_> = triggers.into_iter().collect();
        let is_irsa = namespace.cluster().identity() == Identity::Irsa;
        let takes_role = is_irsa && triggers.iter().any(|it| it.identity == TriggerIdentity::Workload);
        let lent_to = takes_role.then(|| keda.role());
        // A job ends, and a proxy beside it would not know.
        let outside = [("sidecar.istio.io/inject", "false"), ("istio.io/dataplane-mode", "none")];
        let outside = namespace.mesh().map(|_| outside).into_iter().flatten();
        let labels: Vec<_> = [(NAME, name)].into_iter().chain(outside).collect();
        let template = core::PodTemplateSpec::new().metadata(meta::ObjectMeta::new().labels(labels)).spec(pod_spec(
            name,
            image.into_val(),
            &props,
        ));
        let target = batch::JobSpec::new(template)
            .backoff_limit(props.attempts)
            .active_deadline_seconds(props.deadline.as_seconds() as i64);
        // What the triggers are follows below: they may need the identity of the job.
        let spec = shape::Spec::new(target, Vec::<shape::Trigger>::new())
            .max_replica_count(props.max)
            .polling_interval(props.polling.as_seconds() as i64)
            .successful_jobs_history_limit(3)
            .failed_jobs_history_limit(5);
        let job = keda::ScaledJob::new().spec(spec).define(&scope, "job", name);
        for object in [service_account.scope(), policy.scope(), job.scope()] {
            labels::add(object, name);
        }
        let (name, namespace) = (name.to_owned(), namespace.clone());
        let job = Self { scope, namespace, name, job, service_account, policy, lent_to };
        job.look_at(keda, &triggers);
        job
    }

    #[track_caller]
    fn look_at(&self, keda: &Keda, triggers: &[Trigger]) {
        let scope = self.scope.construct("events");
        let (namespace, name) = (&self.namespace, self.name.as_str());
        let keda_identity = KedaIdentity { scope, keda, namespace, name, workload: self };
        for trigger in triggers {
            if matches!(trigger.source, Source::Share { .. }) {
                let message = format!(
                    "`{name}` is scaled by the CPU or memory of its jobs, of which there are none when the queue is empty"
                );
                let help = "scale it by pending work: a queue, a topic, a list or a query";
                self.scope.report(Diagnostic::error("MS0953", message).help(help));
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

    /// Sets an environment variable of the jobs that begin from now on.
    #[track_caller]
    pub fn env(&self, key: &str, value: impl IntoVal<String>) -> &Self {
        let variable = core::EnvVar::new(key).value(value.into_val());
        self.job.scope().add("spec.jobTargetRef.template.spec.containers.0.env", variable);
        self
    }

    /// The `ScaledJob` itself, for what the typed properties do not cover.
    pub fn object(&self) -> &Object<keda::ScaledJob> {
        &self.job
    }
}

impl Construct for ScaledJob {
    fn scope(&self) -> &Scope {
        &self.scope
    }
}

impl Grantee for ScaledJob {
    fn role(&self) -> Role {
        identity::role(
            &self.scope,
            &self.namespace,
            &self.name,
            &self.service_account,
            &self.policy,
            self.lent_to.as_ref(),
        )
    }
}

impl Client for ScaledJob {
    fn security_group(&self) -> Val<SecurityGroupId> {
        self.namespace.cluster().security_group()
    }

    fn security_group_owner(&self) -> Scope {
        self.namespace.cluster().security_group_owner()
    }

    fn on_connect(&self, endpoint: &Endpoint) {
        network::allow_to_cidrs(self.policy.scope(), &endpoint.cidrs, endpoint.port);
        ways::know_endpoint(&self.namespace, &self.scope, endpoint);
    }
}

fn pod_spec(name: &str, image: Val<String>, props: &ScaledJobProps) -> core::PodSpec {
    let container = core::Container::new(name)
        .image(image)
        .image_pull_policy(core::ImagePullPolicy::IfNotPresent)
        .resources(pod::resources(&props.resources))
        .security_context(pod::container_security())
        .volume_mounts([core::VolumeMount::new("/tmp", "tmp")]);
    let container = if props.args.is_empty() { container } else { container.args(props.args.clone()) };
    let spec = core::PodSpec::new([container])
        .service_account_name(name)
        .automount_service_account_token(false)
        .enable_service_links(false)
        .restart_policy(core::RestartPolicy::Never)
        .security_context(pod::pod_security(props.user))
        .volumes([core::Volume::new("tmp").empty_dir(core::EmptyDirVolumeSource::new().size_limit("256Mi"))]);
    pod::placed(spec, &props.placement, false)
}
