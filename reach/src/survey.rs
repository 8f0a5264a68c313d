//! Questions with one end: all that a source reaches, and all that can come to a target.

use crate::answer::Answer;
use crate::ends::{Source, Target};
use crate::engine::{Engine, Labelled};
use crate::find::source_of;
use crate::link::Verdict;
use crate::world::{ResourceId, World};

/// What a source reaches or may reach, in the order of the world: workloads first.
pub fn from(engine: &Engine<'_>, source: &Source) -> Vec<Answer> {
    each_from(engine, source).into_iter().filter(|it| it.verdict != Verdict::Denied).collect()
}

/// The same, with what it does not reach.
pub fn each_from(engine: &Engine<'_>, source: &Source) -> Vec<Answer> {
    if let Some(pods) = Labelled::new(engine.world(), source) {
        let inner = Engine::new(pods.world());
        return targets(engine).into_iter().map(|target| pods.ask(&inner, &target)).collect();
    }
    let targets = targets(engine).into_iter().filter(|target| !is_same(source, target));
    targets.map(|target| engine.ask(source, &target)).collect()
}

/// Who reaches or may reach a target: the internet first, then workloads, then other roles.
pub fn to(engine: &Engine<'_>, target: &Target) -> Vec<Answer> {
    to_of(engine, target, |_| true)
}

/// Everybody, with who does not reach a target.
pub fn each_to(engine: &Engine<'_>, target: &Target) -> Vec<Answer> {
    let sources = sources(engine.world()).into_iter().filter(|it| !is_same(it, target) && is_apart(engine, it, target));
    sources.map(|source| engine.ask(&source, target)).collect()
}

/// Who of some sources reaches or may reach a target.
pub fn to_of(engine: &Engine<'_>, target: &Target, is_wanted: impl Fn(&Source) -> bool) -> Vec<Answer> {
    let is_asked = |it: &Source| !is_same(it, target) && is_wanted(it) && is_apart(engine, it, target);
    let sources = sources(engine.world()).into_iter().filter(is_asked);
    sources.map(|source| engine.ask(&source, target)).filter(|it| it.verdict != Verdict::Denied).collect()
}

/// What runs code beside pods.
const CALLERS: [&str; 6] = [
    "AWS::AppRunner::Service",
    "AWS::AutoScaling::AutoScalingGroup",
    "AWS::CodeBuild::Project",
    "AWS::EC2::Instance",
    "AWS::ECS::Service",
    "AWS::Lambda::Function",
];

/// Whether a source says more than its roles do, which are asked for themselves: of an API, credentials alone decide.
fn is_apart(engine: &Engine<'_>, source: &Source, target: &Target) -> bool {
    let is_api = match target {
        Target::Resource(id, _) => !engine.identities().uses(*id).is_empty(),
        Target::Action(..) => true,
        Target::Workload(..) | Target::Address(..) => false,
    };
    !matches!(source, Source::Resource(_)) || !is_api || engine.identities().roles(source).is_empty()
}

/// What has an interface in a VPC and is not there for others to connect to: the ways to AWS, and what only calls.
const NOT_ASKED_FOR: [&str; 4] =
    ["AWS::CodeBuild::Project", "AWS::EC2::NetworkInterface", "AWS::EC2::VPCEndpoint", "AWS::EKS::Nodegroup"];

/// Everything that can be asked for: workloads, stores with a login, resources with an API, and what else is in a VPC.
pub fn targets(engine: &Engine<'_>) -> Vec<Target> {
    let world = engine.world();
    let workloads = world.workload_ids().map(|id| Target::Workload(id, None));
    let resources = (0..world.resources.len()).map(ResourceId);
    let resources = resources.filter(|id| {
        let type_name = world.resource(*id).type_name.as_str();
        let has_api = !engine.identities().uses(*id).is_empty() && type_name != "AWS::IAM::Role";
        let is_door = engine.is_in_network(*id) && !NOT_ASKED_FOR.contains(&type_name);
        has_api || engine.identities().has_login(*id) || is_door
    });
    workloads.chain(resources.map(|id| Target::Resource(id, None))).collect()
}

/// Everybody who can ask: the internet, workloads, what else runs code, and roles.
pub fn sources(world: &World) -> Vec<Source> {
    let workloads = world.workload_ids().map(Source::Workload);
    let callers = CALLERS.into_iter().flat_map(|it| world.of_type(it)).copied().map(Source::Resource);
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
