//! `meshsynth render`: writes the manifests as they would be applied.

use std::path::{Path, PathBuf};

use anyhow::Result;
use clap::ValueEnum;
use meshsynth_deploy::commands;
use meshsynth_deploy::delivery::{Delivery, Tool};
use meshsynth_deploy::stack::Settings;

use super::context::{Outcome, Project, TargetArgs};
use crate::deployment::{absolute, not_begun};
use crate::follow::Follow;
use crate::shell::{Shell, count};

/// What stands below the help.
pub const HELP: &str = "\
Examples:
  meshsynth render shop --env staging --output rendered
  meshsynth render shop --outputs outputs.json             with outputs from a file, without AWS
  meshsynth render shop --delivery argocd --repository https://git.example.com/shop.git

The program is run first, as for `deploy`, and a stale output is refused unless --no-synth is given.";

#[derive(clap::Args, Debug)]
pub struct Args {
    /// The app; optional if there is only one.
    #[arg(value_name = "APP")]
    pub app: Option<String>,
    #[command(flatten)]
    pub at: TargetArgs,
    /// Use the output as written, such as a CI artifact, instead of running the program.
    #[arg(long)]
    pub no_synth: bool,
    /// A JSON file with stack outputs, {"<stack>": {"<output>": "<value>"}}, instead of those in AWS.
    #[arg(long, value_name = "FILE")]
    pub outputs: Option<PathBuf>,
    /// The folder to write to; it must be empty, or rendered before.
    #[arg(long, value_name = "FOLDER", default_value = "rendered")]
    pub output: PathBuf,
    /// Also write the Argo CD or Flux objects that apply the manifests.
    #[arg(long, value_enum, value_name = "TOOL", requires = "repository")]
    pub delivery: Option<DeliveryTool>,
    /// The URL of the repository that the folder is committed to.
    #[arg(long, value_name = "URL")]
    pub repository: Option<String>,
    /// The branch to apply.
    #[arg(long, value_name = "BRANCH", default_value = "main")]
    pub revision: String,
}

/// Who applies what is rendered.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum DeliveryTool {
    /// Argo CD.
    Argocd,
    /// Flux.
    Flux,
}

/// Runs the command.
pub fn run(shell: &Shell, file: Option<&Path>, args: &Args) -> Result<Outcome> {
    let project = Project::find(file)?;
    let deployment = project.deployment("render", args.app.as_deref(), &args.at)?;
    let instead = "`--no-synth` renders the output as it is written";
    project.require_current(shell, &deployment, &args.at, args.no_synth, instead)?;
    let follow = Follow::new(shell, false);
    let folder = project.here.join(&args.output);
    let delivery = args.delivery.map(|tool| Delivery {
        tool: match tool {
            DeliveryTool::Argocd => Tool::ArgoCd,
            DeliveryTool::Flux => Tool::Flux,
        },
        repository: args.repository.clone().unwrap_or_default(),
        revision: args.revision.clone(),
        path: folder.strip_prefix(&project.config.folder).unwrap_or(&args.output).display().to_string(),
    });
    let given = absolute(args.outputs.as_ref(), &project.here);
    let options = deployment.options(args.at.role.as_deref(), Settings::default(), &follow);
    let n_files = commands::render(&options, given.as_deref(), delivery.as_ref(), &folder).map_err(not_begun)?;
    shell.done("rendered", &format!("{}: {} -> {}", deployment.name, count(n_files, "file"), project.shown(&folder)));
    Ok(Outcome::Fine)
}
