//! Network policies with their rules.
//!
//! Source: <https://kubernetes.io/docs/reference/kubernetes-api/policy-resources/network-policy-v1/>.

use meshsynth_access::kubernetes::{Selector, Traffic};
use serde_json::Value;

use super::members::Members;
use super::peer::{Block, PeerKind, PeerTest};
use super::port::PortTest;
use crate::world::{At, Object};

/// A network policy.
#[derive(Clone, Debug)]
pub(super) struct Policy {
    pub title: String,
    pub at: At,
    pub namespace: String,
    pub selector: Selector,
    /// The ingress rules, or `None` if the policy does not apply to this direction.
    pub ingress: Option<Vec<Rule>>,
    pub egress: Option<Vec<Rule>>,
}

/// A rule: peers and ports.
#[derive(Clone, Debug)]
pub(super) struct Rule {
    /// The field in the document.
    pub field: String,
    /// The peers; `None` admits all.
    pub peers: Option<Vec<PeerTest>>,
    /// The ports; `None` admits all.
    pub ports: Option<Vec<PortTest>>,
}

impl Policy {
    pub(super) fn parse(object: &Object) -> Self {
        let spec = &object.document["spec"];
        let types: Vec<&str> = spec["policyTypes"].as_array().into_iter().flatten().filter_map(Value::as_str).collect();
        let has_egress = spec["egress"].as_array().is_some_and(|rules| !rules.is_empty());
        let is_about = |name: &str, by_default: bool| match types.is_empty() {
            true => by_default,
            false => types.contains(&name),
        };
        let rules = |key: &str, peers: &str| -> Vec<Rule> {
            let rules = spec[key].as_array().into_iter().flatten().enumerate();
            rules.map(|(at, rule)| Rule::parse(rule, peers, &format!("spec.{key}[{at}]"), &object.namespace)).collect()
        };
        Self {
            title: object.title(),
            at: object.at.clone(),
            namespace: object.namespace.clone(),
            selector: Selector::parse(&spec["podSelector"]),
            ingress: is_about("Ingress", true).then(|| rules("ingress", "from")),
            egress: is_about("Egress", has_egress).then(|| rules("egress", "to")),
        }
    }

    pub(super) fn rules(&self, traffic: Traffic) -> Option<&[Rule]> {
        match traffic {
            Traffic::Ingress => self.ingress.as_deref(),
            Traffic::Egress => self.egress.as_deref(),
        }
    }

    pub(super) fn tests(&mut self) -> impl Iterator<Item = &mut PeerTest> {
        let rules = [&mut self.ingress, &mut self.egress].into_iter().flatten().flatten();
        rules.flat_map(|rule| rule.peers.iter_mut().flatten())
    }
}

impl Rule {
    fn parse(rule: &Value, peers: &str, field: &str, namespace: &str) -> Self {
        let list = |key: &str| rule[key].as_array().filter(|list| !list.is_empty());
        let of_peers = list(peers).map(|list| {
            let tests = list.iter().enumerate();
            tests.map(|(at, it)| peer(it, format!("{field}.{peers}[{at}]"), namespace)).collect()
        });
        let ports = list("ports").map(|list| list.iter().map(PortTest::of_policy).collect());
        Self { field: field.to_owned(), peers: of_peers, ports }
    }
}

fn peer(value: &Value, field: String, own: &str) -> PeerTest {
    let kind = match value.get("ipBlock").filter(|it| it.is_object()) {
        Some(block) => Block::parse(block["cidr"].as_str().unwrap_or_default(), &block["except"])
            .map_or(PeerKind::Other, |it| PeerKind::Blocks(vec![it])),
        None => {
            let namespaces = value.get("namespaceSelector").filter(|it| !it.is_null()).map(Selector::parse);
            PeerKind::Pods {
                namespace: namespaces.is_none().then(|| own.to_owned()),
                namespaces,
                pods: Selector::parse(&value["podSelector"]),
            }
        }
    };
    PeerTest { kind, field, members: Members::default(), open: Members::default() }
}
