//! Removals of a change, by stack, by cluster and in total, compared with the existing number.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use meshsynth_facts as facts;

use crate::change::{Change, Section};
use crate::effect::Verdict;
use crate::interruption::Interruption;
use crate::serving;
use crate::side::Side;

/// The removals at one place.
#[derive(Clone, Debug, PartialEq)]
pub struct Removal {
    /// The place.
    pub place: Place,
    /// The kind of the counted items.
    pub unit: Unit,
    /// The number of items on the old side.
    pub n_there: usize,
    /// The names of the removed items.
    pub names: Vec<String>,
}

/// The place of a count.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Place {
    /// A stack, by its path.
    Stack(String),
    /// A cluster.
    Cluster(String),
    /// The whole platform.
    Everywhere,
}

/// The unit of a count.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Unit {
    /// CloudFormation resources.
    Resources,
    /// Kubernetes objects of any kind.
    Objects,
    /// Deployments, StatefulSets, DaemonSets and Rollouts. A workload that is scaled to zero counts as removed.
    Workloads,
}

impl fmt::Display for Removal {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let unit = match self.unit {
            Unit::Resources => "resources",
            Unit::Objects => "objects",
            Unit::Workloads => "workloads",
        };
        write!(out, "{} of {} {unit}", self.names.len(), self.n_there)?;
        match &self.place {
            Place::Stack(id) => write!(out, " of stack `{id}`"),
            Place::Cluster(id) => write!(out, " of cluster `{id}`"),
            Place::Everywhere => out.write_str(" of the platform"),
        }
    }
}

/// Counts the removals at each place and in total. A place without removals is not read.
pub fn count(base: &Side, changes: &[Change]) -> Vec<Removal> {
    let mut gone: BTreeMap<(Place, Unit), Vec<String>> = BTreeMap::new();
    let mut add = |place: Place, unit: Unit, name: &str| gone.entry((place, unit)).or_default().push(name.to_owned());
    let moved = moved(changes);
    for change in changes {
        let is_stopped = change.interrupts == Some(Interruption::ScaledToZero);
        match &change.section {
            Section::Stack(id) if change.gone => {
                add(Place::Stack(id.clone()), Unit::Resources, &change.name);
                add(Place::Everywhere, Unit::Resources, &change.name);
            }
            Section::Namespace(cluster, _) if change.gone || is_stopped => {
                // An object that moves to another cluster remains in the platform.
                let places = [
                    Some(Place::Cluster(cluster.clone())),
                    (!moved.contains(&key(change))).then_some(Place::Everywhere),
                ];
                for place in places.into_iter().flatten() {
                    if change.gone {
                        add(place.clone(), Unit::Objects, &change.name);
                    }
                    if serving::is_workload(&change.kind) {
                        add(place, Unit::Workloads, &change.name);
                    }
                }
            }
            _ => {}
        }
    }
    let row = |((place, unit), names): ((Place, Unit), Vec<String>)| {
        let n_there = n_there(base, &place, unit);
        Removal { place, unit, n_there, names }
    };
    gone.into_iter().map(row).collect()
}

/// Kind with its group, namespace and name.
type Key<'a> = (&'a str, &'a str, &'a str, &'a str);

fn key(change: &Change) -> Key<'_> {
    let namespace = match &change.section {
        Section::Namespace(_, namespace) => namespace.as_str(),
        _ => "",
    };
    (&change.kind, &change.id, namespace, &change.name)
}

/// Returns the objects that move from one cluster to another.
fn moved(changes: &[Change]) -> BTreeSet<Key<'_>> {
    let objects = || changes.iter().filter(|change| matches!(change.section, Section::Namespace(..)));
    let new: BTreeSet<Key> = objects().filter(|change| change.verdict == Verdict::Create).map(key).collect();
    objects().filter(|change| change.gone).map(key).filter(|key| new.contains(key)).collect()
}

fn n_there(base: &Side, place: &Place, unit: Unit) -> usize {
    let stacks = base.manifest.stacks.iter().filter(|stack| match place {
        Place::Stack(id) => stack.id == *id,
        _ => true,
    });
    let clusters = base.manifest.clusters.iter().filter(|cluster| match place {
        Place::Cluster(id) => cluster.id == *id,
        _ => true,
    });
    let objects = clusters.flat_map(|cluster| &cluster.objects);
    let names: Vec<&str> = facts::kinds().iter().filter(|it| it.is_permanent()).map(|it| it.name).collect();
    match unit {
        Unit::Resources => stacks.map(|stack| base.resources_of(stack).count()).sum(),
        Unit::Objects => objects.count(),
        // A cluster has thousands of objects, so texts are searched before a document is parsed.
        Unit::Workloads => objects
            .filter(|object| names.iter().any(|kind| base.text(&object.path).contains(kind)))
            .filter(|object| base.document(&object.path)["kind"].as_str().is_some_and(serving::is_workload))
            .filter(|object| base.document(&object.path)["spec"]["replicas"] != 0)
            .count(),
    }
}
