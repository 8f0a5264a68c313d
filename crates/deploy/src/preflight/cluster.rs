//! Checks the connection, the version and the permissions for each cluster of a platform.

use std::collections::BTreeSet;
use std::time::Duration;

use super::Finding;
use crate::assembly::{Assembly, Cluster};
use crate::aws::Aws;
use crate::bindings;
use crate::clusters::{ClusterAccess, client};
use crate::executor::Outputs;
use crate::failure::Failure;
use crate::kube::{Client, Kube, KubeError, Object, Settings, Worker, objects};
use crate::plan::{ClusterStep, Plan};
use crate::stop::Stop;
use crate::watch::Watch;

const ALLOW: &str = "grant access to the deployment role: `cluster.add_access(\"deployer\", <its role>, \
     eks::Access::ClusterAdmin)`, or a role of the cluster";

/// The context of the cluster checks.
pub struct ClusterChecks<'a> {
    /// AWS.
    pub aws: &'a Aws,
    /// The platform.
    pub assembly: &'a Assembly,
    /// The cluster settings.
    pub access: &'a ClusterAccess,
    /// The existing stack outputs.
    pub outputs: &'a Outputs,
    /// The receiver of events.
    pub watch: &'a dyn Watch,
    /// Whether the run was cancelled.
    pub stop: &'a Stop,
}

impl ClusterChecks<'_> {
    /// Checks every cluster of a plan.
    pub async fn run(&self, plan: &Plan) -> Vec<Finding> {
        let mut out = Vec::new();
        for step in &plan.clusters {
            match self.client(step).await {
                Ok(Some(client)) => out.extend(self.ask(step, &client).await),
                Ok(None) => out.push(Finding::good(
                    "cluster",
                    format!("`{}`: `{}` does not exist yet; its stack creates it", plan.app, step.id),
                )),
                Err(failure) => {
                    let causes = [&failure.text, &failure.cause];
                    let causes: Vec<&str> = causes.iter().map(|it| it.as_str()).filter(|it| !it.is_empty()).collect();
                    out.push(Finding::wrong("cluster", format!("`{}`: {}", plan.app, causes.join(": ")), failure.help));
                }
            }
        }
        out
    }

    /// Returns a client for a cluster, or `None` if no deployment created the cluster yet.
    async fn client(&self, step: &ClusterStep) -> Result<Option<Client<'_>>, Failure> {
        let is_ours = self.access.is_of_eks();
        let keys = self.assembly.bindings.keys().filter(|key| is_ours && step.name.contains(key.as_str()));
        let keys: BTreeSet<String> = keys.cloned().collect();
        let Ok(values) = bindings::values(self.aws, self.assembly, self.outputs, &keys).await else { return Ok(None) };
        client(self.aws, self.access, step, &values).await
    }

    async fn ask(&self, step: &ClusterStep, kube: &impl Kube) -> Vec<Finding> {
        let app = &self.assembly.manifest.app;
        let settings = Settings { call_timeout: Duration::ZERO, ..Settings::default() };
        let worker = Worker::new(kube, &step.id, app, &settings, self.watch, self.stop);
        let cluster = self.assembly.manifest.clusters.iter().find(|cluster| cluster.id == step.id);
        let wanted = cluster.map_or("", |cluster| cluster.version.as_str());
        // Only values contain placeholders, so kinds and namespaces are known.
        let objects = objects(self.assembly, step, &Default::default());
        let (Some(cluster), Ok(objects)) = (cluster, objects) else {
            return vec![Finding::wrong(
                "cluster",
                format!("`{app}`: `{}` cannot be parsed", step.id),
                "run `meshsynth synth` again",
            )];
        };
        check(&worker, app, wanted, &with_releases(objects, cluster)).await
    }
}

/// Checks the version of one cluster, and the permissions for some objects.
pub async fn check<K: Kube>(worker: &Worker<'_, K>, app: &str, wanted: &str, objects: &[Object]) -> Vec<Finding> {
    let id = worker.cluster;
    let version = match worker.kube.get("/version").await {
        Ok(answer) => answer.unwrap_or_default(),
        Err(error) => return vec![shut(app, id, &error)],
    };
    let version = version["gitVersion"].as_str().unwrap_or_default().to_owned();
    let minor = version.trim_start_matches('v').split('.').take(2).collect::<Vec<_>>().join(".");
    let mut out = Vec::new();
    if !wanted.is_empty() && wanted != minor {
        out.push(Finding::doubtful(
            "cluster",
            format!("`{app}`: `{id}` runs Kubernetes {version}, but the platform specifies {wanted}"),
            "check that this is the correct cluster: a deployment upgrades an EKS cluster to the version of the \
             platform, one minor version at a time",
        ));
    }
    let rights = match worker.rights(objects).await {
        Ok(rights) => rights,
        Err(error) => {
            out.push(shut(app, id, &error));
            return out;
        }
    };
    let unserved = match rights.unserved.as_slice() {
        [] => String::new(),
        kinds => format!("; it does not serve {} yet", kinds.join(", ")),
    };
    if rights.missing.is_empty() {
        let what = match rights.n_asked {
            0 => "you have all permissions".to_owned(),
            n => format!("you may apply and prune all {n} kinds of objects{unserved}"),
        };
        out.push(Finding::good("cluster", format!("`{app}`: `{id}` runs Kubernetes {version}, and {what}")));
    } else {
        out.push(Finding::wrong(
            "cluster",
            format!("`{app}`: in `{id}` (Kubernetes {version}) you may not\n  {}", rights.missing.join("\n  ")),
            ALLOW,
        ));
    }
    out
}

/// Adds the Secrets in which Helm stores its releases.
fn with_releases(mut objects: Vec<Object>, cluster: &Cluster) -> Vec<Object> {
    for release in &cluster.releases {
        let row = format!("v1|Secret|{}|sh.helm.release.v1.{}.v1", release.namespace, release.name);
        objects.extend(Object::of_row(&row));
    }
    objects
}

/// Creates the finding for a cluster that denies access.
fn shut(app: &str, id: &str, error: &KubeError) -> Finding {
    let help = match error.code {
        0 => {
            "check the network, because a private endpoint can be reached only from its own network; with \
             `--kubeconfig`, check that the file is for this cluster"
        }
        401 => {
            "sign in again, or specify another context with `--context`; for an EKS cluster, grant access with \
             `cluster.add_access`"
        }
        403 => ALLOW,
        _ => "the API server is not ready: run the command again later",
    };
    Finding::wrong("cluster", format!("`{app}`: `{id}` denies access: {error}"), help)
}
