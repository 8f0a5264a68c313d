//! Namespaces in ambient mode, and the waypoints of services.

use super::pods::{Place, Pods};
use super::{Item, Mesh, is_gateway, label};
use crate::val::{Bag, Data};

/// The label that names the waypoint of a namespace, a service or a workload.
pub(in crate::rules) const USE_WAYPOINT: &str = "istio.io/use-waypoint";
const WAYPOINT_NAMESPACE: &str = "istio.io/use-waypoint-namespace";

/// The name of a waypoint, and the namespace of its `Gateway`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::rules) struct Waypoint<'a> {
    pub name: &'a str,
    pub namespace: &'a str,
}

/// The waypoint setting in labels.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::rules) enum Enrollment<'a> {
    /// Calls use this waypoint.
    Waypoint(Waypoint<'a>),
    /// Calls use no waypoint: the value is `none`.
    OptedOut,
    /// The labels do not specify a waypoint.
    Unset,
}

/// Returns the waypoint setting in the labels of an object.
pub(in crate::rules) fn enrollment<'a>(labels: Option<&'a Bag>, namespace: &'a str) -> Enrollment<'a> {
    let text = |key: &str| labels.and_then(|labels| labels.get(key)).and_then(Data::as_str);
    match text(USE_WAYPOINT) {
        None => Enrollment::Unset,
        Some("" | "none") => Enrollment::OptedOut,
        Some(name) => Enrollment::Waypoint(Waypoint { name, namespace: text(WAYPOINT_NAMESPACE).unwrap_or(namespace) }),
    }
}

impl<'a> Mesh<'a> {
    /// Whether the pods of a namespace are in ambient mode by default, according to its labels.
    pub fn is_ambient(&self, place: Place<'a>) -> bool {
        let Some(namespace) = self.namespace(place) else { return false };
        let label = |key: &str| label(&namespace.object.body, key);
        let is_injected = label("istio-injection") == Some("enabled") || label("istio.io/rev").is_some();
        label("istio.io/dataplane-mode") == Some("ambient") && !is_injected
    }

    /// Returns the waypoint of a service, from its labels or those of its namespace.
    pub fn waypoint_of(&self, service: &Item<'a>) -> Option<Waypoint<'a>> {
        let labels = |item: &Item<'a>| item.object.body.at("metadata.labels").and_then(Data::as_map);
        let of_namespace = || enrollment(self.namespace(service.place).and_then(|it| labels(&it)), service.place.1);
        match enrollment(labels(service), service.place.1) {
            Enrollment::Waypoint(waypoint) => Some(waypoint),
            Enrollment::OptedOut => None,
            Enrollment::Unset => match of_namespace() {
                Enrollment::Waypoint(waypoint) => Some(waypoint),
                Enrollment::OptedOut | Enrollment::Unset => None,
            },
        }
    }
}

/// Whether pods in an ambient namespace are not in ambient mode, because of a sidecar, a gateway or a label.
pub(in crate::rules) fn is_outside_of_ambient(pods: &Pods<'_>) -> bool {
    let is_injected = pods.label("sidecar.istio.io/inject") == Some("true");
    is_gateway(pods) || is_injected || pods.label("istio.io/dataplane-mode") == Some("none")
}
