//! Istio annotations on objects and on pod templates.

use crate::node::Object;
use crate::rules::index::Mesh;
use crate::rules::index::pods::Pods;
use crate::tree::NodeId;
use crate::val::{Bag, Data};

/// Annotations that controllers write, which users cannot change.
const BY_OTHERS: [&str; 3] = ["gateway.istio.io/controller-version", "istio.io/rev", "sidecar.istio.io/status"];

/// An Istio annotation.
pub(in crate::rules) struct Found<'a> {
    pub id: NodeId,
    pub object: &'a Object,
    /// The kind of the object. For a pod template, it is `Pod`.
    pub kind: &'a str,
    /// The path of the annotations, such as `spec.template.metadata.annotations`.
    pub path: String,
    pub name: &'a str,
    /// The value, if it is known.
    pub value: Option<&'a str>,
    /// The labels of the same object.
    pub labels: Option<&'a Bag>,
}

/// Returns all Istio annotations in the order of definition, on the kinds that Istio reads and on pod templates.
pub(in crate::rules) fn of_istio<'a>(mesh: &Mesh<'a>) -> Vec<Found<'a>> {
    let mut found = Vec::new();
    for (id, _, object) in mesh.model.objects() {
        let is_read = matches!(
            object.kind.as_ref(),
            "DaemonSet" | "Deployment" | "Ingress" | "Namespace" | "Pod" | "Service" | "StatefulSet"
        );
        if let Some(annotations) = object.body.at("metadata.annotations").and_then(Data::as_map).filter(|_| is_read) {
            let labels = object.body.at("metadata.labels").and_then(Data::as_map);
            add(&mut found, (id, object, object.kind.as_ref()), "metadata.annotations".to_owned(), annotations, labels);
        }
    }
    for pods in mesh.pods.all().filter(|pods| pods.object.kind != "Pod") {
        of_template(&mut found, pods);
    }
    found
}

fn of_template<'a>(found: &mut Vec<Found<'a>>, pods: &Pods<'a>) {
    if let Some(annotations) = pods.annotations() {
        add(found, (pods.id, pods.object, "Pod"), pods.field("metadata.annotations"), annotations, pods.labels);
    }
}

fn add<'a>(
    found: &mut Vec<Found<'a>>,
    (id, object, kind): (NodeId, &'a Object, &'a str),
    path: String,
    annotations: &'a Bag,
    labels: Option<&'a Bag>,
) {
    for (name, value) in annotations.iter() {
        let is_of_istio =
            name.split_once('/').is_some_and(|(group, _)| group == "istio.io" || group.ends_with(".istio.io"));
        let is_of_ingress = name == "kubernetes.io/ingress.class" && kind != "Ingress";
        if (is_of_istio || is_of_ingress) && !BY_OTHERS.contains(&name) {
            found.push(Found { id, object, kind, path: path.clone(), name, value: value.as_str(), labels });
        }
    }
}
