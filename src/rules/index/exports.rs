//! The scope of Istio objects: the namespaces that they are exported to, and the workloads that they select.

use std::collections::BTreeSet;

use super::pods::{Place, Pods};
use super::{Host, Item, Mesh, NETWORKING, annotation, has_labels, texts};
use crate::val::{Bag, Data};

/// The default root namespace, whose policies apply to every namespace.
pub(in crate::rules) const ROOT: &str = "istio-system";

/// The namespaces that an object is exported to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::rules) enum Exports<'a> {
    /// Every namespace.
    All,
    /// Only these namespaces.
    Only(BTreeSet<&'a str>),
}

impl<'a> Exports<'a> {
    /// Returns the namespaces of an object's field `exportTo`, or of the annotation of a `Service`.
    pub fn of(item: &Item<'a>) -> Self {
        let body = &item.object.body;
        let words: Vec<&str> = match item.object.kind.as_ref() {
            "Service" => {
                annotation(body, "networking.istio.io/exportTo").map_or(Vec::new(), |it| it.split(',').collect())
            }
            _ => texts(body, "spec.exportTo").collect(),
        };
        let words: Vec<&str> = words.into_iter().map(str::trim).filter(|word| !word.is_empty()).collect();
        if words.is_empty() || words.contains(&"*") {
            return Self::All;
        }
        let named = words.into_iter().filter(|word| *word != "~");
        Self::Only(named.map(|word| if word == "." { item.place.1 } else { word }).collect())
    }

    /// Whether an object is exported to a namespace.
    pub fn reach(&self, namespace: &str) -> bool {
        match self {
            Self::All => true,
            Self::Only(some) => some.contains(namespace),
        }
    }

    /// Whether both objects are exported to a common namespace.
    pub fn meet(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Only(one), Self::Only(other)) => !one.is_disjoint(other),
            (Self::Only(some), Self::All) | (Self::All, Self::Only(some)) => !some.is_empty(),
            (Self::All, Self::All) => true,
        }
    }
}

impl<'a> Mesh<'a> {
    /// Returns the object that defines a host, if it is not exported to any namespace of the route.
    pub fn hidden(&self, host: &'a str, route: &Item<'a>) -> Option<Item<'a>> {
        let viewers = match Exports::of(route) {
            Exports::All => BTreeSet::from([route.place.1]),
            Exports::Only(some) => some,
        };
        let defined: Vec<Item<'a>> = match self.host(host, route.place.1) {
            Host::Wild(_) => return None,
            Host::Service { namespace, name } => {
                let key = self.key(host, route.place.1);
                self.services(namespace, name).iter().chain(self.entries_of(&key)).copied().collect()
            }
            Host::Outside(host) => self.entries_of(host).to_vec(),
        };
        let is_seen = |item: &Item<'a>| {
            let exports = Exports::of(item);
            viewers.is_empty() || viewers.iter().any(|viewer| exports.reach(viewer))
        };
        if defined.iter().any(is_seen) || self.is_in_wild_entry(host) {
            return None;
        }
        defined.first().copied()
    }

    /// Returns the pods that a policy selects: pods of its namespace, or of all namespaces for the root namespace.
    pub fn selected_by(&self, policy: &Item<'a>, labels: &'a Bag) -> Option<Vec<&Pods<'a>>> {
        match policy.place.1 {
            ROOT => self.pods.selected_anywhere(policy.place.0, labels),
            _ => self.pods.selected(policy.place, labels),
        }
    }

    /// Whether a virtual machine of the namespace has these labels.
    pub fn has_machine(&self, (target, namespace): Place<'a>, labels: &Bag) -> bool {
        [("WorkloadEntry", "spec.labels"), ("WorkloadGroup", "spec.metadata.labels")].into_iter().any(|(kind, path)| {
            self.all(NETWORKING, kind).iter().any(|machine| {
                let own = machine.object.body.at(path).and_then(Data::as_map);
                let is_near = machine.place == (target, namespace) || namespace == ROOT && machine.place.0 == target;
                is_near && own.is_some_and(|own| has_labels(own, labels))
            })
        })
    }
}

/// Formats labels as a sorted selector: `app=orders,version=v1`.
pub(in crate::rules) fn selector_text(labels: &Bag) -> String {
    let mut pairs: Vec<String> = labels.iter().map(|(key, value)| format!("{key}={}", value.to_text())).collect();
    pairs.sort();
    pairs.join(",")
}

/// Whether labels match a Kubernetes label selector (`matchLabels` and `matchExpressions`). No selector matches all.
pub(in crate::rules) fn selects<'l>(selector: Option<&Data>, label: impl Fn(&str) -> Option<&'l str>) -> bool {
    let Some(selector) = selector else { return true };
    let exact = selector.at("matchLabels").and_then(Data::as_map);
    let is_exact = exact.into_iter().flat_map(Bag::iter).all(|(key, value)| value.as_str() == label(key));
    let fits = |expression: &Data| {
        let key = expression.at("key").and_then(Data::as_str).unwrap_or_default();
        let values = expression.at("values").map(Data::items).unwrap_or_default();
        let is_listed = label(key).is_some_and(|own| values.iter().any(|value| value.as_str() == Some(own)));
        match expression.at("operator").and_then(Data::as_str) {
            Some("In") => is_listed,
            Some("NotIn") => !is_listed,
            Some("Exists") => label(key).is_some(),
            Some("DoesNotExist") => label(key).is_none(),
            _ => false,
        }
    };
    is_exact && selector.at("matchExpressions").map(Data::items).unwrap_or_default().iter().all(fits)
}
