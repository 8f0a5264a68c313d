//! An additional container: a sidecar or an init container.

use crate::kube::core;
use crate::val::{IntoVal, Val};

use super::super::core::{Resources, pod};

/// An additional container, with the security context of the main container.
///
/// In [`PodProps::sidecars`](super::PodProps::sidecars) it is a native sidecar: it starts before the main container, is
/// restarted if it ends, and does not prevent a job from ending. In [`PodProps::init`](super::PodProps::init) it ends
/// before the main container starts.
///
/// # Example
///
/// ```
/// # use meshsynth::{testing, mesh, App};
/// # let app = App::new("shop");
/// # let shop = testing::namespace(&app);
/// use meshsynth::mesh::{Container, PodProps, Volume};
///
/// let shipper = Container {
///     args: vec!["--follow".to_owned(), "/var/log/orders/out.log".to_owned()],
///     mounts: vec![("logs".to_owned(), "/var/log/orders".to_owned())],
///     ..Container::new("shipper", "registry.example/shipper:3.1.0")
/// };
/// mesh::Workload::new(&shop, "orders", "registry.example/orders:1.4.0", mesh::WorkloadProps {
///     pod: PodProps {
///         sidecars: vec![shipper],
///         volumes: vec![Volume::empty_dir("logs").at("/var/log/orders")],
///         ..Default::default()
///     },
///     ..Default::default()
/// });
/// ```
///
/// Source: <https://kubernetes.io/docs/concepts/workloads/pods/sidecar-containers/>
#[derive(Clone, Debug)]
pub struct Container {
    /// Its name, unique in the pod.
    pub name: String,
    /// Its image.
    pub image: Val<String>,
    /// The command. Default: the entrypoint of the image.
    pub command: Vec<String>,
    /// Arguments of the container. Default: the arguments of the image.
    pub args: Vec<String>,
    /// Environment variables. Default: none.
    pub env: Vec<(String, Val<String>)>,
    /// The mounted volumes of the pod, as pairs of name and path. Default: none.
    pub mounts: Vec<(String, String)>,
    /// The resources of the container. Default: 250 millicores, 512 MiB.
    pub resources: Resources,
    /// The user and group as which it runs. Default: the user and group of the pod.
    pub user: Option<u32>,
}

impl Container {
    /// Returns a container that runs `image`.
    pub fn new(name: impl Into<String>, image: impl IntoVal<String>) -> Self {
        Self {
            name: name.into(),
            image: image.into_val(),
            command: Vec::new(),
            args: Vec::new(),
            env: Vec::new(),
            mounts: Vec::new(),
            resources: Resources::default(),
            user: None,
        }
    }

    /// Returns the container in Kubernetes notation. Each container has a separate `/tmp`.
    pub(super) fn to_l1(&self) -> core::Container {
        let tmp = core::VolumeMount::new("/tmp", "tmp").sub_path(self.name.clone());
        let mounts = self.mounts.iter().map(|(volume, path)| core::VolumeMount::new(path.clone(), volume.clone()));
        let mut security = pod::container_security();
        if let Some(user) = self.user {
            security = security.run_as_user(user).run_as_group(user);
        }
        let mut container = core::Container::new(self.name.clone())
            .image(self.image.clone())
            .image_pull_policy(core::ImagePullPolicy::IfNotPresent)
            .resources(pod::resources(&self.resources))
            .security_context(security)
            .volume_mounts([tmp].into_iter().chain(mounts).collect::<Vec<_>>());
        if !self.command.is_empty() {
            container = container.command(self.command.clone());
        }
        if !self.args.is_empty() {
            container = container.args(self.args.clone());
        }
        if !self.env.is_empty() {
            let variable = |(key, value): &(String, Val<String>)| core::EnvVar::new(key.clone()).value(value.clone());
            container = container.env(self.env.iter().map(variable).collect::<Vec<_>>());
        }
        container
    }
}
