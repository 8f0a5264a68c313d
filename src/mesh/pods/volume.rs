//! Volumes of pods.

use crate::units::{Duration, Gib, Mib};
use crate::val::{IntoVal, Secret, Val};

/// A volume of a pod.
///
/// A volume with a path ([`Volume::at`]) is mounted into the main container. Sidecars and init containers refer to it
/// in their [`mounts`](super::Container::mounts). The workload also defines the object with the data of the volume: a
/// `ConfigMap` for [`Volume::config`], an `ExternalSecret` for [`Volume::secret`], a `PersistentVolume` and its claim
/// for [`Volume::csi`].
///
/// # Units
///
/// The size of [`Volume::empty_dir`] is MiB. Default: 256.
///
/// # Example
///
/// ```
/// # use meshsynth::{testing, mesh, App, secrets};
/// # let app = App::new("shop");
/// # let shop = testing::namespace(&app);
/// # let data = testing::stack(&app, "data");
/// use meshsynth::mesh::{PodProps, Volume};
///
/// let key = secrets::Secret::new(&data, "signing-key", Default::default());
/// mesh::Workload::new(&shop, "mailer", "registry.example/mailer:2.1.0", mesh::WorkloadProps {
///     pod: PodProps {
///         volumes: vec![
///             Volume::config("settings", [("mailer.toml", "retries = 3\n")]).at("/etc/mailer"),
///             Volume::secret("keys", [("signing.pem", key.secret())]).at("/etc/keys"),
///             Volume::csi("shared", "efs.csi.aws.com", "fs-0123456789abcdef0::fsap-0123456789abcdef0").at("/mnt/shared"),
///         ],
///         ..Default::default()
///     },
///     ..Default::default()
/// });
/// ```
///
/// Source: <https://kubernetes.io/docs/concepts/storage/volumes/>
#[derive(Clone, Debug)]
pub struct Volume {
    pub(super) name: String,
    pub(super) path: Option<String>,
    pub(super) sub_path: Option<String>,
    pub(super) is_read_only: bool,
    pub(super) source: Source,
}

/// The source of a volume.
#[derive(Clone, Debug)]
pub(super) enum Source {
    EmptyDir { size: Mib, in_memory: bool },
    Claim(String),
    NamedSecret(String),
    Secret(Vec<(String, Secret)>),
    Config(Vec<(String, Val<String>)>),
    Projected(Vec<Projection>),
    Csi { driver: String, handle: Val<String>, capacity: Gib },
    Host(String),
}

/// A part of a [`Volume::projected`], which combines several sources in one directory.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Projection {
    /// A token of the pod's service account for an audience other than Kubernetes.
    Token {
        /// The audience of the token.
        audience: String,
        /// Its file in the volume.
        file: String,
        /// How long the token is valid, at least 10 minutes. The kubelet renews the token before it expires.
        expires: Duration,
    },
    /// The keys of a `Secret` of the namespace, by the name of the `Secret`.
    Secret(String),
    /// The keys of a `ConfigMap` of the namespace, by the name of the `ConfigMap`.
    ConfigMap(String),
}

impl Volume {
    fn new(name: impl Into<String>, source: Source) -> Self {
        Self { name: name.into(), path: None, sub_path: None, is_read_only: false, source }
    }

    /// Returns an empty directory, which is deleted with the pod.
    pub fn empty_dir(name: impl Into<String>) -> Self {
        Self::new(name, Source::EmptyDir { size: Mib(256), in_memory: false })
    }

    /// Returns a volume for an existing claim of the namespace.
    pub fn claim(name: impl Into<String>, claim: impl Into<String>) -> Self {
        Self::new(name, Source::Claim(claim.into()))
    }

    /// Returns AWS Secrets Manager secrets as files, from pairs of file name and secret. They are read again every
    /// hour.
    pub fn secret<'a>(
        name: impl Into<String>,
        files: impl IntoIterator<Item = (&'a str, impl std::borrow::Borrow<Secret>)>,
    ) -> Self {
        let files = files.into_iter().map(|(file, secret)| (file.to_owned(), secret.borrow().clone()));
        Self { is_read_only: true, ..Self::new(name, Source::Secret(files.collect())) }
    }

    /// Returns the keys of a named `Secret` of the namespace as files, for example the files of a certificate.
    pub fn named_secret(name: impl Into<String>, secret: impl Into<String>) -> Self {
        Self { is_read_only: true, ..Self::new(name, Source::NamedSecret(secret.into())) }
    }

    /// Returns files from pairs of name and content. A change restarts the pods.
    ///
    /// If the content contains an attribute of an AWS resource, it is inserted when the platform is deployed.
    pub fn config<'a>(
        name: impl Into<String>,
        files: impl IntoIterator<Item = (&'a str, impl IntoVal<String>)>,
    ) -> Self {
        let files = files.into_iter().map(|(file, content)| (file.to_owned(), content.into_val()));
        Self { is_read_only: true, ..Self::new(name, Source::Config(files.collect())) }
    }

    /// Combines several sources in one directory.
    pub fn projected(name: impl Into<String>, parts: impl IntoIterator<Item = Projection>) -> Self {
        Self { is_read_only: true, ..Self::new(name, Source::Projected(parts.into_iter().collect())) }
    }

    /// Returns an existing volume, by its CSI driver and its handle, such as `fs-…::fsap-…` for an access point of
    /// Amazon EFS.
    ///
    /// Defines a `PersistentVolume` and its claim. Kubernetes retains the volume when the claim is deleted.
    ///
    /// Source: <https://github.com/kubernetes-sigs/aws-efs-csi-driver/blob/master/examples/kubernetes/access_points/README.md>
    pub fn csi(name: impl Into<String>, driver: impl Into<String>, handle: impl IntoVal<String>) -> Self {
        let (driver, handle) = (driver.into(), handle.into_val());
        Self::new(name, Source::Csi { driver, handle, capacity: Gib(5) })
    }

    /// Returns a directory of the node. Pods that use it need a namespace with
    /// [`PodSecurity::Privileged`](crate::mesh::PodSecurity).
    pub(in crate::mesh) fn host(name: impl Into<String>, path: impl Into<String>) -> Self {
        Self::new(name, Source::Host(path.into()))
    }

    /// Mounts the volume into the main container.
    #[must_use]
    pub fn at(self, path: impl Into<String>) -> Self {
        Self { path: Some(path.into()), ..self }
    }

    /// Mounts only one file or directory of the volume.
    #[must_use]
    pub fn sub_path(self, path: impl Into<String>) -> Self {
        Self { sub_path: Some(path.into()), ..self }
    }

    /// Makes the mount of the main container read-only.
    #[must_use]
    pub fn read_only(self) -> Self {
        Self { is_read_only: true, ..self }
    }

    /// Sets the maximum size of an empty directory volume.
    #[must_use]
    pub fn size(mut self, most: Mib) -> Self {
        if let Source::EmptyDir { size, .. } = &mut self.source {
            *size = most;
        }
        self
    }

    /// Stores an empty directory volume in memory. Its content counts as memory of the pod.
    #[must_use]
    pub fn in_memory(mut self) -> Self {
        if let Source::EmptyDir { in_memory, .. } = &mut self.source {
            *in_memory = true;
        }
        self
    }

    /// Returns the name of the volume in the pod.
    pub fn name(&self) -> &str {
        &self.name
    }
}
