//! The common pod properties of all workload kinds.

use super::super::core::ServiceAccount;
use super::{Container, Port, Volume};

/// Properties of the pods of any workload kind: the field `pod` of its properties.
///
/// # Units
///
/// `gpus` is the number of whole NVIDIA devices for each pod.
///
/// # Diagnostics
///
/// - `MS0449`: the service account is in another namespace than the pods.
/// - `MS0452`: the API server rejects the name or path of a volume.
/// - `MS0440`: two ports have the same name or number.
/// - `MS0420`: a container mounts a volume that the pod does not have.
/// - `MS0422`: two containers have the same name.
///
/// # Example
///
/// ```
/// # use meshsynth::{testing, mesh, App};
/// # let app = App::new("shop");
/// # let shop = testing::namespace(&app);
/// use meshsynth::mesh::{PodProps, Port, Protocol, Volume};
///
/// let stock = mesh::Workload::new(&shop, "stock", "registry.example/stock:2.0.0", mesh::WorkloadProps {
///     pod: PodProps {
///         ports: vec![Port::new("grpc", 9090, Protocol::Grpc)],
///         volumes: vec![Volume::config("rules", [("prices.toml", "currency = \"EUR\"\n")]).at("/etc/stock")],
///         ..Default::default()
///     },
///     ..Default::default()
/// });
/// assert_eq!(stock.at_port("grpc").port(), 9090);
/// ```
///
/// Source: <https://kubernetes.io/docs/concepts/workloads/pods/>
#[derive(Clone, Debug, Default)]
pub struct PodProps {
    /// Additional ports. Default: none.
    pub ports: Vec<Port>,
    /// The command of the main container. Default: the entrypoint of the image.
    pub command: Vec<String>,
    /// Containers that start before the main container and run until it ends. Default: none.
    pub sidecars: Vec<Container>,
    /// Containers that run one after another, and end before the main container starts. Default: none.
    pub init: Vec<Container>,
    /// Volumes. Those with a path are mounted into the main container. Default: only `/tmp`.
    pub volumes: Vec<Volume>,
    /// An existing service account. Default: a new one.
    pub service_account: Option<ServiceAccount>,
    /// The names of secrets with registry logins, such as the names that
    /// [`Namespace::add_pull_secret`](crate::mesh::Namespace::add_pull_secret) returns. Images in Amazon ECR do not
    /// need a login. Default: none.
    pub pull_secrets: Vec<String>,
    /// The name of the `PriorityClass`. Default: the default class of the cluster.
    pub priority_class: Option<String>,
    /// The number of GPUs of each pod. If set, pods tolerate the taint `nvidia.com/gpu` of GPU nodes. Default: none.
    pub gpus: u32,
}
