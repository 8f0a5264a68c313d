//! Manages Helm releases with the `helm` program.

use std::fs::{self, OpenOptions};
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use serde_json::Value;

use crate::assembly::Release;
use crate::failure::Failure;
use crate::kube::APP_LABEL;

/// The Helm program and its target cluster.
pub struct Helm {
    /// The path of the program.
    pub program: PathBuf,
    /// A private kubeconfig. `None` means the default kubeconfig.
    pub kubeconfig: Option<PathBuf>,
    /// The context. `None` means the current context.
    pub context: Option<String>,
    /// A private folder for values files.
    pub folder: PathBuf,
    /// The ID of the cluster.
    pub cluster: String,
    /// The name of the app. A label with this name marks its releases.
    pub app: String,
}

/// The oldest supported version. Helm 3.13 introduced labels of releases.
const OLDEST: (u32, u32) = (3, 14);
/// The label of a release that was taken over from another owner.
const ADOPTED_LABEL: &str = "meshsynth/adopted";

/// The owner of a release.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Owner {
    /// The release does not exist.
    Nobody,
    /// This app installed the release, or took it over.
    Us {
        /// Whether the release was taken over.
        is_adopted: bool,
    },
    /// Another user or tool installed the release, with a status and a revision.
    Other {
        /// The status, such as `deployed`.
        status: String,
        /// The revision.
        revision: i64,
    },
}

impl Helm {
    /// Checks that Helm exists and that its version is supported.
    pub async fn check(&self) -> Result<(), Failure> {
        let output = self.run(&["version", "--template", "{{.Version}}"]).await?;
        let text = String::from_utf8_lossy(&output.stdout).trim().to_owned();
        let mut parts = text.trim_start_matches('v').split('.').map(|part| part.parse::<u32>().unwrap_or_default());
        let version = (parts.next().unwrap_or_default(), parts.next().unwrap_or_default());
        if output.status.success() && version >= OLDEST && version.0 <= 4 {
            return Ok(());
        }
        Err(Failure::new(
            format!(
                "`{}` is Helm `{text}`, but releases require Helm 3.14 or later, or Helm 4",
                self.program.display()
            ),
            "install Helm 3.14 or later, or specify its path with `--helm`",
        ))
    }

    /// Returns the owner of a release.
    pub async fn owner(&self, release: &Release) -> Result<Owner, Failure> {
        let Some(state) = self.state(release).await? else { return Ok(Owner::Nobody) };
        let of_app = format!("{APP_LABEL}={}", self.app);
        if self.is_labelled(release, &of_app).await? {
            let is_adopted = self.is_labelled(release, &format!("{of_app},{ADOPTED_LABEL}=true")).await?;
            return Ok(Owner::Us { is_adopted });
        }
        let status = state["info"]["status"].as_str().unwrap_or("unknown").to_owned();
        Ok(Owner::Other { status, revision: state["version"].as_i64().unwrap_or_default() })
    }

    /// Whether a release has labels, in any state.
    async fn is_labelled(&self, release: &Release, selector: &str) -> Result<bool, Failure> {
        let filter = format!("^{}$", release.name);
        let states = ["--deployed", "--failed", "--pending", "--uninstalling", "--superseded"];
        let mut args = vec!["list", "--namespace", &release.namespace, "--filter", &filter, "--selector", selector];
        args.extend(states);
        args.extend(["--output", "json"]);
        let list = self.run(&args).await?;
        if !list.status.success() {
            let text = format!(
                "cluster `{}`: the owner of the release `{}/{}` cannot be read",
                self.cluster, release.namespace, release.name
            );
            let failure = Failure::new(text, "fix the error that Helm reports, then run the command again");
            return Err(self.at(release, Failure { cause: last_lines(&list), ..failure }));
        }
        let rows: Vec<Value> = serde_json::from_slice(&list.stdout).unwrap_or_default();
        Ok(!rows.is_empty())
    }

    /// Installs or upgrades a release to its chart, version and values. Returns a description. `takes_over` allows the
    /// change of a release of another owner.
    pub async fn release(&self, release: &Release, values: &str, takes_over: bool) -> Result<String, Failure> {
        let owner = self.owner(release).await?;
        let is_other = matches!(owner, Owner::Other { .. });
        if is_other && !takes_over {
            return Err(self.at(release, self.foreign(release)));
        }
        let is_adopted = is_other || owner == Owner::Us { is_adopted: true };
        let state = self.state(release).await?;
        let mut note = "";
        if let Some(state) = &state {
            let status = state["info"]["status"].as_str().unwrap_or_default();
            if status.starts_with("pending-") || status == "uninstalling" {
                self.recover(release, status).await?;
                note = ", after an interrupted run";
            } else if status == "deployed" && !is_other && self.is_same(release, state, values).await? {
                return Ok("no changes".to_owned());
            }
        }
        // Concurrent clusters share the folder, and their releases can have the same names.
        let file = self.folder.join(format!("{}.{}.{}.values.yaml", self.cluster, release.namespace, release.name));
        write_private(&file, values)
            .map_err(|error| self.broken(release, &format!("its values cannot be written: {error}")))?;
        let path = file.to_string_lossy().into_owned();
        let (chart, repository) = chart(release);
        let mut args = vec!["upgrade", "--install", &release.name, &chart, "--version", &release.version];
        if let Some(repository) = &repository {
            args.extend(["--repo", repository]);
        }
        let rest =
            ["--namespace", &release.namespace, "--create-namespace", "--values", &path, "--wait", "--timeout", "15m"];
        args.extend(rest);
        let mut labels = format!("{APP_LABEL}={}", self.app);
        if is_adopted {
            labels += &format!(",{ADOPTED_LABEL}=true");
        }
        args.extend(["--labels", &labels]);
        let output = self.run(&args).await;
        let _ = fs::remove_file(&file);
        let output = output?;
        if !output.status.success() {
            return Err(self.broken(release, &last_lines(&output)));
        }
        let verb = if state.is_some() { "upgraded" } else { "installed" };
        Ok(format!("{verb} to {} {}{note}", release.chart, release.version))
    }

    /// Uninstalls a release. Succeeds if it does not exist.
    pub async fn uninstall(&self, release: &Release) -> Result<(), Failure> {
        if self.state(release).await?.is_none() {
            return Ok(());
        }
        let args = ["uninstall", &release.name, "--namespace", &release.namespace, "--wait", "--timeout", "15m"];
        let output = self.run(&args).await?;
        if output.status.success() { Ok(()) } else { Err(self.broken(release, &last_lines(&output))) }
    }

    /// Returns the release status in the cluster, or `None` if it does not exist.
    async fn state(&self, release: &Release) -> Result<Option<Value>, Failure> {
        let output =
            self.run(&["status", &release.name, "--namespace", &release.namespace, "--output", "json"]).await?;
        if output.status.success() {
            return Ok(serde_json::from_slice(&output.stdout).ok());
        }
        match last_lines(&output) {
            text if text.contains("not found") => Ok(None),
            text => Err(self.broken(release, &text)),
        }
    }

    /// Returns the chart with its version, such as `istiod-1.28.0`, and the values of a release. Returns `None` if the
    /// release does not exist.
    pub async fn installed(&self, name: &str, namespace: &str) -> Result<Option<(String, Value)>, Failure> {
        let failed = |output: &Output| {
            Failure::new(
                format!(
                    "cluster `{}`: the release `{namespace}/{name}` cannot be read: {}",
                    self.cluster,
                    last_lines(output)
                ),
                "fix the error that Helm reports, then run the command again",
            )
        };
        let filter = format!("^{name}$");
        let list = self.run(&["list", "--namespace", namespace, "--filter", &filter, "--output", "json"]).await?;
        if !list.status.success() {
            return Err(failed(&list));
        }
        let rows: Vec<Value> = serde_json::from_slice(&list.stdout).unwrap_or_default();
        let Some(chart) = rows.first().and_then(|row| row["chart"].as_str()) else { return Ok(None) };
        let values = self.run(&["get", "values", name, "--namespace", namespace, "--output", "json"]).await?;
        if !values.status.success() {
            return Err(failed(&values));
        }
        // The values of a release without custom values are `null`.
        let values: Value = serde_json::from_slice(&values.stdout).unwrap_or_default();
        Ok(Some((chart.to_owned(), if values.is_null() { Value::Object(serde_json::Map::new()) } else { values })))
    }

    /// Returns the namespaces that contain a release with a name.
    pub async fn namespaces(&self, name: &str) -> Result<Vec<String>, Failure> {
        let filter = format!("^{name}$");
        let list = self.run(&["list", "--all-namespaces", "--filter", &filter, "--output", "json"]).await?;
        let rows: Vec<Value> = serde_json::from_slice(&list.stdout).unwrap_or_default();
        Ok(rows.iter().filter_map(|row| row["namespace"].as_str()).map(str::to_owned).collect())
    }

    /// Recovers a release from an interrupted operation.
    async fn recover(&self, release: &Release, status: &str) -> Result<(), Failure> {
        let history =
            self.run(&["history", &release.name, "--namespace", &release.namespace, "--output", "json"]).await?;
        let rows: Vec<Value> = serde_json::from_slice(&history.stdout).unwrap_or_default();
        let good = rows
            .iter()
            .rev()
            .find(|row| ["deployed", "superseded"].contains(&row["status"].as_str().unwrap_or_default()));
        let Some(revision) = good.and_then(|row| row["revision"].as_i64()) else {
            return Err(self.at(
                release,
                Failure::new(
                    format!(
                        "cluster `{}`: the release `{}/{}` is `{status}`, and has no successful revision",
                        self.cluster, release.namespace, release.name
                    ),
                    format!(
                        "if no other process is installing it, remove it with `helm uninstall {} --namespace {}`, \
                         then run the command again",
                        release.name, release.namespace
                    ),
                ),
            ));
        };
        let revision = revision.to_string();
        let args =
            ["rollback", &release.name, &revision, "--namespace", &release.namespace, "--wait", "--timeout", "15m"];
        let output = self.run(&args).await?;
        if output.status.success() { Ok(()) } else { Err(self.broken(release, &last_lines(&output))) }
    }

    /// Whether the release has the required chart, version and values.
    async fn is_same(&self, release: &Release, state: &Value, values: &str) -> Result<bool, Failure> {
        let wanted: Value = match serde_yaml::from_str(values) {
            Ok(wanted) => wanted,
            Err(error) => return Err(self.broken(release, &format!("its values are not YAML: {error}"))),
        };
        let metadata = self
            .run(&[
                "list",
                "--namespace",
                &release.namespace,
                "--filter",
                &format!("^{}$", release.name),
                "--output",
                "json",
            ])
            .await?;
        let rows: Vec<Value> = serde_json::from_slice(&metadata.stdout).unwrap_or_default();
        let chart = rows.first().and_then(|row| row["chart"].as_str()).unwrap_or_default();
        let empty = Value::Object(serde_json::Map::new());
        let has = state.get("config").filter(|it| !it.is_null()).unwrap_or(&empty);
        let wanted = if wanted.is_null() { &empty } else { &wanted };
        let name = release.chart.rsplit('/').next().unwrap_or_default();
        Ok(has == wanted && chart == format!("{name}-{}", release.version.trim_start_matches('v')))
    }

    async fn run(&self, args: &[&str]) -> Result<Output, Failure> {
        let mut command = Command::new(&self.program);
        command.args(args).stdin(Stdio::null());
        if let Some(kubeconfig) = &self.kubeconfig {
            command.arg("--kubeconfig").arg(kubeconfig);
        }
        if let Some(context) = &self.context {
            command.args(["--kube-context", context]);
        }
        let ended = tokio::task::spawn_blocking(move || command.output()).await;
        let text = match ended {
            Ok(Ok(output)) => return Ok(output),
            Ok(Err(error)) => error.to_string(),
            Err(error) => error.to_string(),
        };
        Err(Failure::new(
            format!(
                "cluster `{}` has Helm releases, but `{}` does not start: {text}",
                self.cluster,
                self.program.display()
            ),
            "install Helm 3.14 or later, or specify its path with `--helm`",
        ))
    }

    /// Creates the failure for a release of another owner.
    fn foreign(&self, release: &Release) -> Failure {
        Failure::new(
            format!(
                "cluster `{}`: the release `{}/{}` exists, but was not installed by this app",
                self.cluster, release.namespace, release.name
            ),
            "it was not changed; run the command again, which prompts before it takes over the release, or rename the \
             release in the program",
        )
    }

    fn broken(&self, release: &Release, cause: &str) -> Failure {
        let text =
            format!("cluster `{}`: the release `{}/{}` is not deployed", self.cluster, release.namespace, release.name);
        let help = "fix the error that Helm reports, then run the command again; applied objects are kept";
        self.at(release, Failure { cause: cause.to_owned(), ..Failure::new(text, help) })
    }

    fn at(&self, release: &Release, mut failure: Failure) -> Failure {
        failure.source.clone_from(&release.source);
        failure.construct.clone_from(&release.construct);
        failure
    }
}

/// Returns the chart argument for Helm, and the repository if it is a separate argument.
fn chart(release: &Release) -> (String, Option<String>) {
    match release.repository.as_str() {
        "" => (release.chart.clone(), None),
        oci if oci.starts_with("oci://") => (format!("{}/{}", oci.trim_end_matches('/'), release.chart), None),
        repository => (release.chart.clone(), Some(repository.to_owned())),
    }
}

/// Returns the last lines of the error output in one line.
fn last_lines(output: &Output) -> String {
    let text = String::from_utf8_lossy(&output.stderr);
    let lines: Vec<&str> = text.lines().map(str::trim).filter(|line| !line.is_empty()).collect();
    lines[lines.len().saturating_sub(3)..].join("; ")
}

/// Writes a file that only the current user can read.
pub fn write_private(path: &Path, text: &str) -> std::io::Result<()> {
    let _ = fs::remove_file(path);
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path)?.write_all(text.as_bytes())
}
