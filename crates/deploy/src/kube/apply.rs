//! Applies objects with server-side apply, wave by wave.

use std::collections::BTreeSet;
use std::time::Duration;

use serde_json::Value;

use super::inventory::Inventory;
use super::outcome::Outcome;
use super::{Kube, Object, Worker, ignored_fields};
use crate::event::Event;
use crate::failure::Failure;

impl<K: Kube> Worker<'_, K> {
    /// Deploys the objects to a cluster. Runs `releases` before the first wave that can need them.
    pub async fn deploy(
        &self,
        objects: &[Object],
        releases: impl AsyncFnOnce() -> Result<(), Failure>,
    ) -> Result<String, Failure> {
        self.check_stop("was not changed")?;
        let Inventory { rows: old, taken } = self.inventory().await?;
        let new: BTreeSet<String> = objects.iter().map(Object::row).collect();
        let pairings = self.dry_run(objects).await?;
        let mut gone = self.gone(&old, &new).await?;
        self.spare(&mut gone);
        let left = gone.left();
        gone.objects.retain(|going| !going.is_going);
        let mut foreign = self.foreign.clone();
        foreign.extend(self.tell_strangers(objects));
        foreign.extend(self.foreign_content(&gone.objects, &taken));
        self.approve(pairings, &gone.objects, foreign).await?;
        let taken: BTreeSet<String> = taken.into_iter().chain(self.strangers.borrow().keys().cloned()).collect();
        // Add the objects to the inventory before applying them, so that it lists all of them after an interruption.
        self.write_inventory(&Inventory { rows: old.union(&new).cloned().collect(), taken: taken.clone() }).await?;
        let scaled = scaled(objects);
        let waves: BTreeSet<&str> = objects.iter().map(|object| object.wave.as_str()).collect();
        let mut releases = Some(releases);
        let mut count = 0;
        // Argo Rollouts reports a Rollout as invalid until its routes exist. The routes are in the next wave.
        let mut routed: Vec<&Object> = Vec::new();
        for wave in waves {
            if wave >= "20"
                && let Some(releases) = releases.take()
            {
                releases().await?;
            }
            let of_wave: Vec<&Object> = objects.iter().filter(|object| object.wave == wave).collect();
            self.check_gate().await?;
            self.doing(format!("{wave}: applying {} objects", of_wave.len()));
            let mut unsettled = Vec::new();
            for object in of_wave {
                self.check_stop(&format!("is partly deployed: {count} of {} objects are applied", objects.len()))?;
                if !self.apply(object, &scaled).await? {
                    unsettled.push(object);
                }
                count += 1;
            }
            let (late, now): (Vec<&Object>, Vec<&Object>) =
                unsettled.into_iter().partition(|object| object.kind() == "Rollout");
            self.wait(wave, &[routed, now].concat()).await?;
            routed = late;
        }
        self.wait("after their routes", &routed).await?;
        if let Some(releases) = releases.take() {
            releases().await?;
        }
        let pruned = self.prune(&gone.objects).await?;
        let tally = self.tally(pruned.count, pruned.held.len());
        let left: BTreeSet<String> = new.into_iter().chain(left).chain(pruned.held).collect();
        let taken = taken.intersection(&left).cloned().collect();
        self.write_inventory(&Inventory { rows: left, taken }).await?;
        Ok(tally)
    }

    /// Applies the objects of some constructs before their wave, because a release depends on them.
    pub async fn ahead(&self, objects: &[Object], constructs: &[String]) -> Result<(), Failure> {
        let scaled = scaled(objects);
        let wanted: Vec<&Object> = objects.iter().filter(|object| constructs.contains(&object.construct)).collect();
        let mut unsettled = Vec::new();
        for object in wanted {
            self.check_stop("is partly deployed: some releases and objects are missing")?;
            if !self.apply(object, &scaled).await? {
                unsettled.push(object);
            }
        }
        self.wait("before their wave", &unsettled).await
    }

    /// Applies an object. Returns whether it is already ready.
    async fn apply(&self, object: &Object, scaled: &BTreeSet<String>) -> Result<bool, Failure> {
        let path = self.path_of(object).await?;
        let is_yielding = !ignored_fields::paths(&object.body).is_empty();
        let takes_over = !self.settings.take_over.is_empty();
        let live = if is_yielding || self.settings.force || takes_over {
            let live = self.call(async || self.kube.get(&path).await).await;
            live.map_err(|error| self.at(object, self.failed(&format!("{} is not read", object.called()), &error)))?
        } else {
            None
        };
        if let (true, Some(live)) = (takes_over, &live) {
            self.hand_over(object, &path, live).await?;
        }
        let is_scaled = is_scaled(object, scaled);
        let body = self.body(object, is_scaled, live.as_ref());
        if let (true, Some(live)) = (self.settings.force, &live) {
            let taken = self.take_over(&path, &body, is_scaled, live).await;
            taken.map_err(|error| self.at(object, self.explain(object, &error)))?;
        }
        // The API server treats the list as one field, so a controller that writes one weight manages the whole list.
        // The current weights were copied above, so this call does not revert them.
        let force = self.settings.force || is_yielding;
        let applied = self.call(async || self.kube.apply(&path, &body, force).await).await;
        let applied = applied.map_err(|error| self.at(object, self.explain(object, &error)))?;
        let outcome = self.outcome(object, &applied);
        self.watch.say(&Event::Reached {
            at: self.cluster.to_owned(),
            name: object.called(),
            state: outcome.text().to_owned(),
            reason: String::new(),
        });
        Ok(super::ready::is_settled(&applied, outcome == Outcome::Unchanged))
    }

    /// Returns the manifest to apply, without the fields of scalers and other controllers.
    pub(super) fn body(&self, object: &Object, is_scaled: bool, live: Option<&Value>) -> Value {
        let mut body = unscaled(object, is_scaled);
        ignored_fields::take(&ignored_fields::paths(&object.body), &mut body, live.unwrap_or(&Value::Null));
        body
    }

    /// Returns the path of an object. Waits until the cluster serves the kind of a new CRD.
    async fn path_of(&self, object: &Object) -> Result<String, Failure> {
        let mut pause = self.pause(object.called());
        loop {
            let path = self.path(object).await.map_err(|error| {
                self.at(object, self.failed(&format!("{} is not applied", object.called()), &error))
            })?;
            if let Some(path) = path {
                return Ok(path);
            }
            self.check_stop(&format!(
                "waits for the kind `{}`, which the API server does not serve yet",
                object.kind()
            ))?;
            if pause.elapsed() > self.settings.call_timeout {
                let version = object.body["apiVersion"].as_str().unwrap_or_default();
                let text = format!(
                    "cluster `{}` does not serve the kind `{}` of `{version}`; {} is not applied",
                    self.cluster,
                    object.kind(),
                    object.called()
                );
                let help = "install its CustomResourceDefinition through the platform or a Helm release, then run the \
                     command again";
                return Err(self.at(object, Failure::new(text, help)));
            }
            pause.take(Duration::from_secs(2), &format!("the kind `{}` is not served yet", object.kind())).await;
        }
    }
}

fn target(kind: &str, namespace: &str, name: &str) -> String {
    format!("{kind}|{namespace}|{name}")
}

/// Whether a scaler of the platform sets the replicas of an object.
pub(super) fn is_scaled(object: &Object, scaled: &BTreeSet<String>) -> bool {
    scaled.contains(&target(object.kind(), object.namespace(), object.name()))
}

/// Returns the manifest without the replicas of its scaler.
fn unscaled(object: &Object, is_scaled: bool) -> Value {
    let mut body = object.body.clone();
    if is_scaled && let Some(spec) = body["spec"].as_object_mut() {
        spec.remove("replicas");
    }
    body
}

/// Returns the workloads with a scaler of the platform.
pub(super) fn scaled(objects: &[Object]) -> BTreeSet<String> {
    let scalers = objects.iter().filter(|object| ["HorizontalPodAutoscaler", "ScaledObject"].contains(&object.kind()));
    let of = |object: &Object| {
        let target_ref = &object.body["spec"]["scaleTargetRef"];
        // KEDA uses Deployment if the target has no kind.
        let kind = target_ref["kind"].as_str().unwrap_or("Deployment");
        Some(target(kind, object.namespace(), target_ref["name"].as_str()?))
    };
    scalers.filter_map(of).collect()
}
