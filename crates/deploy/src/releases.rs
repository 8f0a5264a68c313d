//! The Helm releases of a cluster: their owners, their deployment in order, and their deletion.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::PathBuf;

use crate::assembly::{Cluster, Release};
use crate::backend::Backend;
use crate::event::Event;
use crate::failure::Failure;
use crate::helm::{Helm, Owner, write_private};
use crate::kube::ClusterClient;
use crate::kube::{Object, Worker, fill};
use crate::live_clusters::{ClusterAccess, LiveClusters};
use crate::plan::{ClusterStep, ReleaseStep};

/// A release by its namespace and name.
pub(crate) type Name = (String, String);

/// The deployment of the releases of a cluster.
pub(crate) struct Releases<'a, K> {
    pub step: &'a ClusterStep,
    pub client: &'a K,
    /// The values of placeholders.
    pub values: &'a BTreeMap<String, String>,
    /// The releases of other owners that are taken over.
    pub taken: &'a BTreeSet<Name>,
}

impl<C: Backend> LiveClusters<'_, C> {
    /// Returns the owner of each planned release.
    async fn owners(&self, step: &ClusterStep, client: &C::Kube<'_>) -> Result<Vec<(Name, Owner)>, Failure> {
        if step.releases.is_empty() {
            return Ok(Vec::new());
        }
        self.with_helm(step, client, async |helm, cluster| {
            let mut out = Vec::new();
            for planned in &step.releases {
                if let Some(release) = cluster.releases.iter().find(|release| is_planned(release, planned)) {
                    let name = (release.namespace.clone(), release.name.clone());
                    out.push((name, helm.owner(release).await?));
                }
            }
            Ok(out)
        })
        .await
    }

    /// Reports the releases of other owners. Returns them, and descriptions of those that require an approval.
    pub(crate) async fn foreign_releases(
        &self,
        step: &ClusterStep,
        client: &C::Kube<'_>,
    ) -> Result<(BTreeSet<Name>, Vec<String>), Failure> {
        let (mut taken, mut foreign) = (BTreeSet::new(), Vec::new());
        let is_named = self.access.take_over.iter().any(|name| name.eq_ignore_ascii_case("helm"));
        for ((namespace, name), owner) in self.owners(step, client).await? {
            let Owner::Other { status, revision } = owner else { continue };
            let called = format!("Helm release `{namespace}/{name}`");
            self.watch.say(&Event::TakesOver {
                at: step.id.clone(),
                name: called.clone(),
                from: "another user or tool".to_owned(),
                notes: vec![
                    format!(
                        "its state is `{status}`; the chart, the version and the values of the program replace its own"
                    ),
                    "stop deploying this release with the other tool, which would revert the changes".to_owned(),
                ],
                back: format!("helm rollback {name} {revision} --namespace {namespace}"),
            });
            if !is_named {
                foreign.push(format!("takes over {called}"));
            }
            taken.insert((namespace, name));
        }
        Ok((taken, foreign))
    }

    /// Returns the releases of this app, and descriptions of those whose deletion requires an approval. Reports the
    /// releases of other owners, which are kept.
    pub(crate) async fn own_releases(
        &self,
        step: &ClusterStep,
        client: &C::Kube<'_>,
    ) -> Result<(BTreeSet<Name>, Vec<String>), Failure> {
        let (mut ours, mut foreign) = (BTreeSet::new(), Vec::new());
        for ((namespace, name), owner) in self.owners(step, client).await? {
            let called = format!("Helm release `{namespace}/{name}`");
            match owner {
                Owner::Nobody => {}
                Owner::Us { is_adopted } => {
                    if is_adopted {
                        foreign.push(format!("uninstalls {called}, which was taken over"));
                    }
                    ours.insert((namespace, name));
                }
                Owner::Other { .. } => {
                    let text = format!(
                        "{called} is kept, because this app did not install it: to delete it, run `helm uninstall \
                         {name} --namespace {namespace}`"
                    );
                    self.watch.say(&Event::Note { at: step.id.clone(), text });
                }
            }
        }
        Ok((ours, foreign))
    }

    /// Uninstalls releases in reverse order.
    pub(crate) async fn uninstall(
        &self,
        step: &ClusterStep,
        client: &C::Kube<'_>,
        ours: &BTreeSet<Name>,
    ) -> Result<(), Failure> {
        if ours.is_empty() {
            return Ok(());
        }
        self.with_helm(step, client, async |helm, cluster| {
            for planned in step.releases.iter().rev() {
                let release = cluster.releases.iter().find(|release| is_planned(release, planned));
                let is_ours = ours.contains(&(planned.namespace.clone(), planned.name.clone()));
                if let Some(release) = release.filter(|_| is_ours) {
                    helm.uninstall(release).await?;
                }
            }
            Ok(())
        })
        .await
    }

    /// Deploys the Helm releases, each after its dependencies.
    pub(crate) async fn releases(
        &self,
        work: &Releases<'_, C::Kube<'_>>,
        worker: &Worker<'_, C::Kube<'_>>,
        objects: &[Object],
    ) -> Result<(), Failure> {
        let step = work.step;
        if step.releases.is_empty() {
            return Ok(());
        }
        self.with_helm(step, work.client, async |helm, cluster| {
            for planned in &step.releases {
                if let Some(release) = cluster.releases.iter().find(|release| is_planned(release, planned)) {
                    worker.ahead(objects, &release.after).await?;
                }
                self.release(helm, worker, cluster, planned, work).await?;
            }
            Ok(())
        })
        .await
    }

    /// Runs an operation with Helm. Deletes the files that Helm reads afterwards, because they contain a token.
    pub(crate) async fn with_helm<T: Default>(
        &self,
        step: &ClusterStep,
        client: &C::Kube<'_>,
        work: impl AsyncFnOnce(&Helm, &Cluster) -> Result<T, Failure>,
    ) -> Result<T, Failure> {
        let cluster = self.assembly.manifest.clusters.iter().find(|it| it.id == step.id);
        let Some(cluster) = cluster else { return Ok(T::default()) };
        let is_ours = self.access.is_of_eks();
        let kubeconfig = if is_ours {
            let config = client.kubeconfig().await.map_err(|error| self.broken(step, &error))?;
            let text = serde_json::to_string(&config).map_err(|error| self.broken(step, &error.into()))?;
            let path = self.folder.join(format!("{}.kubeconfig", step.id));
            write_private(&path, &text).map_err(|error| self.broken(step, &error.into()))?;
            Some(path)
        } else {
            self.access.kubeconfig.clone()
        };
        let helm = helm(self.access, &self.assembly.manifest.app, step, kubeconfig.clone(), self.folder.clone());
        let result = match helm.check().await {
            Ok(()) => work(&helm, cluster).await,
            Err(failure) => Err(failure),
        };
        if let Some(path) = kubeconfig.filter(|_| is_ours) {
            let _ = fs::remove_file(path);
        }
        result
    }

    async fn release(
        &self,
        helm: &Helm,
        worker: &Worker<'_, C::Kube<'_>>,
        cluster: &Cluster,
        planned: &ReleaseStep,
        work: &Releases<'_, C::Kube<'_>>,
    ) -> Result<(), Failure> {
        let name = &planned.name;
        if self.stop.is_cancelled() {
            return Err(Failure::interrupted(format!(
                "interrupted: cluster `{}` is partly deployed: release `{name}` is missing",
                cluster.id
            )));
        }
        let release = cluster.releases.iter().find(|release| is_planned(release, planned));
        let release = release.expect("the plan is of this assembly");
        self.watch.say(&Event::Doing { at: cluster.id.clone(), text: format!("Helm release `{name}`") });
        let mut document = match self.assembly.document(&release.values) {
            Ok(document) => document,
            Err(error) => return Err(Failure::new(format!("{error:#}"), "run `meshsynth synth` again")),
        };
        fill(&mut document, work.values);
        let takes_over = work.taken.contains(&(release.namespace.clone(), name.clone()));
        // JSON is valid YAML.
        let document = document.to_string();
        let done = worker.watch_release(&release.namespace, name, helm.release(release, &document, takes_over)).await;
        let text = match done {
            Ok(text) => text,
            Err(failure) => {
                let why = worker.why_release(&release.namespace, name).await;
                return Err(why.into_iter().fold(failure, |failure, (why, _)| failure.note(why)));
            }
        };
        self.watch.say(&Event::Reached {
            at: cluster.id.clone(),
            name: format!("release `{}/{name}`", release.namespace),
            state: text,
            reason: String::new(),
        });
        Ok(())
    }
}

/// Returns the Helm program for a cluster.
pub(crate) fn helm(
    access: &ClusterAccess,
    app: &str,
    step: &ClusterStep,
    kubeconfig: Option<PathBuf>,
    folder: PathBuf,
) -> Helm {
    Helm {
        program: access.helm.clone().unwrap_or_else(|| PathBuf::from("helm")),
        kubeconfig,
        context: access.context.clone(),
        folder,
        cluster: step.id.clone(),
        app: app.to_owned(),
    }
}

/// Whether a step belongs to a release. Releases in different namespaces can have the same name.
fn is_planned(release: &Release, step: &ReleaseStep) -> bool {
    release.name == step.name && release.namespace == step.namespace
}
