//! The dry run before the first wave. It finds all predictable conflicts and rejections before the deployment changes
//! the cluster.
//!
//! An object that already has the required state needs no dry run. A deployment without changes therefore makes none.

use std::collections::{BTreeMap, BTreeSet};

use futures_util::{StreamExt, TryStreamExt, stream};
use meshsynth_diff::cluster::Pairing;
use serde_json::Value;

use super::apply::{is_scaled, scaled};
use super::family::is_named;
use super::fields::{record, union};
use super::handover::{Handed, Handover};
use super::look::{applied, compared, named};
use super::refusal::{Refusal, conflict_help, is_conflict_with, reason};
use super::survey::SIDE_BY_SIDE;
use super::{Kube, KubeError, MANAGER, Object, Worker, ignored_fields};
use crate::failure::Failure;
use crate::retryable::Retryable;

struct Trial<'a> {
    object: &'a Object,
    path: String,
    body: Value,
    live: Option<Value>,
    /// The fields to take over from other managers.
    handover: Option<Handover>,
}

impl<K: Kube> Worker<'_, K> {
    /// Makes a dry run of all objects that would change, and stores their current state. Returns each object before and
    /// after.
    pub(super) async fn dry_run(&self, objects: &[Object]) -> Result<Vec<Pairing>, Failure> {
        self.doing(format!("comparing {} objects", objects.len()));
        let all: Vec<&Object> = objects.iter().collect();
        let answers = self.survey(&all).await?;
        let scaled = scaled(objects);
        let (mut trials, mut untried, mut pairings) = (Vec::new(), Untried::default(), Vec::new());
        let mut coming = BTreeSet::new();
        for (object, answer) in objects.iter().zip(answers) {
            let found = answer.map_err(|error| {
                self.at(object, self.failed(&format!("{} cannot be read", object.called()), &error))
            })?;
            if let Some(live) = &found.live {
                self.before.borrow_mut().insert(object.row(), live.clone());
            } else if object.kind() == "Namespace" {
                coming.insert(object.name());
            }
            let body = self.body(object, is_scaled(object, &scaled), found.live.as_ref());
            let handover = found.live.as_ref().and_then(|live| Handover::of(live, &self.settings.take_over));
            if let Some(live) = &found.live {
                self.note_stranger(object, live, handover.is_some());
            }
            if handover.is_none() {
                self.tell_additions(object, &body, &found).await;
            }
            match found.path {
                None => {
                    untried.add("whose kind the API server does not serve yet", object);
                    pairings.push((None, Some(body)));
                }
                Some(_) if handover.is_none() && found.live.as_ref().is_some_and(|live| is_same(&body, live)) => {
                    pairings.push((Some(body.clone()), Some(body)));
                }
                Some(path) => trials.push(Trial { object, path, body, live: found.live, handover }),
            }
        }
        let is_early = |trial: &Trial<'_>| coming.contains(trial.object.namespace());
        let (early, trials): (Vec<Trial<'_>>, Vec<Trial<'_>>) = trials.into_iter().partition(is_early);
        for trial in early {
            untried.add("whose namespace does not exist yet", trial.object);
            pairings.push((None, Some(trial.body)));
        }
        let tries = trials.iter().map(|trial| async move { Ok::<_, Failure>((trial, self.attempt(trial).await?)) });
        let tried: Vec<(&Trial<'_>, Result<Value, KubeError>)> =
            stream::iter(tries).buffered(SIDE_BY_SIDE).try_collect().await?;
        let is_changing = |(trial, answer): &(&Trial<'_>, Result<Value, KubeError>)| match (answer, &trial.live) {
            (Ok(would), Some(live)) => record(would) != record(live),
            _ => true,
        };
        let changes: Vec<&Object> = tried.iter().filter(|it| is_changing(it)).map(|(trial, _)| trial.object).collect();
        let mut refused = Vec::new();
        for (trial, error) in tried.iter().filter_map(|(trial, answer)| Some((trial, answer.as_ref().err()?))) {
            let refusal = Refusal::of(error);
            match refusal {
                Refusal::Untold(why) => untried.add(why, trial.object),
                _ if refusal.is_certain(trial.object, &changes, !self.releases.is_empty()) => {
                    refused.push((trial.object, error));
                }
                _ => self.note(format!(
                    "the API server rejects {} in the current state of the cluster; earlier steps of the deployment \
                     may change that: {error}",
                    trial.object.called()
                )),
            }
        }
        untried.texts().into_iter().for_each(|text| self.note(text));
        self.refused(&refused)?;
        let handed = tried.iter().filter_map(|(trial, answer)| {
            let (live, handover) = trial.live.as_ref().zip(trial.handover.as_ref())?;
            Some(Handed {
                object: trial.object,
                path: &trial.path,
                body: &trial.body,
                live,
                handover,
                would: answer.as_ref().ok(),
            })
        });
        self.tell_handovers(&handed.collect::<Vec<_>>()).await;
        self.tell_unknown_names();
        pairings.extend(tried.iter().map(|(trial, answer)| pairing(trial, answer.as_ref().ok())));
        Ok(pairings)
    }

    /// Reports the objects that would be taken over, and the rejections. Changes nothing.
    pub async fn handovers(&self, objects: &[Object]) -> Result<(), Failure> {
        self.dry_run(objects).await?;
        self.tell_strangers(objects);
        Ok(())
    }

    /// Reports names in `--take-over` that manage no field of these objects.
    fn tell_unknown_names(&self) {
        let before = self.before.borrow();
        let rows = before.values().flat_map(|live| live["metadata"]["managedFields"].as_array().into_iter().flatten());
        let managers: BTreeSet<&str> =
            rows.filter_map(|row| row["manager"].as_str()).filter(|it| *it != MANAGER).collect();
        for name in &self.settings.take_over {
            if !managers.iter().any(|manager| is_named(std::slice::from_ref(name), manager)) {
                let known = managers.iter().copied().collect::<Vec<_>>().join("`, `");
                self.note(match known.is_empty() {
                    true => {
                        format!(
                            "no object is taken over from `{name}`: no other field manager manages objects of the \
                             program"
                        )
                    }
                    false => {
                        format!(
                            "no object is taken over from `{name}`: the other field managers of the program's objects \
                             are `{known}`"
                        )
                    }
                });
            }
        }
    }

    /// Makes a dry run. Fails if the API server does not answer.
    async fn attempt(&self, trial: &Trial<'_>) -> Result<Result<Value, KubeError>, Failure> {
        self.check_stop("was not changed")?;
        let force = self.settings.force || !ignored_fields::paths(&trial.object.body).is_empty();
        let answer = self
            .call(async || match self.kube.try_apply(&trial.path, &trial.body, force).await {
                // A conflict with the previous managers is expected, because the deployment takes over their fields.
                Err(error) if trial.handover.as_ref().is_some_and(|it| is_conflict_with(&error, &it.from)) => {
                    self.kube.would_apply(&trial.path, &trial.body).await.map(Ok)
                }
                // An error that a retry cannot resolve is reported as the outcome of the dry run.
                Err(error) if error.code == 500 || !error.is_transient() => Ok(Err(error)),
                answer => answer.map(Ok),
            })
            .await;
        answer.map_err(|error| {
            self.at(trial.object, self.failed(&format!("the dry run of {} failed", trial.object.called()), &error))
        })
    }

    /// Returns one failure for all rejections.
    fn refused(&self, refused: &[(&Object, &KubeError)]) -> Result<(), Failure> {
        let failures: Vec<Failure> =
            refused.iter().map(|(object, error)| self.at(object, self.explain(object, error))).collect();
        match failures.as_slice() {
            [] => Ok(()),
            [one] => Err(one.clone().note("a dry run found this conflict; the cluster was not changed")),
            [first, ..] => {
                let is_one_help = failures.iter().all(|it| it.help == first.help);
                let errors: Vec<&KubeError> = refused.iter().map(|(_, error)| *error).collect();
                let help = match conflict_help(&errors) {
                    _ if is_one_help => first.help.clone(),
                    Some(help) => help,
                    None => "fix each of them, synthesize, and run the command again".to_owned(),
                };
                let text = format!(
                    "cluster `{}`: the API server would reject {} objects; no object was applied",
                    self.cluster,
                    failures.len()
                );
                let mut all = Failure::new(text, help);
                (all.source, all.construct) = (first.source.clone(), first.construct.clone());
                for (object, error) in refused {
                    all = all.note(format!("{} ({}): {}", object.called(), object.source, reason(error)));
                }
                Err(all.note("found by a dry run; the cluster was not changed"))
            }
        }
    }
}

/// Returns the object before and after, restricted to the fields of meshsynth.
fn pairing(trial: &Trial<'_>, would: Option<&Value>) -> Pairing {
    match (&trial.live, would) {
        (Some(live), Some(would)) => {
            let fields = compared(live, would, &[]);
            // Fields that are taken over and are absent from the program are removed.
            let had = trial.handover.iter().fold(fields.clone(), |had, it| union(had, it.fields.clone()));
            (Some(named(live, &had)), Some(named(would, &fields)))
        }
        (live, _) => (live.as_ref().map(applied), Some(trial.body.clone())),
    }
}

/// Whether it is certain, without a query, that applying an object has no effect.
fn is_same(body: &Value, live: &Value) -> bool {
    let is_of_version = record(live).iter().all(|row| row["apiVersion"] == body["apiVersion"]);
    is_of_version && applied(live) == *body
}

/// The objects without a conclusive dry run, by reason.
#[derive(Default)]
struct Untried(BTreeMap<&'static str, (usize, BTreeSet<String>)>);

impl Untried {
    fn add(&mut self, why: &'static str, object: &Object) {
        let (count, kinds) = self.0.entry(why).or_default();
        *count += 1;
        kinds.insert(object.kind().to_owned());
    }

    fn texts(&self) -> Vec<String> {
        let text = |(why, (count, kinds)): (&&str, &(usize, BTreeSet<String>))| {
            let kinds: Vec<&str> = kinds.iter().map(String::as_str).collect();
            let noun = if *count == 1 { "object" } else { "objects" };
            format!("the dry run omits {count} {noun} {why}: {}", kinds.join(", "))
        };
        self.0.iter().map(text).collect()
    }
}
