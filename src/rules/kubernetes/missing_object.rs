//! A pod refers to a `ConfigMap`, `Secret` or `ServiceAccount` that is not defined.
//!
//! # What it reports
//!
//! The namespace of the pod has no object with this kind and name. A `Secret` that an `ExternalSecret` or a
//! `Certificate` creates counts as defined. These references are not reported:
//!
//! - references that are `optional`
//! - references in `kube-system` and in namespaces with a Helm release
//! - a `Secret` in manifests, because secrets are often not among the manifests
//!
//! In manifests, a missing object is a note, unless the name is similar to an existing object.
//!
//! # Why it matters
//!
//! The pod never starts. It remains in `CreateContainerConfigError` or `ContainerCreating`, or is not created. Usually,
//! the name is misspelled, or the object is in another namespace. A pod reads only objects of its own namespace.
//!
//! # Fix
//!
//! Define the object in the pod's namespace, correct the name, or mark the reference `optional`.
//!
//! Source: <https://kubernetes.io/docs/concepts/configuration/configmap/#configmaps-and-pods>

use std::collections::{BTreeMap, BTreeSet};

use crate::hash::FastSet;
use crate::diag::Diagnostic;
use crate::synth::Model;
use crate::val::Data;
use crate::rules::index::{Mesh, items};
use crate::rules::index::near::meant;
use crate::rules::index::pods::{self, Place, called};

pub(super) fn check(mesh: &Mesh<'_>, out: &mut Vec<Diagnostic>) {
    let model = mesh.model;
    let created = created(model);
    for pods in mesh.pods.all() {
        let place = pods::place(model, pods.id, pods.object);
        if place.1 == "kube-system" || mesh.has_helm(place) || !mesh.is_whole(place) && !mesh.is_open_at(place) {
            continue;
        }
        for ((kind, name), path) in wanted(pods) {
            // Users often create secrets manually and keep them out of the manifests.
            if kind == "Secret" && model.is_open {
                continue;
            }
            if !created.contains(&(place, kind, name)) && !mesh.exists_already(kind, place, name) {
                let message = format!("{} refers to {kind} `{name}`, which is not defined", called(pods.object));
                let diagnostic = model
                    .error(pods.id, "MS0406", message)
                    .field(path)
                    .help(format!("define it in namespace `{}`, or mark the reference `optional`", place.1));
                out.push(mesh.unresolved(diagnostic, near(&created, place, kind, name)));
            }
        }
    }
}

/// Returns the defined objects as place, kind and name.
fn created(model: &Model) -> FastSet<(Place<'_>, &str, &str)> {
    let made = |object: &'_ crate::node::Object| match object.kind.as_ref() {
        "ConfigMap" | "Secret" | "ServiceAccount" => Some(None),
        "ExternalSecret" => Some(Some("spec.target.name")),
        "Certificate" => Some(Some("spec.secretName")),
        _ => None,
    };
    let mut found = FastSet::default();
    for (id, _, object) in model.objects() {
        let place = pods::place(model, id, object);
        match made(object) {
            Some(None) => found.insert((place, object.kind.as_ref(), object.name.as_str())),
            Some(Some(path)) => {
                let name = object.body.at(path).and_then(Data::as_str).unwrap_or(&object.name);
                found.insert((place, "Secret", name))
            }
            None => continue,
        };
    }
    found
}

/// Returns a help text with a similar name, or with another namespace that has the name.
fn near(created: &FastSet<(Place<'_>, &str, &str)>, place: Place<'_>, kind: &str, name: &str) -> Option<String> {
    let of_kind = || created.iter().filter(|(other, known, _)| other.0 == place.0 && *known == kind);
    let beside: BTreeSet<&str> = of_kind().filter(|(other, ..)| *other == place).map(|(.., name)| *name).collect();
    if let Some(near) = meant(name, beside.into_iter()) {
        return Some(format!("did you mean `{near}`?"));
    }
    let others: BTreeSet<&str> = of_kind().filter(|(.., known)| *known == name).map(|(other, ..)| other.1).collect();
    let other = others.first()?;
    Some(format!("namespace `{other}` has an object of this name, but pods read only objects of their own namespace, `{}`", place.1))
}

/// The objects that controllers create in every namespace.
const MADE_BY_CONTROLLERS: [&str; 2] = ["istio-ca-root-cert", "kube-root-ca.crt"];

/// Returns the objects that pods require to start, as kind and name, with the first field that refers to them.
fn wanted<'a>(pods: &pods::Pods<'a>) -> BTreeMap<(&'static str, &'a str), String> {
    let mut found = BTreeMap::new();
    for key in ["serviceAccountName", "serviceAccount"] {
        let name = pods.spec.get(key).and_then(Data::as_str).filter(|name| !matches!(*name, "" | "default"));
        if let Some(name) = name.filter(|_| found.is_empty()) {
            found.insert(("ServiceAccount", name), pods.field(&format!("spec.{key}")));
        }
    }
    let mut refer = |kind, path: &str, data: &'a Data, (way, key): (&str, &str)| {
        let data = data.at(way);
        let is_optional = data.and_then(|data| data.at("optional")).and_then(Data::as_bool) == Some(true);
        let name = data.and_then(|data| data.at(key)).and_then(Data::as_str);
        if let Some(name) = name.filter(|name| !is_optional && !MADE_BY_CONTROLLERS.contains(name)) {
            found.entry((kind, name)).or_insert_with(|| format!("{path}.{way}.{key}"));
        }
    };
    for (path, container) in pods.numbered() {
        for (path, source) in items(container.get("envFrom"), &format!("{path}.envFrom")) {
            refer("ConfigMap", &path, source, ("configMapRef", "name"));
            refer("Secret", &path, source, ("secretRef", "name"));
        }
        for (path, variable) in items(container.get("env"), &format!("{path}.env")) {
            refer("ConfigMap", &path, variable, ("valueFrom.configMapKeyRef", "name"));
            refer("Secret", &path, variable, ("valueFrom.secretKeyRef", "name"));
        }
    }
    for (path, volume) in items(pods.spec.get("volumes"), &pods.field("spec.volumes")) {
        refer("ConfigMap", &path, volume, ("configMap", "name"));
        refer("Secret", &path, volume, ("secret", "secretName"));
        for (path, source) in items(volume.at("projected.sources"), &format!("{path}.projected.sources")) {
            refer("ConfigMap", &path, source, ("configMap", "name"));
            refer("Secret", &path, source, ("secret", "name"));
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use crate::rules::testing::pods::{codes_of, orders};

    fn reading(secret: Value) -> Value {
        let container = json!({ "name": "orders", "image": "orders:1.0.0", "envFrom": [{ "secretRef": secret }] });
        orders(json!({ "containers": [container] }))
    }

    #[test]
    fn reports_a_missing_secret() {
        assert_eq!(codes_of([reading(json!({ "name": "orders" }))]), ["MS0406"]);
    }

    #[test]
    fn reports_a_missing_service_account() {
        assert_eq!(codes_of([orders(json!({ "serviceAccountName": "orders" }))]), ["MS0406"]);
    }

    #[test]
    fn accepts_a_secret_that_is_optional() {
        assert_eq!(codes_of([reading(json!({ "name": "orders", "optional": true }))]), [""; 0]);
    }

    #[test]
    fn accepts_a_secret_that_an_external_secret_creates() {
        let external = json!({
            "apiVersion": "external-secrets.io/v1",
            "kind": "ExternalSecret",
            "metadata": { "name": "orders" },
            "spec": { "secretStoreRef": { "name": "secrets" }, "data": [] },
        });
        assert_eq!(codes_of([reading(json!({ "name": "orders" })), external]), [""; 0]);
    }
}
