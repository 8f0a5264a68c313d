//! What is ours in the cluster and no longer in the assembly.
//!
//! An object is pruned if our inventory names it and it carries our label.
//! Whoever takes the label away keeps the object.

use std::collections::BTreeSet;
use std::time::Duration;

use serde_json::Value;

use super::apply::inventory;
use super::{APP_LABEL, Kube, Object, Worker};
use crate::failure::Failure;
use crate::verdict::{Verdict, Word};
use crate::watch::{Answer, Question, Said};

/// Kinds whose deletion takes data along.
const WITH_DATA: [&str; 4] = ["CustomResourceDefinition", "Namespace", "PersistentVolume", "PersistentVolumeClaim"];

/// An object that is to go.
pub(super) struct Going {
    object: Object,
    path: String,
    uid: String,
    /// Whether it is deleted already, and waits for somebody.
    pub(super) is_going: bool,
}

impl<K: Kube> Worker<'_, K> {
    fn inventory_name(&self) -> String {
        format!("meshsynth-{}", self.app)
    }

    fn inventory_path(&self) -> String {
        format!("/api/v1/namespaces/kube-system/configmaps/{}", self.inventory_name())
    }

    /// What an earlier deployment applied.
    pub(super) async fn inventory(&self) -> Result<BTreeSet<String>, Failure> {
        let path = self.inventory_path();
        let found = self.call(async || self.kube.get(&path).await).await;
        let found = found.map_err(|error| self.failed("its inventory cannot be read", &error))?;
        let text = found.as_ref().and_then(|it| it["data"]["objects"].as_str()).unwrap_or_default();
        Ok(text.lines().map(str::to_owned).collect())
    }

    pub(super) async fn write_inventory(&self, rows: &BTreeSet<String>) -> Result<(), Failure> {
        let (path, body) = (self.inventory_path(), inventory(&self.inventory_name(), self.app, rows));
        let done = self.call(async || self.kube.apply(&path, &body, true).await).await;
        done.map(|_| ()).map_err(|error| self.failed("its inventory cannot be written", &error))
    }

    /// What is to go: in the inventory, not in the assembly, in the cluster, and with our label. What goes already is
    /// among it.
    pub(super) async fn gone(&self, old: &BTreeSet<String>, new: &BTreeSet<String>) -> Result<Vec<Going>, Failure> {
        let kept: BTreeSet<String> = new.iter().map(|row| identity(row)).collect();
        let mut out = Vec::new();
        for object in old.iter().filter(|row| !kept.contains(&identity(row))).filter_map(|row| Object::of_row(row)) {
            let read = |error| self.failed(&format!("{} cannot be read", object.called()), &error);
            let Some(path) = self.path(&object).await.map_err(read)? else { continue };
            let found = self.call(async || self.kube.get(&path).await).await;
            let Some(found) = found.map_err(read)? else { continue };
            let is_ours = found["metadata"]["labels"][APP_LABEL] == self.app;
            if is_ours {
                let uid = found["metadata"]["uid"].as_str().unwrap_or_default().to_owned();
                let is_going = found["metadata"]["deletionTimestamp"].is_string();
                out.push(Going { object, path, uid, is_going });
            }
        }
        Ok(out)
    }

    /// Shows what is to go, and asks where that must be asked.
    pub(super) fn show(&self, gone: &[Going]) -> Result<(), Failure> {
        if gone.is_empty() {
            return Ok(());
        }
        let verdict = |going: &Going| Verdict {
            word: if WITH_DATA.contains(&going.object.kind()) { Word::DataLoss } else { Word::Prune },
            kind: going.object.kind().to_owned(),
            name: going.object.full_name(),
            properties: Vec::new(),
            access: false,
        };
        let changes: Vec<Verdict> = gone.iter().map(verdict).collect();
        self.watch.say(&Said::Changes { at: self.cluster.to_owned(), changes: changes.clone() });
        let Some(why) = self.approval.why(&changes, &[]) else { return Ok(()) };
        let count = changes.len();
        match self.watch.ask(&Question { at: self.cluster.to_owned(), changes, why: why.clone() }) {
            Answer::Yes => Ok(()),
            Answer::No => Err(Failure::new(
                format!("cluster `{}` is not changed: the prune was not approved", self.cluster),
                "nothing of it was changed; run again to be asked again",
            )),
            Answer::Nobody => Err(Failure::new(
                format!(
                    "cluster `{}` would lose {count} objects, which must be approved, and there is no terminal to ask at: {why}",
                    self.cluster
                ),
                "look at them above, then pass `--require-approval never`; or deploy from a terminal",
            )),
        }
    }

    /// Takes away everything of ours and waits until it is gone; `releases` is done behind the objects that their
    /// controllers look after, and before the namespaces and the kinds go. Answers how many objects went.
    pub async fn destroy(&self, releases: impl AsyncFnOnce() -> Result<(), Failure>) -> Result<usize, Failure> {
        self.check_stop("is as it was")?;
        let old = self.inventory().await?;
        let gone = self.gone(&old, &BTreeSet::new()).await?;
        self.show(&gone)?;
        let (late, early): (Vec<Going>, Vec<Going>) = gone.into_iter().partition(is_late);
        self.prune(&early).await?;
        self.wait_until_gone(&early).await?;
        releases().await?;
        self.prune(&late).await?;
        self.wait_until_gone(&late).await?;
        let path = self.inventory_path();
        let done = async {
            match self.call(async || self.kube.get(&path).await).await? {
                Some(found) => {
                    let uid = found["metadata"]["uid"].as_str().unwrap_or_default().to_owned();
                    self.call(async || self.kube.delete(&path, &uid).await).await
                }
                None => Ok(()),
            }
        };
        done.await.map_err(|error| self.failed("its inventory cannot be deleted", &error))?;
        Ok(early.len() + late.len())
    }

    /// Waits until objects are gone: what a controller made for them, such as a load balancer, goes before.
    async fn wait_until_gone(&self, gone: &[Going]) -> Result<(), Failure> {
        let begin = tokio::time::Instant::now();
        for going in gone {
            loop {
                let called = going.object.called();
                let found = self.call(async || self.kube.get(&going.path).await).await;
                let found = found.map_err(|error| self.failed(&format!("{called} cannot be read"), &error))?;
                let Some(found) = found.filter(|found| found["metadata"]["uid"] == going.uid) else { break };
                let finalizers = found["metadata"]["finalizers"].as_array().into_iter().flatten();
                let finalizers: Vec<&str> = finalizers.filter_map(Value::as_str).collect();
                let waits =
                    if finalizers.is_empty() { "it".to_owned() } else { format!("`{}`", finalizers.join("`, `")) };
                if begin.elapsed() > self.settings.patience {
                    return Err(Failure::new(
                        format!(
                            "cluster `{}`: {called} is deleted and does not go: it waits for {waits}",
                            self.cluster
                        ),
                        "the controller that put the finalizer there must run: see why it does not do its work, then run again",
                    ));
                }
                self.doing(format!("{called} waits for {waits}"));
                self.check_stop("is being cleared, and some objects are still there")?;
                self.stop.sleep(Duration::from_secs(2)).await;
            }
        }
        Ok(())
    }

    /// Deletes what is to go, the kinds of the last waves first; what was replaced in the meantime stays.
    pub(super) async fn prune(&self, gone: &[Going]) -> Result<usize, Failure> {
        let mut order: Vec<&Going> = gone.iter().collect();
        order.sort_by_key(|going| rank(going.object.kind()));
        for going in order {
            self.check_stop("still has some objects that are to go")?;
            let done = self.call(async || self.kube.delete(&going.path, &going.uid).await).await;
            match done {
                Ok(()) => {}
                // Somebody made another one of that name: it is not what we meant.
                Err(error) if error.code == 409 => continue,
                Err(error) => return Err(self.failed(&format!("{} cannot be pruned", going.object.called()), &error)),
            }
            self.watch.say(&Said::Reached {
                at: self.cluster.to_owned(),
                name: going.object.called(),
                state: "pruned".to_owned(),
                reason: String::new(),
            });
        }
        Ok(gone.len())
    }
}

/// What an object is, by its row: another version of the same kind is the same object.
pub(super) fn identity(row: &str) -> String {
    let mut parts = row.split('|');
    let group = parts.next().unwrap_or_default().rsplit_once('/').map_or("", |(group, _)| group).to_owned();
    format!("{group}|{}", parts.collect::<Vec<_>>().join("|"))
}

/// Whether an object goes behind everything else: others are in it, or are of its kind.
fn is_late(going: &Going) -> bool {
    WITH_DATA.contains(&going.object.kind())
}

/// Where a kind comes in the order of deletion: nothing is scaled, then nothing is routed, then nothing runs.
fn rank(kind: &str) -> usize {
    const ORDER: [&[&str]; 3] = [
        &["HorizontalPodAutoscaler", "PodDisruptionBudget", "ScaledJob", "ScaledObject"],
        &["DestinationRule", "GRPCRoute", "Gateway", "HTTPRoute", "Ingress", "Service", "VirtualService"],
        &["CronJob", "DaemonSet", "Deployment", "Job", "Rollout", "StatefulSet"],
    ];
    let place = ORDER.iter().position(|kinds| kinds.contains(&kind)).unwrap_or(ORDER.len());
    if WITH_DATA.contains(&kind) { ORDER.len() + 1 + usize::from(kind == "Namespace") } else { place }
}

/// Whether a condition of an object has a status.
pub(super) fn condition<'a>(object: &'a Value, kind: &str) -> Option<&'a Value> {
    object["status"]["conditions"].as_array()?.iter().find(|it| it["type"] == kind)
}
