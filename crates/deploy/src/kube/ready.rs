//! Waits until objects are ready, and explains why an object is not.

use std::time::Duration;

use serde_json::Value;

use super::object::condition;
use super::pods::cause;
use super::{Kube, Object, Worker};
use crate::failure::Failure;

/// The readiness of an object.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Standing {
    Ready,
    /// The object can become ready. Contains the reason for the wait.
    Waiting(String),
    /// The object has a failure that can belong to an earlier state.
    Failing(String),
    /// The object cannot become ready.
    Failed(String),
}

/// The waiting time before a failure counts that can belong to old pods. Old pods stop while new ones start.
const GRACE: Duration = Duration::from_secs(30);

impl<K: Kube> Worker<'_, K> {
    /// Waits until all objects of a wave are ready.
    pub(super) async fn wait(&self, wave: &str, objects: &[&Object]) -> Result<(), Failure> {
        let begin = tokio::time::Instant::now();
        let mut time = Duration::from_secs(1);
        for object in objects {
            let mut pause = self.pause(object.called());
            loop {
                let read =
                    |error| self.at(object, self.failed(&format!("{} cannot be watched", object.called()), &error));
                let Some(path) = self.path(object).await.map_err(read)? else { break };
                let found = self.call(async || self.kube.get(&path).await).await.map_err(read)?;
                let (is_over, text) =
                    match found.as_ref().map_or(Standing::Waiting("it was deleted".to_owned()), standing) {
                        Standing::Ready => break,
                        Standing::Failed(text) => (true, text),
                        Standing::Failing(text) => (pause.elapsed() > GRACE, text),
                        Standing::Waiting(text) => (begin.elapsed() > self.settings.ready_timeout, text),
                    };
                if is_over {
                    let why = self.why(object).await;
                    let mut failure = Failure::new(
                        format!("cluster `{}`: {} is not ready: {text}", self.cluster, object.called()),
                        why.as_ref().map_or(
                            "inspect the object in the cluster, fix the cause, then run the command again",
                            |(_, help)| help,
                        ),
                    );
                    failure.cause = why.map(|(text, _)| text).unwrap_or_default();
                    return Err(self
                        .at(object, failure.note("applied objects are kept; the next run continues from this wave")));
                }
                if self.stop.is_cancelled() {
                    let why = self.why(object).await.map(|(text, _)| text).unwrap_or_default();
                    let text = format!(
                        "interrupted: cluster `{}` is partly deployed: `{wave}` is applied, but {} is not ready: \
                         {text}",
                        self.cluster,
                        object.called()
                    );
                    return Err(self.at(object, Failure { cause: why, ..Failure::interrupted(text) }));
                }
                // The pods are queried only when a report is due.
                let why = if pause.is_due() { self.why(object).await } else { None };
                let reason = why.map_or_else(|| text.clone(), |(why, _)| format!("{text}; {why}"));
                pause.take(time, &reason).await;
                time = (time + Duration::from_secs(1)).min(Duration::from_secs(5));
            }
        }
        Ok(())
    }

    /// Explains by its pods why a workload is not ready, with the fix.
    async fn why(&self, object: &Object) -> Option<(String, &'static str)> {
        let labels = object.body["spec"]["selector"]["matchLabels"].as_object()?;
        let selector: Vec<String> =
            labels.iter().map(|(key, value)| format!("{key}={}", value.as_str().unwrap_or_default())).collect();
        self.why_of(object.namespace(), &selector.join(",")).await
    }

    /// Waits for a Helm operation, and reports the state of its pods every half minute.
    pub async fn watch_release<T>(&self, namespace: &str, name: &str, work: impl Future<Output = T>) -> T {
        let tell = async {
            let mut pause = self.pause(format!("release `{namespace}/{name}`"));
            loop {
                if pause.is_due() {
                    let why = self.why_release(namespace, name).await;
                    pause.tell(why.as_ref().map_or("Helm waits for its readiness", |(why, _)| why));
                }
                tokio::time::sleep(Duration::from_secs(1)).await;
            }
        };
        tokio::select! {
            result = work => result,
            () = tell => unreachable!("it is told for ever"),
        }
    }

    /// Explains why the pods of a release do not run, with the fix. Charts set the release name in one of these labels.
    pub async fn why_release(&self, namespace: &str, name: &str) -> Option<(String, &'static str)> {
        for label in ["app.kubernetes.io/instance", "release", "app"] {
            let why = self.why_of(namespace, &format!("{label}={name}")).await;
            if why.is_some() {
                return why;
            }
        }
        None
    }

    /// Explains why the pods with some labels do not run, with the fix.
    async fn why_of(&self, namespace: &str, selector: &str) -> Option<(String, &'static str)> {
        let selector = selector.replace('/', "%2F").replace('=', "%3D");
        let path = format!("/api/v1/namespaces/{namespace}/pods?labelSelector={selector}");
        let pods = self.kube.get(&path).await.ok().flatten()?;
        pods["items"].as_array()?.iter().find_map(cause)
    }
}

/// Whether an object is ready after it was applied. After a change, its status still describes the earlier state.
pub(super) fn is_settled(applied: &Value, is_unchanged: bool) -> bool {
    let is_watched = !["Namespace", ""].contains(&applied["kind"].as_str().unwrap_or_default());
    let blank = serde_json::json!({ "apiVersion": applied["apiVersion"], "kind": applied["kind"] });
    // If a kind is ready without a status, its objects are ready as soon as they exist.
    match standing(applied) {
        Standing::Ready => is_unchanged || !is_watched || standing(&blank) == Standing::Ready,
        _ => false,
    }
}

/// Returns the readiness of an object by its kind.
pub(super) fn standing(object: &Value) -> Standing {
    let (spec, status) = (&object["spec"], &object["status"]);
    let number = |value: &Value| value.as_i64().unwrap_or_default();
    let is_seen = number(&status["observedGeneration"]) >= number(&object["metadata"]["generation"]);
    let by = |kind: &str| match condition(object, kind) {
        Some(it) if it["status"] == "True" => Standing::Ready,
        Some(it) => Standing::Waiting(format!(
            "`{kind}`: {} {}",
            it["reason"].as_str().unwrap_or_default(),
            it["message"].as_str().unwrap_or_default()
        )),
        None => Standing::Waiting(format!("`{kind}`")),
    };
    let replicas = |wanted: i64, updated: &str, ready: &str| {
        if !is_seen {
            return Standing::Waiting("its controller".to_owned());
        }
        let (n_updated, n_ready) = (number(&status[updated]), number(&status[ready]));
        if n_updated >= wanted && n_ready >= wanted {
            return Standing::Ready;
        }
        if let Some(it) = condition(object, "ReplicaFailure").filter(|it| it["status"] == "True") {
            // A Deployment reports the failure of any of its ReplicaSets, including old ones.
            return Standing::Failing(it["message"].as_str().unwrap_or_default().to_owned());
        }
        match condition(object, "Progressing").filter(|it| it["reason"] == "ProgressDeadlineExceeded") {
            Some(it) => Standing::Failed(it["message"].as_str().unwrap_or_default().to_owned()),
            None => Standing::Waiting(format!(
                "{n_ready} of {wanted} replicas are ready, {n_updated} have the new template"
            )),
        }
    };
    let version = object["apiVersion"].as_str().unwrap_or_default();
    let wanted = spec["replicas"].as_i64().unwrap_or(1);
    match object["kind"].as_str().unwrap_or_default() {
        "Namespace" if status["phase"] == "Terminating" => Standing::Failed(
            "it is being deleted: wait for the end of the deletion, then run the command again".to_owned(),
        ),
        "CustomResourceDefinition" => by("Established"),
        "Deployment" if version.starts_with("apps/") => replicas(wanted, "updatedReplicas", "availableReplicas"),
        "StatefulSet" if spec["updateStrategy"]["type"] == "OnDelete" => Standing::Ready,
        "StatefulSet" => replicas(wanted, "updatedReplicas", "readyReplicas"),
        "DaemonSet" => replicas(number(&status["desiredNumberScheduled"]), "updatedNumberScheduled", "numberAvailable"),
        "Job" => match condition(object, "Failed").filter(|it| it["status"] == "True") {
            Some(it) => Standing::Failed(it["message"].as_str().unwrap_or_default().to_owned()),
            None => by("Complete"),
        },
        "Rollout" => match status["phase"].as_str() {
            Some("Healthy") if is_observed(object) => Standing::Ready,
            // The controller checks again when the missing route or Service exists.
            Some("Degraded") if condition(object, "InvalidSpec").is_some_and(|it| it["status"] == "True") => {
                Standing::Waiting(status["message"].as_str().unwrap_or("`InvalidSpec`").to_owned())
            }
            Some("Degraded") => Standing::Failed(status["message"].as_str().unwrap_or("`Degraded`").to_owned()),
            // A canary can wait for a person.
            Some("Paused") => Standing::Ready,
            phase => Standing::Waiting(format!("phase `{}`", phase.unwrap_or("none"))),
        },
        "Gateway" if version.starts_with("gateway.networking.k8s.io/") => by("Programmed"),
        "Certificate" | "ClusterSecretStore" | "ExternalSecret" | "SecretStore" | "ScaledObject" => by("Ready"),
        _ => Standing::Ready,
    }
}

/// Whether the status is current. Argo Rollouts writes the generation as text.
fn is_observed(object: &Value) -> bool {
    let seen = &object["status"]["observedGeneration"];
    let seen = seen.as_i64().or_else(|| seen.as_str().and_then(|text| text.parse().ok())).unwrap_or_default();
    seen >= object["metadata"]["generation"].as_i64().unwrap_or_default()
}
