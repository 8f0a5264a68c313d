//! The mutual TLS modes of workloads, according to their `PeerAuthentication`.

use super::exports::ROOT;
use super::pods::{Place, Pods, place};
use super::{Item, Mesh, SECURITY, has_labels};
use crate::hash::FastMap;
use crate::val::{Bag, Data};

/// The connections that workloads accept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::rules) enum Mode {
    /// Only mutual TLS.
    Strict,
    /// Mutual TLS and plain text.
    Permissive,
    /// Only plain text.
    Disable,
}

impl Mode {
    fn of(word: Option<&str>) -> Option<Self> {
        match word? {
            "STRICT" => Some(Self::Strict),
            "PERMISSIVE" => Some(Self::Permissive),
            "DISABLE" => Some(Self::Disable),
            // For `UNSET` and unknown values, the more general policy applies.
            _ => None,
        }
    }
}

/// The `PeerAuthentication` objects, by namespace.
pub(in crate::rules) struct Policies<'a> {
    by_place: FastMap<Place<'a>, Vec<Item<'a>>>,
}

impl<'a> Policies<'a> {
    pub fn of(mesh: &Mesh<'a>) -> Self {
        let mut by_place: FastMap<_, Vec<_>> = FastMap::default();
        for policy in mesh.all(SECURITY, "PeerAuthentication") {
            by_place.entry(policy.place).or_default().push(*policy);
        }
        Self { by_place }
    }

    pub fn is_empty(&self) -> bool {
        self.by_place.is_empty()
    }

    /// Returns the policies of a namespace.
    pub fn in_place(&self, place: Place<'a>) -> &[Item<'a>] {
        self.by_place.get(&place).map(Vec::as_slice).unwrap_or_default()
    }

    /// Returns the mode of pods on a port and its policy, or `None` if no policy sets it.
    pub fn of_pods(&self, mesh: &Mesh<'a>, pods: &Pods<'a>, port: Option<i64>) -> Option<(Item<'a>, Mode)> {
        self.of_labels(place(mesh.model, pods.id, pods.object), pods.labels, port)
    }

    /// Returns the mode of pods with these labels, or of pods that no more specific policy selects. Without a port, the
    /// mode of a strict policy with exceptions for ports is unknown.
    pub fn of_labels(&self, place: Place<'a>, labels: Option<&Bag>, port: Option<i64>) -> Option<(Item<'a>, Mode)> {
        let own = self.in_place(place);
        let fits = |wanted: &Bag| labels.is_some_and(|labels| has_labels(labels, wanted));
        let narrow = own.iter().find(|policy| selector(policy).is_some_and(fits));
        let wide = own.iter().find(|policy| selector(policy).is_none());
        let root = self.in_place((place.0, ROOT)).iter().find(|policy| selector(policy).is_none());
        for policy in [narrow, wide, root].into_iter().flatten() {
            let mode = |path: &str| Mode::of(policy.object.body.at(path).and_then(Data::as_str));
            let of_port = port.and_then(|port| mode(&format!("spec.portLevelMtls.{port}.mode")));
            let has_exceptions = port.is_none() && policy.object.body.at("spec.portLevelMtls").is_some();
            match of_port.or(mode("spec.mtls.mode")) {
                None => {}
                Some(Mode::Strict) if has_exceptions => return None,
                Some(mode) => return Some((*policy, mode)),
            }
        }
        None
    }
}

/// Returns the labels of a policy's selector, or `None` if it applies to its whole namespace.
pub(in crate::rules) fn selector<'a>(policy: &Item<'a>) -> Option<&'a Bag> {
    policy.object.body.at("spec.selector.matchLabels").and_then(Data::as_map)
}

/// Whether a `PeerAuthentication` or `DestinationRule` has different settings for some ports.
pub(in crate::rules) fn has_ports_of_its_own(item: &Item<'_>) -> bool {
    let body = &item.object.body;
    body.at("spec.portLevelMtls").is_some() || body.at("spec.trafficPolicy.portLevelSettings").is_some()
}
