//! A service of the platform: its handle and its properties. `definition` defines it, `relations` lists what it can be told.

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
    /// The port it listens on, which is the port of its `Service` too. Default: 8080.
    pub port: u16,
    /// What it speaks there. Default: `Http`.
    pub protocol: Protocol,
    /// How many pods it has. Default: 2 to 10, by processor and memory.
    pub scale: Scale,
    /// How a new version takes the place of the old one. Default: pod by pod.
    pub release: Release,
    /// What its container gets. Default: 250 millicores, 512 MiB.
    pub resources: Resources,
    /// What its container is asked. Default: `/livez` and `/readyz`.
    pub probes: Probes,
    /// Which nodes it runs on. Default: any without taints.
    pub placement: Placement,
    /// More ports, containers and volumes of its pods, and what they need of nodes. Default: none.
    pub pod: PodProps,
    /// Arguments of the container. Default: those of the image.
    pub args: Vec<String>,
    /// The version, for the label `app.kubernetes.io/version`. Default: no label.
    pub version: Option<String>,
    /// The user and group it runs as. Default: 10001.
    pub user: u32,
    /// How long a pod that goes still serves, until every client knows. Default: 10 seconds.
    pub drain: Duration,
    /// How long a pod has to stop, the drain included. Default: 45 seconds.
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
/// Defines its `Deployment` (confined, spread over zones and nodes), `Service`,
/// `ServiceAccount`, `PodDisruptionBudget`, autoscaler and `NetworkPolicy`. The
/// policy allows nothing until a relation opens it. Configuration and secrets
/// come with the first [`env`](Workload::env) and [`env_secret`](Workload::env_secret),
/// an IAM role with the first grant.
///
/// The port of the `Service` is the port of the container, as the network
/// policies of the Amazon VPC CNI want it. The kubelet's probes pass these
/// policies by themselves.
///
/// # Diagnostics
///
/// - `MS0403`: the minimum of pods is above the maximum.
/// - `MS0409`: it runs as user 1337, which belongs to Istio's proxy.
/// - `MS0412`: the image names no version.
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
    /// The name of the workload and of its objects.
    pub fn name(&self) -> &str {
        self.pods.name()
    }

    /// The port it listens on.
    pub fn port(&self) -> u16 {
        self.pods.port()
    }

    /// What it speaks there.
    pub fn protocol(&self) -> Protocol {
        self.pods.protocol()
    }

    /// The properties that it was defined with.
    pub(in crate::mesh) fn props(&self) -> &WorkloadProps {
        &self.props
    }

    /// The namespace it lies in.
    pub fn namespace(&self) -> &Namespace {
        self.pods.namespace()
    }

    /// The name it is reached by, such as `orders.shop.svc.cluster.local`.
    pub fn service_host(&self) -> String {
        self.pods.service_host()
    }

    /// The URL it is reached by, such as `http://orders.shop.svc.cluster.local:8080`.
    ///
    /// It is made of names that the program gives, so it is text, and no value that a deployment fills in.
    pub fn url(&self) -> String {
        format!("http://{}:{}", self.service_host(), self.port())
    }

    /// Lets KEDA take the workload's role, where one of the triggers asks under it.
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

    /// The workload's `Service`, for what the typed properties do not cover; of a bare one the first that was added.
    #[track_caller]
    pub fn service(&self) -> &Object<core::Service> {
        self.pods.added_service().unwrap_or(&self.service)
    }

    /// The workload's `Deployment`, for what the typed properties do not cover.
    pub fn deployment(&self) -> &Object<apps::Deployment> {
        &self.deployment
    }
}

/// The trust of a role is written with the role.
fn report_trigger_after_role(workload: &Workload, at: At) {
    let name = workload.name();
    workload.scope().report(
        Diagnostic::error(
            "MS0960",
            format!("the role of `{name}` is defined before the trigger that lets KEDA assume it"),
        )
        .at(workload.scope().user_line(at))
        .help("define the version before the first grant to the workload, or use `TriggerIdentity::Keda`"),
    );
}

#[cfg(test)]
mod tests;
