//! Network policies: the pod connections that they admit.
//!
//! Source: <https://kubernetes.io/docs/concepts/services-networking/network-policies/>.

use serde_json::Value;

use super::selector::{Labels, Selector};
use crate::json::{field, items, number, texts};
use crate::sets::{Cidr, Cube, Dimension, Glob, Region, Set, Test};

/// The direction of a pod's connections.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Traffic {
    /// Connections to the pod.
    Ingress,
    /// Connections from the pod.
    Egress,
}

/// A network policy. It applies to the selected pods of its namespace.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NetworkPolicy {
    /// The selected pods.
    pub selector: Selector,
    /// The admitted connections, or `None` if the policy does not apply to this direction.
    ingress: Option<Region>,
    egress: Option<Region>,
}

impl NetworkPolicy {
    /// Parses a policy.
    pub fn parse(document: &Value) -> Self {
        let spec = &document["spec"];
        let namespace = document["metadata"]["namespace"].as_str().unwrap_or("default");
        let types = texts(&spec["policyTypes"]);
        let is_about = |name: &str, by_default: bool| match types.is_empty() {
            true => by_default,
            false => types.iter().any(|it| it == name),
        };
        let rules = |key: &str, peers: &str| -> Region {
            items(&spec[key]).iter().map(|rule| connections(rule, peers, namespace)).collect()
        };
        Self {
            selector: Selector::parse(&spec["podSelector"]),
            ingress: is_about("Ingress", true).then(|| rules("ingress", "from")),
            egress: is_about("Egress", !items(&spec["egress"]).is_empty()).then(|| rules("egress", "to")),
        }
    }

    /// Whether it selects a pod of its namespace.
    pub fn selects(&self, labels: &Labels) -> bool {
        self.selector.selects(labels)
    }

    /// Whether it isolates the selected pods, so that only connections admitted by policies are possible.
    pub fn isolates(&self, traffic: Traffic) -> bool {
        self.of(traffic).is_some()
    }

    /// Returns the admitted connections of a pod, given the policies that select it. If no policy applies to a
    /// direction, all connections are admitted.
    pub fn admits<'a>(policies: impl IntoIterator<Item = &'a Self>, traffic: Traffic) -> Region {
        let regions: Vec<Region> = policies.into_iter().filter_map(|it| it.of(traffic).cloned()).collect();
        if regions.is_empty() { Region::all() } else { Region::Union(regions) }
    }

    fn of(&self, traffic: Traffic) -> Option<&Region> {
        match traffic {
            Traffic::Ingress => self.ingress.as_ref(),
            Traffic::Egress => self.egress.as_ref(),
        }
    }
}

fn connections(rule: &Value, peers: &str, namespace: &str) -> Region {
    let any = |regions: Vec<Cube>| if regions.is_empty() { Region::all() } else { regions.into_iter().collect() };
    let peers = items(&rule[peers]).iter().map(|it| peer(it, namespace)).collect();
    let ports = items(&rule["ports"]).iter().map(port).collect();
    any(peers).and(any(ports))
}

fn peer(peer: &Value, namespace: &str) -> Cube {
    let block = |value: &Value| match value.as_str().unwrap_or_default().parse::<Cidr>() {
        Ok(cidr) => Test::Address(cidr),
        Err(()) => Test::Text(Glob::literal(value.as_str().unwrap_or_default())),
    };
    if let Some(addresses) = peer.get("ipBlock") {
        let except = Set::of(items(&addresses["except"]).iter().map(block));
        let of = Set::of([block(&addresses["cidr"])]);
        return Cube::new().with(Dimension::Peer, of).with(Dimension::Peer, except.complement());
    }
    // A pod peer is identified by labels, not by an address.
    let cube = Cube::new().with(Dimension::Peer, Set::of([Test::Absent]));
    let cube = match peer.get("namespaceSelector").filter(|it| !it.is_null()) {
        Some(selector) => Selector::parse(selector).within(cube, Dimension::PeerNamespace),
        None => cube.with(Dimension::PeerNamespace(NAME.to_owned()), Set::literal(namespace)),
    };
    Selector::parse(&peer["podSelector"]).within(cube, Dimension::PeerPod)
}

/// The label that every namespace has.
const NAME: &str = "kubernetes.io/metadata.name";

fn port(port: &Value) -> Cube {
    let protocol = match field(port, "protocol") {
        "" => "TCP",
        other => other,
    };
    let cube = Cube::new().with(Dimension::Protocol, Set::literal(&protocol.to_lowercase()));
    let to_number = |value: &Value| number(value).and_then(|it| u128::try_from(it).ok());
    match (&port["port"], to_number(&port["endPort"])) {
        (Value::Null, _) => cube,
        (Value::String(name), _) if name.parse::<u16>().is_err() => cube.with(Dimension::Port, Set::literal(name)),
        (value, end) => {
            let from = to_number(value).unwrap_or_default();
            cube.with(Dimension::Port, crate::network::ports(from, end.unwrap_or(from)))
        }
    }
}
