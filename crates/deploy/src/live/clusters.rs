//! Compares the applied objects and releases of clusters with the output.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use serde_json::Value;

use super::{Live, LiveCluster, LiveRelease};
use crate::assembly;
use crate::bindings;
use crate::clusters::{LiveClusters, client};
use crate::executor::Outputs;
use crate::failure::Failure;
use crate::kube::{Change, Client, Field, Object, Seen, Settings, Worker, fill, objects};
use crate::plan::ClusterStep;

impl LiveClusters<'_> {
    /// Reads the applied objects and releases of a cluster.
    pub(super) async fn read(
        &self,
        step: &ClusterStep,
        outputs: &Outputs,
        gone: &[String],
        live: &mut Live,
    ) -> LiveCluster {
        let mut cluster = LiveCluster { id: step.id.clone(), ..LiveCluster::default() };
        let values = self.known(step, outputs, &mut live.notes).await;
        let unread = |what: &str, failure: &Failure| {
            let cause = if failure.cause.is_empty() { String::new() } else { format!(": {}", failure.cause) };
            format!("{what} of {}{cause}", failure.text)
        };
        let client = match client(self.aws, self.access, step, &values).await {
            Ok(Some(client)) => client,
            // A cluster that does not exist has no objects.
            Ok(None) => {
                cluster.objects = Some(self.all_new(step, &values));
                cluster.releases = Some(self.all_absent(step, &values));
                return cluster;
            }
            Err(failure) => {
                live.unread.push(unread("objects and releases", &failure));
                return cluster;
            }
        };
        match self.seen(step, &client, &values).await {
            Ok(seen) => {
                live.notes.extend(notes(&step.id, &seen));
                cluster.objects = Some(seen);
            }
            Err(failure) => {
                live.unread.push(unread("objects and releases", &failure));
                return cluster;
            }
        }
        match self.installed(step, &client, &values, gone).await {
            Ok(releases) => cluster.releases = Some(releases),
            Err(failure) => live.unread.push(unread("releases", &failure)),
        }
        cluster
    }

    /// Returns the values of the placeholders whose outputs exist.
    async fn known(&self, step: &ClusterStep, outputs: &Outputs, notes: &mut Vec<String>) -> BTreeMap<String, String> {
        let is_there = |key: &String| {
            let binding = &self.assembly.bindings[key];
            outputs.get(&binding.stack).and_then(|it| it.get(&binding.output)).is_some_and(|it| !it.is_empty())
        };
        let wanted: BTreeSet<String> = self.wanted(step).into_iter().filter(is_there).collect();
        if let Ok(values) = bindings::values(self.aws, self.assembly, outputs, &wanted).await {
            return values;
        }
        let mut values = BTreeMap::new();
        for key in wanted {
            match bindings::values(self.aws, self.assembly, outputs, &BTreeSet::from([key])).await {
                Ok(more) => values.extend(more),
                Err(failure) => {
                    let text = format!(
                        "{}, so fields that contain it are reported as changed: {}",
                        failure.text, failure.cause
                    );
                    if !notes.contains(&text) {
                        notes.push(text);
                    }
                }
            }
        }
        values
    }

    async fn seen(
        &self,
        step: &ClusterStep,
        client: &Client<'_>,
        values: &BTreeMap<String, String>,
    ) -> Result<Vec<(Option<String>, Seen)>, Failure> {
        let wanted = objects(self.assembly, step, values)
            .map_err(|error| Failure::new(format!("cluster `{}`: {error:#}", step.id), ""))?;
        let settings = Settings { call_timeout: Duration::from_secs(10), ..Settings::default() };
        let worker = Worker::new(client, &step.id, &self.assembly.manifest.app, &settings, self.watch, self.stop);
        let seen = worker.look(&wanted).await?;
        let paths = paths(step);
        Ok(seen.into_iter().map(|seen| (seen.idx.map(|idx| paths[idx].clone()), seen)).collect())
    }

    fn all_new(&self, step: &ClusterStep, values: &BTreeMap<String, String>) -> Vec<(Option<String>, Seen)> {
        let wanted = objects(self.assembly, step, values).unwrap_or_default();
        let rows = paths(step).into_iter().zip(wanted).enumerate();
        let seen = |(idx, (path, object)): (usize, (String, Object))| {
            (Some(path), Seen { idx: Some(idx), wanted: Some(object.body), ..Seen::default() })
        };
        rows.map(seen).collect()
    }

    fn all_absent(&self, step: &ClusterStep, values: &BTreeMap<String, String>) -> Vec<LiveRelease> {
        let cluster = self.assembly.manifest.clusters.iter().find(|it| it.id == step.id);
        let releases = cluster.into_iter().flat_map(|cluster| &cluster.releases);
        let row = |release: &assembly::Release| {
            let mut wanted = self.assembly.document(&release.values).unwrap_or_default();
            fill(&mut wanted, values);
            LiveRelease {
                name: release.name.clone(),
                namespace: release.namespace.clone(),
                path: Some(release.values.clone()),
                wanted: Some(wanted),
                found: None,
            }
        };
        releases.map(row).collect()
    }

    /// Returns the releases of a cluster, and existing releases of an earlier deployment from this folder.
    async fn installed(
        &self,
        step: &ClusterStep,
        client: &Client<'_>,
        values: &BTreeMap<String, String>,
        gone: &[String],
    ) -> Result<Vec<LiveRelease>, Failure> {
        let mut releases = self.all_absent(step, values);
        if releases.is_empty() && gone.is_empty() {
            return Ok(releases);
        }
        self.with_helm(step, client, async |helm, _| {
            for release in &mut releases {
                release.found = helm.installed(&release.name, &release.namespace).await?;
            }
            for name in gone {
                for namespace in helm.namespaces(name).await? {
                    let found = helm.installed(name, &namespace).await?;
                    releases.push(LiveRelease { name: name.clone(), namespace, path: None, wanted: None, found });
                }
            }
            Ok(())
        })
        .await?;
        Ok(releases)
    }
}

/// Returns notes about the objects of a cluster: manual changes and rejected dry runs.
fn notes(cluster: &str, seen: &[(Option<String>, Seen)]) -> Vec<String> {
    let mut out = Vec::new();
    let mut refused: BTreeMap<String, usize> = BTreeMap::new();
    for (_, seen) in seen {
        let object = seen.wanted.as_ref().unwrap_or(&Value::Null);
        let text = |pointer: &str| object.pointer(pointer).and_then(Value::as_str).unwrap_or_default();
        let called = match text("/metadata/namespace") {
            "" => format!("{} `{}`", text("/kind"), text("/metadata/name")),
            namespace => format!("{} `{namespace}/{}`", text("/kind"), text("/metadata/name")),
        };
        let fields = |is_told: fn(Change) -> bool| -> Vec<String> {
            let fields = seen.by_hand.iter().filter(|field| is_told(field.change));
            fields.map(|field| format!("`{}` by `{}`", field.path, managers(field))).collect()
        };
        let (added, written) = (fields(|it| it == Change::Added), fields(|it| it != Change::Added));
        if !added.is_empty() {
            out.push(format!(
                "cluster `{cluster}`: a deployment keeps these fields that were added to {called}: {}",
                added.join(", ")
            ));
        }
        if !written.is_empty() {
            out.push(format!(
                "cluster `{cluster}`: a deployment reverts these changes to {called} only with `--force-conflicts`: {}",
                written.join(", ")
            ));
        }
        if let Some(error) = &seen.refused {
            *refused.entry(format!("{} {}", error.code, error.text)).or_default() += 1;
        }
    }
    out.extend(refused.into_iter().map(|(cause, count)| {
        let noun = if count == 1 { "object is" } else { "objects are" };
        format!(
            "cluster `{cluster}`: {count} {noun} compared without the API server's defaults, because the API server \
             rejects a dry run: {cause}"
        )
    }));
    out
}

fn managers(field: &Field) -> String {
    let names: BTreeSet<&str> = field.by.iter().map(|writer| writer.manager.as_str()).collect();
    names.into_iter().collect::<Vec<_>>().join("`, `")
}

/// Returns the paths of a cluster's objects in wave order.
fn paths(step: &ClusterStep) -> Vec<String> {
    step.waves.iter().flat_map(|wave| wave.objects.iter().cloned()).collect()
}
