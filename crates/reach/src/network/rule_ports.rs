//! The ports of a security group rule.

use serde_json::Value;

use crate::connections::Protocol;
use crate::ends::Port;
use crate::link::Verdict;
use crate::world::is_unknown;

/// The protocols of a rule.
enum Of {
    Everything,
    One(Protocol),
    /// ICMP and other protocols without ports.
    NoPorts,
    /// A value that only the deployment determines.
    Unknown,
}

fn of(rule: &Value) -> Of {
    if is_unknown(rule) || is_unknown(&rule["IpProtocol"]) {
        return Of::Unknown;
    }
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
        (Some(from), None) if is_unknown(&rule["ToPort"]) => (from, 65535),
        (None, Some(to)) if is_unknown(&rule["FromPort"]) => (0, to),
        _ => (0, 65535),
    }
}

/// Returns whether a rule applies to a port.
pub fn admits_port(rule: &Value, port: Port) -> Verdict {
    let number = i64::from(port.number);
    match of(rule) {
        Of::Everything => Verdict::Allowed,
        Of::One(protocol) if protocol != port.protocol => Verdict::Denied,
        Of::One(_) | Of::Unknown => {
            let is_open = matches!(of(rule), Of::Unknown);
            let (from, to) = range(rule);
            let is_open = is_open || is_unknown(&rule["FromPort"]) || is_unknown(&rule["ToPort"]);
            // One known end of the range can exclude the port.
            let is_after = !is_unknown(&rule["FromPort"]) && number < from;
            let is_before = !is_unknown(&rule["ToPort"]) && number > to;
            match (is_after || is_before, is_open) {
                (true, _) => Verdict::Denied,
                (false, true) => Verdict::Unknown,
                (false, false) => Verdict::Allowed,
            }
        }
        Of::NoPorts => Verdict::Denied,
    }
}

/// Returns the ports that a rule admits: the well-known ports within its range, or its first port.
pub fn opened(rule: &Value) -> Vec<Port> {
    const KNOWN: [u16; 4] = [22, 80, 443, 3389];
    let (from, to) = range(rule);
    let protocol = match of(rule) {
        Of::Everything | Of::Unknown => return KNOWN.map(Port::tcp).to_vec(),
        Of::One(protocol) => protocol,
        Of::NoPorts => return Vec::new(),
    };
    let known: Vec<u16> = KNOWN.into_iter().filter(|it| (from..=to).contains(&i64::from(*it))).collect();
    let first = u16::try_from(from).into_iter().filter(|_| known.is_empty());
    known.iter().copied().chain(first).map(|number| Port { protocol, number }).collect()
}
