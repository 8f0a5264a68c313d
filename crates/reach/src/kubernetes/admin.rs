//! Cluster-wide policies. `AdminNetworkPolicy` is evaluated before all network policies, `BaselineAdminNetworkPolicy`
//! after them.
//!
//! Source: <https://network-policy-api.sigs.k8s.io/api-overview/>.

use meshsynth_access::kubernetes::{Selector, Traffic};
use serde_json::Value;

use super::members::Members;
use super::peer::{Block, PeerKind, PeerTest};
use super::port::PortTest;
use crate::world::{At, Object};

/// A cluster-wide policy.
#[derive(Clone, Debug)]
pub(super) struct AdminPolicy {
    pub title: String,
    pub at: At,
    /// The policy with the lower value is evaluated first.
    pub priority: i64,
    pub subject: PeerTest,
    ingress: Vec<AdminRule>,
    egress: Vec<AdminRule>,
}

/// A rule. The first matching rule decides.
#[derive(Clone, Debug)]
pub(super) struct AdminRule {
    pub field: String,
    pub action: Action,
    pub peers: Vec<PeerTest>,
    pub ports: Option<Vec<PortTest>>,
}

/// The action for matching connections.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Action {
    Allow,
    Deny,
    /// Network policies decide.
    Pass,
}

impl AdminPolicy {
    pub(super) fn parse(object: &Object) -> Self {
        let spec = &object.document["spec"];
        let rules = |key: &str, peers: &str| -> Vec<AdminRule> {
            let rules = spec[key].as_array().into_iter().flatten().enumerate();
            rules.map(|(at, rule)| AdminRule::parse(rule, peers, &format!("spec.{key}[{at}]"))).collect()
        };
        Self {
            title: format!("{} {}", object.kind, object.name),
            at: object.at.clone(),
            priority: spec["priority"].as_i64().unwrap_or_default(),
            subject: peer(&spec["subject"], "spec.subject".to_owned()),
            ingress: rules("ingress", "from"),
            egress: rules("egress", "to"),
        }
    }

    pub(super) fn rules(&self, traffic: Traffic) -> &[AdminRule] {
        match traffic {
            Traffic::Ingress => &self.ingress,
            Traffic::Egress => &self.egress,
        }
    }

    pub(super) fn tests(&mut self) -> impl Iterator<Item = &mut PeerTest> {
        let rules = self.ingress.iter_mut().chain(&mut self.egress);
        rules.flat_map(|rule| &mut rule.peers).chain([&mut self.subject])
    }
}

impl AdminRule {
    fn parse(rule: &Value, peers: &str, field: &str) -> Self {
        let tests = rule[peers].as_array().into_iter().flatten().enumerate();
        let ports = rule["ports"].as_array().filter(|list| !list.is_empty());
        Self {
            field: field.to_owned(),
            action: match rule["action"].as_str() {
                Some("Allow") => Action::Allow,
                Some("Pass") => Action::Pass,
                _ => Action::Deny,
            },
            peers: tests.map(|(at, it)| peer(it, format!("{field}.{peers}[{at}]"))).collect(),
            ports: ports.map(|list| list.iter().map(PortTest::of_admin_policy).collect()),
        }
    }
}

fn peer(value: &Value, field: String) -> PeerTest {
    let pods = |namespaces: &Value, pods: &Value| PeerKind::Pods {
        namespace: None,
        namespaces: Some(Selector::parse(namespaces)),
        pods: Selector::parse(pods),
    };
    let kind = match (&value["namespaces"], &value["pods"], &value["networks"]) {
        (Value::Object(_), ..) => pods(&value["namespaces"], &Value::Null),
        (_, Value::Object(_), _) => pods(&value["pods"]["namespaceSelector"], &value["pods"]["podSelector"]),
        (.., Value::Array(blocks)) => {
            let blocks = blocks.iter().filter_map(Value::as_str);
            blocks
                .map(|it| Block::parse(it, &Value::Null))
                .collect::<Option<_>>()
                .map_or(PeerKind::Other, PeerKind::Blocks)
        }
        _ if value.get("nodes").is_some() || value.get("domainNames").is_some() => PeerKind::Outside,
        _ => PeerKind::Other,
    };
    PeerTest { kind, field, members: Members::default(), open: Members::default() }
}
