//! Deploys to clusters: placeholders, connections, objects and releases.

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;

use kube::config::Kubeconfig;

use crate::approval::Approval;
use crate::backend::Backend;
use crate::bindings;
use crate::cloud::{AccountRegion, Fault};
use crate::event::Event;
use crate::executor::{Clusters, Outputs};
use crate::failure::{Failure, of_call};
use crate::kube::{Compared, Connection, Settings, Worker, fill, objects};
pub use crate::live_clusters::{ClusterAccess, LiveClusters};
use crate::plan::{ClusterStep, Plan};
use crate::releases::{Releases, helm};

impl<C: Backend> Clusters for LiveClusters<'_, C> {
    async fn deploy(&self, step: &ClusterStep, outputs: &Outputs) -> Result<String, Failure> {
        if self.access.stacks_only {
            return Ok("not deployed, because of `--stacks-only`".to_owned());
        }
        let values = bindings::values(self.aws, self.assembly, outputs, &self.wanted(step)).await?;
        let objects = objects(self.assembly, step, &values).map_err(|error| self.broken(step, &error))?;
        let connection = connection(self.access, step, &values)?;
        let client = self.aws.connect(connection);
        let settings = Settings {
            force: self.access.force,
            take_over: self.access.take_over.clone(),
            keep: Some(self.folder.join("taken-over")),
            ..Settings::default()
        };
        let (taken, foreign) = self.foreign_releases(step, &client).await?;
        let worker = Worker::new(&client, &step.id, &self.assembly.manifest.app, &settings, self.watch, self.stop)
            .asking(self.access.approval)
            .within(self.assembly)
            .knowing(&values)
            .behind(self.gate)
            .releasing(names(step))
            .affecting(foreign);
        let work = Releases { step, client: &client, values: &values, taken: &taken };
        worker.deploy(&objects, async || self.releases(&work, &worker, &objects).await).await
    }
}

impl<C: Backend> LiveClusters<'_, C> {
    /// Deletes the app's objects and then its releases in a cluster. Returns a description.
    pub async fn destroy(&self, step: &ClusterStep, outputs: &Outputs) -> Result<String, Failure> {
        let name: BTreeSet<String> =
            self.assembly.bindings.keys().filter(|key| step.name.contains(key.as_str())).cloned().collect();
        let Ok(values) = bindings::values(self.aws, self.assembly, outputs, &name).await else {
            return Ok("does not exist".to_owned());
        };
        let Some(client) = client(self.aws, self.access, step, &values).await? else {
            return Ok("does not exist".to_owned());
        };
        let settings = Settings { force: self.access.force, ..Settings::default() };
        let (ours, foreign) = self.own_releases(step, &client).await?;
        let approval = if self.access.approval == Approval::Never { Approval::Never } else { Approval::Foreign };
        let worker = Worker::new(&client, &step.id, &self.assembly.manifest.app, &settings, self.watch, self.stop)
            .asking(approval)
            .releasing(names(step))
            .affecting(foreign);
        let count = worker.destroy(async || self.uninstall(step, &client, &ours).await).await?;
        Ok(format!("{count} objects and {} releases are deleted", ours.len()))
    }

    /// Compares the applied objects with a cluster. Returns the differences.
    pub async fn drift(&self, step: &ClusterStep, outputs: &Outputs) -> Result<Compared, Failure> {
        let values = bindings::values(self.aws, self.assembly, outputs, &self.wanted(step)).await?;
        let objects = objects(self.assembly, step, &values).map_err(|error| self.broken(step, &error))?;
        let client = self.aws.connect(connection(self.access, step, &values)?);
        let settings = Settings::default();
        let worker = Worker::new(&client, &step.id, &self.assembly.manifest.app, &settings, self.watch, self.stop);
        worker.drift(&objects).await
    }

    /// Reports the objects of a cluster that would be taken over. Changes nothing.
    pub(crate) async fn look(&self, step: &ClusterStep, outputs: &Outputs) -> Result<(), Failure> {
        let values = bindings::values(self.aws, self.assembly, outputs, &self.wanted(step)).await?;
        let objects = objects(self.assembly, step, &values).map_err(|error| self.broken(step, &error))?;
        let Some(client) = client(self.aws, self.access, step, &values).await? else {
            let text = "it does not exist, so no stack is taken over".to_owned();
            self.watch.say(&Event::Note { at: step.id.clone(), text });
            return Ok(());
        };
        let (force, take_over) = (self.access.force, self.access.take_over.clone());
        let settings = Settings { force, take_over, ..Settings::default() };
        Worker::new(&client, &step.id, &self.assembly.manifest.app, &settings, self.watch, self.stop)
            .releasing(names(step))
            .handovers(&objects)
            .await
    }

    /// Returns the placeholders in the name, the manifests and the values of a cluster.
    pub(crate) fn wanted(&self, step: &ClusterStep) -> BTreeSet<String> {
        let objects = step.waves.iter().flat_map(|wave| wave.objects.iter());
        let cluster = self.assembly.manifest.clusters.iter().find(|it| it.id == step.id);
        let releases = cluster.iter().flat_map(|cluster| cluster.releases.iter().map(|it| &it.values));
        let texts = objects.chain(releases).filter_map(|path| self.assembly.files.get(path)).map(String::as_str);
        let is_in = |key: &&String| texts.clone().chain([step.name.as_str()]).any(|text| text.contains(key.as_str()));
        self.assembly.bindings.keys().filter(is_in).cloned().collect()
    }

    pub(crate) fn broken(&self, step: &ClusterStep, error: &anyhow::Error) -> Failure {
        Failure {
            cause: format!("{error:#}"),
            ..Failure::new(
                format!("objects cannot be deployed to cluster `{}`", step.id),
                "fix the cause, then run the command again",
            )
        }
    }
}

/// Returns the errors that are known before the deployment starts: an unreadable kubeconfig, no access to a cluster, no
/// Helm.
pub(crate) async fn unready(plan: &Plan, access: &ClusterAccess) -> Vec<Failure> {
    let mut out = Vec::new();
    if plan.clusters.is_empty() || access.stacks_only {
        return out;
    }
    if !access.is_of_eks() {
        out.extend(unreadable_config(access));
    } else {
        out.extend(plan.clusters.iter().filter_map(|step| connection(access, step, &BTreeMap::new()).err()));
    }
    if let Some(step) = plan.clusters.iter().find(|step| !step.releases.is_empty()) {
        out.extend(helm(access, &plan.app, step, None, PathBuf::new()).check().await.err());
    }
    out
}

fn unreadable_config(access: &ClusterAccess) -> Option<Failure> {
    let config = match &access.kubeconfig {
        Some(file) => Kubeconfig::read_from(file),
        None => Kubeconfig::read(),
    };
    let called = access.kubeconfig.as_ref().map_or("the kubeconfig".to_owned(), |file| format!("`{}`", file.display()));
    match config {
        Err(error) => {
            let failure =
                Failure::new(format!("{called} cannot be read"), "specify another kubeconfig with `--kubeconfig`");
            Some(Failure { cause: error.to_string(), ..failure })
        }
        Ok(config) => {
            let wanted = access.context.as_ref()?;
            let known: Vec<&str> = config.contexts.iter().map(|it| it.name.as_str()).collect();
            (!known.contains(&wanted.as_str())).then(|| {
                Failure::new(
                    format!("{called} has no context `{wanted}`"),
                    format!("use one of `{}`", known.join("`, `")),
                )
            })
        }
    }
}

/// Returns a client for a cluster, or `None` if the cluster does not exist.
pub(crate) async fn client<'a, C: Backend>(
    aws: &'a C,
    access: &ClusterAccess,
    step: &ClusterStep,
    values: &BTreeMap<String, String>,
) -> Result<Option<C::Kube<'a>>, Failure> {
    let connection = connection(access, step, values)?;
    if let Connection::Eks { place, name } = &connection {
        // The stack that provides the name does not exist.
        if name.contains("${") {
            return Ok(None);
        }
        match aws.check_cluster(place, name).await {
            Err(error) if error.fault == Fault::Missing => return Ok(None),
            Err(error) => return Err(of_call(format!("cluster `{}` cannot be reached", step.id), &error)),
            Ok(()) => {}
        }
    }
    Ok(Some(aws.connect(connection)))
}

/// Returns the connection to a cluster, with resolved placeholders in its name.
fn connection(
    access: &ClusterAccess,
    step: &ClusterStep,
    values: &BTreeMap<String, String>,
) -> Result<Connection, Failure> {
    if !access.is_of_eks() {
        return Ok(Connection::Config { file: access.kubeconfig.clone(), context: access.context.clone() });
    }
    let Some(region) = &step.region else {
        return Err(Failure::new(
            format!("cluster `{}` is not in AWS, so meshsynth cannot create a token for it", step.id),
            "specify the cluster with `--kubeconfig` or `--context`",
        ));
    };
    let mut name = serde_json::Value::String(step.name.clone());
    fill(&mut name, values);
    let name = name.as_str().unwrap_or_default().to_owned();
    Ok(Connection::Eks { place: AccountRegion { account: step.account.clone(), region: region.clone() }, name })
}

/// Returns the namespaces and names of the releases in a step.
fn names(step: &ClusterStep) -> Vec<(String, String)> {
    step.releases.iter().map(|it| (it.namespace.clone(), it.name.clone())).collect()
}
