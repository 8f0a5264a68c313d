//! Analyzes which parts of a platform remain after the loss of a zone, a region, a cluster or a workload.
//!
//! [`Asked`] is the requested loss, [`Event`] is the loss resolved in a [`World`], and [`Loss`] contains the effects on
//! the rest. Each [`Finding`] has an [`Outcome`] with its causes, and the [`Step`]s that an operator must take. If only
//! a deployment determines a fact, such as the zone of a pod, the outcome is [`Outcome::Unknown`].

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

/// Aspects that the analysis ignores; `docs/lose.md` explains each.
pub const NOT_MODELLED: [&str; 8] = [
    "the duration of a failover, and the loss of data that is not yet replicated",
    "the capacity of AWS in the remaining zones, and the quotas of the account",
    "the numbers of pods and nodes above their minimum at the time of the loss, and the load on the remaining ones",
    "objects that charts and operators create in addition to the manifests, and the requests of injected proxies",
    "the behavior of a service when a service that it calls is lost",
    "the zone letters of an account: `Fn::GetAZs` is assumed to list the zones of a new account",
    "partial failures: a loss is assumed to be complete and immediate",
    "AWS control planes: a failover that requires an API of the lost region is not marked",
];

/// The effects of a loss on a world.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Loss {
    /// The description of the loss.
    pub lost: String,
    /// The effects on the remaining parts of the platform.
    pub findings: Vec<Finding>,
    /// The steps for an operator, in order.
    pub steps: Vec<Step>,
}

impl Loss {
    /// Returns the findings of a kind, worst first.
    pub fn of(&self, kind: Kind) -> Vec<&Finding> {
        let mut found: Vec<&Finding> = self.findings.iter().filter(|it| it.kind == kind).collect();
        found.sort_by_key(|it| (std::cmp::Reverse(it.outcome()), it.name.clone()));
        found
    }

    /// Returns the number of findings with a kind and an outcome.
    pub fn count(&self, kind: Kind, outcome: Outcome) -> usize {
        self.findings.iter().filter(|it| it.kind == kind && it.outcome() == outcome).count()
    }
}

/// Returns the effects of a loss on a world.
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
        // An instance of a cluster is reported with its cluster.
        let member = meshsynth_facts::resource(&resource.type_name).member;
        let is_member = member.is_some_and(|it| !resource.property(it).is_null());
        if kinds::is_store(&resource.type_name) && !is_member {
            found.push(Finding::new(Kind::Store, resource.name(), known.resource(id).clone()));
        }
        if kinds::is_compute(&resource.type_name) {
            found.push(Finding::new(Kind::Workload, resource.name(), known.resource(id).clone()));
        }
    }
    found
}

/// Returns the clusters that also run a lost workload.
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
