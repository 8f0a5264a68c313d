//! Declared relations that are denied.
//!
//! A call, or a relation to a store, is queried as a connection to its port. A grant is queried for each action that
//! the policies of the identity allow. The login of a store is checked with the grant.

use std::collections::HashSet;

use super::ends::Ends;
use crate::answer::Answer;
use crate::connections::Protocol;
use crate::ends::{Port, Source, Target};
use crate::engine::Engine;
use crate::link::{Layer, Verdict};
use crate::world::{Edge, ResourceId, WorkloadId};

/// A denied relation.
#[derive(Clone, Debug)]
pub struct Broken<'a> {
    /// The relation.
    pub edge: &'a Edge,
    /// The granted action, or `None` for a connection.
    pub action: Option<String>,
    /// The answer with the denying links.
    pub answer: Answer,
}

/// Returns every relation that the engine denies. Results that are unknown before a deployment are omitted.
pub fn broken<'a>(engine: &Engine<'a>) -> Vec<Broken<'a>> {
    let world = engine.world();
    let ends = Ends::new(world);
    let mut found: Vec<Broken<'a>> = Vec::new();
    let mut asked: HashSet<(&str, &str, &str, Option<u16>)> = HashSet::new();
    // A relation that is declared on several lines counts once.
    for edge in &world.edges {
        if !asked.insert((&edge.from, &edge.to, &edge.kind, edge.port)) {
            continue;
        }
        match edge.kind.as_str() {
            "call" | "data" | "entry" => found.extend(connection(engine, &ends, edge)),
            "grant" => found.extend(grants(engine, &ends, edge)),
            _ => {}
        }
    }
    found
}

fn connection<'a>(engine: &Engine<'a>, ends: &Ends<'_>, edge: &'a Edge) -> Option<Broken<'a>> {
    let sources = ends.sources(&edge.from);
    // The security groups of nodes outside the files are unknown.
    let is_sure = |it: &Answer, source: &Source| match source {
        Source::Workload(id) if !engine.has_known_nodes(*id) => it.deciding().any(|link| !is_of_nodes(link.layer)),
        _ => true,
    };
    let stopped =
        sources.iter().find_map(|source| stopped(engine, ends, edge, source).filter(|it| is_sure(it, source)))?;
    Some(Broken { edge, action: None, answer: stopped })
}

/// Whether a layer depends on the network interfaces of nodes.
fn is_of_nodes(layer: Layer) -> bool {
    matches!(layer, Layer::Route | Layer::NetworkAcl | Layer::SecurityGroup)
}

/// Returns the denying answer of a source for the other end of a relation, if there is one.
fn stopped(engine: &Engine<'_>, ends: &Ends<'_>, edge: &Edge, source: &Source) -> Option<Answer> {
    let workloads = ends.workloads(&edge.to);
    if !workloads.is_empty() {
        let world = engine.world();
        let near = match source {
            Source::Workload(from) => {
                let cluster = world.workload(*from).cluster;
                workloads.iter().copied().filter(|it| world.workload(*it).cluster == cluster).collect()
            }
            _ => Vec::new(),
        };
        let all = if near.is_empty() { workloads.to_vec() } else { near };
        // If one version is not reachable, some of the calls fail.
        let denied = |to| engine.connects_for(source, &Target::Workload(to, port(engine, to, edge)), Verdict::Denied);
        return all.into_iter().find_map(denied);
    }
    let stores: Vec<ResourceId> = ends.resources(&edge.to).into_iter().filter(|it| engine.is_in_network(*it)).collect();
    let denied = |id: &ResourceId| {
        engine.connects_for(source, &Target::Resource(*id, edge.port.map(Port::tcp)), Verdict::Denied)
    };
    // One reachable instance or mount target is sufficient.
    stores.iter().map(denied).collect::<Option<Vec<Answer>>>()?.into_iter().next()
}

/// Returns the port of a relation, with the protocol that the workload declares.
fn port(engine: &Engine<'_>, to: WorkloadId, edge: &Edge) -> Option<Port> {
    let number = edge.port?;
    let declared = engine.ports(to).into_iter().filter(|it| it.number == number);
    Some(declared.min_by_key(|it| it.protocol != Protocol::Tcp).unwrap_or(Port::tcp(number)))
}

fn grants<'a>(engine: &Engine<'a>, ends: &Ends<'_>, edge: &'a Edge) -> Vec<Broken<'a>> {
    let identities = engine.identities();
    let roles = ends.roles(&edge.from);
    let mut found: Vec<Broken<'a>> = Vec::new();
    // If only a part of the construct has a role, such as a schedule, the role itself is queried.
    let acts = |it: &Source| matches!(it, Source::Workload(_)) || !identities.roles(it).is_empty();
    let mut sources: Vec<Source> = ends.sources(&edge.from).into_iter().filter(acts).collect();
    if sources.is_empty() {
        sources = roles.iter().copied().map(Source::Role).collect();
    }
    for source in sources {
        let own = identities.roles(&source);
        let lost = roles.iter().copied().filter(|it| !own.contains(it)).map(Source::Role);
        let meant: Vec<Source> = [source.clone()].into_iter().chain(lost).collect();
        for id in ends.resources(&edge.to) {
            let actions = meant.iter().flat_map(|it| identities.granted(it, id));
            for action in actions.collect::<std::collections::BTreeSet<String>>() {
                if found.iter().any(|it| it.action.as_ref() == Some(&action)) {
                    continue;
                }
                let target = Target::Action(action.clone(), id);
                if let Some(answer) = engine.ask_for(&source, &target, Verdict::Denied) {
                    found.push(Broken { edge, action: Some(action), answer });
                }
            }
        }
    }
    found
}
