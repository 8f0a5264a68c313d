//! `np-guard/vpc-network-config-analyzer`: connections between AWS instances, and between instances and outside
//! addresses.

use std::collections::BTreeSet;
use std::fs;
use std::net::Ipv4Addr;
use std::path::Path;

use anyhow::{Context, Result};
use meshsynth_reach::world::Files;
use meshsynth_reach::{Engine, Port, Protocol, Source, Target, Verdict, World};

use crate::describe::template;
use crate::report::{Case, Report};

/// The source ports that the engine assumes for clients.
const CLIENTS: (u16, u16) = (32768, 60999);
/// The tested outside addresses: arbitrary ones, and neighbors of the addresses in the examples.
const OUTSIDE: [&str; 6] = ["8.8.8.8", "147.0.0.1", "147.235.0.1", "147.235.208.136", "147.235.208.137", "147.236.0.0"];
const PORTS: [u16; 14] = [1, 22, 80, 443, 1024, 1025, 5000, 5001, 9079, 9080, 9081, 32768, 50000, 65535];

pub fn run(checkout: &Path, filter: &str) -> Result<Report> {
    let mut report = Report::default();
    let examples = checkout.join("pkg/awsvpc/examples");
    let mut outputs: Vec<_> = fs::read_dir(examples.join("out/analysis_out"))?.flatten().map(|it| it.path()).collect();
    outputs.sort();
    for output in outputs {
        let name = output.file_stem().unwrap_or_default().to_string_lossy().into_owned();
        let Some((input, rest)) = name.split_once("_all_vpcs_") else { continue };
        let dump = fs::read_to_string(examples.join(format!("input/input_{input}.json"))).context(name.clone())?;
        if name.contains(filter) {
            let world = world(&serde_json::from_str(&dump)?, !rest.is_empty());
            report.0.insert(name.clone(), compare(&world, &fs::read_to_string(&output)?, !rest.is_empty()));
        }
    }
    Ok(report)
}

fn world(dump: &serde_json::Value, of_subnets: bool) -> World {
    let mut files = Files::default();
    files.documents.insert("vpc.json".to_owned(), vec![(1, template(dump, of_subnets))]);
    World::of(&files)
}

/// A line of the output, such as `a => b : protocol: TCP src-ports: 1-9 dst-ports: 80 *`.
struct Expected {
    from: String,
    to: String,
    protocol: Option<Protocol>,
    clients: Vec<(u16, u16)>,
    ports: Vec<(u16, u16)>,
    /// Whether responses are blocked.
    is_one_way: bool,
}

fn compare(world: &World, text: &str, of_subnets: bool) -> Case {
    let engine = Engine::new(world);
    let expected: Vec<Expected> = text.lines().filter_map(line).collect();
    let numbers = expected.iter().flat_map(|it| &it.ports).flat_map(|(from, to)| [from.saturating_sub(1), *from, *to]);
    let ports: BTreeSet<u16> = numbers.filter(|it| *it > 0).chain(PORTS).collect();
    let instances = world.of_type("AWS::EC2::Instance").to_vec();
    let name = |at: usize| world.resource(instances[at]).logical.trim_start_matches("it-").to_owned();
    let mut case = Case::default();
    let mut check = |from: &str, to: &str, source: &Source, target: &dyn Fn(Port) -> Target| {
        for protocol in [Protocol::Tcp, Protocol::Udp] {
            for port in ports.iter().map(|number| Port { protocol, number: *number }) {
                let lines = expected.iter().filter(|it| is_end(&it.from, from) && is_end(&it.to, to));
                let wanted = lines.into_iter().any(|it| it.admits(port));
                let answer = engine.ask(source, &target(port));
                case.compared += 1;
                let say = || format!("{from} => {to} {} {}", protocol.name(), port.number);
                match (answer.verdict, wanted) {
                    (Verdict::Allowed, true) | (Verdict::Denied, false) => {}
                    (Verdict::Unknown, _) => case.unknown.push(format!("{}: {:?}", say(), answer.deciding().next())),
                    (got, _) => {
                        case.wrong.push(format!("{}: got {} {:?}", say(), got.word(), answer.deciding().next()))
                    }
                }
            }
        }
    };
    for a in 0..instances.len() {
        for b in (0..instances.len()).filter(|b| *b != a) {
            check(&name(a), &name(b), &Source::Resource(instances[a]), &|port| {
                Target::Resource(instances[b], Some(port))
            });
        }
        for outside in OUTSIDE {
            let address: Ipv4Addr = outside.parse().unwrap_or(Ipv4Addr::UNSPECIFIED);
            check(&name(a), outside, &Source::Resource(instances[a]), &|port| Target::Address(address.into(), port));
            // For subnets, the corpus only contains outbound connections.
            if !of_subnets {
                let source = Source::Addresses(format!("{outside}/32"));
                check(outside, &name(a), &source, &|port| Target::Resource(instances[a], Some(port)));
            }
        }
    }
    case
}

impl Expected {
    /// Whether a connection from usual client ports arrives, and its response.
    fn admits(&self, port: Port) -> bool {
        let has = |ranges: &[(u16, u16)], from: u16, to: u16| {
            ranges.is_empty() || ranges.iter().any(|it| it.0 <= from && to <= it.1)
        };
        !self.is_one_way
            && self.protocol.is_none_or(|it| it == port.protocol)
            && has(&self.ports, port.number, port.number)
            && has(&self.clients, CLIENTS.0, CLIENTS.1)
    }
}

fn is_end(expected: &str, asked: &str) -> bool {
    let Some(block) = expected.strip_prefix("Public Internet ") else {
        return expected.split('[').next() == Some(asked);
    };
    let number = |text: &str| text.parse::<Ipv4Addr>().ok().map(u32::from);
    let Some(asked) = number(asked) else { return false };
    if block == "(all ranges)" {
        return true;
    }
    block.split(',').any(|block| {
        let (address, length) = block.trim().split_once('/').unwrap_or((block, "32"));
        let mask = u32::MAX.checked_shl(32 - length.parse::<u32>().unwrap_or(32)).unwrap_or(0);
        number(address).is_some_and(|it| it & mask == asked & mask)
    })
}

fn line(line: &str) -> Option<Expected> {
    let (from, rest) = line.split_once(" => ")?;
    let (to, text) = rest.split_once(" : ")?;
    let ranges = |key: &str| -> Vec<(u16, u16)> {
        let mut words = text.split(' ').skip_while(|it| *it != key).skip(1);
        let range = |it: &str| {
            let (from, to) = it.split_once('-').unwrap_or((it, it));
            Some((from.parse().ok()?, to.parse().ok()?))
        };
        words.next().into_iter().flat_map(|it| it.split(',')).filter_map(range).collect()
    };
    let mut words = text.split(' ').skip_while(|it| *it != "protocol:").skip(1);
    Some(Expected {
        from: from.to_owned(),
        to: to.to_owned(),
        protocol: words.next().and_then(Protocol::parse),
        clients: ranges("src-ports:"),
        ports: ranges("dst-ports:"),
        is_one_way: text.trim_end().ends_with('*'),
    })
}
