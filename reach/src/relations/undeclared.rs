//! Ways into stores that no relation of the program asked for.

use std::collections::BTreeMap;

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

/// What holds data.
const STORES: [&str; 21] = [
    "AWS::AmazonMQ::Broker",
    "AWS::DocDB::DBCluster",
    "AWS::DynamoDB::GlobalTable",
    "AWS::DynamoDB::Table",
    "AWS::EFS::FileSystem",
    "AWS::ElastiCache::CacheCluster",
    "AWS::ElastiCache::ReplicationGroup",
    "AWS::ElastiCache::ServerlessCache",
    "AWS::KMS::Key",
    "AWS::KMS::ReplicaKey",
    "AWS::Kinesis::Stream",
    "AWS::MSK::Cluster",
    "AWS::MSK::ServerlessCluster",
    "AWS::OpenSearchService::Domain",
    "AWS::RDS::DBCluster",
    "AWS::RDS::DBInstance",
    "AWS::S3::Bucket",
    "AWS::SNS::Topic",
    "AWS::SQS::Queue",
    "AWS::SSM::Parameter",
    "AWS::SecretsManager::Secret",
];

/// A store that somebody reaches without a relation.
#[derive(Clone, Debug)]
pub struct Undeclared {
    /// The store.
    pub store: ResourceId,
    /// Who gets in, each with the way.
    pub answers: Vec<Answer>,
}

/// Every store into which the internet, a workload or a function gets without a relation. A way that only a deployment
/// decides is not among them.
pub fn undeclared(engine: &Engine<'_>) -> Vec<Undeclared> {
    let world = engine.world();
    let declared = Declared::new(world);
    let stores = Stores::new(engine);
    let mut found: BTreeMap<ResourceId, Vec<Answer>> = BTreeMap::new();
    for source in sources(world) {
        for (store, target) in stores.touched(engine, &source) {
            let path = world.resource(*store).name();
            // A grant on what a key encrypts names the key.
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

/// The stores, by what policies could be about.
struct Stores {
    all: Vec<(ResourceId, Target)>,
    /// The places of stores, by their paths and the paths above them.
    by_path: BTreeMap<String, Vec<usize>>,
    /// The places of stores, by their own paths.
    by_name: BTreeMap<String, Vec<usize>>,
    /// The ARNs that requests to each are on, by the service.
    arns: BTreeMap<String, Arns>,
    /// Those that let somebody in whom no policy of an identity names.
    opened: Vec<usize>,
}

impl Stores {
    fn new(engine: &Engine<'_>) -> Self {
        let world = engine.world();
        let (by_path, by_name, arns) = (BTreeMap::new(), BTreeMap::new(), BTreeMap::new());
        let mut stores = Self { all: Vec::new(), by_path, by_name, arns, opened: Vec::new() };
        for target in survey::targets(engine) {
            let Target::Resource(id, _) = target else { continue };
            if !STORES.contains(&world.resource(id).type_name.as_str()) {
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
            // Where nobody has to log in, the network alone decides.
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

    /// The stores that a source may reach: those that its policies, or those of its nodes, could be about, and those that
    /// need no policy.
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

/// Whoever runs code of the platform. A build has what its role is for, as other roles of AWS's services do.
fn sources(world: &World) -> Vec<Source> {
    let is_build = |id: &ResourceId| world.resource(*id).type_name == "AWS::CodeBuild::Project";
    let is_role = |it: &Source| matches!(it, Source::Role(_)) || matches!(it, Source::Resource(id) if is_build(id));
    survey::sources(world).into_iter().filter(|it| !is_role(it)).collect()
}
