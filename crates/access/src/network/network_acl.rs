//! Network access control lists: the first matching rule decides.
//!
//! Source: <https://docs.aws.amazon.com/vpc/latest/userguide/vpc-network-acls.html>.

use serde_json::Value;

use super::rule;
use crate::json::{field, flag, number};
use crate::kubernetes::Traffic;
use crate::sets::{Cube, Dimension, Region};

/// Returns the connections that the entries of a list admit. A connection without a matching entry
/// is denied.
pub fn network_acl(entries: &[Value], traffic: Traffic) -> Region {
    let is_egress = traffic == Traffic::Egress;
    let mut entries: Vec<&Value> =
        entries.iter().filter(|entry| flag(&entry["Egress"]).unwrap_or(false) == is_egress).collect();
    entries.sort_by_key(|entry| number(&entry["RuleNumber"]).unwrap_or(i64::MAX));
    // From the last entry to the first: an earlier entry overrides later ones.
    entries.iter().rev().fold(Region::none(), |later, entry| {
        let fits: Region = cubes(entry).into_iter().collect();
        match field(entry, "RuleAction") {
            "allow" => later.or(fits),
            _ => later.without(fits),
        }
    })
}

fn cubes(entry: &Value) -> Vec<Cube> {
    let blocks = ["CidrBlock", "Ipv6CidrBlock"].iter().filter_map(|key| entry.get(key));
    let cube = |block: &Value| {
        let cube = Cube::new().with(Dimension::Peer, rule::peer(block));
        let (from, to) = match entry.get("Icmp") {
            Some(icmp) if entry.get("PortRange").is_none() => (&icmp["Type"], &icmp["Code"]),
            _ => (&entry["PortRange"]["From"], &entry["PortRange"]["To"]),
        };
        rule::protocol(cube, &entry["Protocol"], from, to)
    };
    blocks.map(cube).collect()
}
