//! The common parts of security group rules and list entries: protocols, ports and peers.

use serde_json::Value;

use crate::json::{number, text};
use crate::sets::{Cidr, Cube, Dimension, Glob, Set, Test};

/// Returns a range of ports. The range of all ports has no restriction and includes named ports.
pub fn ports(from: u128, to: u128) -> Set {
    if from <= 1 && to >= u128::from(u16::MAX) { Set::all() } else { Set::of([Test::Number(from, to)]) }
}

/// Returns the source addresses of a load balancer or an endpoint. An empty list means all addresses.
pub fn sources(blocks: &[String]) -> Set {
    let is_all = |block: &String| block.parse() == Ok(Cidr::ALL_V4);
    if blocks.is_empty() || blocks.iter().any(is_all) { Set::all() } else { addresses(blocks) }
}

/// Returns the addresses in any of the blocks.
pub fn addresses(blocks: &[String]) -> Set {
    let sets = blocks.iter().map(|block| peer(&Value::String(block.clone())));
    Set::of(sets.flat_map(|set| set.tests))
}

/// Adds a protocol, by number or name, and its ports or ICMP types.
///
/// Source: <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_IpPermission.html>.
pub fn protocol(cube: Cube, protocol: &Value, from: &Value, to: &Value) -> Cube {
    let protocol = text(protocol).to_lowercase();
    let name = match protocol.as_str() {
        "-1" | "all" => return cube,
        "6" => "tcp",
        "17" => "udp",
        "1" => "icmp",
        "58" => "icmpv6",
        other => other,
    };
    let cube = cube.with(Dimension::Protocol, Set::literal(name));
    let (low, high) = (bound(from), bound(to));
    match (name, low, high) {
        ("tcp" | "udp", Some(low), Some(high)) if low >= 0 && high >= 0 => {
            cube.with(Dimension::Port, ports(low.unsigned_abs(), high.unsigned_abs()))
        }
        ("tcp" | "udp", None, _) | ("tcp" | "udp", _, None) if !from.is_null() || !to.is_null() => {
            cube.with(Dimension::Port, Set::literal(&format!("{}-{}", text(from), text(to))))
        }
        ("icmp" | "icmpv6", Some(kind), code) if kind >= 0 => {
            // An ICMP type has 256 codes; -1 represents all of them.
            let kind = kind.unsigned_abs() * 256;
            let (low, high) = match code.filter(|code| *code >= 0) {
                Some(code) => (kind + code.unsigned_abs(), kind + code.unsigned_abs()),
                None => (kind, kind + 255),
            };
            cube.with(Dimension::Kind, Set::of([Test::Number(low, high)]))
        }
        _ => cube,
    }
}

fn bound(value: &Value) -> Option<i128> {
    number(value).map(i128::from)
}

/// Returns a peer: a block, or an object that is known only by its name. The block of all IPv4 addresses includes the
/// members of groups and lists.
pub fn peer(value: &Value) -> Set {
    let text = text(value);
    match text.parse::<Cidr>() {
        Ok(cidr) if cidr == Cidr::ALL_V4 => Set::of([Test::Address(cidr), Test::Text(Glob::any())]),
        Ok(cidr) => Set::of([Test::Address(cidr)]),
        Err(()) => Set::literal(&text),
    }
}
