//! `np-guard/netpol-analyzer`: connections between pods, and between pods and outside addresses.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

use anyhow::Result;
use meshsynth_reach::kubernetes::{Policies, Side};
use meshsynth_reach::world::WorkloadId;
use meshsynth_reach::{Connections, Protocol, World};

use crate::report::{Case, Report};

/// Connections by their ends: groups of pods, or ranges of addresses.
type Expected = Vec<(End, End, Connections)>;

#[derive(Clone, PartialEq, Eq, PartialOrd, Ord)]
enum End {
    Pods(String),
    Addresses(u128, u128),
    Controller,
}

/// The first IPv4 address among the IPv6 addresses.
const V4: u128 = 0xffff_0000_0000;
const ALL: (u128, u128) = (V4, V4 + u32::MAX as u128);
/// Kinds that connect pods to networks other than the cluster network.
const OTHER_NETWORKS: [&str; 4] =
    ["UserDefinedNetwork", "ClusterUserDefinedNetwork", "NetworkAttachmentDefinition", "MultiNetworkPolicy"];

pub fn run(checkout: &Path, filter: &str) -> Result<Report> {
    let mut report = Report::default();
    let outputs = checkout.join("test_outputs/connlist");
    let mut names: Vec<String> = fs::read_dir(&outputs)?
        .flatten()
        .map(|entry| entry.file_name().to_string_lossy().into_owned())
        .filter_map(|name| name.strip_suffix("_connlist_output.txt").map(str::to_owned))
        .filter(|name| name.contains(filter))
        .collect();
    names.sort();
    for name in names {
        let folder = checkout.join("tests").join(&name);
        // Output for a part of the folder or for one query is contained in the whole output.
        if !folder.is_dir() {
            continue;
        }
        let text = fs::read_to_string(outputs.join(format!("{name}_connlist_output.txt")))?;
        report.0.insert(name, compare(&folder, &text)?);
    }
    Ok(report)
}

fn compare(folder: &Path, text: &str) -> Result<Case> {
    let world = World::read(folder)?;
    let mut case = Case::default();
    let objects = || world.clusters.iter().flat_map(|it| &it.objects);
    if let Some(object) = objects().find(|it| OTHER_NETWORKS.contains(&it.kind.as_str())) {
        case.skipped = Some(format!("{} gives pods networks beside the cluster's", object.kind));
        return Ok(case);
    }
    if world.clusters.is_empty() {
        case.skipped = Some("no object can be read".to_owned());
        return Ok(case);
    }
    let expected: Expected = text.lines().filter_map(line).collect();
    let policies = Policies::new(&world, 0);
    let mut groups: BTreeMap<String, Vec<WorkloadId>> = BTreeMap::new();
    for id in policies.members() {
        groups.entry(group(&world, *id)).or_default().push(*id);
    }
    let mut said: BTreeMap<(&End, &End), Connections> = BTreeMap::new();
    for (from, to, connections) in &expected {
        let all = said.entry((from, to)).or_default();
        *all = all.or(connections);
    }
    let none = Connections::none();
    let check = |case: &mut Case, from: End, to: End, got: &Connections| {
        let wanted = said.get(&(&from, &to)).unwrap_or(&none);
        case.compared += 1;
        if wanted != got {
            case.wrong.push(format!("{} => {}: wanted {wanted}, got {got}", show(&from), show(&to)));
        }
    };
    for (from, sources) in &groups {
        for (to, targets) in groups.iter().filter(|(to, _)| *to != from) {
            let pairs = sources.iter().flat_map(|from| targets.iter().map(move |to| (*from, *to)));
            let got = pairs.fold(Connections::none(), |all, (from, to)| {
                all.or(&policies.between(&Side::Pod(policies.pod(from)), &Side::Pod(policies.pod(to))))
            });
            check(&mut case, End::Pods(from.clone()), End::Pods(to.clone()), &got);
        }
    }
    // The boundaries of the ranges that either side distinguishes.
    let mut cuts: BTreeSet<u128> = policies.pieces(ALL.0, ALL.1).into_iter().map(|(from, _)| from).collect();
    for end in expected.iter().flat_map(|(from, to, _)| [from, to]) {
        if let End::Addresses(from, to) = end {
            cuts.extend([*from, to + 1]);
        }
    }
    cuts.remove(&(ALL.1 + 1));
    let ends = cuts.iter().skip(1).map(|start| start - 1).chain([ALL.1]);
    for (from, to) in cuts.iter().copied().zip(ends) {
        let outside = Side::Addresses(from, to);
        for (name, pods) in &groups {
            let of = |is_in: bool| {
                pods.iter().fold(Connections::none(), |all, id| {
                    let pod = Side::Pod(policies.pod(*id));
                    all.or(&if is_in { policies.between(&outside, &pod) } else { policies.between(&pod, &outside) })
                })
            };
            for is_in in [true, false] {
                let got = of(is_in);
                let within = |end: &End| matches!(end, End::Addresses(a, b) if *a <= from && to <= *b);
                let is_pod = |end: &End| matches!(end, End::Pods(it) if it == name);
                let mut wanted = Connections::none();
                for (source, target, connections) in &expected {
                    let (outer, inner) = if is_in { (source, target) } else { (target, source) };
                    if within(outer) && is_pod(inner) {
                        wanted = wanted.or(connections);
                    }
                }
                case.compared += 1;
                if wanted != got {
                    let arrow = if is_in { "<=" } else { "=>" };
                    let outside = show(&End::Addresses(from, to));
                    case.wrong.push(format!("{name} {arrow} {outside}: wanted {wanted}, got {got}"));
                }
            }
        }
    }
    Ok(case)
}

/// Returns the name of the pods with the same owner.
pub fn group(world: &World, id: WorkloadId) -> String {
    let workload = world.workload(id);
    let owner = &world.object_of(id).document["metadata"]["ownerReferences"][0];
    let (name, kind) = match (owner["name"].as_str(), owner["kind"].as_str()) {
        (Some(name), kind) if kind != Some("Node") => (name, kind.unwrap_or("Pod")),
        _ => (workload.name.as_str(), workload.kind.as_str()),
    };
    format!("{}/{name}[{kind}]", workload.namespace)
}

fn line(line: &str) -> Option<(End, End, Connections)> {
    let (from, rest) = line.split_once(" => ")?;
    let (to, connections) = rest.split_once(" : ")?;
    Some((end(from), end(to), read(connections)))
}

fn end(text: &str) -> End {
    if text == "{ingress-controller}" {
        return End::Controller;
    }
    let Some(range) = text.strip_suffix("[External]") else { return End::Pods(text.to_owned()) };
    let (from, to) = range.split_once('-').unwrap_or((range, range));
    let number = |text: &str| text.parse::<std::net::Ipv4Addr>().map_or(0, |it| V4 + u128::from(u32::from(it)));
    End::Addresses(number(from), number(to))
}

/// Parses a text such as `SCTP 9003,TCP 1-79,81-65535`.
fn read(text: &str) -> Connections {
    if text.eq_ignore_ascii_case("all connections") {
        return Connections::all();
    }
    let mut protocol = None;
    let mut all = Connections::none();
    for piece in text.split(',') {
        let ports = match piece.split_once(' ') {
            Some((name, ports)) => {
                protocol = Protocol::parse(name);
                ports
            }
            None => piece,
        };
        let (from, to) = ports.split_once('-').unwrap_or((ports, ports));
        if let (Some(protocol), Ok(from), Ok(to)) = (protocol, from.parse(), to.parse()) {
            all = all.or(&Connections::ports(protocol, from, to));
        }
    }
    all
}

fn show(end: &End) -> String {
    let address = |it: u128| std::net::Ipv4Addr::from(u32::try_from(it.saturating_sub(V4)).unwrap_or(u32::MAX));
    match end {
        End::Pods(name) => name.clone(),
        End::Addresses(from, to) => format!("{}-{}", address(*from), address(*to)),
        End::Controller => "{ingress-controller}".to_owned(),
    }
}
