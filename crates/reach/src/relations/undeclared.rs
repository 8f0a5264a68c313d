//! Paths to stores without a declared relation.

use std::collections::BTreeMap;

use meshsynth_facts as facts;

use super::arns::Arns;
use super::declared::Declared;
use super::ends::above;
use crate::answer::Answer;
use crate::ends::{Source, Target};
use crate::engine::Engine;
use crate::identity::Touch;
use crate::link::Verdict;
use crate::survey;
use crate::world::{ResourceId, World};

/// Whether a type stores data, or gives access to data.
fn is_store(type_name: &str) -> bool {
    facts::resource(type_name).holds.is_some_and(|holds| holds.is_store() || holds.is_access())
}

/// A store that is reachable without a relation.
#[derive(Clone, Debug)]
pub struct Undeclared {
    /// The store.
    pub store: ResourceId,
    /// The sources, each with its path.
    pub answers: Vec<Answer>,
}

/// Returns every store that the internet, a workload or a function reaches without a relation. Paths that only a
/// deployment determines are omitted.
pub fn undeclared(engine: &Engine<'_>) -> Vec<Undeclared> {
    let world = engine.world();
    let declared = Declared::new(world);
    let stores = Stores::new(engine);
    let mut found: BTreeMap<ResourceId, Vec<Answer>> = BTreeMap::new();
    for source in sources(world) {
        for (store, target) in stores.touched(engine, &source) {
            let path = world.resource(*store).name();
            // A grant on encrypted data also names the key.
            let is_key = world.resource(*store).type_name.starts_with("AWS::KMS::");
            if declared.has(&source, &path) || (is_key && engine.identities().is_named(&source, *store)) {
                continue;
            }
            if let Some(answer) = engine.ask_for(&source, target, Verdict::Allowed) {
                found.entry(*store).or_default().push(answer);
            }
        }
    }
    found.into_iter().map(|(store, answers)| Undeclared { store, answers }).collect()
}

/// The stores, indexed by the text in policies.
struct Stores {
    all: Vec<(ResourceId, Target)>,
    /// The indices of stores by path and ancestor path.
    by_path: BTreeMap<String, Vec<usize>>,
    /// The indices of stores by their own path.
    by_name: BTreeMap<String, Vec<usize>>,
    /// The ARNs of requests to each store, by service.
    arns: BTreeMap<String, Arns>,
    /// Stores that are accessible without an identity policy.
    opened: Vec<usize>,
}

impl Stores {
    fn new(engine: &Engine<'_>) -> Self {
        let world = engine.world();
        let (by_path, by_name, arns) = (BTreeMap::new(), BTreeMap::new(), BTreeMap::new());
        let mut stores = Self { all: Vec::new(), by_path, by_name, arns, opened: Vec::new() };
        for target in survey::targets(engine) {
            let Target::Resource(id, _) = target else { continue };
            if !is_store(&world.resource(id).type_name) {
                continue;
            }
            let at = stores.all.len();
            let name = world.resource(id).name();
            for path in above(&name) {
                stores.by_path.entry(path.to_owned()).or_default().push(at);
            }
            stores.by_name.entry(name).or_default().push(at);
            let identities = engine.identities();
            for arn in identities.targets(id) {
                let service = arn.split(':').nth(2).unwrap_or_default().to_owned();
                stores.arns.entry(service).or_default().insert(arn, at);
            }
            // Without a login, only the network decides.
            let login = || identities.login(&Source::Internet, id).iter().all(|it| it.verdict == Verdict::Allowed);
            let has_none = !identities.has_login(id) && identities.uses(id).is_empty();
            if identities.is_opened(id) || has_none || (identities.has_login(id) && login()) {
                stores.opened.push(at);
            }
            stores.all.push((id, target));
        }
        stores.arns.values_mut().for_each(Arns::sort);
        stores
    }

    /// Returns the stores that a source may reach: those that its policies or its nodes' policies may apply to, and
    /// those that need no policy.
    fn touched(&self, engine: &Engine<'_>, source: &Source) -> Vec<&(ResourceId, Target)> {
        let identities = engine.identities();
        let mut places = self.opened.clone();
        let nodes = match source {
            Source::Workload(id) => engine.node_groups(*id).iter().copied().map(Source::Resource).collect(),
            _ => Vec::new(),
        };
        let touches: Vec<Touch> = nodes.iter().chain([source]).map(|it| identities.touch(it)).collect();
        for touch in touches {
            for name in &touch.named {
                places.extend(self.by_path.get(name).into_iter().flatten());
                places.extend(above(name).filter_map(|it| self.by_name.get(it)).flatten());
            }
            for begin in &touch.begins {
                let service = begin.split(':').nth(2).unwrap_or_default();
                if let Some(arns) = self.arns.get(service) {
                    places.extend(arns.like(begin));
                }
            }
            if touch.is_any {
                places.extend(0..self.all.len());
            }
        }
        places.sort_unstable();
        places.dedup();
        places.into_iter().map(|at| &self.all[at]).collect()
    }
}

/// Returns the sources that run code of the platform. Builds and other roles for AWS services are omitted, because
/// their role defines their purpose.
fn sources(world: &World) -> Vec<Source> {
    let is_build = |id: &ResourceId| world.resource(*id).type_name == "AWS::CodeBuild::Project";
    let is_role = |it: &Source| matches!(it, Source::Role(_)) || matches!(it, Source::Resource(id) if is_build(id));
    survey::sources(world).into_iter().filter(|it| !is_role(it)).collect()
}
