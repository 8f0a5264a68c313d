//! What is left where a zone, a region, a cluster or a workload is lost.
//!
//! [`Asked`] names what is lost, [`Event`] is that in a [`World`], and [`Loss`] what becomes of the rest: each
//! [`Finding`] has an [`Outcome`] with what decides, and the [`Step`]s that somebody has to take. What only a
//! deployment tells, such as the zone of a pod, is [`Outcome::Unknown`].

mod calls;
mod capacity;
mod entries;
mod event;
mod instances;
mod kinds;
mod known;
mod means;
mod mesh;
mod nodes;
mod outcome;
mod places;
mod pods;
mod quantity;
mod routes;
mod site;
mod stores;
mod workloads;

use crate::world::{ResourceId, World};

pub use event::{Asked, Event};
pub use outcome::{Cause, Finding, Judgement, Kind, Outcome, Stage, Step};
pub use places::{regions, zones};

use known::Known;
use site::Site;

/// What the answers do not take into account; `docs/lose.md` explains each.
pub const NOT_MODELLED: [&str; 8] = [
    "how long a fail-over takes, and what is lost of data that was not yet copied",
    "whether AWS has nodes of the wanted types in the zones that are left, and the quotas of the account",
    "how many pods and nodes run beyond their minimum at the moment of the loss, and the load that others then get",
    "what charts and operators make beside the manifests, and the requests of injected proxies",
    "whether the code of a service goes on where one that it calls is lost",
    "which letters an account has for its zones: `Fn::GetAZs` is taken to list those of today's accounts",
    "a partial failure: what is lost is lost as a whole, and at once",
    "the control planes of AWS: a fail-over that needs an API of the lost region is not told apart",
];

/// What becomes of a world where something is lost.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Loss {
    /// What is lost, in words.
    pub lost: String,
    /// What becomes of the rest.
    pub findings: Vec<Finding>,
    /// What somebody has to do, in order.
    pub steps: Vec<Step>,
}

impl Loss {
    /// The findings of a kind, the worst first.
    pub fn of(&self, kind: Kind) -> Vec<&Finding> {
        let mut found: Vec<&Finding> = self.findings.iter().filter(|it| it.kind == kind).collect();
        found.sort_by_key(|it| (std::cmp::Reverse(it.outcome()), it.name.clone()));
        found
    }

    /// How many of a kind are so.
    pub fn count(&self, kind: Kind, outcome: Outcome) -> usize {
        self.findings.iter().filter(|it| it.kind == kind && it.outcome() == outcome).count()
    }
}

/// What becomes of a world where something is lost.
pub fn lose(world: &World, asked: &Asked, event: &Event) -> Loss {
    let known = Known::new(Site { world, event });
    let mut findings = entries::judge(&known);
    findings.extend(calls::judge(&known));
    findings.extend(stores_of(&known));
    for id in world.workload_ids() {
        let mut judgement = known.workload(id).clone();
        if Known::is_down(judgement.outcome) {
            judgement.causes.extend(twins(&known, id));
        }
        findings.push(Finding::new(Kind::Workload, known.title(id), judgement));
    }
    for (at, pools) in known.pools.iter().enumerate() {
        findings.extend(capacity::judge(&known.site, at, pools));
    }
    findings.extend(routes::judge(&known.site));
    findings.extend(means::judge(&known));
    let mut steps: Vec<Step> = Vec::new();
    for step in findings.iter().flat_map(|it| &it.judgement.steps) {
        if !steps.contains(step) {
            steps.push(step.clone());
        }
    }
    steps.sort_by_key(|it| it.stage);
    Loss { lost: asked.words(), findings, steps }
}

fn stores_of(known: &Known<'_>) -> Vec<Finding> {
    let world = known.site.world;
    let mut found = Vec::new();
    for id in (0..world.resources.len()).map(ResourceId) {
        let resource = world.resource(id);
        // An instance of a cluster is told with its cluster.
        let is_member =
            !resource.property("DBClusterIdentifier").is_null() && resource.type_name == "AWS::RDS::DBInstance";
        if kinds::is_store(&resource.type_name) && !is_member {
            found.push(Finding::new(Kind::Store, resource.name(), known.resource(id).clone()));
        }
        if kinds::is_compute(&resource.type_name) {
            found.push(Finding::new(Kind::Workload, resource.name(), known.resource(id).clone()));
        }
    }
    found
}

/// The clusters that run a lost workload, too.
fn twins(known: &Known<'_>, id: crate::world::WorkloadId) -> Option<Cause> {
    let world = known.site.world;
    let own = world.workload(id);
    let is_twin = |it: &crate::world::WorkloadId| {
        let other = world.workload(*it);
        other.cluster != own.cluster && other.title() == own.title() && !Known::is_down(known.workload(*it).outcome)
    };
    let twins: Vec<String> = world
        .workload_ids()
        .filter(is_twin)
        .map(|it| (world.clusters[world.workload(it).cluster].id.clone(), pods::Pods::of(world, it).replicas))
        .map(|(cluster, least)| format!("{cluster}, {least} {} at least", if least == 1 { "pod" } else { "pods" }))
        .collect();
    (!twins.is_empty()).then(|| Cause::new(format!("it also runs in {}", twins.join(", "))))
}
