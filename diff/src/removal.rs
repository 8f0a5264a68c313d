//! What a change takes away of a stack, of a cluster and of everything, beside what is there.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use meshsynth_assembly::verdict::Verdict;

use crate::change::{Change, Section};
use crate::interruption::Interruption;
use crate::serving;
use crate::side::Side;

/// What goes at one place.
#[derive(Clone, Debug, PartialEq)]
pub struct Removal {
    /// Where.
    pub place: Place,
    /// What is counted.
    pub unit: Unit,
    /// How many the old side has there.
    pub n_there: usize,
    /// What goes, by name.
    pub names: Vec<String>,
}

/// Where things are counted.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Place {
    /// In a stack, by its path.
    Stack(String),
    /// In a cluster.
    Cluster(String),
    /// In the whole platform.
    Everywhere,
}

/// What is counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Unit {
    /// Resources of CloudFormation.
    Resources,
    /// Objects of Kubernetes, whatever their kind.
    Objects,
    /// Deployments, StatefulSets, DaemonSets and Rollouts. One that is scaled to zero goes as well.
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

/// Counts what goes at each place, and in all. Nothing is read of a side of which nothing goes.
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
                // What goes to another cluster is still in the platform.
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

/// The objects that go from one cluster and come to another.
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
    match unit {
        Unit::Resources => stacks.map(|stack| base.resources_of(stack).count()).sum(),
        Unit::Objects => objects.count(),
        // Texts are searched before anything is parsed: a cluster has thousands of objects.
        Unit::Workloads => objects
            .filter(|object| serving::WORKLOADS.iter().any(|kind| base.text(&object.path).contains(kind)))
            .filter(|object| base.document(&object.path)["kind"].as_str().is_some_and(serving::is_workload))
            .filter(|object| base.document(&object.path)["spec"]["replicas"] != 0)
            .count(),
    }
}
