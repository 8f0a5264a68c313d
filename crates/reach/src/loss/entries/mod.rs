//! Client entries: names, load balancers, accelerators, distributions and gateways.

mod balancers;
mod gateways;
mod global;
mod records;

use std::collections::BTreeMap;

use crate::world::{ResourceId, WorkloadId};

use super::known::Known;
use super::outcome::{Cause, Finding, Judgement, Kind, Outcome};

/// Returns the effects on each entry.
pub fn judge(known: &Known<'_>) -> Vec<Finding> {
    let mut found = Vec::new();
    let mut of: BTreeMap<ResourceId, Judgement> = BTreeMap::new();
    for (id, judgement) in balancers::judge(known) {
        found.push(Finding::new(Kind::Entry, known.site.resource(id).name(), judgement.clone()));
        of.insert(id, judgement);
    }
    found.extend(gateways::judge(known));
    for (id, judgement) in global::judge(known, &of) {
        found.push(Finding::new(Kind::Entry, known.site.resource(id).name(), judgement.clone()));
        of.insert(id, judgement);
    }
    found.extend(records::judge(known, &of));
    found
}

/// Returns the effects on an entry and its targets. It has the outcome of its best target, and lists the lost ones.
fn led(known: &Known<'_>, own: Judgement, to: &[WorkloadId]) -> Judgement {
    let Some(best) = known.best(to) else { return own };
    if Known::is_down(own.outcome) {
        return own;
    }
    let down: Vec<WorkloadId> = to.iter().copied().filter(|id| Known::is_down(known.workload(*id).outcome)).collect();
    if Known::is_down(best.outcome) {
        let names: Vec<String> = down.iter().map(|id| known.title(*id)).collect();
        return Judgement::new(best.outcome, Cause::new(format!("its target is lost: {}", names.join(", "))));
    }
    let mut judgement = own;
    if best.outcome > judgement.outcome {
        let first = to.iter().find(|id| known.workload(**id).outcome == best.outcome);
        let name = first.map(|id| known.title(*id)).unwrap_or_default();
        let mut causes = best.causes.clone();
        if let Some(cause) = causes.first_mut() {
            cause.why = format!("{name}: {}", cause.why);
        }
        judgement.outcome = best.outcome;
        judgement.causes = causes;
    }
    if !down.is_empty() {
        let names: Vec<String> = down.iter().map(|id| known.title(*id)).collect();
        judgement = judgement.cause(Cause::new(format!("requests for {} fail", names.join(", "))));
    }
    judgement
}

/// Returns the best of alternative targets, if the entry detects which ones remain.
fn any(all: &[(String, Judgement)], cause: impl Fn(&[&str]) -> Cause) -> Judgement {
    let left: Vec<&str> =
        all.iter().filter(|(_, it)| !Known::is_down(it.outcome)).map(|(name, _)| name.as_str()).collect();
    let best = all.iter().map(|(_, it)| it.outcome).min().unwrap_or(Outcome::Left);
    if left.len() == all.len() || left.is_empty() {
        let worst = all.iter().find(|(_, it)| it.outcome == best);
        return worst.map_or_else(Judgement::untouched, |(_, it)| Judgement { steps: Vec::new(), ..it.clone() });
    }
    Judgement::new(Outcome::FailsOver.and(best), cause(&left))
}
