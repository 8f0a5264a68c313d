//! A service of the platform: its handle and its properties. `definition` defines it, and `relations` lists its
//! relations.

mod definition;
pub(in crate::mesh) mod objects;

use std::rc::Rc;

use crate::Object;
use crate::aws::Grantee;
use crate::diag::Diagnostic;
use crate::kube::{apps, core};
use crate::tree::{At, Construct, Scope};
use crate::units::Duration;

use super::core::{Namespace, Placement, Probes, Protocol, Resources};
use super::pods::is_used_as_its_pods;
use super::{Events, PodProps, Pods, Release, Scale};

/// Properties of a [`Workload`].
#[derive(Clone)]
pub struct WorkloadProps {
    /// The port of the container, which is also the port of its `Service`. Default: 8080.
    pub port: u16,
    /// The protocol of the port. Default: `Http`.
    pub protocol: Protocol,
    /// The number of pods. Default: 2 to 10, by CPU and memory.
    pub scale: Scale,
    /// The strategy that replaces an old version. Default: the `Deployment` replaces one pod after another.
    pub release: Release,
    /// The resources of its container. Default: 250 millicores, 512 MiB.
    pub resources: Resources,
    /// The probes of its container. Default: `/livez` and `/readyz`.
    pub probes: Probes,
    /// The nodes that it runs on. Default: any node without taints.
    pub placement: Placement,
    /// Additional ports, containers and volumes of its pods, and node requirements. Default: none.
    pub pod: PodProps,
    /// Arguments of the container. Default: the arguments of the image.
    pub args: Vec<String>,
    /// The version, for the label `app.kubernetes.io/version`. Default: no label.
    pub version: Option<String>,
    /// The user and group it runs as. Default: 10001.
    pub user: u32,
    /// How long a stopping pod still serves requests, so that clients can move to other pods. Default: 10 seconds.
    pub drain: Duration,
    /// The time that a pod has to stop, including the drain. Default: 45 seconds.
    pub grace: Duration,
}

impl Default for WorkloadProps {
    fn default() -> Self {
        Self {
            port: 8080,
            protocol: Protocol::default(),
            scale: Scale::default(),
            release: Release::default(),
            resources: Resources::default(),
            probes: Probes::default(),
            placement: Placement::default(),
            pod: PodProps::default(),
            args: Vec::new(),
            version: None,
            user: 10_001,
            drain: Duration::seconds(10),
            grace: Duration::seconds(45),
        }
    }
}

/// A service of the platform.
///
/// Defines its `Deployment`, `Service`, `ServiceAccount`, `PodDisruptionBudget`, autoscaler and `NetworkPolicy`.
/// Containers have a restricted security context, and pods are spread over zones and nodes. The network policy denies
/// all traffic except the traffic that relations allow. The first [`env`](Workload::env) and
/// [`env_secret`](Workload::env_secret) define configuration and secrets, and the first grant defines an IAM role.
///
/// The port of the `Service` equals the port of the container, as the network policies of the Amazon VPC CNI require.
/// These policies do not block the kubelet's probes.
///
/// # Diagnostics
///
/// - `MS0403`: the minimum number of pods is above the maximum.
/// - `MS0409`: it runs as user 1337, which belongs to Istio's proxy.
/// - `MS0412`: the image has no version.
///
/// # Example
///
/// ```
/// # use meshsynth::{App, Env, Stack, aws, eks, mesh};
/// # let app = App::new("shop");
/// # let stack = Stack::new(&app, "run", Env::region("eu-west-1"));
/// # let vpc = aws::Vpc::new(&stack, "vpc", aws::VpcProps::default());
/// # let cluster = eks::Cluster::new(&stack, "cluster", &vpc, eks::ClusterProps::default());
/// # let shop = mesh::Namespace::new(&stack, "shop", &cluster, mesh::NamespaceProps::default());
/// let payments = mesh::Workload::new(&shop, "payments", "registry.example/payments:2.1.0", Default::default());
/// let orders = mesh::Workload::new(&shop, "orders", "registry.example/orders:1.4.0", mesh::WorkloadProps {
///     scale: mesh::Scale::Auto(mesh::Autoscale::between(3, 20)),
///     ..Default::default()
/// });
/// orders.calls(&payments);
/// orders.env("PAYMENTS_URL", payments.url());
/// ```
///
/// Source: <https://kubernetes.io/docs/concepts/workloads/controllers/deployment/>
#[derive(Clone)]
pub struct Workload {
    pub(super) pods: Pods,
    pub(super) props: Rc<WorkloadProps>,
    pub(super) deployment: Object<apps::Deployment>,
    pub(super) service: Object<core::Service>,
}

impl Construct for Workload {
    fn scope(&self) -> &Scope {
        self.pods.scope()
    }
}

is_used_as_its_pods!(Workload);

impl Workload {
    /// Returns the name of the workload and of its objects.
    pub fn name(&self) -> &str {
        self.pods.name()
    }

    /// Returns its port.
    pub fn port(&self) -> u16 {
        self.pods.port()
    }

    /// Returns the protocol of its port.
    pub fn protocol(&self) -> Protocol {
        self.pods.protocol()
    }

    /// Returns the properties with which the workload was defined.
    pub(in crate::mesh) fn props(&self) -> &WorkloadProps {
        &self.props
    }

    /// Returns its namespace.
    pub fn namespace(&self) -> &Namespace {
        self.pods.namespace()
    }

    /// Returns its host name, such as `orders.shop.svc.cluster.local`.
    pub fn service_host(&self) -> String {
        self.pods.service_host()
    }

    /// Returns its URL, such as `http://orders.shop.svc.cluster.local:8080`.
    ///
    /// The URL contains only names from the program, so it is known at synthesis.
    pub fn url(&self) -> String {
        format!("http://{}:{}", self.service_host(), self.port())
    }

    /// Allows KEDA to assume the workload's role, if one of the triggers uses it.
    #[track_caller]
    pub(in crate::mesh) fn lend_role(&self, events: &Events) {
        if !events.takes_role() {
            return;
        }
        let is_new = self.pods.lend_role_to(events.keda.role());
        if is_new && self.scope().child("role").is_some() {
            report_trigger_after_role(self, At::caller());
        }
    }

    /// Returns the workload's `Service`, for example to set a field for which the props have no property. For a bare
    /// workload, it is the first `Service` that the program added.
    #[track_caller]
    pub fn service(&self) -> &Object<core::Service> {
        self.pods.added_service().unwrap_or(&self.service)
    }

    /// Returns the workload's `Deployment`, for example to set a field for which the props have no property.
    pub fn deployment(&self) -> &Object<apps::Deployment> {
        &self.deployment
    }
}

/// Reports a trigger that is defined after the role, because the trust policy is defined with the role.
fn report_trigger_after_role(workload: &Workload, at: At) {
    let name = workload.name();
    workload.scope().report(
        Diagnostic::error(
            "MS0960",
            format!("the role of `{name}` is defined before the trigger that allows KEDA to assume it"),
        )
        .at(workload.scope().user_line(at))
        .help("define the version before the first grant to the workload, or use `TriggerIdentity::Keda`"),
    );
}

#[cfg(test)]
mod tests;
