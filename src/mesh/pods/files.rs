//! The objects that contain the data of volumes (config maps, secrets, persistent volumes), and the pods' references to
//! these objects.

use crate::kube::core;
use crate::tree::{Construct, Scope};
use crate::units::Gib;
use crate::val::{Data, Val, Value};

use super::super::core::{Namespace, labels};
use super::super::secret_store;
use super::volume::{Projection, Source, Volume};

impl Volume {
    /// Defines the object that contains the data of the volume. Returns the annotation key and the digest of its files.
    pub(super) fn define(&self, scope: &Scope, namespace: &Namespace, owner: &str) -> Option<(String, Val<String>)> {
        let (id, name) = (format!("volume-{}", self.name), self.object_name(owner));
        match &self.source {
            Source::Config(files) => {
                let data: Vec<(String, Val<String>)> = files.clone();
                let config = core::ConfigMap::new().data(data).define(scope, &id, &name);
                labels::add(config.scope(), owner);
                Some((format!("meshsynth/files-{}", self.name), config.digest()))
            }
            Source::Secret(files) => {
                let external = secret_store::external_secret_of(scope, &id, &name);
                labels::add(&external, owner);
                for (file, secret) in files {
                    external.add("spec.data", secret_store::entry(file, secret));
                    secret_store::allow(namespace, secret);
                }
                None
            }
            Source::Csi { driver, handle, capacity } => {
                let place = (namespace.name(), name.as_str());
                persistent(scope, &id, place, driver, handle, *capacity).iter().for_each(|it| labels::add(it, owner));
                None
            }
            _ => None,
        }
    }

    /// Returns the name of the object with the data of the volume. It contains the name of the workload.
    fn object_name(&self, owner: &str) -> String {
        format!("{owner}-{}-files", self.name)
    }

    /// Returns the volume in the pod of `owner`.
    pub(super) fn to_l1(&self, owner: &str) -> core::Volume {
        let volume = core::Volume::new(self.name.clone());
        let object = || self.object_name(owner);
        let claimed = |claim: String| {
            let source = core::PersistentVolumeClaimVolumeSource::new(claim);
            core::Volume::new(self.name.clone()).persistent_volume_claim(source)
        };
        match &self.source {
            Source::EmptyDir { size, in_memory } => {
                let source = core::EmptyDirVolumeSource::new().size_limit(text(*size));
                volume.empty_dir(if *in_memory { source.medium("Memory") } else { source })
            }
            Source::Claim(claim) => claimed(claim.clone()),
            Source::Csi { .. } => claimed(object()),
            Source::NamedSecret(name) => volume.secret(core::SecretVolumeSource::new().secret_name(name.clone())),
            Source::Secret(_) => volume.secret(core::SecretVolumeSource::new().secret_name(object())),
            Source::Config(_) => volume.config_map(core::ConfigMapVolumeSource::new().name(object())),
            Source::Projected(parts) => {
                let parts: Vec<_> = parts.iter().map(projection).collect();
                volume.projected(core::ProjectedVolumeSource::new().sources(parts))
            }
            Source::Host(path) => volume.host_path(core::HostPathVolumeSource::new(path.clone())),
        }
    }

    /// Returns the mount in the main container, if there is one.
    pub(super) fn mount(&self) -> Option<core::VolumeMount> {
        let mut mount = core::VolumeMount::new(self.path.clone()?, self.name.clone());
        if let Some(path) = &self.sub_path {
            mount = mount.sub_path(path.clone());
        }
        Some(if self.is_read_only { mount.read_only(true) } else { mount })
    }
}

fn projection(part: &Projection) -> core::VolumeProjection {
    let out = core::VolumeProjection::new();
    match part {
        Projection::Token { audience, file, expires } => out.service_account_token(
            core::ServiceAccountTokenProjection::new(file.clone())
                .audience(audience.clone())
                .expiration_seconds(expires.as_seconds() as i64),
        ),
        Projection::Secret(name) => out.secret(core::SecretProjection::new().name(name.clone())),
        Projection::ConfigMap(name) => out.config_map(core::ConfigMapProjection::new().name(name.clone())),
    }
}

/// Defines an existing volume and the claim that is reserved for it. An empty class name prevents provisioning.
fn persistent(
    scope: &Scope,
    id: &str,
    (namespace, name): (&str, &str),
    driver: &str,
    handle: &Val<String>,
    capacity: Gib,
) -> [Scope; 2] {
    let whole = crate::name::fit(&format!("{namespace}-{name}"), 253);
    let modes = || [core::AccessMode::ReadWriteMany];
    let kept_for =
        core::ObjectReference::new().api_version("v1").kind("PersistentVolumeClaim").namespace(namespace).name(name);
    let spec = core::PersistentVolumeSpec::new()
        .access_modes(modes())
        .capacity([("storage", text(capacity))])
        .claim_ref(kept_for)
        .csi(core::CsiPersistentVolumeSource::new(driver, handle.clone()))
        .persistent_volume_reclaim_policy(core::PersistentVolumeReclaimPolicy::Retain)
        .storage_class_name("");
    let volume = core::PersistentVolume::new().spec(spec).define(scope, id, &whole);
    let spec = core::PersistentVolumeClaimSpec::new()
        .access_modes(modes())
        .resources(core::VolumeResourceRequirements::new().requests([("storage", text(capacity))]))
        .storage_class_name("")
        .volume_name(whole);
    let claim = core::PersistentVolumeClaim::new().spec(spec).define(scope, &format!("{id}-claim"), name);
    [volume.scope().clone(), claim.scope().clone()]
}

/// Returns a quantity in Kubernetes notation.
pub(super) fn text(quantity: impl Value) -> String {
    Data::to_text(&quantity.into_data())
}
