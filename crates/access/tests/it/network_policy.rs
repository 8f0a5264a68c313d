//! Network policies: selectors, peers, blocks with exceptions, ports, and the default.

use std::net::IpAddr;

use meshsynth_access::kubernetes::{Labels, NetworkPolicy, Traffic};
use meshsynth_access::sets::Dimension;
use proptest::prelude::*;
use serde_json::{Value as Json, json};

use crate::points::{Value, check, in_block, property};

/// The required value of a label; `None` accepts any value.
type Wanted = Option<&'static str>;

#[derive(Clone, Debug)]
enum Peer {
    /// The required namespace (`None` is the namespace of the policy) with its label, and the required label of the
    /// pod.
    Pods(Option<Wanted>, Wanted),
    Block(&'static str, Vec<&'static str>),
}

#[derive(Clone, Debug)]
enum Port {
    All(&'static str),
    Number(&'static str, u16, Option<u16>),
    Name(&'static str),
}

type Rule = (Vec<Peer>, Vec<Port>);

#[derive(Clone, Debug)]
struct Policy {
    pods: Wanted,
    types: Option<Vec<&'static str>>,
    ingress: Vec<Rule>,
    egress: Vec<Rule>,
}

fn wanted() -> impl Strategy<Value = Wanted> {
    prop_oneof![Just(None), Just(Some("a")), Just(Some("b")), Just(Some("!a"))]
}

fn rule() -> impl Strategy<Value = Rule> {
    let block = prop::sample::select(&["0.0.0.0/0", "10.0.0.0/8", "::/0"][..]);
    let except = prop::collection::vec(prop::sample::select(&["10.1.0.0/16", "10.0.0.0/9"][..]), 0..3);
    let peer = prop_oneof![
        (prop::option::of(wanted()), wanted()).prop_map(|(namespace, pods)| Peer::Pods(namespace, pods)),
        (block, except)
            .prop_map(|(block, except)| Peer::Block(block, if block == "::/0" { Vec::new() } else { except })),
    ];
    let port = prop_oneof![
        prop::sample::select(&["TCP", "UDP"][..]).prop_map(Port::All),
        (prop::sample::select(&["TCP", "UDP"][..]), 80_u16..84, prop::option::of(82_u16..86))
            .prop_map(|(protocol, port, end)| Port::Number(protocol, port, end.filter(|end| *end >= port))),
        Just(Port::Name("http")),
    ];
    (prop::collection::vec(peer, 0..3), prop::collection::vec(port, 0..3))
}

fn policy() -> impl Strategy<Value = Policy> {
    let types = prop_oneof![
        Just(None),
        Just(Some(vec!["Ingress"])),
        Just(Some(vec!["Egress"])),
        Just(Some(vec!["Egress", "Ingress"])),
    ];
    let rules = || prop::collection::vec(rule(), 0..3);
    (wanted(), types, rules(), rules()).prop_map(|(pods, types, ingress, egress)| Policy {
        pods,
        types,
        ingress,
        egress,
    })
}

fn selector(wanted: Wanted) -> Json {
    match wanted {
        None => json!({}),
        Some("!a") => json!({ "matchExpressions": [{ "key": "app", "operator": "NotIn", "values": ["a"] }] }),
        Some(value) => json!({ "matchLabels": { "app": value } }),
    }
}

fn json(policy: &Policy) -> Json {
    let peer = |peer: &Peer| match peer {
        Peer::Pods(None, pods) => json!({ "podSelector": selector(*pods) }),
        Peer::Pods(Some(namespace), None) => json!({ "namespaceSelector": selector(*namespace) }),
        Peer::Pods(Some(namespace), pods) => {
            json!({ "namespaceSelector": selector(*namespace), "podSelector": selector(*pods) })
        }
        Peer::Block(cidr, except) => json!({ "ipBlock": { "cidr": cidr, "except": except } }),
    };
    let port = |port: &Port| match port {
        Port::All(protocol) => json!({ "protocol": protocol }),
        Port::Number("TCP", port, None) => json!({ "port": port }),
        Port::Number(protocol, port, None) => json!({ "protocol": protocol, "port": port }),
        Port::Number(protocol, port, Some(end)) => json!({ "protocol": protocol, "port": port, "endPort": end }),
        Port::Name(name) => json!({ "port": name }),
    };
    let rules = |rules: &[Rule], key: &str| -> Vec<Json> {
        let rule = |(peers, ports): &Rule| {
            let mut rule = json!({ key: peers.iter().map(peer).collect::<Vec<_>>() });
            if !ports.is_empty() {
                rule["ports"] = ports.iter().map(port).collect();
            }
            rule
        };
        rules.iter().map(rule).collect()
    };
    let mut spec = json!({
        "podSelector": selector(policy.pods), "ingress": rules(&policy.ingress, "from"), "egress": rules(&policy.egress, "to"),
    });
    if let Some(types) = &policy.types {
        spec["policyTypes"] = json!(types);
    }
    json!({ "kind": "NetworkPolicy", "metadata": { "name": "it", "namespace": "own" }, "spec": spec })
}

/// The peer and the port.
#[derive(Clone, Debug)]
struct Point {
    end: End,
    protocol: &'static str,
    port: Result<u16, &'static str>,
}

#[derive(Clone, Debug)]
enum End {
    /// The name of the namespace, its label, and the label of the pod.
    Pod(&'static str, Option<&'static str>, Option<&'static str>),
    Address(IpAddr),
}

fn points() -> Vec<Point> {
    let labels = [None, Some("a"), Some("b"), Some("c")];
    let mut ends: Vec<End> = ["10.1.2.3", "10.2.2.3", "10.200.0.1", "192.0.2.1", "2001:db8::1", "::1"]
        .map(|it| End::Address(it.parse().unwrap()))
        .to_vec();
    for namespace in ["own", "other"] {
        for of_namespace in labels {
            ends.extend(labels.map(|of_pod| End::Pod(namespace, of_namespace, of_pod)));
        }
    }
    let mut points = Vec::new();
    for end in ends {
        for protocol in ["tcp", "udp", "sctp"] {
            for port in [79, 80, 81, 82, 83, 84, 85, 86].map(Ok).into_iter().chain([Err("http"), Err("grpc")]) {
                points.push(Point { end: end.clone(), protocol, port });
            }
        }
    }
    points
}

fn is_wanted(wanted: Wanted, label: Option<&str>) -> bool {
    match wanted {
        None => true,
        Some("!a") => label != Some("a"),
        Some(value) => label == Some(value),
    }
}

fn fits((peers, ports): &Rule, point: &Point) -> bool {
    let peer = |peer: &Peer| match (peer, &point.end) {
        (Peer::Pods(in_namespace, pods), End::Pod(namespace, of_namespace, of_pod)) => {
            in_namespace.map_or(*namespace == "own", |wanted| is_wanted(wanted, *of_namespace))
                && is_wanted(*pods, *of_pod)
        }
        (Peer::Block(block, except), End::Address(address)) => {
            in_block(block, *address) && !except.iter().any(|it| in_block(it, *address))
        }
        _ => false,
    };
    let port = |port: &Port| match (port, point.port) {
        (Port::All(protocol), _) => protocol.to_lowercase() == point.protocol,
        (Port::Number(protocol, from, to), Ok(port)) => {
            protocol.to_lowercase() == point.protocol && *from <= port && port <= to.unwrap_or(*from)
        }
        (Port::Name(name), Err(port)) => point.protocol == "tcp" && *name == port,
        _ => false,
    };
    (peers.is_empty() || peers.iter().any(peer)) && (ports.is_empty() || ports.iter().any(port))
}

fn speaks(policy: &Policy, traffic: Traffic) -> bool {
    match (&policy.types, traffic) {
        (None, Traffic::Ingress) => true,
        (None, Traffic::Egress) => !policy.egress.is_empty(),
        (Some(types), _) => types.contains(&if traffic == Traffic::Ingress { "Ingress" } else { "Egress" }),
    }
}

fn rules_of(policy: &Policy, traffic: Traffic) -> &[Rule] {
    if traffic == Traffic::Ingress { &policy.ingress } else { &policy.egress }
}

fn admits(policies: &[Policy], label: Option<&str>, traffic: Traffic, point: &Point) -> bool {
    let mut about = policies.iter().filter(|it| is_wanted(it.pods, label) && speaks(it, traffic)).peekable();
    about.peek().is_none() || about.any(|it| rules_of(it, traffic).iter().any(|rule| fits(rule, point)))
}

fn value(point: &Point, dimension: &Dimension) -> Value {
    let label = |it: Option<&str>| it.map_or(Value::Absent, |it| Value::Text(it.to_owned()));
    match (dimension, &point.end) {
        (Dimension::Protocol, _) => Value::Text(point.protocol.to_owned()),
        (Dimension::Port, _) => match point.port {
            Ok(port) => Value::Number(port.into()),
            Err(name) => Value::Text(name.to_owned()),
        },
        (Dimension::Peer, End::Pod(..)) => Value::Absent,
        (Dimension::Peer, End::Address(address)) => Value::Address(*address),
        (_, End::Address(_)) => Value::Free,
        (Dimension::PeerNamespace(key), End::Pod(name, label_of, _)) => {
            label(if key == "app" { *label_of } else { Some(name) })
        }
        (Dimension::PeerPod(_), End::Pod(_, _, of_pod)) => label(*of_pod),
        (other, _) => panic!("{other:?}"),
    }
}

#[test]
fn pod_connections_agree_with_a_separate_evaluator() {
    let points = points();
    let policies = || prop::collection::vec(policy(), 0..3);
    property(150, &(policies(), policies()), |(before, after)| {
        for label in [None, Some("a"), Some("b")] {
            let labels: Labels = label.map(|it| ("app".to_owned(), it.to_owned())).into_iter().collect();
            for traffic in [Traffic::Ingress, Traffic::Egress] {
                // Port names are distinguished only if a policy contains one.
                let all = before.iter().chain(&after).filter(|it| is_wanted(it.pods, label) && speaks(it, traffic));
                let mut ports = all.flat_map(|it| rules_of(it, traffic)).flat_map(|(_, ports)| ports);
                let has_name = ports.any(|it| matches!(it, Port::Name(_)));
                let points: Vec<&Point> = points.iter().filter(|it| has_name || it.port.is_ok()).collect();
                let region = |policies: &[Policy]| {
                    let policies: Vec<NetworkPolicy> =
                        policies.iter().map(|it| NetworkPolicy::parse(&json(it))).collect();
                    NetworkPolicy::admits(policies.iter().filter(|it| it.selects(&labels)), traffic)
                };
                let is_admitted = |point: &&Point, is_after: bool| {
                    admits(if is_after { &after } else { &before }, label, traffic, point)
                };
                check(&region(&before), &region(&after), &points, is_admitted, |point, it| value(point, it))?;
            }
        }
        Ok(())
    });
}
