//! `meshsynth render`: writes the manifests as they would be applied.

use std::path::PathBuf;

use clap::ValueEnum;

use super::context::TargetArgs;

/// Notes and examples at the end of the help.
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

/// The tool that applies the rendered manifests.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum DeliveryTool {
    /// Argo CD.
    Argocd,
    /// Flux.
    Flux,
}
