//! Ports in policies.

use serde_json::Value;

use crate::connections::{Connections, Protocol};
use crate::world::Workload;

/// The connections that an entry of a port list admits.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum PortTest {
    /// Known connections.
    Known(Connections),
    /// The named port of the receiving pod, for one protocol or, if it is not specified, for all.
    Named(Option<Protocol>, String),
}

impl PortTest {
    /// Parses an entry of `ports` of a network policy.
    pub(super) fn of_policy(value: &Value) -> Self {
        let name = value["protocol"].as_str().unwrap_or("TCP");
        let Some(protocol) = Protocol::parse(name) else { return Self::Known(Connections::none()) };
        match &value["port"] {
            Value::Null => Self::Known(Connections::every(protocol)),
            Value::String(text) => match text.parse::<u16>() {
                Ok(port) => Self::Known(Connections::ports(protocol, port, port)),
                Err(_) => Self::Named(Some(protocol), text.clone()),
            },
            from => {
                let number = |value: &Value| value.as_u64().and_then(|it| u16::try_from(it).ok());
                let from = number(from).unwrap_or_default();
                Self::Known(Connections::ports(protocol, from, number(&value["endPort"]).unwrap_or(from)))
            }
        }
    }

    /// Parses an entry of `ports` of a cluster-wide policy.
    pub(super) fn of_admin_policy(value: &Value) -> Self {
        let number = |value: &Value| value.as_u64().and_then(|it| u16::try_from(it).ok()).unwrap_or_default();
        let protocol = |value: &Value| Protocol::parse(value["protocol"].as_str().unwrap_or("TCP"));
        if let Some(name) = value["namedPort"].as_str() {
            return Self::Named(None, name.to_owned());
        }
        let (one, range) = (&value["portNumber"], &value["portRange"]);
        let known = match (one.is_object(), protocol(one), protocol(range)) {
            (true, Some(protocol), _) => Connections::ports(protocol, number(&one["port"]), number(&one["port"])),
            (false, _, Some(protocol)) => Connections::ports(protocol, number(&range["start"]), number(&range["end"])),
            _ => Connections::none(),
        };
        Self::Known(known)
    }

    /// Returns the admitted connections to a pod, or to an address outside the cluster.
    pub(super) fn resolve(&self, receiver: Option<&Workload>) -> Connections {
        match self {
            Self::Known(connections) => connections.clone(),
            Self::Named(protocol, name) => {
                let ports = receiver.into_iter().flat_map(|it| &it.ports);
                let meant = ports.filter(|it| it.name == *name && protocol.is_none_or(|wanted| wanted == it.protocol));
                meant
                    .fold(Connections::none(), |all, it| all.or(&Connections::ports(it.protocol, it.number, it.number)))
            }
        }
    }
}

/// Returns the connections that a port list admits. Without a list, all are admitted.
pub(super) fn resolve(ports: Option<&[PortTest]>, receiver: Option<&Workload>) -> Connections {
    match ports {
        None => Connections::all(),
        Some(ports) => ports.iter().fold(Connections::none(), |all, it| all.or(&it.resolve(receiver))),
    }
}
