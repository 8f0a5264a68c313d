//! Server-side apply, wave by wave.

use std::collections::BTreeSet;
use std::time::Duration;

use serde_json::{Value, json};

use super::outcome::Outcome;
use super::{Kube, Object, Worker, ignored_fields};
use crate::event::Event;
use crate::failure::Failure;

impl<K: Kube> Worker<'_, K> {
    /// Brings a cluster to what the objects describe; `releases` is done before the first wave that may need them.
    pub async fn deploy(
        &self,
        objects: &[Object],
        releases: impl AsyncFnOnce() -> Result<(), Failure>,
    ) -> Result<String, Failure> {
        self.check_stop("was not changed")?;
        let old = self.inventory().await?;
        let new: BTreeSet<String> = objects.iter().map(Object::row).collect();
        let pairings = self.dry_run(objects).await?;
        let mut gone = self.gone(&old, &new).await?;
        self.spare(&mut gone);
        let left = gone.left();
        gone.objects.retain(|going| !going.is_going);
        self.approve(pairings, &gone.objects).await?;
        // What may be applied from now on is known as ours before it is there, so that nothing is ever lost sight of.
        self.write_inventory(&old.union(&new).cloned().collect()).await?;
        let scaled = scaled(objects);
        let waves: BTreeSet<&str> = objects.iter().map(|object| object.wave.as_str()).collect();
        let mut releases = Some(releases);
        let mut count = 0;
        // A Rollout is taken for invalid until the routes are there that it writes weights into: they come a wave later.
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
                self.check_stop(&format!("has {count} of {} objects", objects.len()))?;
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
        self.wait("behind their routes", &routed).await?;
        if let Some(releases) = releases.take() {
            releases().await?;
        }
        let pruned = self.prune(&gone.objects).await?;
        let tally = self.tally(pruned.count, pruned.held.len());
        let left: BTreeSet<String> = new.into_iter().chain(left).chain(pruned.held).collect();
        self.write_inventory(&left).await?;
        Ok(tally)
    }

    /// Applies the objects of some constructs ahead of their wave, for a release that waits for them.
    pub async fn ahead(&self, objects: &[Object], constructs: &[String]) -> Result<(), Failure> {
        let scaled = scaled(objects);
        let wanted: Vec<&Object> = objects.iter().filter(|object| constructs.contains(&object.construct)).collect();
        let mut unsettled = Vec::new();
        for object in wanted {
            self.check_stop("lacks some of its releases and objects")?;
            if !self.apply(object, &scaled).await? {
                unsettled.push(object);
            }
        }
        self.wait("ahead of their wave", &unsettled).await
    }

    /// Applies an object; answers whether it is known to be ready.
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
        // A list is one field to the API server: whoever wrote a weight in it manages all of it. Its values were
        // taken over above, so taking the list itself undoes nothing.
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

    /// What is applied of an object: not what a scaler or another controller decides.
    pub(super) fn body(&self, object: &Object, is_scaled: bool, live: Option<&Value>) -> Value {
        let mut body = unscaled(object, is_scaled);
        ignored_fields::take(&ignored_fields::paths(&object.body), &mut body, live.unwrap_or(&Value::Null));
        body
    }

    /// The path of an object, once the cluster serves its kind: a CRD takes a moment.
    async fn path_of(&self, object: &Object) -> Result<String, Failure> {
        let mut pause = self.pause(object.called());
        loop {
            let path = self.path(object).await.map_err(|error| {
                self.at(object, self.failed(&format!("{} is not applied", object.called()), &error))
            })?;
            if let Some(path) = path {
                return Ok(path);
            }
            self.check_stop(&format!("waits for the kind `{}`, which it does not serve yet", object.kind()))?;
            if pause.elapsed() > self.settings.call_timeout {
                let version = object.body["apiVersion"].as_str().unwrap_or_default();
                let text = format!(
                    "cluster `{}` does not serve the kind `{}` of `{version}`, so {} is not applied",
                    self.cluster,
                    object.kind(),
                    object.called()
                );
                let help = "install its definition, by the platform or by its Helm release; then run again";
                return Err(self.at(object, Failure::new(text, help)));
            }
            pause.take(Duration::from_secs(2), &format!("the kind `{}` is not served yet", object.kind())).await;
        }
    }
}

fn target(kind: &str, namespace: &str, name: &str) -> String {
    format!("{kind}|{namespace}|{name}")
}

/// Whether a scaler of the platform decides how many pods an object has.
pub(super) fn is_scaled(object: &Object, scaled: &BTreeSet<String>) -> bool {
    scaled.contains(&target(object.kind(), object.namespace(), object.name()))
}

/// An object without the replicas that its scaler decides.
fn unscaled(object: &Object, is_scaled: bool) -> Value {
    let mut body = object.body.clone();
    if is_scaled && let Some(spec) = body["spec"].as_object_mut() {
        spec.remove("replicas");
    }
    body
}

/// The workloads whose replicas a scaler of the platform decides.
pub(super) fn scaled(objects: &[Object]) -> BTreeSet<String> {
    let scalers = objects.iter().filter(|object| ["HorizontalPodAutoscaler", "ScaledObject"].contains(&object.kind()));
    let of = |object: &Object| {
        let target_ref = &object.body["spec"]["scaleTargetRef"];
        // KEDA means a Deployment where it names no kind.
        let kind = target_ref["kind"].as_str().unwrap_or("Deployment");
        Some(target(kind, object.namespace(), target_ref["name"].as_str()?))
    };
    scalers.filter_map(of).collect()
}

/// An object for the inventory.
pub(super) fn inventory(name: &str, app: &str, rows: &BTreeSet<String>) -> Value {
    let rows: Vec<&str> = rows.iter().map(String::as_str).collect();
    json!({
        "apiVersion": "v1",
        "kind": "ConfigMap",
        "metadata": { "name": name, "namespace": "kube-system", "labels": { super::APP_LABEL: app } },
        "data": { "objects": rows.join("\n") }
    })
}
