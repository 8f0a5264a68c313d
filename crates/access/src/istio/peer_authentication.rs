//! Peer authentication: the clients that need a certificate of the mesh.
//!
//! Source: <https://istio.io/latest/docs/reference/config/security/peer_authentication/>.

use std::collections::BTreeMap;

use serde_json::Value;

use super::scope::{Breadth, Scope};
use crate::json::{field, number};
use crate::sets::{Cube, Dimension, Region, Set, Test};

/// A peer authentication policy.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PeerAuthentication {
    /// The workloads that it applies to.
    pub scope: Scope,
    mode: Option<Mode>,
    ports: BTreeMap<u16, Option<Mode>>,
}

/// A mutual TLS mode. `None` inherits the mode of the wider policy.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Mode {
    Strict,
    Permissive,
    Disable,
}

impl Mode {
    fn parse(value: &Value) -> Option<Self> {
        match field(value, "mode") {
            "STRICT" => Some(Self::Strict),
            "PERMISSIVE" => Some(Self::Permissive),
            "DISABLE" => Some(Self::Disable),
            _ => None,
        }
    }

    /// Returns the admitted clients. Without TLS, no identity is verified, even for clients with a certificate.
    fn admits(self) -> Set {
        Set::literals(
            match self {
                Self::Strict => [VERIFIED].as_slice(),
                Self::Permissive => &[VERIFIED, PLAINTEXT],
                Self::Disable => &[VERIFIED, PLAINTEXT, UNVERIFIED],
            }
            .iter()
            .copied(),
        )
    }
}

/// A client of the mesh, with its certificate.
const VERIFIED: &str = "verified";
/// A client without a certificate.
const PLAINTEXT: &str = "plaintext";
/// A client of the mesh whose certificate is not requested.
const UNVERIFIED: &str = "unverified";

impl PeerAuthentication {
    /// Parses a policy.
    pub fn parse(document: &Value) -> Self {
        let spec = &document["spec"];
        let scope = Scope::parse(document);
        // Ports are only supported in policies with a workload selector.
        let ports = spec["portLevelMtls"].as_object().filter(|_| !scope.is_general()).into_iter().flatten();
        let port = |(port, value): (&String, &Value)| {
            Some((u16::try_from(number(&Value::String(port.clone()))?).ok()?, Mode::parse(value)))
        };
        Self { mode: Mode::parse(&spec["mtls"]), ports: ports.filter_map(port).collect(), scope }
    }

    /// Returns the clients that reach a workload, given the policies that apply to it. The narrowest policy with a mode
    /// decides. By default, clients with and without a certificate are admitted.
    pub fn admits<'a>(policies: impl IntoIterator<Item = &'a Self>, root: &str) -> Region {
        let mut by_breadth: BTreeMap<Breadth, &Self> = BTreeMap::new();
        for policy in policies {
            by_breadth.entry(policy.scope.breadth(root)).or_insert(policy);
        }
        let mode = by_breadth.values().rev().find_map(|policy| policy.mode).unwrap_or(Mode::Permissive);
        let ports = by_breadth.get(&Breadth::Workload).map(|policy| &policy.ports);
        let cube =
            |ports: Set, mode: Mode| Cube::new().with(Dimension::Port, ports).with(Dimension::Principal, mode.admits());
        let mut named = Vec::new();
        let mut region = Vec::new();
        for (port, of_port) in ports.into_iter().flatten() {
            let test = Test::Number((*port).into(), (*port).into());
            named.push(test.clone());
            region.push(cube(Set::of([test]), of_port.unwrap_or(mode)));
        }
        region.push(cube(Set::of(named).complement(), mode));
        region.into_iter().collect()
    }
}
