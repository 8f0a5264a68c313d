//! A volume claim names a storage class that the cluster does not have.
//!
//! # What it reports
//!
//! The rule checks PersistentVolumeClaims, and claim templates of StatefulSets, in clusters of the program. It reports
//! a claim with an undefined `StorageClass`, and a claim without a class if the cluster has no default class. The class
//! `gp2` always exists. A name in the values of a Helm release counts as defined. Existing clusters are not checked.
//!
//! # Why it matters
//!
//! The claim remains `Pending`, and so does every pod that mounts it.
//!
//! # Fix
//!
//! Define the class, or use an existing class. To make a class the default, add the annotation
//! `storageclass.kubernetes.io/is-default-class: "true"`. EKS clusters have the class `gp2`, which is not the default
//! since Kubernetes 1.30.
//!
//! Source: <https://docs.aws.amazon.com/eks/latest/userguide/create-storage-class.html>

use crate::diag::Diagnostic;
use crate::node::Resource;
use crate::rules::index::near::meant;
use crate::rules::index::pods::called;
use crate::rules::index::{Item, Mesh, annotation, items, named};
use crate::synth::Model;
use crate::tree::NodeId;
use crate::val::{Bag, Data};

pub(super) fn check(mesh: &Mesh<'_>, out: &mut Vec<Diagnostic>) {
    for claim in mesh.all("", "PersistentVolumeClaim") {
        let spec = claim.object.body.get("spec");
        judge(mesh, claim, spec, "spec.storageClassName", out);
    }
    for set in mesh.all("apps", "StatefulSet") {
        let path = "spec.volumeClaimTemplates";
        for (path, claim) in items(set.object.body.at(path), path) {
            judge(mesh, set, claim.at("spec"), &format!("{path}.spec.storageClassName"), out);
        }
    }
}

fn judge<'a>(mesh: &Mesh<'a>, item: &Item<'a>, spec: Option<&'a Data>, path: &str, out: &mut Vec<Diagnostic>) {
    let (Some(spec), Some(target)) = (spec, item.place.0) else { return };
    if spec.at("volumeName").is_some() || mesh.model.is_open || !is_defined(mesh.model, target) {
        return;
    }
    let classes = mesh.all("storage.k8s.io", "StorageClass").iter().filter(|it| it.place.0 == Some(target));
    let message = match spec.at("storageClassName") {
        Some(name) => {
            let Some(name) = name.as_str().filter(|name| !name.is_empty() && *name != OF_EKS) else { return };
            if classes.clone().any(|it| it.object.name == name) || is_in_values(mesh.model, Some(target), name) {
                return;
            }
            format!("{} uses the storage class `{name}`, which the cluster does not have", called(item.object))
        }
        None => {
            let key = "storageclass.kubernetes.io/is-default-class";
            let has_charts = mesh.model.releases().any(|(id, release)| {
                mesh.model.target_of(id) == Some(target) && release.chart.contains("csi")
            });
            if has_charts || classes.clone().any(|it| annotation(&it.object.body, key) == Some("true")) {
                return;
            }
            format!("{} sets no storage class, and the cluster has no default storage class", called(item.object))
        }
    };
    let known: Vec<&str> = classes.map(|it| it.object.name.as_str()).chain([OF_EKS]).collect();
    let wanted = spec.at("storageClassName").and_then(Data::as_str).unwrap_or_default();
    let help = match meant(wanted, known.iter().copied()) {
        Some(near) => format!("did you mean `{near}`?"),
        None => format!("use one of {}, or define a storage class", named(known)),
    };
    out.push(mesh.model.error(item.id, "MS0436", message).field(path).help(help));
}

/// The class that EKS creates in every cluster with node groups.
const OF_EKS: &str = "gp2";

/// Whether the program defines the cluster.
fn is_defined(model: &Model, target: NodeId) -> bool {
    let Some((id, target)) = model.targets().find(|(id, _)| *id == target) else { return false };
    let env = |id: NodeId| model.stack_of(id).map(|stack| &model.stack(stack).env);
    model
        .of_type("AWS::EKS::Cluster")
        .any(|(cluster, it): (_, &Resource)| it.props.get("Name") == Some(&target.name) && env(cluster) == env(id))
}

/// Whether the values of a chart in the cluster contain a text. The chart may define an object with this name.
pub(super) fn is_in_values(model: &Model, target: Option<NodeId>, text: &str) -> bool {
    model.releases().any(|(id, release)| model.target_of(id) == target && is_in(&release.values, text))
}

fn is_in(values: &Bag, text: &str) -> bool {
    fn is_it(value: &Data, text: &str) -> bool {
        match value {
            Data::Text(known) => known == text,
            Data::List(items) => items.iter().any(|it| is_it(it, text)),
            Data::Map(inner) => is_in(inner, text),
            _ => false,
        }
    }
    values.iter().any(|(key, value)| key == text || is_it(value, text))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use crate::rules::testing::pods::define;
    use crate::testing::{codes, namespace};
    use crate::tree::Construct;

    fn claim(class: Option<&str>, defined: Option<(&str, bool)>) -> Vec<&'static str> {
        codes(|app| {
            let shop = namespace(app);
            let mut spec = json!({ "accessModes": ["ReadWriteOnce"], "resources": { "requests": { "storage": "10Gi" } } });
            if let Some(class) = class {
                spec["storageClassName"] = class.into();
            }
            let claim = json!({ "apiVersion": "v1", "kind": "PersistentVolumeClaim", "metadata": { "name": "data" }, "spec": spec });
            define(shop.scope(), 0, claim);
            if let Some((name, is_default)) = defined {
                let annotations = json!({ "storageclass.kubernetes.io/is-default-class": is_default.to_string() });
                let metadata = json!({ "name": name, "annotations": annotations });
                define(shop.scope(), 1, json!({ "apiVersion": "storage.k8s.io/v1", "kind": "StorageClass", "metadata": metadata, "provisioner": "ebs.csi.aws.com" }));
            }
        })
    }

    #[test]
    fn reports_a_missing_class() {
        assert_eq!(claim(Some("gp3"), None), ["MS0436"]);
        assert_eq!(claim(Some("gp3"), Some(("gp3", false))), [""; 0]);
        assert_eq!(claim(Some("gp2"), None), [""; 0]);
    }

    #[test]
    fn reports_a_missing_default_class() {
        assert_eq!(claim(None, Some(("gp3", false))), ["MS0436"]);
        assert_eq!(claim(None, Some(("gp3", true))), [""; 0]);
    }
}
