//! The command line of `meshsynth diff`.

use std::path::PathBuf;

use clap::ValueEnum;
use meshsynth_diff::gates::Gate;

use crate::gate;

/// Notes and examples at the end of the help.
pub const HELP: &str = "\
Examples:
  meshsynth diff                                       compare with HEAD
  meshsynth diff shop --env staging --base origin/main compare with another revision
  meshsynth diff --format markdown --deny data-loss    for a pull request
  meshsynth diff --format html > diff.html             a self-contained page
  meshsynth diff shop --env staging --base deployed    compare with AWS and the clusters
  meshsynth diff --no-synth                            use the output as written
  meshsynth diff --base old/ --head new/               two folders of any tool
  meshsynth diff --base origin/main:cdk.out --head cdk.out
  meshsynth diff --base origin/main:deploy --render    both sides rendered by kustomize and Helm
  meshsynth diff --base deployed --head cdk.out        the deployed state of a folder

The new side is the current output of the program: it is run into a temporary folder, and the
output folder is not changed. --no-synth uses the output as written, --head any folder; neither
runs the program. Folders of templates, cloud assemblies of the AWS CDK, builds of AWS SAM and
manifests require neither a program nor meshsynth.toml.

Gates for --deny, and for `deny` in the table `[diff]` of meshsynth.toml:
  data-loss          data is lost, or an empty store replaces one with data
  replace            a resource is or may be replaced; an object must be deleted and created
  access             a principal gains access
  public             the public gains a connection or access
  reach=data/*       a target with this name gains a connection; `reach` for all targets
  interruption       a running service or store stops, restarts, or is replaced
  mass-delete=5%     a stack, a cluster or the platform loses more (percentage or number)
  regions-at-once=1  more than this number of regions change
  unprotected        a store has no backup, deletion protection or retention after the change
  ACME001, MS0421    the change violates the rule with this code
A table `[[allow]]` with `code`, `what`, `reason`, `until` and `who` is an exception.

Exit codes:
  0    no gate failed, and with --exit-code there are no changes
  1    a gate failed; or, with --exit-code, there are changes
  2    nothing was compared: a program that fails; a base that is missing, broken, of another app
       or of another format; usage";

#[derive(clap::Args, Debug, Default)]
pub struct Args {
    /// The apps to compare; all by default.
    #[arg(value_name = "APP")]
    pub apps: Vec<String>,
    /// The environment to compare; all by default.
    #[arg(long, value_name = "ENV")]
    pub env: Option<String>,
    /// The old side: an assembly, an output folder, or a git revision, of which the committed output is used, or else
    /// the output of its program. `deployed` is the state of AWS and the clusters; `none` is an empty platform. By
    /// default HEAD; outside of a git repository, the deployed state after a deployment from this folder. `REVISION:FOLDER`
    /// and folders without an assembly are templates and manifests of any tool.
    #[arg(long, value_name = "FOLDER|REVISION|REVISION:FOLDER|deployed|none")]
    pub base: Option<String>,
    /// The new side: the folder of an assembly, or a folder or file of templates and manifests of any tool. No
    /// program is run.
    #[arg(long, value_name = "FOLDER")]
    pub head: Option<PathBuf>,
    /// Use the output as written, such as a CI artifact, instead of running the program. The report notes an output that
    /// is known to be older than the program.
    #[arg(long)]
    pub no_synth: bool,
    /// The format of the report, on stdout.
    #[arg(long, value_enum, value_name = "FORM", default_value_t = Format::Terminal)]
    pub format: Format,
    /// A custom Handlebars template for Markdown and HTML.
    #[arg(long, value_name = "FILE")]
    pub template: Option<PathBuf>,
    /// Exit with 1 if anything changes.
    #[arg(long)]
    pub exit_code: bool,
    /// Exit with 1 if a gate fails, in addition to the gates in meshsynth.toml.
    #[arg(long, value_name = "GATE", value_delimiter = ',', value_parser = gate::parse)]
    pub deny: Vec<Gate>,
    /// The date on which exceptions are evaluated, instead of today.
    #[arg(long, value_name = "YYYY-MM-DD")]
    pub today: Option<String>,
    /// Write the resource mapping of a CloudFormation stack refactor, which keeps resources that are renamed or moved.
    #[arg(long, value_name = "FILE")]
    pub refactor: Option<PathBuf>,
    /// The IAM role to assume; `{account}` is replaced by the account of each stack.
    #[arg(long, value_name = "ARN", help_heading = WITH_DEPLOYED)]
    pub role: Option<String>,
    /// A kubeconfig for the clusters, instead of EKS tokens.
    #[arg(long, value_name = "FILE", help_heading = WITH_DEPLOYED)]
    pub kubeconfig: Option<PathBuf>,
    /// The context in the kubeconfig; by default the one with the name of the cluster, or the current one. For several
    /// clusters, `CLUSTER=NAME` for each.
    #[arg(long, value_name = "NAME", help_heading = WITH_DEPLOYED)]
    pub context: Vec<String>,
    /// The region of stacks whose region is unknown; by default that of the environment.
    #[arg(long, value_name = "REGION", help_heading = WITH_DEPLOYED)]
    pub region: Option<String>,
    /// The path of the Helm binary, instead of the one in PATH.
    #[arg(long, value_name = "FILE", help_heading = WITH_DEPLOYED)]
    pub helm: Option<PathBuf>,
    /// Compare only the stacks.
    #[arg(long, help_heading = WITH_DEPLOYED)]
    pub stacks_only: bool,
    /// The cluster of the objects below a folder of both sides; can be repeated. By default, all objects
    /// are in one cluster.
    #[arg(long, value_name = "NAME=FOLDER", value_parser = cluster, help_heading = WITH_FOLDERS)]
    pub cluster: Vec<(String, String)>,
    /// The namespace of objects without one; by default `default`.
    #[arg(long, value_name = "NAME", help_heading = WITH_FOLDERS)]
    pub namespace: Option<String>,
    /// A file with tables `[[join]]`: placeholders and values in manifests, and template parameters, that receive stack
    /// outputs. The tables of meshsynth.toml are also used.
    #[arg(long, value_name = "FILE", help_heading = WITH_FOLDERS)]
    pub map: Option<PathBuf>,
    /// Compare rendered kustomizations and charts; requires `kustomize` or `kubectl`, and `helm`.
    #[arg(long, help_heading = WITH_FOLDERS)]
    pub render: bool,
    /// A file with values for every chart that is rendered; can be repeated.
    #[arg(long, value_name = "FILE", requires = "render", help_heading = WITH_FOLDERS)]
    pub values: Vec<PathBuf>,
    /// The Kubernetes version that charts are rendered for; by default 1.36.
    #[arg(long, value_name = "VERSION", requires = "render", help_heading = WITH_FOLDERS)]
    pub kubernetes_version: Option<String>,
}

/// Parses `NAME=FOLDER`.
fn cluster(text: &str) -> Result<(String, String), String> {
    let parts = text.split_once('=').filter(|(name, folder)| !name.is_empty() && !folder.is_empty());
    let (name, folder) =
        parts.ok_or_else(|| "required: a name and a folder, such as tokyo=clusters/tokyo".to_owned())?;
    Ok((name.to_owned(), folder.trim_start_matches("./").trim_end_matches('/').to_owned()))
}

const WITH_DEPLOYED: &str = "With --base deployed";
const WITH_FOLDERS: &str = "With folders of any tool";

/// The format of a diff.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub enum Format {
    #[default]
    Terminal,
    Markdown,
    Json,
    Html,
    Sarif,
}
