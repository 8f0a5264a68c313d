//! Rules in the output of `IBM/network-config-analyzer`: sources, targets and ports.

use std::net::Ipv4Addr;

use meshsynth_reach::{Connections, Protocol};

/// One end of a rule.
pub enum End {
    /// Pods of namespaces, selected by their owners' names or by a label test.
    Pods(Vec<String>, Vec<Test>),
    /// Pods of one owner: `default/frontend[Deployment]`.
    Owner(String),
    /// Ranges of addresses.
    Addresses(Vec<(u32, u32)>),
    /// A name outside the mesh.
    Name,
}

/// A test that selects pods.
pub enum Test {
    All,
    Named(String),
    /// A label that has, or does not have, one of several values.
    Label(String, Vec<String>, bool),
}

/// A rule.
pub struct Rule {
    pub from: End,
    pub to: End,
    pub connections: Connections,
}

/// Parses the rules of one configuration. Rules about TCP, or about all other protocols, are
/// restricted to these protocols.
pub fn parse(text: &str, set: &str) -> Vec<Rule> {
    let mut rules = Vec::new();
    let mut is_own = true;
    let mut about = Connections::all();
    let tcp = Connections::every(Protocol::Tcp);
    for line in text.lines() {
        if let Some((_, config)) = line.split_once("config: ") {
            is_own = config.trim_end_matches(':') == set;
        }
        if line.starts_with("For connections") || line.contains("final fw rules") || line.ends_with("Connections:") {
            about = match (line.contains("non-TCP"), line.contains("TCP")) {
                (true, _) => Connections::all().without(&tcp),
                (_, true) => tcp.clone(),
                _ => Connections::all(),
            };
            continue;
        }
        if let Some(mut rule) = rule(line).filter(|_| is_own) {
            rule.connections = rule.connections.and(&about);
            rules.push(rule);
        }
    }
    rules
}

fn rule(line: &str) -> Option<Rule> {
    if let Some((from, rest)) = line.split_once(" => ") {
        let (to, connections) = rest.split_once(" : ")?;
        return Some(Rule { from: plain(from), to: plain(to), connections: read(connections) });
    }
    let (ends, connections) = line.split_once(" conn: ")?;
    let at = ends.find(" dst")?;
    Some(Rule { from: end(&ends[..at]), to: end(ends[at..].trim_start()), connections: read(connections) })
}

/// Parses an end such as `src_ns: [a,b] src_pods: [*]` or `src: 0.0.0.0/0`.
fn end(text: &str) -> End {
    if let Some((_, block)) = text.split_once("src: ").or_else(|| text.split_once("dst: ")) {
        return addresses(block);
    }
    let list = |key: &str| {
        let inner = text.split_once(key).and_then(|(_, rest)| rest.split_once('[')).map_or("", |it| it.1);
        inner.split_once(']').map_or(inner, |it| it.0).to_owned()
    };
    let namespaces = list("_ns:").split(',').map(|it| it.trim().to_owned()).collect();
    End::Pods(namespaces, tests(&list("_pods:")))
}

fn tests(text: &str) -> Vec<Test> {
    let values = |text: &str| text.trim_matches(['(', ')']).split(',').map(|it| it.trim().to_owned()).collect();
    if let Some((key, list)) = text.split_once(" not in ") {
        return vec![Test::Label(key.to_owned(), values(list), false)];
    }
    if let Some((key, list)) = text.split_once(" in ") {
        return vec![Test::Label(key.to_owned(), values(list), true)];
    }
    let one = |text: &str| match (text.split_once("!="), text.split_once('=')) {
        (Some((key, value)), _) => Test::Label(key.to_owned(), values(value), false),
        (_, Some((key, value))) => Test::Label(key.to_owned(), values(value), true),
        _ if text == "*" => Test::All,
        _ => Test::Named(text.to_owned()),
    };
    text.split(',').map(|it| one(it.trim())).collect()
}

fn plain(text: &str) -> End {
    if text.contains('[') { End::Owner(text.to_owned()) } else { addresses(text) }
}

fn addresses(text: &str) -> End {
    let number = |text: &str| text.trim().parse::<Ipv4Addr>().ok().map(u32::from);
    let range = |text: &str| {
        if let Some((from, to)) = text.split_once('-') {
            return Some((number(from)?, number(to)?));
        }
        let (address, length) = text.split_once('/').unwrap_or((text, "32"));
        let size = u32::MAX.checked_shr(length.trim().parse().ok()?).unwrap_or(0);
        let from = number(address)? & !size;
        Some((from, from | size))
    };
    let ranges: Option<Vec<_>> = text.split(',').map(range).collect();
    ranges.map_or(End::Name, End::Addresses)
}

/// Parses a text such as `{protocols:TCP,dst_ports:80,methods:GET}`. Methods, paths and hosts
/// restrict the requests.
fn read(text: &str) -> Connections {
    if text.trim().eq_ignore_ascii_case("all connections") {
        return Connections::all();
    }
    let one = |text: &str| {
        let text = text.trim_matches(['{', '}']);
        let list = |key: &str| -> Vec<&str> {
            let Some((_, rest)) = text.split_once(key) else { return Vec::new() };
            rest.split(',').take_while(|it| !it.contains(':')).collect()
        };
        let protocols: Vec<Protocol> = match list("protocols:") {
            all if all.is_empty() => Protocol::ALL.to_vec(),
            all => all.into_iter().filter_map(|it| Protocol::parse(it.trim())).collect(),
        };
        let ports = list("dst_ports:");
        let mut found = Connections::none();
        for protocol in protocols {
            if ports.is_empty() {
                found = found.or(&Connections::every(protocol));
            }
            for range in &ports {
                let (from, to) = range.split_once('-').unwrap_or((range, range));
                if let (Ok(from), Ok(to)) = (from.trim().parse(), to.trim().parse()) {
                    found = found.or(&Connections::ports(protocol, from, to));
                }
            }
        }
        found
    };
    text.split("},{").fold(Connections::none(), |all, it| all.or(&one(it)))
}
