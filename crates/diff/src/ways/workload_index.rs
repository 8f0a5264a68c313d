//! An index of workloads by cluster, namespace, name, service account and label.

use std::collections::{HashMap, HashSet};

use meshsynth_access::kubernetes::{Labels, Selector};
use meshsynth_reach::World;
use meshsynth_reach::world::{Workload, WorkloadId};
use serde_json::Value;

use super::ends::{Key, Renames, workloads};

/// The workloads of a world with the keys that both sides share.
pub struct WorkloadIndex<'a> {
    world: &'a World,
    keys: HashMap<WorkloadId, Key>,
    /// The clusters and titles of the keys before renames.
    titles: HashSet<(String, String)>,
    clusters: HashMap<&'a str, Group<'a>>,
    namespaces: HashMap<&'a str, HashMap<&'a str, Group<'a>>>,
}

/// The workloads of a cluster or a namespace, in the order of the world.
#[derive(Default)]
struct Group<'a> {
    all: Vec<WorkloadId>,
    by_label: HashMap<&'a str, HashMap<&'a str, Vec<WorkloadId>>>,
    by_account: HashMap<&'a str, Vec<WorkloadId>>,
    by_name: HashMap<&'a str, HashMap<&'a str, Vec<WorkloadId>>>,
}

impl<'a> Group<'a> {
    fn add(&mut self, id: WorkloadId, workload: &'a Workload) {
        self.all.push(id);
        for (key, value) in &workload.labels {
            self.by_label.entry(key).or_default().entry(value).or_default().push(id);
        }
        self.by_account.entry(&workload.account).or_default().push(id);
        self.by_name.entry(&workload.kind).or_default().entry(&workload.name).or_default().push(id);
    }
}

impl<'a> WorkloadIndex<'a> {
    /// Indexes a world.
    pub fn new(world: &'a World, renames: &Renames) -> Self {
        let mut found = Self {
            world,
            keys: HashMap::new(),
            titles: HashSet::new(),
            clusters: HashMap::new(),
            namespaces: HashMap::new(),
        };
        for (key, id) in workloads(world) {
            let workload = world.workload(id);
            let cluster = world.clusters[workload.cluster].id.as_str();
            if let Key::Workload(cluster, title) = &key {
                found.titles.insert((cluster.clone(), title.clone()));
            }
            found.keys.insert(id, renames.get(&key).cloned().unwrap_or(key));
            found.clusters.entry(cluster).or_default().add(id, workload);
            found.namespaces.entry(cluster).or_default().entry(&workload.namespace).or_default().add(id, workload);
        }
        found
    }

    /// Returns the key of a workload.
    pub fn key(&self, id: WorkloadId) -> &Key {
        &self.keys[&id]
    }

    /// Returns whether a workload of a cluster has a title.
    pub fn has_title(&self, cluster: &str, title: &str) -> bool {
        self.titles.contains(&(cluster.to_owned(), title.to_owned()))
    }

    /// Returns all workloads.
    pub fn all(&self) -> impl Iterator<Item = WorkloadId> {
        self.world.workload_ids()
    }

    /// Returns the workloads of a cluster, or of one of its namespaces.
    pub fn within(&self, cluster: &str, namespace: Option<&str>) -> &[WorkloadId] {
        self.group(cluster, namespace).map_or(&[], |it| &it.all)
    }

    /// Returns the workloads that a selector with `matchLabels` and `matchExpressions` selects.
    pub fn selected(&self, cluster: &str, namespace: Option<&str>, selector: &Value) -> Vec<WorkloadId> {
        self.with_labels(cluster, namespace, &Selector::parse(selector), &selector["matchLabels"])
    }

    /// Returns the workloads that a map of labels selects.
    pub fn labelled(&self, cluster: &str, namespace: Option<&str>, labels: &Value) -> Vec<WorkloadId> {
        self.with_labels(cluster, namespace, &Selector::labels(labels), labels)
    }

    /// Returns the workloads that run as a service account.
    pub fn of_account(&self, cluster: &str, namespace: &str, account: &str) -> &[WorkloadId] {
        self.group(cluster, Some(namespace)).and_then(|it| it.by_account.get(account)).map_or(&[], Vec::as_slice)
    }

    /// Returns the workloads with a kind and a name.
    pub fn named(&self, cluster: &str, namespace: &str, kind: &str, name: &str) -> &[WorkloadId] {
        let named = self.group(cluster, Some(namespace)).and_then(|it| it.by_name.get(kind)?.get(name));
        named.map_or(&[], Vec::as_slice)
    }

    fn with_labels(
        &self,
        cluster: &str,
        namespace: Option<&str>,
        selector: &Selector,
        labels: &Value,
    ) -> Vec<WorkloadId> {
        let Some(group) = self.group(cluster, namespace) else { return Vec::new() };
        // The index finds the workloads with one label. The selector verifies all labels.
        let first = labels.as_object().into_iter().flatten().find_map(|(key, value)| Some((key, value.as_str()?)));
        let some = match first {
            Some((key, value)) => {
                group.by_label.get(key.as_str()).and_then(|it| it.get(value)).map_or(&[][..], Vec::as_slice)
            }
            None => &group.all,
        };
        let labels = |id: &WorkloadId| -> &Labels { &self.world.workload(*id).labels };
        some.iter().copied().filter(|id| selector.selects(labels(id))).collect()
    }

    fn group(&self, cluster: &str, namespace: Option<&str>) -> Option<&Group<'a>> {
        match namespace {
            Some(namespace) => self.namespaces.get(cluster)?.get(namespace),
            None => self.clusters.get(cluster),
        }
    }
}
