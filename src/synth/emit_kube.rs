//! Emit: one manifest per object, one values file per Helm release.

use serde::Serialize;
use serde::ser::{SerializeMap, SerializeSeq, Serializer};
use serde_json::Value;

use crate::name;
use crate::node::Object;
use crate::tree::NodeId;
use crate::val::{Bag, Data};
use crate::yaml;

use super::emit_cfn::{number, sorted};
use super::{Model, wire};

/// The manifests and values files by path.
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

/// The same manifests as data, by path.
pub(super) fn values(model: &Model) -> Vec<(String, Value)> {
    let values = model.objects().filter_map(|(id, _, object)| {
        let path = manifest_path(model, id, object)?;
        Some((path, serde_json::to_value(Manifest { model, object }).expect("an object is always written")))
    });
    values.collect()
}

/// `k8s/<cluster>/<wave>/<namespace>/<kind>-<name>.yaml`, the namespace left out where the kind has none.
pub(super) fn manifest_path(model: &Model, id: NodeId, object: &Object) -> Option<String> {
    let cluster = cluster_folder(model, model.target_of(id)?);
    let folder = match &object.namespace {
        Some(namespace) => format!("{}/{namespace}", object.wave.folder()),
        None => object.wave.folder().to_owned(),
    };
    Some(format!("k8s/{cluster}/{folder}/{}-{}.yaml", object.kind.to_lowercase(), object.name))
}

/// `helm/<cluster>/<release>.values.yaml`.
pub(super) fn values_path(model: &Model, target: NodeId, release: &str) -> String {
    format!("helm/{}/{release}.values.yaml", cluster_folder(model, target))
}

/// The folder of a cluster: the path of its construct.
pub(super) fn cluster_folder(model: &Model, target: NodeId) -> String {
    let path = model.path(target);
    path.strip_suffix("/target").unwrap_or(path).replace('/', "-")
}

/// 16 hex digits that change when the content of an object does.
pub(super) fn digest(model: &Model, object: &Object) -> String {
    let text = serde_json::to_string(&Manifest { model, object }).expect("an object is always written");
    format!("{:016x}", name::fnv1a(&text))
}

/// An object with `apiVersion`, `kind` and `metadata` first.
struct Manifest<'a> {
    model: &'a Model,
    object: &'a Object,
}

impl Serialize for Manifest<'_> {
    fn serialize<S: Serializer>(&self, out: S) -> Result<S::Ok, S::Error> {
        let Manifest { model, object } = *self;
        let mut map = out.serialize_map(None)?;
        map.serialize_entry("apiVersion", &object.api_version)?;
        map.serialize_entry("kind", &object.kind)?;
        map.serialize_entry("metadata", &Metadata(self))?;
        for (key, data) in sorted(&object.body) {
            if key != "metadata" {
                map.serialize_entry(key, &Kube { model, data })?;
            }
        }
        map.end()
    }
}

/// The name and the namespace before the rest.
struct Metadata<'a>(&'a Manifest<'a>);

impl Serialize for Metadata<'_> {
    fn serialize<S: Serializer>(&self, out: S) -> Result<S::Ok, S::Error> {
        let Manifest { model, object } = *self.0;
        let mut map = out.serialize_map(None)?;
        map.serialize_entry("name", &object.name)?;
        if let Some(namespace) = &object.namespace {
            map.serialize_entry("namespace", namespace)?;
        }
        for (key, data) in object.body.get("metadata").and_then(Data::as_map).map(sorted).unwrap_or_default() {
            if key != "name" && key != "namespace" {
                map.serialize_entry(key, &Kube { model, data })?;
            }
        }
        map.end()
    }
}

/// Data as a manifest has it: references as literals or placeholders.
struct Kube<'a> {
    model: &'a Model,
    data: &'a Data,
}

impl Serialize for Kube<'_> {
    fn serialize<S: Serializer>(&self, out: S) -> Result<S::Ok, S::Error> {
        let Kube { model, data } = *self;
        let with = |data| Kube { model, data };
        match data {
            Data::Null => out.serialize_unit(),
            Data::Bool(value) => out.serialize_bool(*value),
            Data::Int(value) => out.serialize_i64(*value),
            Data::Float(value) => number(*value, out),
            Data::Text(text) => yaml::text(text, out),
            Data::List(items) => {
                let mut list = out.serialize_seq(Some(items.len()))?;
                for item in items {
                    list.serialize_element(&with(item))?;
                }
                list.end()
            }
            Data::Map(bag) => map(model, bag, out),
            Data::Deferred(deferred) => yaml::text(&wire::manifest_text(model, deferred, &mut |_| {}), out),
            Data::Secret(_) => unreachable!("a secret in a manifest is an error of the check pass"),
        }
    }
}

fn map<S: Serializer>(model: &Model, bag: &Bag, out: S) -> Result<S::Ok, S::Error> {
    out.collect_map(sorted(bag).into_iter().map(|(key, data)| (key, Kube { model, data })))
}
