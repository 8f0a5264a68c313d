//! What runs in pods, whatever makes them: who they are, what they listen on, who may connect.
//!
//! A [`Workload`](super::Workload), a [`StatefulSet`](super::StatefulSet), a [`DaemonSet`](super::DaemonSet), a
//! [`Job`](super::Job) and a [`CronJob`](super::CronJob) each hold [`Pods`]. Relations are implemented for these once.

mod checks;
mod container;
mod files;
mod order;
pub(in crate::mesh) mod peers;
mod port;
mod props;
mod template;
mod volume;

use std::rc::Rc;

use crate::Object;
use crate::aws::{Client, Endpoint, Grantee, existing};
use crate::cfn::ids::SecurityGroupId;
use crate::diag::Diagnostic;
use crate::eks::Identity;
use crate::iam::Role;
use crate::kube::{core, networking};
use crate::tree::{At, Construct, NodeId, Scope};
use crate::val::{Data, Val};

use super::core::labels::{self, NAME, VERSION_LABEL, VERSION_OF};
use super::core::{Namespace, Protocol, ServiceAccount, identity, network, ways};

pub use container::Container;
pub use port::Port;
pub use props::PodProps;
pub(in crate::mesh) use template::{Spread, Template};
pub use volume::{Projection, Volume};

/// The version that pods of a mesh are of where nothing else is said.
pub(in crate::mesh) const STABLE: &str = "v1";

/// The pods of a workload, whatever its kind: what [`Workload`](super::Workload), [`StatefulSet`](super::StatefulSet),
/// [`DaemonSet`](super::DaemonSet), [`Job`](super::Job) and [`CronJob`](super::CronJob) have in common.
///
/// Each of these is used as its pods: `cleanup.calls(&orders)` is [`Pods::calls`].
///
/// # Example
///
/// ```
/// # use meshsynth::{App, Construct, mesh, s3, testing};
/// # let app = App::new("shop");
/// # let orders = testing::workload(&app);
/// # let run = orders.scope().stack();
/// let receipts = s3::Bucket::new(&run, "receipts", s3::BucketProps::default());
/// let cleanup = mesh::CronJob::new(orders.namespace(), "cleanup", "0 3 * * *", "registry.example/cleanup:1.0.0", Default::default());
/// cleanup.calls(&orders);
/// cleanup.env("BUCKET", receipts.name());
/// receipts.grant_read(&cleanup);
/// ```
///
/// Source: <https://kubernetes.io/docs/concepts/workloads/pods/>
#[derive(Clone)]
pub struct Pods {
    scope: Scope,
    namespace: Namespace,
    name: String,
    /// The main port is the first one.
    ports: Rc<[Port]>,
    /// How many containers stay in a pod.
    n_containers: u32,
    account: Account,
    policy: Object<networking::NetworkPolicy>,
    /// Digests of files, by the annotation that carries them.
    digests: Rc<[(String, Val<String>)]>,
}

/// Who the pods are.
#[derive(Clone)]
enum Account {
    /// A service account of their own.
    Own(Object<core::ServiceAccount>),
    /// One that exists already, and that others may share.
    Existing(Box<ServiceAccount>),
}

/// Whatever runs in pods.
pub trait Runs: Construct {
    /// Its pods.
    fn pods(&self) -> &Pods;
}

/// Where the pods' template lies in an object, and in it what is added to.
pub(in crate::mesh) struct Paths {
    pub annotations: &'static str,
    pub labels: &'static str,
    pub env: &'static str,
    pub env_from: &'static str,
}

macro_rules! paths {
    ($template:literal) => {
        Paths {
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

/// The objects that make pods of one name, those of versions among them.
#[derive(Default)]
struct Makers(Vec<(NodeId, &'static Paths)>);

/// The `Service` before the pods.
#[derive(Default)]
struct Served(Option<NodeId>);

/// Whose role may take that of the pods.
#[derive(Default)]
struct LentTo(Option<Role>);

impl Pods {
    /// Defines what all pods have: an identity, a network policy that allows nothing yet, and what their volumes are made of.
    #[track_caller]
    pub(in crate::mesh) fn define(
        scope: &Scope,
        namespace: &Namespace,
        name: &str,
        ports: Vec<Port>,
        pod: &PodProps,
    ) -> Self {
        let ports: Vec<Port> = ports.into_iter().chain(pod.ports.iter().cloned()).collect();
        checks::check(scope, name, &ports);
        checks::check_volumes(scope, name, &pod.volumes);
        let label = namespace.mesh().map_or(NAME, |_| VERSION_OF);
        let policy = network::define(scope, label, name);
        labels::add(policy.scope(), name);
        let account = match &pod.service_account {
            Some(account) => {
                account.check_namespace(scope, namespace);
                Account::Existing(Box::new(account.clone()))
            }
            None => {
                let account = core::ServiceAccount::new().automount_service_account_token(false);
                let account = account.define(scope, "identity", name);
                labels::add(account.scope(), name);
                Account::Own(account)
            }
        };
        let digests = pod.volumes.iter().filter_map(|volume| volume.define(scope, namespace, name)).collect();
        Self {
            scope: scope.clone(),
            namespace: namespace.clone(),
            name: name.to_owned(),
            ports: ports.into(),
            n_containers: 1 + pod.sidecars.len() as u32,
            account,
            policy,
            digests,
        }
    }

    /// Says which object makes the pods; in a mesh they are told what they are there.
    pub(in crate::mesh) fn made_by(&self, maker: &Scope, paths: &'static Paths) {
        labels::add(maker, &self.name);
        if self.namespace.mesh().is_some() {
            maker.put(paths.labels, VERSION_OF, self.name.clone());
            maker.put(paths.labels, VERSION_LABEL, STABLE);
        }
        self.also_made_by(maker, paths);
        if self.namespace.mesh().is_none() {
            self.run_as();
        }
    }

    /// Opens the ways of the role of a service account that exists already: it may have one before the first grant to
    /// these pods. In a mesh that is once the pods have their sidecar, which must know of these ways.
    #[track_caller]
    pub(in crate::mesh) fn run_as(&self) {
        let Account::Existing(account) = &self.account else { return };
        let (scope, namespace, policy) = (self.scope.clone(), self.namespace.clone(), self.policy.scope().clone());
        account.when_it_has_a_role(move |role| {
            if namespace.cluster().identity() == Identity::PodIdentity {
                network::allow_to_cidrs(&policy, &[network::POD_IDENTITY_AGENT], 80);
            }
            ways::open(role, &namespace, &scope, &policy);
        });
    }

    /// Says which other object makes pods of the same name.
    pub(in crate::mesh) fn also_made_by(&self, maker: &Scope, paths: &'static Paths) {
        self.scope.keep(|makers: &mut Makers| makers.0.push((maker.node(), paths)));
    }

    /// The objects that make the pods, and where their templates lie.
    pub(in crate::mesh) fn makers(&self) -> Vec<(Scope, &'static Paths)> {
        let makers = self.scope.keep(|makers: &mut Makers| makers.0.clone());
        makers.into_iter().map(|(node, paths)| (self.scope.at_node(node), paths)).collect()
    }

    /// Sets an annotation of the pods.
    #[track_caller]
    pub(in crate::mesh) fn annotate_pods(&self, key: &str, value: impl Into<Data>) {
        let value = value.into();
        for (maker, paths) in self.makers() {
            maker.put(paths.annotations, key.to_owned(), value.clone());
        }
    }

    /// Says which `Service` leads to the pods.
    pub(in crate::mesh) fn served_by(&self, service: &Scope) {
        self.scope.keep(|served: &mut Served| served.0 = Some(service.node()));
    }

    /// The `Service` that leads to the pods.
    pub(in crate::mesh) fn service_scope(&self) -> Option<Scope> {
        let served = self.scope.keep(|served: &mut Served| served.0);
        served.map(|node| self.scope.at_node(node))
    }

    /// Lets another role take that of the pods; whether it did not do so before.
    #[track_caller]
    pub(in crate::mesh) fn lend_role_to(&self, role: Role) -> bool {
        if let Account::Existing(account) = &self.account {
            let name = account.name();
            let message = format!("KEDA cannot take the role of service account `{name}`, which exists already");
            let help = "use `TriggerIdentity::Keda`, or let the pods have a service account of their own";
            let at = self.scope.user_line(At::caller());
            self.scope.report(Diagnostic::error("MS0450", message).at(at).help(help));
            return false;
        }
        self.scope.keep(|lent: &mut LentTo| lent.0.replace(role).is_none())
    }

    /// The name of the service account that the pods run as.
    pub(in crate::mesh) fn account(&self) -> &str {
        match &self.account {
            Account::Own(_) => &self.name,
            Account::Existing(account) => account.name(),
        }
    }

    /// The name of the workload and of its objects.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The namespace it lies in.
    pub fn namespace(&self) -> &Namespace {
        &self.namespace
    }

    /// All ports, the main one first.
    pub fn ports(&self) -> &[Port] {
        &self.ports
    }

    /// The ports beside the main one to which requests of HTTP are made.
    pub(in crate::mesh) fn more_request_ports(&self) -> impl Iterator<Item = &Port> {
        self.ports.iter().skip(1).filter(|it| it.protocol != Protocol::Tcp)
    }

    /// Digests of files, by the annotation that carries them.
    pub(in crate::mesh) fn digests(&self) -> &[(String, Val<String>)] {
        &self.digests
    }

    /// How many containers stay in a pod, proxies left out.
    pub(in crate::mesh) fn n_containers(&self) -> u32 {
        self.n_containers
    }

    /// The main port; none is 0.
    pub(in crate::mesh) fn port(&self) -> u16 {
        self.ports.first().map_or(0, |it| it.port)
    }

    /// What the pods speak on their main port.
    pub(in crate::mesh) fn protocol(&self) -> Protocol {
        self.ports.first().map_or(Protocol::Tcp, |it| it.protocol)
    }

    /// The label that the pods are known by, and those of their versions.
    pub(in crate::mesh) fn label(&self) -> &'static str {
        self.namespace.mesh().map_or(NAME, |_| VERSION_OF)
    }

    /// The name that they are reached by.
    pub(in crate::mesh) fn service_host(&self) -> String {
        format!("{}.{}.svc.cluster.local", self.name, self.namespace.name())
    }

    /// The network policy of the pods, which relations open.
    pub(in crate::mesh) fn policy(&self) -> &Scope {
        self.policy.scope()
    }
}

impl Construct for Pods {
    fn scope(&self) -> &Scope {
        &self.scope
    }
}

impl Runs for Pods {
    fn pods(&self) -> &Pods {
        self
    }
}

impl Grantee for Pods {
    fn role(&self) -> Role {
        match &self.account {
            Account::Own(account) => {
                let lent_to = self.scope.keep(|lent: &mut LentTo| lent.0.clone());
                identity::role(&self.scope, &self.namespace, &self.name, account, &self.policy, lent_to.as_ref())
            }
            Account::Existing(account) => account.role(),
        }
    }
}

impl Client for Pods {
    fn security_group(&self) -> Val<SecurityGroupId> {
        self.namespace.cluster().security_group()
    }

    fn security_group_owner(&self) -> Scope {
        self.namespace.cluster().security_group_owner()
    }

    #[track_caller]
    fn on_connect(&self, endpoint: &Endpoint) {
        if endpoint.cidrs.is_empty() {
            existing::no_blocks(&endpoint.owner, "with_network");
        }
        network::allow_to_cidrs(self.policy.scope(), &endpoint.cidrs, endpoint.port);
        ways::know_endpoint(&self.namespace, &self.scope, endpoint);
    }
}

/// A kind of workload is used as its pods, which it holds in its field `pods`.
macro_rules! is_used_as_its_pods {
    ($($kind:ty),+) => {$(
        impl std::ops::Deref for $kind {
            type Target = $crate::mesh::Pods;

            fn deref(&self) -> &$crate::mesh::Pods {
                &self.pods
            }
        }

        impl $crate::mesh::Runs for $kind {
            fn pods(&self) -> &$crate::mesh::Pods {
                &self.pods
            }
        }

        impl $crate::aws::Grantee for $kind {
            fn role(&self) -> $crate::iam::Role {
                self.pods.role()
            }
        }

        impl $crate::aws::Client for $kind {
            fn security_group(&self) -> $crate::val::Val<$crate::cfn::ids::SecurityGroupId> {
                self.pods.security_group()
            }

            fn security_group_owner(&self) -> $crate::tree::Scope {
                self.pods.security_group_owner()
            }

            #[track_caller]
            fn on_connect(&self, endpoint: &$crate::aws::Endpoint) {
                self.pods.on_connect(endpoint);
            }
        }
    )+};
}

pub(in crate::mesh) use is_used_as_its_pods;

#[cfg(test)]
mod tests;
