//! What pods may have beside their main container: properties that all kinds share.

use super::super::core::ServiceAccount;
use super::{Container, Port, Volume};

/// Properties of the pods of a workload, whatever its kind: the field `pod` of its properties.
///
/// # Units
///
/// `gpus` is whole devices of NVIDIA for each pod.
///
/// # Diagnostics
///
/// - `MS0449`: the service account is in another namespace than the pods.
/// - `MS0452`: a volume has a name or a path that the API server refuses.
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
    /// More ports than the main one. Default: none.
    pub ports: Vec<Port>,
    /// What the main container runs. Default: the entrypoint of the image.
    pub command: Vec<String>,
    /// Containers that run beside the main one, from before it starts. Default: none.
    pub sidecars: Vec<Container>,
    /// Containers that run to their end, one after the other, before the main one starts. Default: none.
    pub init: Vec<Container>,
    /// Volumes; those with a path are mounted into the main container. Default: none but `/tmp`.
    pub volumes: Vec<Volume>,
    /// A service account that exists already. Default: one of their own.
    pub service_account: Option<ServiceAccount>,
    /// The names of secrets of the namespace with logins to registries, such as
    /// [`Namespace::add_pull_secret`](crate::mesh::Namespace::add_pull_secret) gives. Default: none; ECR needs none.
    pub pull_secrets: Vec<String>,
    /// The name of the `PriorityClass`. Default: that of the cluster.
    pub priority_class: Option<String>,
    /// How many GPUs each pod gets. The taint of nodes with GPUs, `nvidia.com/gpu`, is tolerated then. Default: none.
    pub gpus: u32,
}
