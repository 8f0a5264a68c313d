//! Storage classes of Amazon EBS volumes.

use crate::Object;
use crate::eks;
use crate::kube::storage;
use crate::tree::{Construct, Scope};

/// Properties of a [`StorageClass`].
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct StorageClassProps {
    /// Whether claims without a class use this class. Default: `false`.
    pub is_default: bool,
    /// Whether a volume is kept when its claim is deleted. Default: `false`.
    pub keep_volumes: bool,
    /// I/O operations per second, from 3000 to 16000. Default: 3000.
    pub iops: Option<u32>,
    /// Throughput in MiB per second, from 125 to 1000. Default: 125.
    pub throughput: Option<u32>,
}

/// A storage class of Amazon EBS volumes. An EKS cluster has no default class.
///
/// Volumes are encrypted, have the type gp3, and can be expanded. They are created in the zone of the first pod that
/// uses them.
///
/// # Units
///
/// `throughput` is MiB per second.
///
/// # Example
///
/// ```
/// # use meshsynth::{testing, mesh, App};
/// # let app = App::new("shop");
/// # let shop = testing::namespace(&app);
/// let fast = mesh::StorageClass::gp3(shop.cluster(), "fast", mesh::StorageClassProps {
///     iops: Some(6000),
///     ..Default::default()
/// });
/// assert_eq!(fast.name(), "fast");
/// ```
///
/// Source: <https://docs.aws.amazon.com/eks/latest/userguide/create-storage-class.html>
#[derive(Clone)]
pub struct StorageClass {
    scope: Scope,
    name: String,
    class: Object<storage::StorageClass>,
}

impl StorageClass {
    /// Defines a class of gp3 volumes. Its name in Kubernetes is the construct's id.
    #[track_caller]
    pub fn gp3(cluster: &eks::Cluster, name: &str, props: StorageClassProps) -> Self {
        let scope = cluster.scope().construct(name);
        scope.on_target(&cluster.target());
        let name = scope.id();
        let mut parameters = vec![("encrypted", "true".to_owned()), ("type", "gp3".to_owned())];
        parameters.extend(props.iops.map(|it| ("iops", it.to_string())));
        parameters.extend(props.throughput.map(|it| ("throughput", it.to_string())));
        let reclaim = if props.keep_volumes { storage::ReclaimPolicy::Retain } else { storage::ReclaimPolicy::Delete };
        let class = storage::StorageClass::new(cluster.volume_driver())
            .parameters(parameters)
            .allow_volume_expansion(true)
            .reclaim_policy(reclaim)
            .volume_binding_mode(storage::VolumeBindingMode::WaitForFirstConsumer)
            .define(&scope, "class", &name);
        if props.is_default {
            class.annotate("storageclass.kubernetes.io/is-default-class", "true");
        }
        Self { scope, name, class }
    }

    /// Returns its name, for use in claims.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Returns the `StorageClass`, for example to set a field for which the props have no property.
    pub fn object(&self) -> &Object<storage::StorageClass> {
        &self.class
    }
}

impl Construct for StorageClass {
    fn scope(&self) -> &Scope {
        &self.scope
    }
}

#[cfg(test)]
mod tests {
    use super::{StorageClass, StorageClassProps};
    use crate::testing::{Platform, namespace};

    #[test]
    fn volumes_are_encrypted_and_can_grow() {
        let platform = Platform::synth("shop", |app| {
            let shop = namespace(app);
            let props = StorageClassProps { is_default: true, iops: Some(6000), ..Default::default() };
            StorageClass::gp3(shop.cluster(), "fast", props);
        });
        let class = platform.manifest("storageclass-fast");
        for part in [
            "encrypted: \"true\"",
            "type: gp3",
            "iops: \"6000\"",
            "allowVolumeExpansion: true",
            "is-default-class: \"true\"",
        ] {
            assert!(class.contains(part), "{part} in {class}");
        }
    }
}
