//! Emits one manifest per object, and one values file per Helm release.

use serde_json::Value;

use crate::val::Data;
use crate::yaml;

use super::Model;
use super::files::{manifest_path, values_path};
use super::kube_text::{Kube, Manifest};

/// Returns the manifests and values files by path.
pub(super) fn manifests(model: &Model) -> Vec<(String, String)> {
    let objects = model.objects().filter_map(|(id, _, object)| {
        let path = manifest_path(model, id, object)?;
        Some((path, yaml::to_text(&Manifest { model, object })))
    });
    let releases = model.releases().filter_map(|(id, release)| {
        let target = model.target_of(id)?;
        let path = values_path(model, target, &release.name);
        let values = Data::Map(release.values.clone());
        Some((path, yaml::to_text(&Kube { model, data: &values })))
    });
    objects.chain(releases).collect()
}

/// Returns the manifests as data, by path.
pub(super) fn values(model: &Model) -> Vec<(String, Value)> {
    let values = model.objects().filter_map(|(id, _, object)| {
        let path = manifest_path(model, id, object)?;
        Some((path, serde_json::to_value(Manifest { model, object }).expect("an object is always written")))
    });
    values.collect()
}
