//! Completeness of reported paths: a path is reported if and only if the answers of the reach engine differ between
//! both sides.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use meshsynth_assembly::Manifest;
use meshsynth_diff::side::Side;
use meshsynth_diff::{Diff, ways::Way};
use meshsynth_reach::network::default_ports;
use meshsynth_reach::world::Files;
use meshsynth_reach::{Engine, Source, Target, Verdict, World, survey};
use serde_json::Value;

use crate::hole::cases;

pub fn platform(name: &str) -> Files {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../snapshots").join(name);
    Files::read(&folder).unwrap_or_else(|error| panic!("{name}: {error:#}"))
}

/// Converts the documents of a platform to a side.
fn side(files: &Files) -> Side {
    let mut side = Side::empty(String::new(), "");
    side.manifest = serde_json::from_value::<Manifest>(files.manifest.clone()).expect("a manifest");
    side.bindings = files.bindings.clone();
    side.graph = files.graph.to_string().into();
    for (path, documents) in &files.documents {
        if let Some((_, document)) = documents.first() {
            side.add(path, document.to_string(), document.clone());
        }
    }
    side
}

pub fn diff(old: &Files, new: &Files) -> Diff {
    Diff::new(&side(old), &side(new)).expect("both sides are whole")
}

/// The answers that are not denials, by source and target.
type Answers = BTreeMap<(String, String), Verdict>;

/// The prefix of role names.
const ROLE: &str = "role ";

/// One of this number of sources is evaluated, because all of them take minutes without optimization.
const ONE_OF: usize = 8;

/// Returns the answers of a survey that are not denials, for the internet and some of the sources.
fn answers(files: &Files, some: usize) -> Answers {
    let world = World::of(files);
    let engine = Engine::new(&world);
    let place = |id| match world.clusters.len() {
        1 => world.workload(id).title(),
        _ => format!("{}/{}", world.clusters[world.workload(id).cluster].id, world.workload(id).title()),
    };
    let mut found = BTreeMap::new();
    let mut note = |from: &str, to: String, verdict: Verdict| {
        if verdict != Verdict::Denied {
            let all: &mut Verdict = found.entry((from.to_owned(), to)).or_insert(verdict);
            *all = (*all).min(verdict);
        }
    };
    let is_asked =
        |name: &str| name == "internet" || name.bytes().map(usize::from).sum::<usize>() % ONE_OF == some % ONE_OF;
    for source in survey::sources(&world) {
        let from = match &source {
            Source::Internet => "internet".to_owned(),
            Source::Workload(id) => place(*id),
            Source::Role(id) => format!("{ROLE}{}", world.resource(*id).name()),
            Source::Resource(id) => world.resource(*id).name(),
            other => panic!("{other:?}"),
        };
        if !is_asked(&from) {
            continue;
        }
        for target in survey::targets(&engine) {
            match target {
                Target::Workload(id, _) if !matches!(source, Source::Role(_)) && source != Source::Workload(id) => {
                    for port in engine.ports(id) {
                        let verdict = engine.ask(&source, &Target::Workload(id, Some(port))).verdict;
                        note(&from, format!("{}:{}", place(id), port.number), verdict);
                    }
                }
                Target::Resource(id, _) => {
                    let uses = engine.identities().uses(id);
                    for of in uses {
                        let target = Target::Action(of.action.to_owned(), id);
                        let verdict = engine.ask(&source, &target).verdict;
                        note(&from, format!("{} {}", of.word, world.resource(id).name()), verdict);
                    }
                    let ports = if uses.is_empty() { default_ports(&world, id) } else { Vec::new() };
                    for port in ports.into_iter().filter(|_| !matches!(source, Source::Role(_))) {
                        let verdict = engine.ask(&source, &Target::Resource(id, Some(port))).verdict;
                        note(&from, format!("{}:{}", world.resource(id).name(), port.number), verdict);
                    }
                }
                _ => {}
            }
        }
    }
    found
}

/// Returns the reported answers for each source and each target with its port or verb.
fn told(ways: &[Way]) -> BTreeMap<(String, String), (Verdict, Verdict)> {
    let mut found = BTreeMap::new();
    for way in ways {
        for (from, to) in way.ends() {
            let of: Vec<String> = match to.name.strip_prefix(&format!("{}:", to.construct)) {
                Some(ports) => ports.split(',').map(|port| format!("{}:{port}", to.construct)).collect(),
                None => way.verbs.iter().map(|verb| format!("{verb} {}", to.construct)).collect(),
            };
            found.extend(of.into_iter().map(|to| ((from.name.clone(), to), (way.before, way.after))));
        }
    }
    found
}

/// Returns unreported differences, and reported paths that do not match the engine.
fn wrong((before, after): (&Answers, &Answers), diff: &Diff) -> Vec<String> {
    let told = told(&diff.ways);
    let verdict = |all: &Answers, key: &(String, String)| all.get(key).copied().unwrap_or(Verdict::Denied);
    let keys: BTreeSet<&(String, String)> = before.keys().chain(after.keys()).collect();
    let mut wrong = Vec::new();
    for key in keys {
        let (a, b) = (verdict(before, key), verdict(after, key));
        // Access of a role is reported at its workloads, and access of all sources is reported once as public.
        let is_echo = |(from, to): &(String, String)| *to == key.1 && (key.0.starts_with(ROLE) || from == "internet");
        let own = (key.0.trim_start_matches(ROLE).to_owned(), key.1.clone());
        if a != b && !told.contains_key(&own) && !told.keys().any(is_echo) {
            wrong.push(format!("not told: {} -> {}: {} then {}", key.0, key.1, a.word(), b.word()));
        }
    }
    for (key, (a, b)) in &told {
        let is_asked = !key.1.starts_with("assume ") && !key.1.starts_with("log in to ");
        let key = match before.keys().chain(after.keys()).find(|(from, _)| from.trim_start_matches(ROLE) == key.0) {
            Some((from, _)) => &(from.clone(), key.1.clone()),
            None => key,
        };
        let is_known = before.keys().chain(after.keys()).any(|(from, _)| *from == key.0) || key.0 == "internet";
        let found = (verdict(before, key), verdict(after, key));
        // A verb such as `read` represents several actions, and the change may affect only one of them.
        if is_asked && is_known && found != (*a, *b) && found.0 == found.1 && !key.1.contains("Table") {
            wrong.push(format!("told: {} -> {}: {} then {}, not {found:?}", key.0, key.1, a.word(), b.word()));
        }
    }
    wrong
}

/// Returns targets that are reported as public although the engine denies access from the internet.
fn contradictions(after: &Answers, diff: &Diff) -> Vec<String> {
    let public: BTreeSet<&str> =
        after.keys().filter(|(from, _)| from == "internet").map(|(_, to)| to.as_str()).collect();
    let ways = diff.ways.iter().filter(|way| way.public).flat_map(|way| &way.to);
    let is_open = |name: &str| public.iter().any(|it| it.ends_with(name) || name.starts_with(*it));
    ways.filter(|to| !is_open(&to.name) && !is_open(&to.construct))
        .map(|to| format!("not public: {}", to.name))
        .collect()
}

#[test]
fn opening_any_layer_is_reported_as_an_opened_path() {
    let mut wrong_ones = Vec::new();
    for (at, case) in cases().into_iter().enumerate() {
        let mut old = platform(case.platform);
        (case.closed)(&mut old);
        let mut new = old.clone();
        (case.hole)(&mut new);
        let found = diff(&old, &new);
        let (before, after) = (answers(&old, at), answers(&new, at));
        let found_wrong: Vec<String> =
            wrong((&before, &after), &found).into_iter().chain(contradictions(&after, &found)).collect();
        let is_line = |way: &Way| way.by.iter().any(|it| it.source.starts_with(case.line.0));
        let is_said = found.ways.iter().filter(|way| way.opens).any(is_line);
        // A new route opens no path, because the security group still denies the connection.
        let opens = |(key, verdict): (&(String, String), &Verdict)| before.get(key).is_none_or(|old| verdict < old);
        let is_wanted = !after.iter().any(opens) || is_said;
        if !found_wrong.is_empty() || !is_wanted {
            let text: Vec<String> = found.ways.iter().map(|it| format!("{it} {:?}", it.by)).collect();
            let question = format!("{} to {} {:?}", case.from, case.to, case.action);
            wrong_ones.push(format!("{:?}, {question}: {found_wrong:#?}\n{text:#?}", case.layer));
        }
    }
    assert!(wrong_ones.is_empty(), "{}", wrong_ones.join("\n"));
}

/// Removes and adds one object or resource at a time that can affect paths.
#[test]
fn reports_paths_of_each_removal_and_addition() {
    let kinds = [
        "NetworkPolicy",
        "AuthorizationPolicy",
        "PeerAuthentication",
        "Sidecar",
        "Service",
        "ServiceAccount",
        "HTTPRoute",
        "VirtualService",
        "Gateway",
        "Namespace",
        "TargetGroupBinding",
        "RequestAuthentication",
    ];
    let mut wrong_ones = Vec::new();
    let mut n_turned = 0;
    for (some, name) in ["ecommerce", "ambient-shop"].into_iter().enumerate() {
        let whole = platform(name);
        let all = answers(&whole, some);
        let mut seen: BTreeMap<String, usize> = BTreeMap::new();
        let mut cases: Vec<(String, Files)> = Vec::new();
        for (path, documents) in &whole.documents {
            let Some((_, document)) = documents.first() else { continue };
            if let Some(resources) = document["Resources"].as_object() {
                for (id, resource) in resources {
                    let of = resource["Type"].as_str().unwrap_or_default();
                    let is_way = of.contains("SecurityGroup")
                        || of.contains("Policy")
                        || of.contains("Listener")
                        || of.contains("Route")
                        || of.contains("PodIdentity");
                    let n = seen.entry(of.to_owned()).or_default();
                    if is_way && *n < 1 {
                        *n += 1;
                        let mut less = whole.clone();
                        let rows = less.documents.get_mut(path).expect("the same file");
                        rows[0].1["Resources"].as_object_mut().expect("resources").remove(id);
                        cases.push((format!("{name}: {of} {id}"), less));
                    }
                }
            } else if kinds.iter().any(|kind| document["kind"] == *kind) {
                let n = seen.entry(document["kind"].to_string()).or_default();
                if *n < 1 {
                    *n += 1;
                    let mut less = whole.clone();
                    less.documents.remove(path);
                    without(&mut less.manifest, path);
                    cases.push((format!("{name}: {path}"), less));
                }
            }
        }
        for (what, less) in cases {
            let rest = answers(&less, some);
            for (old, new, before, after) in [(&whole, &less, &all, &rest), (&less, &whole, &rest, &all)] {
                let found = diff(old, new);
                n_turned += usize::from(!found.ways.is_empty());
                let wrong: Vec<String> =
                    wrong((before, after), &found).into_iter().chain(contradictions(after, &found)).collect();
                if !wrong.is_empty() {
                    wrong_ones.push(format!("{what}: {} {:#?}", wrong.len(), wrong.iter().take(4).collect::<Vec<_>>()));
                }
            }
        }
    }
    assert!(wrong_ones.is_empty(), "{}", wrong_ones.join("\n"));
    assert!(n_turned > 5, "{n_turned}");
}

/// Removes an object from the list of a manifest.
fn without(manifest: &mut Value, path: &str) {
    for cluster in manifest["clusters"].as_array_mut().expect("clusters") {
        if let Some(objects) = cluster["objects"].as_array_mut() {
            objects.retain(|it| it["path"] != path);
        }
    }
}
