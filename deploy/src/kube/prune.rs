//! What is ours in the cluster and no longer in the assembly.
//!
//! An object is pruned if our inventory names it and it carries our label.
//! Whoever takes the label away keeps the object.

use std::collections::BTreeSet;

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

    /// What is to go: in the inventory, not in the assembly, in the cluster, and with our label.
    pub(super) async fn gone(&self, old: &BTreeSet<String>, new: &BTreeSet<String>) -> Result<Vec<Going>, Failure> {
        let kept: BTreeSet<String> = new.iter().map(|row| identity(row)).collect();
        let mut out = Vec::new();
        for object in old.iter().filter(|row| !kept.contains(&identity(row))).filter_map(|row| Object::of_row(row)) {
            let read = |error| self.failed(&format!("{} cannot be read", object.called()), &error);
            let Some(path) = self.path(&object).await.map_err(read)? else { continue };
            let found = self.call(async || self.kube.get(&path).await).await;
            let Some(found) = found.map_err(read)? else { continue };
            let is_ours = found["metadata"]["labels"][APP_LABEL] == self.app;
            let is_going = found["metadata"]["deletionTimestamp"].is_string();
            if is_ours && !is_going {
                let uid = found["metadata"]["uid"].as_str().unwrap_or_default().to_owned();
                out.push(Going { object, path, uid });
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
            name: going.object.called(),
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

    /// Deletes what is to go, the last waves' kinds first; what was replaced in the meantime stays.
    pub(super) async fn prune(&self, gone: &[Going]) -> Result<usize, Failure> {
        let is_late = |going: &&Going| WITH_DATA.contains(&going.object.kind());
        let (late, early): (Vec<&Going>, Vec<&Going>) = gone.iter().partition(is_late);
        for going in early.into_iter().chain(late) {
            self.check_stop("has all objects, and some that are to go are still there")?;
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

/// Whether a condition of an object has a status.
pub(super) fn condition<'a>(object: &'a Value, kind: &str) -> Option<&'a Value> {
    object["status"]["conditions"].as_array()?.iter().find(|it| it["type"] == kind)
}
