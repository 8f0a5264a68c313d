//! Smoke tests of clusters: runs the script of the output with bash and kubectl. The script is code of the output, so
//! it receives a kubeconfig, but no credentials of AWS.

use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

use crate::assembly::Assembly;
use crate::backend::Backend;
use crate::by_region::SmokeTests;
use crate::clusters::{ClusterAccess, LiveClusters, client};
use crate::executor::Outputs;
use crate::failure::Failure;
use crate::helm::write_private;
use crate::kube::ClusterClient;
use crate::plan::{ClusterStep, RegionStep};
use crate::script::{self, Ended};
use crate::stop::Stop;

/// The time limit of a smoke test.
const TIMEOUT: Duration = Duration::from_secs(600);
/// The time limit to print a version.
const VERSION_TIMEOUT: Duration = Duration::from_secs(30);
/// The number of lines in the message of a failed test.
const QUOTED: usize = 8;

/// Returns the script of a cluster, or `None` if the cluster has no checks.
fn text<'a>(assembly: &'a Assembly, cluster: &str) -> Option<&'a str> {
    assembly.files.get(&format!("smoke/{cluster}.sh")).map(String::as_str)
}

/// Returns failures for missing tools before the deployment starts.
pub async fn unready(assembly: &Assembly, regions: &[RegionStep], access: &ClusterAccess) -> Vec<Failure> {
    let mut clusters = regions.iter().flat_map(|step| &step.clusters);
    if access.stacks_only || !clusters.any(|id| text(assembly, id).is_some()) {
        return Vec::new();
    }
    let mut out = Vec::new();
    for (program, arguments) in [("bash", &["--version"][..]), ("kubectl", &["version", "--client"][..])] {
        let mut command = script::command(program, access.path.as_ref());
        command.args(arguments);
        let ended = script::run(command, VERSION_TIMEOUT, &Stop::default()).await;
        let is_there = ended.is_ok_and(|it| matches!(it, Ended::Done(output) if output.status.success()));
        if !is_there {
            let text = format!("the smoke tests between regions require `{program}`, which cannot be started");
            out.push(Failure::new(text, format!("install `{program}`, or deploy without `--by-region`")));
        }
    }
    out
}

impl<C: Backend> SmokeTests for LiveClusters<'_, C> {
    async fn smoke_test(&self, step: &ClusterStep, outputs: &Outputs) -> Result<Option<String>, Failure> {
        let Some(text) = text(self.assembly, &step.id).filter(|_| !self.access.stacks_only) else {
            return Ok(None);
        };
        let broken = |cause: String| Failure {
            cause,
            ..Failure::new(
                format!("the smoke test of cluster `{}` cannot be run", step.id),
                "fix the cause, then run the command again; it detects completed parts",
            )
        };
        let files = Files { folder: &self.folder, cluster: &step.id };
        let kubeconfig = self.kubeconfig(step, outputs).await.map_err(|error| broken(format!("{error:#}")))?;
        write_private(&files.path("smoke.kubeconfig"), &kubeconfig).map_err(|error| broken(error.to_string()))?;
        write_private(&files.path("smoke.sh"), text).map_err(|error| broken(error.to_string()))?;
        let mut command = script::command("bash", self.access.path.as_ref());
        command.arg(files.path("smoke.sh")).env("KUBECONFIG", files.path("smoke.kubeconfig"));
        let limit = self.access.smoke_timeout.unwrap_or(TIMEOUT);
        let ended = script::run(command, limit, self.stop).await.map_err(broken)?;
        let what = format!("the smoke test of cluster `{}`", step.id);
        let output = match ended {
            Ended::Done(output) => output,
            ended => return Err(script::killed(&ended, &what, limit).unwrap_or_default()),
        };
        let text = String::from_utf8_lossy(&output.stdout);
        let lines: Vec<&str> = text.lines().collect();
        if output.status.success() {
            let last = lines.last().copied().unwrap_or_default();
            return Ok(Some(format!("the smoke test passed: {last}")));
        }
        let last = lines[lines.len().saturating_sub(QUOTED)..].join("; ");
        let help = "fix the services that do not respond, then run the command again; later regions were not changed";
        Err(Failure { cause: last, ..Failure::new(format!("the smoke test of cluster `{}` failed", step.id), help) })
    }
}

impl<C: Backend> LiveClusters<'_, C> {
    /// Returns a kubeconfig whose current context is the cluster.
    async fn kubeconfig(&self, step: &ClusterStep, outputs: &Outputs) -> anyhow::Result<String> {
        let values = crate::bindings::values(self.aws, self.assembly, outputs, &self.wanted(step)).await?;
        let client = client(self.aws, self.access, step, &values).await?;
        let Some(client) = client else { anyhow::bail!("the cluster does not exist") };
        let mut config = client.kubeconfig().await?;
        if let Some(context) = &self.access.context {
            config.current_context = Some(context.clone());
        }
        Ok(serde_json::to_string(&config)?)
    }
}

/// The files of a test. They contain a token, so they are deleted on drop.
struct Files<'a> {
    folder: &'a Path,
    cluster: &'a str,
}

impl Files<'_> {
    fn path(&self, what: &str) -> PathBuf {
        self.folder.join(format!("{}.{what}", self.cluster))
    }
}

impl Drop for Files<'_> {
    fn drop(&mut self) {
        for what in ["smoke.kubeconfig", "smoke.sh"] {
            let _ = fs::remove_file(self.path(what));
        }
    }
}
