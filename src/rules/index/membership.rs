//! Members of the mesh: workloads, namespaces and gateway pods.

use std::collections::BTreeSet;

use super::pods::{Place, Pods, place};
use super::{CORE, EXTENSIONS, Item, Mesh, NETWORKING, SECURITY, TELEMETRY, label};
use crate::tree::NodeId;
use crate::val::{Bag, Data};

/// The labels that specify whether a namespace is in the mesh.
pub(in crate::rules) const MESH_LABELS: [&str; 3] = ["istio-injection", "istio.io/rev", "istio.io/dataplane-mode"];

impl<'a> Mesh<'a> {
    /// Whether the model contains an Istio object, or a namespace with a label of Istio.
    pub fn has_istio(&self) -> bool {
        let has_kinds =
            self.kinds.keys().any(|(group, _)| [EXTENSIONS, NETWORKING, SECURITY, TELEMETRY].contains(group));
        let says = |namespace: &Item<'a>| MESH_LABELS.iter().any(|key| label(&namespace.object.body, key).is_some());
        has_kinds || self.all(CORE, "Namespace").iter().any(says)
    }

    /// Whether the model comes from a program instead of manifests.
    pub fn is_program(&self) -> bool {
        self.model.targets().any(|(id, _)| self.model.stack_of(id).is_some())
    }

    /// Whether a workload is in the mesh. Returns `None` if it is unknown.
    pub fn in_mesh(&self, pods: &Pods<'a>) -> Option<bool> {
        let place = place(self.model, pods.id, pods.object);
        let of_pods = |key: &str| pods.labels.and_then(|labels| labels.get(key)).and_then(Data::as_str);
        let annotated = || pods.annotations()?.get("sidecar.istio.io/inject")?.as_str();
        match (of_pods("sidecar.istio.io/inject").or_else(annotated), of_pods("istio.io/dataplane-mode")) {
            (Some(inject), _) => return Some(inject == "true"),
            (_, Some(mode)) => return Some(mode == "ambient"),
            _ => {}
        }
        if pods.spec.at("hostNetwork").and_then(Data::as_bool) == Some(true) {
            return Some(false);
        }
        self.meshes(place)
    }

    /// Whether workloads of a namespace are in the mesh by default. Returns `None` if it is unknown.
    pub fn meshes(&self, place: Place<'a>) -> Option<bool> {
        let namespace = self.namespace(place);
        let Some(namespace) = namespace else { return (!self.model.is_open).then_some(false) };
        let label = |key: &str| label(&namespace.object.body, key);
        let is_injected = match label("istio-injection") {
            Some(word) => word == "enabled",
            None => label("istio.io/rev").is_some() || label("istio.io/dataplane-mode") == Some("ambient"),
        };
        Some(is_injected)
    }

    /// Returns the gateway workloads that the selector of an Istio `Gateway` matches: their namespaces, and their pods
    /// if manifests define them. Returns `None` if the input may omit a matching gateway.
    pub fn gateways<'m>(&'m self, target: Option<NodeId>, selector: &'a Bag) -> Option<Workloads<'m, 'a>> {
        let mut found = Workloads::default();
        found.pods = self.pods.selected_anywhere(target, selector)?;
        found.namespaces = found.pods.iter().map(|pods| place(self.model, pods.id, pods.object).1).collect();
        for (id, release) in self.model.releases().filter(|(_, release)| release.chart.ends_with("gateway")) {
            if self.model.target_of(id) != target {
                continue;
            }
            let own = release.values.at("labels").and_then(Data::as_map);
            let istio = release.name.strip_prefix("istio-").unwrap_or(&release.name);
            let has = |(key, value): (&str, &Data)| match own.and_then(|own| own.get(key)) {
                Some(own) => own == value,
                None => match key {
                    "istio" => value.as_str() == Some(istio),
                    "app" => value.as_str() == Some(&release.name),
                    _ => false,
                },
            };
            if selector.iter().all(has) {
                found.namespaces.insert(&release.namespace);
                found.releases.push(id);
            }
        }
        let is_told = !self.model.is_open || self.pods.all().any(|pods| is_gateway(pods));
        (is_told || !found.namespaces.is_empty()).then_some(found)
    }
}

/// Workloads that a selector matches.
#[derive(Default)]
pub(in crate::rules) struct Workloads<'m, 'a> {
    pub pods: Vec<&'m Pods<'a>>,
    pub namespaces: BTreeSet<&'a str>,
    pub releases: Vec<NodeId>,
}

/// Whether pods are an Istio gateway.
pub(in crate::rules) fn is_gateway(pods: &Pods<'_>) -> bool {
    let template = pods.annotations().and_then(|it| it.get("inject.istio.io/templates")).and_then(Data::as_str);
    let istio = pods.labels.and_then(|labels| labels.get("istio")).and_then(Data::as_str);
    template == Some("gateway") || istio.is_some_and(|istio| istio.ends_with("gateway"))
}
