//! Peer authentication: the narrowest policy with a mode decides.
//!
//! Source: <https://istio.io/latest/docs/reference/config/security/peer_authentication/>.

use meshsynth_access::istio::{self, Scope, Target};
use serde_json::Value;

use crate::world::{At, Cluster};

/// The mutual TLS mode of a port.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mode {
    /// Only mutual TLS.
    Strict,
    /// Mutual TLS and plaintext.
    Permissive,
    /// Only plaintext.
    Disable,
}

/// A peer authentication policy.
#[derive(Debug)]
struct Policy {
    scope: Scope,
    title: String,
    at: At,
    spec: Value,
}

/// The peer authentication policies of a cluster.
#[derive(Debug)]
pub struct Peers {
    policies: Vec<Policy>,
    root: String,
}

/// The effective mode of a port, and its policy.
#[derive(Clone, Debug)]
pub struct Said {
    /// The mode.
    pub mode: Mode,
    /// The policy, its field and its location, or `None` if no policy applies.
    pub by: Option<(String, String, At)>,
    /// Whether the policy has a workload selector.
    pub is_own: bool,
}

impl Peers {
    /// Parses the policies of a cluster.
    pub fn new(cluster: &Cluster, root: &str) -> Self {
        let of_kind = cluster.objects.iter().filter(|it| it.kind == "PeerAuthentication");
        let policy = |object: &'_ crate::world::Object| Policy {
            scope: istio::PeerAuthentication::parse(&object.document).scope,
            title: object.title(),
            at: object.at.clone(),
            spec: object.document["spec"].clone(),
        };
        Self { policies: of_kind.map(policy).collect(), root: root.to_owned() }
    }

    /// Returns the effective mode of a workload's port.
    pub fn mode(&self, target: &Target, port: u16) -> Said {
        let about: Vec<&Policy> = self.policies.iter().filter(|it| it.scope.selects(target, &self.root)).collect();
        let breadth = |it: &Policy| match (it.scope.is_general(), it.scope.namespace() == self.root) {
            (false, _) => 2,
            (true, false) => 1,
            (true, true) => 0,
        };
        // The oldest of several policies decides. The files do not contain their age, so the first
        // one is used.
        let of = |wanted: u8| about.iter().find(|it| breadth(it) == wanted).copied();
        let parse = |value: &Value| match value["mode"].as_str() {
            Some("STRICT") => Some(Mode::Strict),
            Some("PERMISSIVE") => Some(Mode::Permissive),
            Some("DISABLE") => Some(Mode::Disable),
            _ => None,
        };
        if let Some(own) = of(2)
            && let Some(mode) = parse(&own.spec["portLevelMtls"][port.to_string()])
        {
            let field = format!("spec.portLevelMtls.{port}");
            return Said { mode, by: Some((own.title.clone(), field, own.at.clone())), is_own: true };
        }
        for policy in [2, 1, 0].into_iter().filter_map(of) {
            if let Some(mode) = parse(&policy.spec["mtls"]) {
                let by = (policy.title.clone(), "spec.mtls.mode".to_owned(), policy.at.clone());
                return Said { mode, by: Some(by), is_own: !policy.scope.is_general() };
            }
        }
        Said { mode: Mode::Permissive, by: None, is_own: false }
    }
}
