//! The options to read the deployed state.

use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use meshsynth_assembly::deployed::{Wanted, WantedCluster, WantedStack};
use meshsynth_assembly::read_manifest;
use meshsynth_model::problem::Problem;

use super::context::Project;
use crate::deployer::{Deployer, Reach, required};
use crate::diff::by_name::summary;
use crate::shell::Shell;
use meshsynth_check::temporary::Temporary;

const HEADING: &str = "With --deployed";

#[derive(clap::Args, Debug, Default)]
pub struct DeployedArgs {
    /// Read the state of AWS and clusters instead of files: of the given stacks and contexts, or of the app.
    #[arg(long)]
    pub deployed: bool,
    /// A deployed stack, with `@REGION` if it is not in the region of the environment; can be repeated.
    #[arg(long, value_name = "NAME", requires = "deployed", help_heading = HEADING)]
    pub stack: Vec<String>,
    /// `[CLUSTER=]CONTEXT`: the kubeconfig context of a cluster; can be repeated.
    #[arg(long, value_name = "NAME", requires = "deployed", help_heading = HEADING)]
    pub context: Vec<String>,
    /// The kubeconfig, instead of that of the environment.
    #[arg(long, value_name = "FILE", requires = "deployed", help_heading = HEADING)]
    pub kubeconfig: Option<PathBuf>,
    /// The IAM role to assume; `{account}` is replaced by the account of each stack.
    #[arg(long, value_name = "ARN", requires = "deployed", help_heading = HEADING)]
    pub role: Option<String>,
}

impl DeployedArgs {
    /// Reads the deployed state into a folder. Returns its name and the folder, or `None` without `--deployed`.
    pub fn read(
        &self,
        shell: &Shell,
        config: Option<&Path>,
        deployer: Option<&dyn Deployer>,
        command: &str,
        of: (Option<&str>, Option<&str>),
    ) -> Result<Option<(String, Temporary)>> {
        if !self.deployed {
            return Ok(None);
        }
        let deployer = required(deployer)?;
        let named: Vec<WantedStack> = self.stack.iter().map(|text| stack(text)).collect();
        let clusters: Vec<WantedCluster> = self.context.iter().map(|text| cluster(text)).collect();
        let stacks = match named.is_empty() && clusters.is_empty() {
            true => stacks_of(config, command, of)?,
            false => named,
        };
        let wanted = Wanted { stacks, clusters, region: None, resources: true };
        let folder = pull(shell, deployer, &wanted, self.role.clone(), self.kubeconfig.clone())?;
        Ok(Some((format!("the deployed state ({})", summary(&wanted)), folder)))
    }
}

/// Reads the deployed state into a folder. A missing stack is an error.
pub fn pull(
    shell: &Shell,
    deployer: &dyn Deployer,
    wanted: &Wanted,
    role: Option<String>,
    kubeconfig: Option<PathBuf>,
) -> Result<Temporary> {
    shell.note(&format!("reading the deployed state: {}", summary(wanted)));
    let reach = Reach { aws: true, clusters: true, role, kubeconfig, ..Reach::default() };
    let found = deployer.by_name(shell, wanted, &reach)?;
    let is_there = |name: &str| found.stacks.iter().any(|it| it.name == name || name.starts_with("arn:"));
    let missing: Vec<String> =
        wanted.stacks.iter().filter(|it| !is_there(&it.name)).map(|it| format!("`{}`", it.name)).collect();
    if !missing.is_empty() {
        let text = format!("there is no stack {}", missing.join(" or "));
        return Err(Problem::setting(text).help("check the name, the region and the AWS account").into());
    }
    found.notes.iter().for_each(|text| shell.note(&format!("note: {text}")));
    found.unread.iter().for_each(|text| shell.note(&format!("note: not read: {text}")));
    let folder = Temporary::new()?;
    found.write(&folder.0).context("cannot save the deployed state")?;
    Ok(folder)
}

/// Parses `NAME` or `NAME@REGION`.
pub fn stack(text: &str) -> WantedStack {
    let (name, region) = match text.split_once('@') {
        Some((name, region)) => (name, Some(region.to_owned())),
        None => (text, None),
    };
    WantedStack { name: name.to_owned(), account: None, region }
}

/// Parses `CONTEXT` or `CLUSTER=CONTEXT`.
fn cluster(text: &str) -> WantedCluster {
    let (name, context) = text.split_once('=').unwrap_or((text, text));
    WantedCluster { name: name.to_owned(), context: Some(context.to_owned()), is_named: true, objects: None }
}

/// Returns the stacks in the output of an app.
fn stacks_of(
    config: Option<&Path>,
    command: &str,
    (app, env): (Option<&str>, Option<&str>),
) -> Result<Vec<WantedStack>> {
    let project = Project::find(config)?;
    let target = project.target(command, app, env)?;
    let folder = project.config.output.join(target.name());
    let manifest = read_manifest(&folder).map_err(|_| {
        Problem::setting(format!("`{}` is not synthesized yet", target.name()))
            .help(format!("run `meshsynth synth {}`, or specify stacks with `--stack`", target.arguments()))
    })?;
    let row =
        |it: meshsynth_assembly::Stack| WantedStack { name: it.name, account: it.account, region: Some(it.region) };
    Ok(manifest.stacks.into_iter().map(row).collect())
}
