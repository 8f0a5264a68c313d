//! What runs in pods, whatever makes them: who they are, what they listen on, who may connect.
//!
//! A [`Workload`](super::Workload), a [`StatefulSet`](super::StatefulSet), a [`DaemonSet`](super::DaemonSet), a
//! [`Job`](super::Job) and a [`CronJob`](super::CronJob) each hold [`Pods`]. Relations are implemented for these once.

mod bare;
mod checks;
mod container;
mod files;
mod identity;
mod known;
mod makers;
mod order;
mod paths;
pub(in crate::mesh) mod peers;
mod port;
mod props;
mod template;
mod volume;

use std::rc::Rc;

use crate::Object;
use crate::kube::{core, networking};
use crate::tree::{Construct, Scope};
use crate::val::Val;

use super::core::labels::{self, NAME, VERSION_OF};
use super::core::{Namespace, Protocol, ServiceAccount, network};

use known::Known;

pub use container::Container;
pub(in crate::mesh) use paths::{JOB_TEMPLATE, Paths, SCALED_JOB_TEMPLATE, TEMPLATE};
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
    /// None of bare pods.
    policy: Option<Object<networking::NetworkPolicy>>,
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
    /// The one that their object names, and what else is known of bare pods.
    Bare(Rc<Known>),
}

/// Whatever runs in pods.
pub trait Runs: Construct {
    /// Its pods.
    fn pods(&self) -> &Pods;
}

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
            policy: Some(policy),
            digests,
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

    /// All ports, the main one first; of bare pods those of their `Service`.
    pub fn ports(&self) -> &[Port] {
        self.as_bare().map_or(&self.ports, Known::ports)
    }

    /// The port of the pods behind a port that they are reached by. It is the same one but of bare pods.
    pub(in crate::mesh) fn pod_port(&self, port: u16) -> u16 {
        self.as_bare().map_or(port, |known| known.behind(port))
    }

    /// The ports beside the main one to which requests of HTTP are made.
    pub(in crate::mesh) fn more_request_ports(&self) -> impl Iterator<Item = &Port> {
        self.ports().iter().skip(1).filter(|it| it.protocol != Protocol::Tcp)
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
        self.ports().first().map_or(0, |it| it.port)
    }

    /// What the pods speak on their main port.
    pub(in crate::mesh) fn protocol(&self) -> Protocol {
        self.ports().first().map_or(Protocol::Tcp, |it| it.protocol)
    }

    /// The label that the pods are known by, and those of their versions.
    pub(in crate::mesh) fn label(&self) -> &'static str {
        self.namespace.mesh().map_or(NAME, |_| VERSION_OF)
    }

    /// The labels that the pods are known by, and those of their versions.
    pub(in crate::mesh) fn labels(&self) -> Vec<(String, String)> {
        match self.as_bare() {
            Some(known) => known.labels(&self.scope),
            None => vec![(self.label().to_owned(), self.name.clone())],
        }
    }

    /// The labels that the pods of the object itself have; those of versions may have others.
    pub(in crate::mesh) fn own_labels(&self) -> Vec<(String, String)> {
        match self.as_bare() {
            Some(_) => self.labels(),
            None => vec![(NAME.to_owned(), self.name.clone())],
        }
    }

    /// The name of their `Service`.
    pub(in crate::mesh) fn service_name(&self) -> &str {
        self.as_bare().and_then(Known::service_name).unwrap_or(&self.name)
    }

    /// The name that they are reached by.
    pub(in crate::mesh) fn service_host(&self) -> String {
        format!("{}.{}.svc.cluster.local", self.service_name(), self.namespace.name())
    }

    /// The network policy of the pods, which relations open. Bare pods have any number: their own scope stands for those.
    pub(in crate::mesh) fn policy(&self) -> &Scope {
        self.policy.as_ref().map_or(&self.scope, Construct::scope)
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
