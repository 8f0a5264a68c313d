//! Determines the order of regions for a deployment that changes one region at a time.

use std::collections::{BTreeMap, BTreeSet};

use anyhow::{Result, bail};
use meshsynth_facts as facts;

use crate::assembly::Assembly;
use crate::plan::{ClusterStep, Plan, RegionStep};

/// The size of a region.
#[derive(Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
struct Size {
    n_workloads: usize,
    n_stacks: usize,
}

/// Returns the regions of a plan in order: first the named regions, then those with the fewest workloads and stacks.
///
/// If a region depends on a stack in another region, the stack is deployed with the first region that needs it. A
/// region without a specified position is placed after its dependencies, if possible.
///
/// # Errors
///
/// If a name is not a region of the plan, or occurs twice.
pub fn steps(plan: &Plan, assembly: &Assembly, named: &[String]) -> Result<Vec<RegionStep>> {
    let sizes = sizes(plan, assembly)?;
    for (idx, name) in named.iter().enumerate() {
        if !sizes.contains_key(name.as_str()) {
            let known: Vec<&str> = sizes.keys().copied().collect();
            bail!(
                "`{}` has no stack or cluster in the region `{name}`; its regions are `{}`",
                plan.app,
                known.join("`, `")
            );
        }
        if named[..idx].contains(name) {
            bail!("the region `{name}` is specified twice");
        }
    }
    let mut rest: Vec<&str> = sizes.keys().copied().filter(|region| !named.iter().any(|name| name == region)).collect();
    rest.sort_by_key(|region| (&sizes[region], *region));
    let mut done: BTreeSet<&str> = BTreeSet::new();
    let mut steps = Vec::new();
    for region in named {
        steps.push(step(plan, region, &mut done));
    }
    while !rest.is_empty() {
        let needs_none = |region: &&str| ahead(plan, region, &done).is_empty();
        let next = rest.iter().position(needs_none).unwrap_or_default();
        steps.push(step(plan, rest.remove(next), &mut done));
    }
    // A cluster outside of AWS belongs to no region, and is deployed last, after all stacks.
    let outside: Vec<String> = plan.clusters.iter().filter(|it| it.region.is_none()).map(|it| it.id.clone()).collect();
    if !outside.is_empty() {
        match steps.last_mut() {
            Some(last) => last.clusters.extend(outside),
            None => steps.push(RegionStep { clusters: outside, ..RegionStep::default() }),
        }
    }
    Ok(steps)
}

fn sizes<'a>(plan: &'a Plan, assembly: &Assembly) -> Result<BTreeMap<&'a str, Size>> {
    let mut sizes: BTreeMap<&str, Size> = BTreeMap::new();
    for stack in &plan.stacks {
        sizes.entry(&stack.region).or_default().n_stacks += 1;
    }
    for cluster in &plan.clusters {
        let Some(region) = &cluster.region else { continue };
        sizes.entry(region).or_default().n_workloads += n_workloads(assembly, cluster)?;
    }
    Ok(sizes)
}

fn n_workloads(assembly: &Assembly, cluster: &ClusterStep) -> Result<usize> {
    let mut n = 0;
    for path in cluster.waves.iter().flat_map(|wave| &wave.objects) {
        let kind = &assembly.document(path)?["kind"];
        n += usize::from(facts::kind(kind.as_str().unwrap_or_default()).is_permanent());
    }
    Ok(n)
}

/// Returns the stacks of other regions that a region depends on and that are not deployed yet, in plan order.
fn ahead<'a>(plan: &'a Plan, region: &str, done: &BTreeSet<&str>) -> Vec<&'a str> {
    let stack = |id: &str| plan.stacks.iter().find(|stack| stack.id == id);
    let own = plan.stacks.iter().filter(|stack| stack.region == region).flat_map(|stack| &stack.needs);
    let of_clusters = plan.clusters.iter().filter(|it| it.region.as_deref() == Some(region)).flat_map(|it| &it.needs);
    let mut open: Vec<&str> = own.chain(of_clusters).map(String::as_str).collect();
    let mut seen: BTreeSet<&str> = BTreeSet::new();
    while let Some(id) = open.pop() {
        if !done.contains(id) && seen.insert(id) {
            open.extend(stack(id).into_iter().flat_map(|stack| &stack.needs).map(String::as_str));
        }
    }
    let is_ahead = |id: &str| seen.contains(id) && stack(id).is_some_and(|stack| stack.region != region);
    plan.order.iter().flatten().map(String::as_str).filter(|id| is_ahead(id)).collect()
}

fn step<'a>(plan: &'a Plan, region: &str, done: &mut BTreeSet<&'a str>) -> RegionStep {
    let ahead = ahead(plan, region, done);
    let is_new = |id: &&str| !done.contains(id);
    let own: Vec<&str> = plan
        .stacks
        .iter()
        .filter(|stack| stack.region == region)
        .map(|stack| stack.id.as_str())
        .filter(is_new)
        .collect();
    let clusters = plan.clusters.iter().filter(|it| it.region.as_deref() == Some(region));
    done.extend(ahead.iter().chain(&own));
    let owned = |ids: Vec<&str>| ids.into_iter().map(str::to_owned).collect();
    RegionStep {
        region: region.to_owned(),
        ahead: owned(ahead),
        stacks: owned(own),
        clusters: clusters.map(|it| it.id.clone()).collect(),
    }
}
