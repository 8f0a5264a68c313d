//! `IBM/network-config-analyzer`: connectivity of Kubernetes and Istio, and equivalence of configurations.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

use anyhow::Result;
use meshsynth_access::kubernetes::Selector;
use meshsynth_reach::entries::{Routes, routed};
use meshsynth_reach::kubernetes::{Policies, Side};
use meshsynth_reach::mesh::Mesh;
use meshsynth_reach::world::WorkloadId;
use meshsynth_reach::{Connections, Port, Protocol, Verdict, World};

use crate::report::{Case, Report};
use crate::rules::{End, Rule, Test, parse};
use crate::scheme::Scheme;

const FOLDERS: [&str; 2] = ["k8s_testcases", "istio_testcases"];
/// The ports to test, in addition to the ports in rules.
const PORTS: [u16; 7] = [1, 53, 80, 443, 8080, 9080, 65535];
const V4: u128 = 0xffff_0000_0000;

pub fn run(checkout: &Path, filter: &str) -> Result<Report> {
    let tests = checkout.join("tests");
    let mut report = Report::default();
    for scheme in FOLDERS.iter().flat_map(|it| Scheme::all(&tests.join(it))) {
        let place = scheme.path.strip_prefix(&tests)?.with_extension("").display().to_string();
        for query in scheme.document["queries"].as_array().into_iter().flatten() {
            let name = format!("{place}:{}", query["name"].as_str().unwrap_or_default());
            if !name.contains(filter) {
                continue;
            }
            let sets = |key: &str| -> Vec<String> {
                let all = query[key].as_array().into_iter().flatten();
                all.filter_map(|it| it.as_str().map(str::to_owned)).collect()
            };
            if let Some(expected) = query["expectedOutput"].as_str().filter(|_| query["connectivityMap"].is_array()) {
                let path = scheme.path.with_file_name(expected);
                report.0.insert(name, connectivity(&scheme, &sets("connectivityMap"), &path, &tests));
            } else if let (true, Some(expected)) = (query["equivalence"].is_array(), query["expected"].as_u64()) {
                if !place.starts_with("k8s") {
                    report.0.insert(name, skipped("compares methods, paths and hosts"));
                    continue;
                }
                report.0.insert(name, equivalence(&scheme, &sets("equivalence"), expected, &tests));
            }
        }
    }
    Ok(report)
}

fn skipped(why: impl Into<String>) -> Case {
    Case { skipped: Some(why.into()), ..Case::default() }
}

fn connectivity(scheme: &Scheme, sets: &[String], expected: &Path, tests: &Path) -> Case {
    if expected.extension().is_some_and(|it| it == "dot") {
        return skipped("a diagram that groups pods into cliques");
    }
    let Ok(text) = fs::read_to_string(expected) else { return skipped("its output is not in the checkout") };
    let mut case = Case::default();
    for set in sets {
        match scheme.world(set, tests) {
            Ok(world) if world.clusters.is_empty() => return skipped("no object can be read"),
            Ok(world) => compare(&world, &parse(&text, set), &mut case),
            Err(why) => return skipped(why),
        }
    }
    case
}

/// Compares configurations by the connections between groups of pods, and between groups and addresses. All
/// configurations of a scheme have the same groups.
fn equivalence(scheme: &Scheme, sets: &[String], expected: u64, tests: &Path) -> Case {
    let mut maps = Vec::new();
    let worlds: Result<Vec<World>, String> = sets.iter().map(|it| scheme.world(it, tests)).collect();
    let worlds = match worlds {
        Ok(worlds) if worlds.iter().all(|it| !it.clusters.is_empty()) => worlds,
        Ok(_) => return skipped("no object can be read"),
        Err(why) => return skipped(why),
    };
    let every = |it: &World| Policies::new(it, 0).pieces(0, u128::MAX).into_iter().map(|it| it.0).collect::<Vec<_>>();
    let cuts: BTreeSet<u128> = worlds.iter().flat_map(every).collect();
    for world in &worlds {
        let policies = Policies::new(world, 0);
        let sides = sides(&policies, &cuts);
        let pairs = sides.iter().flat_map(|a| sides.iter().map(move |b| (a, b)));
        maps.push(pairs.map(|(a, b)| policies.between(a, b)).collect::<Vec<Connections>>());
    }
    let mut case = Case::default();
    let pairs = (0..maps.len()).flat_map(|a| (a + 1..maps.len()).map(move |b| (a, b)));
    let differ = pairs.filter(|(a, b)| maps[*a] != maps[*b]).count();
    case.compared = maps.len() * maps.len().saturating_sub(1) / 2;
    if u64::try_from(differ) != Ok(expected) {
        case.wrong.push(format!("{expected} pairs of {} differ, got {differ}", sets.join(", ")));
    }
    case
}

fn starts(policies: &Policies) -> Vec<u128> {
    policies.pieces(V4, V4 + u128::from(u32::MAX)).into_iter().map(|(from, _)| from).collect()
}

fn sides<'a>(policies: &'a Policies<'a>, cuts: &BTreeSet<u128>) -> Vec<Side<'a>> {
    let pods = policies.members().iter().map(|id| Side::Pod(policies.pod(*id)));
    let ends = cuts.iter().skip(1).map(|it| it - 1).chain([u128::MAX]);
    pods.chain(cuts.iter().zip(ends).map(|(from, to)| Side::Addresses(*from, to))).collect()
}

fn compare(world: &World, rules: &[Rule], case: &mut Case) {
    let (policies, mesh, routes) = (Policies::new(world, 0), Mesh::new(world, 0), Routes::new(world, 0));
    let ranges = |protocol| rules.iter().flat_map(move |it| it.connections.of(protocol)).flat_map(|it| [it.0, it.1]);
    let ports: BTreeSet<u16> = Protocol::ALL.into_iter().flat_map(ranges).chain(PORTS).collect();
    let mut cuts: BTreeSet<u128> = starts(&policies).into_iter().collect();
    for end in rules.iter().flat_map(|it| [&it.from, &it.to]) {
        if let End::Addresses(ranges) = end {
            cuts.extend(ranges.iter().flat_map(|it| [V4 + u128::from(it.0), V4 + u128::from(it.1) + 1]));
        }
    }
    cuts.retain(|it| *it <= V4 + u128::from(u32::MAX));
    let mut groups: BTreeMap<String, Vec<WorkloadId>> = BTreeMap::new();
    for id in policies.members() {
        groups.entry(crate::netpol::group(world, *id)).or_default().push(*id);
    }
    let first: Vec<WorkloadId> = groups.values().filter_map(|it| it.first().copied()).collect();
    let mut check = |from: Option<WorkloadId>, to: Option<WorkloadId>, span: (u128, u128)| {
        let side =
            |id: Option<WorkloadId>| id.map_or(Side::Addresses(span.0, span.1), |id| Side::Pod(policies.pod(id)));
        let open = policies.between(&side(from), &side(to));
        for protocol in [Protocol::Tcp, Protocol::Udp] {
            for port in ports.iter().map(|number| Port { protocol, number: *number }) {
                let wanted = rules.iter().any(|it| {
                    it.connections.has(protocol, port.number)
                        && is_end(&it.from, world, from, span)
                        && is_end(&it.to, world, to, span)
                });
                let links = match (from, to) {
                    (Some(from), Some(to)) => mesh.between(&mesh, from, to, port),
                    (None, Some(to)) => mesh.from_addresses(to, port, &[span]),
                    (Some(from), None) => vec![mesh.leaves_for(from, address(span.0), port)],
                    _ => Vec::new(),
                };
                let forwards = from.zip(to).is_none_or(|(a, b)| forwards(world, &routes, a, b, port));
                let got = links.iter().fold(Verdict::Allowed, |all, it| all.and(it.verdict));
                let got = got == Verdict::Allowed && open.has(protocol, port.number) && forwards;
                let say = || {
                    let name =
                        |id: Option<WorkloadId>| id.map_or("addresses".to_owned(), |it| world.workload(it).title());
                    format!("{} => {} {} {}", name(from), name(to), protocol.name(), port.number)
                };
                case.compared += 1;
                // By default, the proxy of a client forwards connections to unknown names. The corpus expects that the
                // proxy always rejects them.
                let is_passed = from.zip(to).is_some_and(|(from, to)| !mesh.knows(from, &mesh, to));
                match is_passed && got && !wanted {
                    true => case.explained.push(format!("{}: passed without a certificate", say())),
                    false if got != wanted => case.wrong.push(format!("{}: wanted {wanted}, got {got}", say())),
                    false => {}
                }
            }
        }
    };
    let ends: Vec<u128> = cuts.iter().skip(1).map(|it| it - 1).chain([V4 + u128::from(u32::MAX)]).collect();
    for a in &first {
        // The files do not contain the pods of an Ingress controller, or the fact that it only connects to backends.
        let is_controller =
            world.workload(*a).labels.get("app.kubernetes.io/name").is_some_and(|it| it == "ingress-nginx");
        // An egress gateway receives requests for names, which are not part of this comparison.
        let is_egress = |id: WorkloadId| world.workload(id).labels.get("istio").is_some_and(|it| it == "egressgateway");
        for b in first.iter().filter(|b| *b != a && !is_controller && !is_egress(**b)) {
            check(Some(*a), Some(*b), (0, 0));
        }
        for (from, to) in cuts.iter().copied().zip(ends.iter().copied()) {
            if !is_egress(*a) {
                check(None, Some(*a), (from, to));
            }
            if !is_controller && gateway_of(world, *a).is_none() {
                check(Some(*a), None, (from, to));
            }
        }
    }
}

fn address(at: u128) -> std::net::IpAddr {
    std::net::Ipv4Addr::from(u32::try_from(at - V4).unwrap_or_default()).into()
}

/// Whether a gateway forwards a connection. It only forwards its TCP routes.
fn forwards(world: &World, routes: &Routes<'_>, from: WorkloadId, to: WorkloadId, port: Port) -> bool {
    match gateway_of(world, from) {
        Some(()) if port.protocol == Protocol::Tcp => routed(world, routes, from, to).iter().any(|it| it.port == port),
        _ => true,
    }
}

fn gateway_of(world: &World, id: WorkloadId) -> Option<()> {
    let objects = world.clusters[0].objects.iter();
    let mut gateways = objects.filter(|it| it.kind == "Gateway" && it.group == "networking.istio.io");
    let selects = |it: &meshsynth_reach::world::Object| {
        Selector::labels(&it.document["spec"]["selector"]).selects(&world.workload(id).labels)
    };
    gateways.any(selects).then_some(())
}

fn is_end(end: &End, world: &World, id: Option<WorkloadId>, span: (u128, u128)) -> bool {
    match (end, id) {
        (End::Addresses(ranges), None) => {
            ranges.iter().any(|it| V4 + u128::from(it.0) <= span.0 && span.1 <= V4 + u128::from(it.1))
        }
        (End::Owner(name), Some(id)) => crate::netpol::group(world, id) == *name,
        (End::Pods(namespaces, tests), Some(id)) => {
            let workload = world.workload(id);
            let group = crate::netpol::group(world, id);
            let owner = group.split_once('/').and_then(|it| it.1.split_once('[')).map_or("", |it| it.0);
            namespaces.contains(&workload.namespace)
                && tests.iter().any(|test| match test {
                    Test::All => true,
                    Test::Named(name) => name == owner || *name == workload.name,
                    Test::Label(key, values, is_in) => {
                        workload.labels.get(key).is_some_and(|it| values.contains(it)) == *is_in
                    }
                })
        }
        _ => false,
    }
}
