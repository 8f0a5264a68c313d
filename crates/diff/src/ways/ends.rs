//! Endpoints of the questions to a world, by keys that both sides share.

use std::collections::{BTreeMap, BTreeSet};

use meshsynth_facts::{self as facts, resources::Ports};
use meshsynth_reach::network::default_ports;
use meshsynth_reach::world::{ResourceId, WorkloadId};
use meshsynth_reach::{Engine, Port, Source, Target, World};

use crate::change::Change;
use crate::side::{Pair, Side};

/// An endpoint, independent of the side.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Key {
    /// Any client.
    Internet,
    /// A workload: its cluster and its display name.
    Workload(String, String),
    /// A resource: its stack and logical ID.
    Resource(String, String),
    /// An external source: an ARN, an account or an address block.
    Elsewhere(String),
}

/// A kind of access to a target.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Ask {
    /// A connection.
    Port(Port),
    /// An API call: a verb and the action.
    Action(&'static str, &'static str),
    /// A login with credentials.
    Login,
}

/// The endpoints of a world.
#[derive(Debug, Default)]
pub struct Ends {
    /// The sources.
    pub sources: BTreeMap<Key, Source>,
    /// The targets with their kinds of access.
    pub targets: BTreeMap<Key, (Target, BTreeSet<Ask>)>,
    workloads: BTreeMap<WorkloadId, Key>,
    resources: BTreeMap<ResourceId, Key>,
}

/// Node groups, whose nodes run pods of other programs, too.
const NODES: &str = "AWS::EKS::Nodegroup";

/// New keys of renamed endpoints, by old key.
pub type Renames = BTreeMap<Key, Key>;

impl Ends {
    /// Returns the endpoints of a world. `elsewhere` contains external sources, and `ports` the ports in network rules.
    pub fn new(engine: &Engine<'_>, elsewhere: &BTreeSet<String>, ports: &BTreeSet<Port>, renames: &Renames) -> Self {
        let world = engine.world();
        let mut ends = Self::default();
        let named = |key: Key| renames.get(&key).cloned().unwrap_or(key);
        ends.sources.insert(Key::Internet, Source::Internet);
        for text in elsewhere {
            ends.sources.insert(Key::Elsewhere(text.clone()), source_elsewhere(text));
        }
        for (key, id) in workloads(world) {
            let key = named(key);
            ends.workloads.insert(id, key.clone());
            ends.sources.insert(key.clone(), Source::Workload(id));
            let asks = engine.ports(id).into_iter().map(Ask::Port).collect();
            ends.targets.insert(key, (Target::Workload(id, None), asks));
        }
        for at in 0..world.resources.len() {
            let id = ResourceId(at);
            let resource = world.resource(id);
            let type_name = resource.type_name.as_str();
            let facts = facts::resource(type_name);
            let key = named(Key::Resource(resource.stack_id.clone(), resource.logical.clone()));
            ends.resources.insert(id, key.clone());
            if matches!(type_name, "AWS::IAM::Role" | "AWS::IAM::User") {
                ends.sources.insert(key.clone(), Source::Role(id));
            } else if facts.is_compute || type_name == NODES {
                ends.sources.insert(key.clone(), Source::Resource(id));
            }
            let asks = asks(engine, id, ports);
            if !asks.is_empty() {
                ends.targets.insert(key, (Target::Resource(id, None), asks));
            }
        }
        ends
    }

    /// Returns the keys of workloads.
    pub fn workloads(&self) -> &BTreeMap<WorkloadId, Key> {
        &self.workloads
    }

    /// Returns the key of a resource.
    pub fn of_resource(&self, id: ResourceId) -> Option<&Key> {
        self.resources.get(&id)
    }

    /// Returns the display name of a source.
    pub fn say_source(&self, world: &World, key: &Key) -> String {
        match (self.sources.get(key), key) {
            (Some(Source::Workload(id)), _) => say_workload(world, *id),
            (Some(Source::Resource(id) | Source::Role(id)), _) => world.resource(*id).name(),
            (_, key) => say(key),
        }
    }

    /// Returns the display name of a target.
    pub fn say_target(&self, world: &World, key: &Key) -> String {
        match self.targets.get(key) {
            Some((Target::Workload(id, _), _)) => say_workload(world, *id),
            Some((Target::Resource(id, _), _)) => world.resource(*id).name(),
            _ => say(key),
        }
    }
}

pub(super) fn say_workload(world: &World, id: WorkloadId) -> String {
    let title = world.workload(id).title();
    match world.clusters.len() {
        1 => title,
        _ => format!("{}/{title}", world.clusters[world.workload(id).cluster].id),
    }
}

fn say(key: &Key) -> String {
    match key {
        Key::Internet => "internet".to_owned(),
        Key::Workload(_, title) => title.clone(),
        Key::Resource(stack, logical) => format!("{stack}/{logical}"),
        Key::Elsewhere(text) if text.bytes().all(|byte| byte.is_ascii_digit()) => format!("account {text}"),
        Key::Elsewhere(text) => text.clone(),
    }
}

/// Returns the new keys of matched resources, and of workloads that moved to another cluster.
pub fn renames(pair: &Pair, [old, new]: [&World; 2], changes: &[Change]) -> Renames {
    let mut renames = Renames::new();
    let stack = |side: &Side, name: &str| {
        side.manifest.stacks.iter().find(|it| it.name == name).map_or_else(|| name.to_owned(), |it| it.id.clone())
    };
    for was in changes.iter().filter_map(|it| it.was.as_ref()) {
        let from = Key::Resource(stack(pair.base, &was.from.0), was.from.1.clone());
        renames.insert(from, Key::Resource(stack(pair.head, &was.to.0), was.to.1.clone()));
    }
    let [before, after] =
        [old, new].map(|world| workloads(world).into_iter().map(|(key, _)| key).collect::<BTreeSet<_>>());
    let title = |key: &Key| if let Key::Workload(_, title) = key { title.clone() } else { String::new() };
    let gone: Vec<&Key> = before.difference(&after).collect();
    let come: Vec<&Key> = after.difference(&before).collect();
    for key in &gone {
        let fits = |all: &[&Key]| all.iter().filter(|it| title(it) == title(key)).count();
        if let (1, 1, Some(to)) = (fits(&gone), fits(&come), come.iter().find(|it| title(it) == title(key))) {
            renames.insert((*key).clone(), (*to).clone());
        }
    }
    renames
}

fn asks(engine: &Engine<'_>, id: ResourceId, ports: &BTreeSet<Port>) -> BTreeSet<Ask> {
    let world = engine.world();
    let type_name = world.resource(id).type_name.as_str();
    let uses = engine.identities().uses(id);
    if !uses.is_empty() {
        return uses.iter().map(|it| Ask::Action(it.word, it.action)).collect();
    }
    let has_login = engine.identities().has_login(id);
    let is_door = engine.is_in_network(id) && !facts::resource(type_name).is_client;
    let mut found = BTreeSet::new();
    if has_login || is_door {
        found.extend(default_ports(world, id).into_iter().map(Ask::Port));
    }
    if has_login {
        found.insert(Ask::Login);
    }
    if facts::resource(type_name).ports == Ports::Any {
        found.extend(ports.iter().copied().map(Ask::Port));
    }
    found
}

/// Returns workloads by cluster and title. If two have the same title, the key includes the kind.
pub fn workloads(world: &World) -> Vec<(Key, WorkloadId)> {
    let mut seen = BTreeMap::new();
    let title = |id: WorkloadId| (world.clusters[world.workload(id).cluster].id.clone(), world.workload(id).title());
    for id in world.workload_ids() {
        *seen.entry(title(id)).or_insert(0) += 1;
    }
    let key = |id: WorkloadId| {
        let (cluster, name) = title(id);
        match seen.get(&(cluster.clone(), name.clone())) {
            Some(1) => Key::Workload(cluster, name),
            _ => Key::Workload(cluster, format!("{} {name}", world.workload(id).kind)),
        }
    };
    world.workload_ids().map(|id| (key(id), id)).collect()
}

fn source_elsewhere(text: &str) -> Source {
    if text.starts_with("arn:") {
        Source::Principal(text.to_owned())
    } else if text.contains('/') {
        Source::Addresses(text.to_owned())
    } else {
        Source::Account(text.to_owned())
    }
}

/// Returns a question for the engine, or `None` if the combination is not meaningful.
pub fn question(source: &Source, target: &Target, ask: &Ask) -> Option<Target> {
    let is_principal = matches!(source, Source::Role(_) | Source::Principal(_) | Source::Account(_));
    let is_network = matches!(source, Source::Addresses(_));
    match (ask, target) {
        (Ask::Port(port), Target::Workload(id, _)) if !is_principal && !is_network => {
            Some(Target::Workload(*id, Some(*port)))
        }
        (Ask::Port(port), Target::Resource(id, _)) if !is_principal => Some(Target::Resource(*id, Some(*port))),
        (Ask::Action(_, action), Target::Resource(id, _)) if !is_network => {
            Some(Target::Action((*action).to_owned(), *id))
        }
        (Ask::Login, Target::Resource(id, _)) if is_principal => Some(Target::Resource(*id, None)),
        _ => None,
    }
}
