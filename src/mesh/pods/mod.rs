//! The common parts of all pods: identity, ports and allowed callers.
//!
//! [`Workload`](super::Workload), [`StatefulSet`](super::StatefulSet), [`DaemonSet`](super::DaemonSet),
//! [`Job`](super::Job) and [`CronJob`](super::CronJob) each contain [`Pods`], which implements their relations.

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

/// The default version of pods in a mesh.
pub(in crate::mesh) const STABLE: &str = "v1";

/// The pods of a workload of any kind: the common part of [`Workload`](super::Workload),
/// [`StatefulSet`](super::StatefulSet), [`DaemonSet`](super::DaemonSet), [`Job`](super::Job) and
/// [`CronJob`](super::CronJob).
///
/// Each of these types dereferences to its `Pods`: `cleanup.calls(&orders)` calls [`Pods::calls`].
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
    /// The ports, with the main port first.
    ports: Rc<[Port]>,
    /// The number of long-running containers of a pod.
    n_containers: u32,
    account: Account,
    /// The network policy, or `None` for bare pods.
    policy: Option<Object<networking::NetworkPolicy>>,
    /// Pairs of annotation key and digest of files.
    digests: Rc<[(String, Val<String>)]>,
}

/// The service account of the pods.
#[derive(Clone)]
enum Account {
    /// A service account that the pods do not share.
    Own(Object<core::ServiceAccount>),
    /// An existing service account, which other pods may share.
    Existing(Box<ServiceAccount>),
    /// The service account that the object of bare pods specifies, and other properties of these pods.
    Bare(Rc<Known>),
}

/// A construct that runs in pods.
pub trait Runs: Construct {
    /// Returns its pods.
    fn pods(&self) -> &Pods;
}

impl Pods {
    /// Defines the common parts of all pods: an identity, a network policy that denies all traffic, and the objects
    /// behind volumes.
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

    /// Returns the name of the workload and of its objects.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Returns the namespace of the pods.
    pub fn namespace(&self) -> &Namespace {
        &self.namespace
    }

    /// Returns all ports, with the main port first. For bare pods, these are the ports of their `Service`.
    pub fn ports(&self) -> &[Port] {
        self.as_bare().map_or(&self.ports, Known::ports)
    }

    /// Returns the pod port to which a service port forwards. Except for bare pods, both numbers are equal.
    pub(in crate::mesh) fn pod_port(&self, port: u16) -> u16 {
        self.as_bare().map_or(port, |known| known.behind(port))
    }

    /// Returns the additional ports with HTTP requests.
    pub(in crate::mesh) fn more_request_ports(&self) -> impl Iterator<Item = &Port> {
        self.ports().iter().skip(1).filter(|it| it.protocol != Protocol::Tcp)
    }

    /// Returns pairs of annotation key and digest of files.
    pub(in crate::mesh) fn digests(&self) -> &[(String, Val<String>)] {
        &self.digests
    }

    /// Returns the number of long-running containers of a pod, without proxies.
    pub(in crate::mesh) fn n_containers(&self) -> u32 {
        self.n_containers
    }

    /// Returns the main port, or 0 if the pods have no port.
    pub(in crate::mesh) fn port(&self) -> u16 {
        self.ports().first().map_or(0, |it| it.port)
    }

    /// Returns the protocol of the main port.
    pub(in crate::mesh) fn protocol(&self) -> Protocol {
        self.ports().first().map_or(Protocol::Tcp, |it| it.protocol)
    }

    /// Returns the key of the label that selects the pods, including the pods of versions.
    pub(in crate::mesh) fn label(&self) -> &'static str {
        self.namespace.mesh().map_or(NAME, |_| VERSION_OF)
    }

    /// Returns the labels that select the pods, including the pods of versions.
    pub(in crate::mesh) fn labels(&self) -> Vec<(String, String)> {
        match self.as_bare() {
            Some(known) => known.labels(&self.scope),
            None => vec![(self.label().to_owned(), self.name.clone())],
        }
    }

    /// Returns the pod labels of the main object. The pods of other versions may not have all of these labels.
    pub(in crate::mesh) fn own_labels(&self) -> Vec<(String, String)> {
        match self.as_bare() {
            Some(_) => self.labels(),
            None => vec![(NAME.to_owned(), self.name.clone())],
        }
    }

    /// Returns the name of their `Service`.
    pub(in crate::mesh) fn service_name(&self) -> &str {
        self.as_bare().and_then(Known::service_name).unwrap_or(&self.name)
    }

    /// Returns the host name of their `Service`.
    pub(in crate::mesh) fn service_host(&self) -> String {
        format!("{}.{}.svc.cluster.local", self.service_name(), self.namespace.name())
    }

    /// Returns the network policy of the pods, to which relations add rules. Bare pods may have several policies, so
    /// the scope of the pods represents them.
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

/// Dereferences a kind of workload to its pods, which are in its field `pods`.
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
