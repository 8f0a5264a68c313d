//! Two objects with the same kind, namespace and name are defined, or two Helm releases with the same name.
//!
//! # What it reports
//!
//! Two objects in one cluster have the same API group, kind, namespace and name, or two Helm releases have the same
//! name. In manifests, two identical objects are only a warning. The duplicates of two folders are one finding, which is
//! a note if neither folder contains the other. Names that contain a placeholder are not compared.
//!
//! # Why it matters
//!
//! Kubernetes treats them as one object. The object that is applied last replaces the other, so the two definitions
//! overwrite each other at every deployment.
//!
//! # Fix
//!
//! Give one of them another name or another namespace. Remove the second definition if both are identical.
//!
//! Source: <https://kubernetes.io/docs/concepts/overview/working-with-objects/names/>

use crate::hash::FastMap;
use crate::diag::{Diagnostic, Severity};
use crate::manifest::is_open_name;
use crate::node::Kind;
use crate::synth::{Link, Model};
use crate::rules::index::pods::{self, called};

pub(super) fn check(model: &Model, _: &Link, out: &mut Vec<Diagnostic>) {
    let mut first = FastMap::default();
    for (id, _, object) in model.objects().filter(|(.., object)| !is_open_name(&object.name)) {
        let group = object.api_version.rsplit_once('/').map_or("", |(group, _)| group);
        let key = (pods::place(model, id, object), group, object.kind.as_ref(), object.name.as_str());
        if let Some(other) = first.insert(key, id) {
            let message = match &object.namespace {
                Some(namespace) => format!("{} is defined twice in namespace `{namespace}`", called(object)),
                None => format!("{} is defined twice", called(object)),
            };
            let diagnostic = model
                .error(id, "MS0408", message)
                .note_at(format!("`{}` also defines it", model.path(other)), model.node(other).at);
            let is_equal = matches!(&model.node(other).kind, Kind::Object(other) if other.body == object.body);
            out.push(match model.is_open && is_equal {
                // The order does not matter for equal objects. Many files begin with the same namespace.
                true => diagnostic.severity(Severity::Warning).help("remove one of the definitions"),
                false => diagnostic.help("rename one of them"),
            });
        }
    }
    let mut first = FastMap::default();
    for (id, release) in model.releases() {
        if let Some(other) = first.insert((model.target_of(id), release.name.as_str()), id) {
            out.push(
                model
                    .error(id, "MS0408", format!("Helm release `{}` is defined twice in one cluster", release.name))
                    .note_at(format!("`{}` also defines it", model.path(other)), model.node(other).at)
                    .help("rename one of them"),
            );
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use crate::rules::testing::pods::codes_of;

    #[test]
    fn reports_two_objects_with_the_same_kind_and_name() {
        let config = json!({ "apiVersion": "v1", "kind": "ConfigMap", "metadata": { "name": "a" } });
        assert_eq!(codes_of([config.clone(), config]), ["MS0408"]);
    }

    #[test]
    fn accepts_the_same_name_in_different_namespaces_or_kinds() {
        let object = |kind: &str, namespace: &str| json!({ "apiVersion": "v1", "kind": kind, "metadata": { "name": "a", "namespace": namespace } });
        let objects = [object("ConfigMap", "shop"), object("ConfigMap", "default"), object("ServiceAccount", "shop")];
        assert_eq!(codes_of(objects), [""; 0]);
    }
}
