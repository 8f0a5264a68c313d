//! Prunes objects that are no longer in the assembly.
//!
//! An object is pruned if the inventory lists it and it has the app label. Removing the label keeps the object.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use meshsynth_facts as facts;
use serde_json::Value;

use super::inventory::Inventory;
use super::{APP_LABEL, Kube, Object, Worker};
use crate::event::Event;
use crate::failure::Failure;

/// The kinds that contain or define other objects. They are deleted last.
const HOLDERS: [&str; 4] = ["CustomResourceDefinition", "Namespace", "PersistentVolume", "PersistentVolumeClaim"];

/// An object to delete.
pub(super) struct Going {
    pub(super) object: Object,
    path: String,
    /// The live object.
    pub(super) live: Value,
    /// Whether the object is already in deletion.
    pub(super) is_going: bool,
}

impl Going {
    fn uid(&self) -> &str {
        self.live["metadata"]["uid"].as_str().unwrap_or_default()
    }
}

/// The objects of an earlier deployment that the assembly no longer contains.
#[derive(Default)]
pub(super) struct Gone {
    /// The objects to delete.
    pub(super) objects: Vec<Going>,
    /// The objects whose app label was removed.
    pub(super) kept: Vec<Object>,
    /// The inventory entries of objects that are kept because they contain a kept object.
    pub(super) spared: BTreeSet<String>,
}

impl Gone {
    /// Returns the inventory entries that remain although the assembly does not contain them.
    pub(super) fn left(&self) -> BTreeSet<String> {
        let going = self.objects.iter().filter(|going| going.is_going).map(|going| going.object.row());
        let kept = self.kept.iter().map(Object::row);
        self.spared.iter().cloned().chain(going).chain(kept).collect()
    }
}

/// The result of a pruning.
#[derive(Default)]
pub(super) struct Pruned {
    /// The number of deleted objects.
    pub(super) count: usize,
    /// The inventory entries of objects that a finalizer still keeps.
    pub(super) held: BTreeSet<String>,
}

impl<K: Kube> Worker<'_, K> {
    /// Returns the objects to delete. They are in the inventory and in the cluster, have the app label, and are not in
    /// the assembly. This includes objects that are already in deletion.
    pub(super) async fn gone(&self, old: &BTreeSet<String>, new: &BTreeSet<String>) -> Result<Gone, Failure> {
        let wanted: BTreeSet<String> = new.iter().map(|row| identity(row)).collect();
        let rows = old.iter().filter(|row| !wanted.contains(&identity(row)));
        let objects: Vec<Object> = rows.filter_map(|row| Object::of_row(row)).collect();
        let answers = self.survey(&objects.iter().collect::<Vec<_>>()).await?;
        let mut gone = Gone::default();
        for (object, answer) in objects.into_iter().zip(answers) {
            let found = answer.map_err(|error| self.failed(&format!("{} cannot be read", object.called()), &error))?;
            let (Some(path), Some(live)) = (found.path, found.live) else { continue };
            let is_going = live["metadata"]["deletionTimestamp"].is_string();
            if live["metadata"]["labels"][APP_LABEL] != self.app {
                gone.kept.push(object);
                continue;
            }
            gone.objects.push(Going { object, path, live, is_going });
        }
        Ok(gone)
    }

    /// Deletes all objects of the app. Returns the number of deleted objects.
    ///
    /// The order is: scalers, routes, workloads, then the other objects. Each group is gone before the next one starts.
    /// `releases` runs after the objects that its controllers manage, and before namespaces and CRDs.
    pub async fn destroy(&self, releases: impl AsyncFnOnce() -> Result<(), Failure>) -> Result<usize, Failure> {
        self.check_stop("was not changed")?;
        let Inventory { rows: old, taken } = self.inventory().await?;
        let mut gone = self.gone(&old, &BTreeSet::new()).await?;
        self.spare(&mut gone);
        let mut foreign = self.foreign.clone();
        foreign.extend(self.foreign_content(&gone.objects, &taken));
        self.approve(Vec::new(), &gone.objects, foreign).await?;
        let count = gone.objects.len();
        let mut groups: BTreeMap<usize, Vec<Going>> = BTreeMap::new();
        for going in std::mem::take(&mut gone.objects) {
            groups.entry(rank(going.object.kind())).or_default().push(going);
        }
        let mut releases = Some(releases);
        for (rank, group) in groups {
            if rank > OTHERS
                && let Some(releases) = releases.take()
            {
                releases().await?;
            }
            self.prune(&group).await?;
            self.wait_until_gone(&group).await?;
        }
        if let Some(releases) = releases.take() {
            releases().await?;
        }
        match gone.spared.is_empty() {
            true => self.delete_inventory().await?,
            // A later `destroy` finds the remaining objects.
            false => {
                let rows = gone.left();
                let taken = taken.intersection(&rows).cloned().collect();
                self.write_inventory(&Inventory { rows, taken }).await?;
            }
        }
        Ok(count)
    }

    /// Waits until objects are gone. Their controllers first delete external resources, such as a load balancer.
    async fn wait_until_gone(&self, gone: &[Going]) -> Result<(), Failure> {
        let begin = tokio::time::Instant::now();
        for going in gone {
            let called = going.object.called();
            let mut pause = self.pause(called.clone());
            loop {
                let found = self.call(async || self.kube.get(&going.path).await).await;
                let found = found.map_err(|error| self.failed(&format!("{called} cannot be read"), &error))?;
                let Some(found) = found.filter(|found| found["metadata"]["uid"] == going.uid()) else { break };
                let waits = held_by(&found);
                if begin.elapsed() > self.settings.ready_timeout {
                    return Err(Failure::new(
                        format!(
                            "cluster `{}`: the deletion of {called} has not finished: it waits for {waits}",
                            self.cluster
                        ),
                        "check that the controller of the finalizer runs, and why it does not remove the finalizer; \
                         then run the command again",
                    ));
                }
                self.check_stop(&format!("is being deleted; the deletion of {called} waits for {waits}"))?;
                pause.take(Duration::from_secs(2), &format!("waits for {waits}")).await;
            }
        }
        Ok(())
    }

    /// Deletes the objects, the kinds of the last waves first. Objects that were replaced in the meantime are kept.
    pub(super) async fn prune(&self, gone: &[Going]) -> Result<Pruned, Failure> {
        let mut order: Vec<&Going> = gone.iter().collect();
        order.sort_by_key(|going| rank(going.object.kind()));
        let mut pruned = Pruned::default();
        for going in order {
            self.check_stop("still has objects that must be deleted")?;
            let done = self.call(async || self.kube.delete(&going.path, going.uid()).await).await;
            let (state, reason) = match done {
                Ok(None) => {
                    pruned.count += 1;
                    ("pruned", String::new())
                }
                Ok(Some(left)) => {
                    pruned.held.insert(going.object.row());
                    ("still being deleted", format!("waits for {}", held_by(&left)))
                }
                // Another object of the same name was created in the meantime.
                Err(error) if error.code == 409 => continue,
                Err(error) => return Err(self.failed(&format!("{} cannot be pruned", going.object.called()), &error)),
            };
            let name = going.object.called();
            self.watch.say(&Event::Reached { at: self.cluster.to_owned(), name, state: state.to_owned(), reason });
        }
        Ok(pruned)
    }
}

/// Returns the finalizers that keep a deleted object.
fn held_by(object: &Value) -> String {
    let lists = [&object["metadata"]["finalizers"], &object["spec"]["finalizers"]];
    let lists = lists.iter().flat_map(|list| list.as_array().into_iter().flatten());
    let finalizers: Vec<&str> = lists.filter_map(Value::as_str).collect();
    match (finalizers.as_slice(), object["kind"].as_str()) {
        ([], _) => "its controller".to_owned(),
        (["kubernetes"], Some("Namespace")) => "its objects".to_owned(),
        _ => format!("`{}`", finalizers.join("`, `")),
    }
}

/// Returns the identity of an inventory entry without the API version.
pub(super) fn identity(row: &str) -> String {
    let mut parts = row.split('|');
    let group = parts.next().unwrap_or_default().rsplit_once('/').map_or("", |(group, _)| group).to_owned();
    format!("{group}|{}", parts.collect::<Vec<_>>().join("|"))
}

/// The position of ordinary kinds in the deletion order.
const OTHERS: usize = 3;

/// The kinds that scale or evict pods.
const SCALING: [&str; 4] = ["HorizontalPodAutoscaler", "PodDisruptionBudget", "ScaledJob", "ScaledObject"];

/// Returns the position of a kind in the deletion order: first scaling stops, then routing, then the workloads. Other
/// kinds are after these.
fn rank(kind: &str) -> usize {
    let facts = facts::kind(kind);
    match kind {
        _ if SCALING.contains(&kind) => 0,
        _ if facts.is_route || kind == "DestinationRule" => 1,
        _ if facts.runs_pods() => 2,
        "Namespace" => OTHERS + 2,
        _ if HOLDERS.contains(&kind) => OTHERS + 1,
        _ => OTHERS,
    }
}
