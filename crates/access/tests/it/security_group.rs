//! Security groups and network access control lists.

use std::net::IpAddr;

use meshsynth_access::kubernetes::Traffic;
use meshsynth_access::network::{SecurityGroup, network_acl};
use meshsynth_access::sets::Dimension;
use proptest::prelude::*;
use serde_json::{Value as Json, json};

use crate::points::{Value, check, in_block, property};

/// A protocol, ports, and the peer.
type Rule = (&'static str, Option<(i64, i64)>, &'static str);

const PEERS: [&str; 6] = ["0.0.0.0/0", "10.0.0.0/8", "10.1.0.0/16", "::/0", "group-a", "list-b"];

fn rule() -> impl Strategy<Value = Rule> {
    let ports = prop_oneof![Just((443, 443)), Just((80, 443)), Just((0, 65535)), Just((81, 90))];
    let protocol = prop_oneof![
        1 => Just(("-1", None)),
        3 => (prop::sample::select(&["tcp", "6", "udp"][..]), ports).prop_map(|(it, ports)| (it, Some(ports))),
        1 => Just(("icmp", Some((8, -1)))),
        1 => Just(("icmp", Some((3, 4)))),
        1 => Just(("icmp", Some((-1, -1)))),
        1 => Just(("50", None)),
    ];
    (protocol, prop::sample::select(&PEERS[..])).prop_map(|((protocol, ports), peer)| (protocol, ports, peer))
}

fn json(rule: &Rule, traffic: Traffic) -> Json {
    let key = match (rule.2, traffic) {
        ("group-a", Traffic::Ingress) => "SourceSecurityGroupId",
        ("group-a", Traffic::Egress) => "DestinationSecurityGroupId",
        ("list-b", Traffic::Ingress) => "SourcePrefixListId",
        ("list-b", Traffic::Egress) => "DestinationPrefixListId",
        ("::/0", _) => "CidrIpv6",
        _ => "CidrIp",
    };
    let mut json = json!({ "IpProtocol": rule.0, key: rule.2 });
    if let Some((from, to)) = rule.1 {
        json["FromPort"] = json!(from);
        json["ToPort"] = json!(to.to_string());
    }
    json
}

#[derive(Clone, Debug)]
struct Point {
    end: Result<IpAddr, &'static str>,
    protocol: &'static str,
    /// A port, or an ICMP type and code.
    port: (i64, i64),
}

fn points() -> Vec<Point> {
    let addresses = ["10.1.0.1", "10.2.0.1", "192.0.2.1", "2001:db8::1"].map(|it| Ok(it.parse().unwrap()));
    let mut points = Vec::new();
    for end in addresses.into_iter().chain([Err("group-a"), Err("list-b"), Err("other")]) {
        for protocol in ["tcp", "udp"] {
            for port in [22, 80, 85, 95, 443, 9000] {
                points.push(Point { end, protocol, port: (port, 0) });
            }
        }
        points.extend([(8, 0), (3, 4), (3, 1), (0, 0)].map(|port| Point { end, protocol: "icmp", port }));
        points.extend(["50", "47"].map(|protocol| Point { end, protocol, port: (0, 0) }));
    }
    points
}

fn fits((protocol, ports, peer): &Rule, point: &Point) -> bool {
    let is_peer = match point.end {
        Ok(address) => peer.contains('/') && in_block(peer, address),
        // The addresses of the group members are unknown, but `0.0.0.0/0` contains all of them.
        Err(name) => *peer == name || *peer == "0.0.0.0/0",
    };
    let protocol = if *protocol == "6" { "tcp" } else { protocol };
    let is_port = match (protocol, ports) {
        ("icmp", Some((kind, code))) => {
            (*kind == -1 || *kind == point.port.0) && (*code == -1 || *code == point.port.1)
        }
        (_, Some((from, to))) => (*from..=*to).contains(&point.port.0),
        (_, None) => true,
    };
    is_peer && (protocol == "-1" || (protocol == point.protocol && is_port))
}

fn value(point: &Point, dimension: &Dimension) -> Value {
    match dimension {
        Dimension::Peer => match point.end {
            Ok(address) => Value::Address(address),
            Err(name) => Value::Text(name.to_owned()),
        },
        Dimension::Protocol => Value::Text(point.protocol.to_owned()),
        Dimension::Port if ["tcp", "udp"].contains(&point.protocol) => {
            Value::Number(point.port.0.unsigned_abs().into())
        }
        Dimension::Kind if point.protocol == "icmp" => {
            Value::Number((point.port.0 * 256 + point.port.1).unsigned_abs().into())
        }
        _ => Value::Free,
    }
}

#[test]
fn groups_match_the_evaluator() {
    let points = points();
    let rules = || prop::collection::vec(rule(), 0..4);
    property(500, &(rules(), rules()), |(before, after)| {
        for traffic in [Traffic::Ingress, Traffic::Egress] {
            let key = if traffic == Traffic::Ingress { "SecurityGroupIngress" } else { "SecurityGroupEgress" };
            let region = |rules: &[Rule]| {
                let rules: Vec<Json> = rules.iter().map(|it| json(it, traffic)).collect();
                SecurityGroup::of(&json!({ key: rules })).admits(traffic)
            };
            let admits = |point: &Point, is_after: bool| {
                let rules = if is_after { &after } else { &before };
                let is_open = rules.is_empty() && traffic == Traffic::Egress;
                is_open || rules.iter().any(|rule| fits(rule, point))
            };
            check(&region(&before), &region(&after), &points, admits, value)?;
        }
        Ok(())
    });
}

#[test]
fn first_matching_acl_entry_decides() {
    let points: Vec<Point> = points().into_iter().filter(|it| it.end.is_ok()).collect();
    let entries = || prop::collection::vec((rule(), any::<bool>(), any::<bool>()), 0..5);
    let of_block = |entries: Vec<(Rule, bool, bool)>| -> Vec<(Rule, bool, bool)> {
        entries.into_iter().filter(|((_, _, peer), ..)| peer.contains('/')).collect()
    };
    property(400, &(entries(), entries()), |(before, after)| {
        let (before, after) = (of_block(before), of_block(after));
        for traffic in [Traffic::Ingress, Traffic::Egress] {
            let region = |entries: &[(Rule, bool, bool)]| {
                let entry = |(idx, ((protocol, ports, peer), allows, egress)): (usize, &(Rule, bool, bool))| {
                    let protocol = match *protocol {
                        "tcp" => "6",
                        "udp" => "17",
                        "icmp" => "1",
                        other => other,
                    };
                    let block = if peer.contains("::") { "Ipv6CidrBlock" } else { "CidrBlock" };
                    let mut json = json!({
                        "RuleNumber": idx + 1, "Egress": egress, "Protocol": protocol, block: peer,
                        "RuleAction": if *allows { "allow" } else { "deny" },
                    });
                    match ports {
                        Some((kind, code)) if protocol == "1" => json["Icmp"] = json!({ "Type": kind, "Code": code }),
                        Some((from, to)) => json["PortRange"] = json!({ "From": from, "To": to }),
                        None => {}
                    }
                    json
                };
                // The rule numbers determine the order, not the positions.
                let entries: Vec<Json> = entries.iter().enumerate().map(entry).rev().collect();
                network_acl(&entries, traffic)
            };
            let admits = |point: &Point, is_after: bool| {
                let entries = if is_after { &after } else { &before };
                let is_out = traffic == Traffic::Egress;
                let first = entries.iter().find(|(rule, _, egress)| *egress == is_out && fits(rule, point));
                first.is_some_and(|(_, allows, _)| *allows)
            };
            check(&region(&before), &region(&after), &points, admits, value)?;
        }
        Ok(())
    });
}
