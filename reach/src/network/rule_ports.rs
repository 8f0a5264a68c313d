//! The ports of a security group rule.

use serde_json::Value;

use crate::connections::Protocol;
use crate::ends::Port;

/// The protocols of a rule.
enum Of {
    Everything,
    One(Protocol),
    /// ICMP and other protocols without ports.
    NoPorts,
}

fn of(rule: &Value) -> Of {
    let text = rule["IpProtocol"].as_str().map_or_else(|| rule["IpProtocol"].to_string(), str::to_lowercase);
    match text.as_str() {
        "-1" | "all" => Of::Everything,
        "tcp" | "6" => Of::One(Protocol::Tcp),
        "udp" | "17" => Of::One(Protocol::Udp),
        "sctp" | "132" => Of::One(Protocol::Sctp),
        _ => Of::NoPorts,
    }
}

/// Returns the first and the last port; all ports if they are not specified.
fn range(rule: &Value) -> (i64, i64) {
    let number = |value: &Value| value.as_i64().or_else(|| value.as_str()?.trim().parse().ok());
    match (number(&rule["FromPort"]), number(&rule["ToPort"])) {
        (Some(from), Some(to)) if from != -1 => (from, to),
        _ => (0, 65535),
    }
}

/// Whether a rule applies to a port.
pub fn admits_port(rule: &Value, port: Port) -> bool {
    let (from, to) = range(rule);
    match of(rule) {
        Of::Everything => true,
        Of::One(protocol) => protocol == port.protocol && (from..=to).contains(&i64::from(port.number)),
        Of::NoPorts => false,
    }
}

/// Returns the ports that a rule admits: the well-known ports within its range, or its first port.
pub fn opened(rule: &Value) -> Vec<Port> {
    const KNOWN: [u16; 4] = [22, 80, 443, 3389];
    let (from, to) = range(rule);
    let protocol = match of(rule) {
        Of::Everything => return KNOWN.map(Port::tcp).to_vec(),
        Of::One(protocol) => protocol,
        Of::NoPorts => return Vec::new(),
    };
    let known: Vec<u16> = KNOWN.into_iter().filter(|it| (from..=to).contains(&i64::from(*it))).collect();
    let first = u16::try_from(from).into_iter().filter(|_| known.is_empty());
    known.iter().copied().chain(first).map(|number| Port { protocol, number }).collect()
}
