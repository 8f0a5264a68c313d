//! Queries with one end: all targets of a source, or all sources of a target.

use meshsynth_facts::{self as facts, resources::computes};

use crate::answer::Answer;
use crate::ends::{Source, Target};
use crate::engine::{Engine, Labelled};
use crate::find::source_of;
use crate::link::Verdict;
use crate::world::{ResourceId, World};

/// Returns the targets that a source reaches or may reach, in world order: workloads first.
pub fn from(engine: &Engine<'_>, source: &Source) -> Vec<Answer> {
    each_from(engine, source).into_iter().filter(|it| it.verdict != Verdict::Denied).collect()
}

/// Returns the answers for all targets, including unreachable ones.
pub fn each_from(engine: &Engine<'_>, source: &Source) -> Vec<Answer> {
    if let Some(pods) = Labelled::new(engine.world(), source) {
        let inner = Engine::new(pods.world());
        return targets(engine).into_iter().map(|target| pods.ask(&inner, &target)).collect();
    }
    let targets = targets(engine).into_iter().filter(|target| !is_same(source, target));
    targets.map(|target| engine.ask(source, &target)).collect()
}

/// Returns the sources that reach or may reach a target: the internet first, then workloads, then other roles.
pub fn to(engine: &Engine<'_>, target: &Target) -> Vec<Answer> {
    to_of(engine, target, |_| true)
}

/// Returns the answers for all sources, including denied ones.
pub fn each_to(engine: &Engine<'_>, target: &Target) -> Vec<Answer> {
    let sources = sources(engine.world()).into_iter().filter(|it| !is_same(it, target) && is_apart(engine, it, target));
    sources.map(|source| engine.ask(&source, target)).collect()
}

/// Returns the selected sources that reach or may reach a target.
pub fn to_of(engine: &Engine<'_>, target: &Target, is_wanted: impl Fn(&Source) -> bool) -> Vec<Answer> {
    let is_asked = |it: &Source| !is_same(it, target) && is_wanted(it) && is_apart(engine, it, target);
    let sources = sources(engine.world()).into_iter().filter(is_asked);
    sources.map(|source| engine.ask(&source, target)).filter(|it| it.verdict != Verdict::Denied).collect()
}

/// Whether a source must be queried in addition to its roles. For an API, only credentials matter, and roles are
/// queried separately.
fn is_apart(engine: &Engine<'_>, source: &Source, target: &Target) -> bool {
    let is_api = match target {
        Target::Resource(id, _) => !engine.identities().uses(*id).is_empty(),
        Target::Action(..) => true,
        Target::Workload(..) | Target::Address(..) => false,
    };
    !matches!(source, Source::Resource(_)) || !is_api || engine.identities().roles(source).is_empty()
}

/// Returns all targets: workloads, stores with a login, resources with an API, and other resources in a VPC.
pub fn targets(engine: &Engine<'_>) -> Vec<Target> {
    let world = engine.world();
    let workloads = world.workload_ids().map(|id| Target::Workload(id, None));
    let resources = (0..world.resources.len()).map(ResourceId);
    let resources = resources.filter(|id| {
        let type_name = world.resource(*id).type_name.as_str();
        let has_api = !engine.identities().uses(*id).is_empty() && type_name != "AWS::IAM::Role";
        let is_door = engine.is_in_network(*id) && !facts::resource(type_name).is_client;
        has_api || engine.identities().has_login(*id) || is_door
    });
    workloads.chain(resources.map(|id| Target::Resource(id, None))).collect()
}

/// Returns all sources: the internet, workloads, other resources that run code, and roles.
pub fn sources(world: &World) -> Vec<Source> {
    let workloads = world.workload_ids().map(Source::Workload);
    let callers = computes().iter().flat_map(|it| world.of_type(it)).copied().map(Source::Resource);
    let roles = ["AWS::IAM::Role", "AWS::IAM::User"].into_iter().flat_map(|it| world.of_type(it)).copied();
    [Source::Internet].into_iter().chain(workloads).chain(callers).chain(roles.map(|id| source_of(world, id))).collect()
}

fn is_same(source: &Source, target: &Target) -> bool {
    match (source, target) {
        (Source::Workload(a), Target::Workload(b, _)) => a == b,
        (Source::Resource(a) | Source::Role(a), Target::Resource(b, _) | Target::Action(_, b)) => a == b,
        _ => false,
    }
}
