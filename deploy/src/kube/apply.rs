//! Server-side apply, wave by wave.

use std::collections::BTreeSet;
use std::time::Duration;

use serde_json::{Value, json};

use super::{Kube, KubeError, Object, Worker, yields};
use crate::failure::Failure;
use crate::watch::Said;

impl<K: Kube> Worker<'_, K> {
    /// Brings a cluster to what the objects describe; `releases` is done before the first wave that may need them.
    pub async fn deploy(
        &self,
        objects: &[Object],
        releases: impl AsyncFnOnce() -> Result<(), Failure>,
    ) -> Result<String, Failure> {
        self.check_stop("is as it was")?;
        let old = self.inventory().await?;
        let new: BTreeSet<String> = objects.iter().map(Object::row).collect();
        let mut gone = self.gone(&old, &new).await?;
        gone.retain(|going| !going.is_going);
        self.show(&gone)?;
        // What may be applied from now on is known as ours before it is there, so that nothing is ever lost sight of.
        self.write_inventory(&old.union(&new).cloned().collect()).await?;
        let scaled = scaled(objects);
        let waves: BTreeSet<&str> = objects.iter().map(|object| object.wave.as_str()).collect();
        let mut releases = Some(releases);
        let mut count = 0;
        for wave in waves {
            if wave >= "20"
                && let Some(releases) = releases.take()
            {
                releases().await?;
            }
            let of_wave: Vec<&Object> = objects.iter().filter(|object| object.wave == wave).collect();
            self.doing(format!("{wave}: applying {} objects", of_wave.len()));
            for object in &of_wave {
                self.check_stop(&format!("has {count} of {} objects", objects.len()))?;
                self.apply(object, &scaled).await?;
                count += 1;
            }
            self.wait(wave, &of_wave).await?;
        }
        if let Some(releases) = releases.take() {
            releases().await?;
        }
        let n_pruned = self.prune(&gone).await?;
        self.write_inventory(&new).await?;
        let pruned = if n_pruned == 0 { String::new() } else { format!(", {n_pruned} pruned") };
        Ok(format!("{count} objects applied and ready{pruned}"))
    }

    /// Applies the objects of some constructs ahead of their wave, for a release that waits for them.
    pub async fn ahead(&self, objects: &[Object], constructs: &[String]) -> Result<(), Failure> {
        let scaled = scaled(objects);
        let wanted: Vec<&Object> = objects.iter().filter(|object| constructs.contains(&object.construct)).collect();
        for object in &wanted {
            self.check_stop("misses some of its releases and objects")?;
            self.apply(object, &scaled).await?;
        }
        self.wait("ahead of their wave", &wanted).await
    }

    async fn apply(&self, object: &Object, scaled: &BTreeSet<String>) -> Result<(), Failure> {
        let path = self.path_of(object).await?;
        let is_yielding = !yields::paths(&object.body).is_empty();
        let live = if is_yielding {
            let live = self.call(async || self.kube.get(&path).await).await;
            live.map_err(|error| self.at(object, self.failed(&format!("{} is not read", object.called()), &error)))?
        } else {
            None
        };
        let body = self.body(object, scaled, live.as_ref());
        // A list is one field to the API server: whoever wrote a weight in it manages all of it. Its values were
        // taken over above, so taking the list itself undoes nothing.
        let force = self.settings.force || is_yielding;
        let applied = self.call(async || self.kube.apply(&path, &body, force).await).await;
        let applied = applied.map_err(|error| self.at(object, self.explain(object, &error)))?;
        self.watch.say(&Said::Reached {
            at: self.cluster.to_owned(),
            name: object.called(),
            state: if applied["metadata"]["generation"] == 1 { "applied, new" } else { "applied" }.to_owned(),
            reason: String::new(),
        });
        Ok(())
    }

    /// What is applied of an object: not what a scaler or another controller decides.
    pub(super) fn body(&self, object: &Object, scaled: &BTreeSet<String>, live: Option<&Value>) -> Value {
        let mut body = unscaled(object, scaled);
        yields::take(&yields::paths(&object.body), &mut body, live.unwrap_or(&Value::Null));
        body
    }

    /// The path of an object, once the cluster serves its kind: a CRD takes a moment.
    async fn path_of(&self, object: &Object) -> Result<String, Failure> {
        let begin = tokio::time::Instant::now();
        loop {
            let path = self.path(object).await.map_err(|error| {
                self.at(object, self.failed(&format!("{} is not applied", object.called()), &error))
            })?;
            if let Some(path) = path {
                return Ok(path);
            }
            self.check_stop("waits for a kind that it does not serve yet")?;
            if begin.elapsed() > self.settings.call_patience {
                let version = object.body["apiVersion"].as_str().unwrap_or_default();
                let text = format!(
                    "cluster `{}` does not serve the kind `{}` of `{version}`, so {} is not applied",
                    self.cluster,
                    object.kind(),
                    object.called()
                );
                let help =
                    "install what brings that kind: its CRDs in the platform, or its Helm release; then run again";
                return Err(self.at(object, Failure::new(text, help)));
            }
            self.doing(format!("waiting for the kind `{}`", object.kind()));
            self.stop.sleep(Duration::from_secs(2)).await;
        }
    }

    /// Why an object is not applied.
    fn explain(&self, object: &Object, error: &KubeError) -> Failure {
        let called = object.called();
        let owners: BTreeSet<String> =
            error.causes.iter().filter(|(reason, ..)| reason == "FieldManagerConflict").filter_map(owner).collect();
        if error.code == 409 && !owners.is_empty() {
            let owners: Vec<String> = owners.into_iter().collect();
            let fields: Vec<String> = error.causes.iter().map(|(_, field, _)| format!("`{field}`")).collect();
            let mut failure = Failure::new(
                format!(
                    "cluster `{}`: {called} is not applied: `{}` manages fields of it",
                    self.cluster,
                    owners.join("`, `")
                ),
                "leave those fields out of the platform, or take them over with `--force-conflicts`",
            );
            failure.cause = format!("in conflict: {}", fields.join(", "));
            return failure;
        }
        let mut failure = self.failed(&format!("{called} is not applied"), error);
        if error.text.contains("immutable") || error.text.contains("updates to") && error.text.contains("forbidden") {
            failure.help = format!(
                "Kubernetes does not change that in place: delete {called} once, then run again; `meshsynth diff` shows \
                 such changes before"
            );
        } else if let Some((_, rest)) = error.text.split_once("admission webhook \"") {
            let webhook = rest.split('"').next().unwrap_or_default();
            failure.help = format!(
                "the webhook `{webhook}` of the cluster refuses it: satisfy its policy, synthesize, and run again"
            );
        } else if error.text.contains("exceeded quota") {
            "a quota of the namespace is used up: raise it or ask for less, then run again"
                .clone_into(&mut failure.help);
        }
        failure
    }
}

/// The manager that a conflict is with.
fn owner((_, _, message): &(String, String, String)) -> Option<String> {
    message.split('"').nth(1).map(str::to_owned)
}

fn target(kind: &str, namespace: &str, name: &str) -> String {
    format!("{kind}|{namespace}|{name}")
}

/// An object without the replicas that its scaler decides.
pub(super) fn unscaled(object: &Object, scaled: &BTreeSet<String>) -> Value {
    let mut body = object.body.clone();
    if scaled.contains(&target(object.kind(), object.namespace(), object.name()))
        && let Some(spec) = body["spec"].as_object_mut()
    {
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
