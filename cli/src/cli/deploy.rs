//! The command line of what goes to AWS.

use std::path::{Path, PathBuf};

use clap::{Args, ValueEnum};
use meshsynth_deploy::clusters::Ways;

/// What stands below the help of `deploy`.
pub const HELP: &str = "\
Examples:
  meshsynth deploy shop --env staging       asks before access widens or data are at risk
  meshsynth deploy shop --plan plan.json    writes what would be done, and does nothing
  meshsynth deploy plan.json                does what the plan says, for the very same output
  meshsynth deploy shop --require-approval never --json   for CI

The program is run first, into a folder that vanishes: an output that is not what it makes now is
refused. --no-synth takes the output as it is written, such as an artifact of CI; --assembly takes
any folder.

Values of template parameters come from MESHSYNTH_PARAMETER_<name> or from --parameters.

Exit codes:
  0    deployed, or nothing to change
  1    something failed or was not approved: the report says what to do, the same command goes on
  2    nothing was begun: a program that fails, a stale output, usage, configuration, a lock that
       somebody else holds
  130  interrupted once: the call at work was finished, AWS goes on; interrupted twice: at once";

/// What stands below the help of `destroy`.
pub const DESTROY_HELP: &str = "\
Examples:
  meshsynth destroy shop --env staging           asks for the name of what is destroyed
  meshsynth destroy shop --env staging --yes     for CI

Objects and releases of clusters go first, then the stacks, those first that nothing needs.
What the platform retains stays in AWS and is named.

What goes is what the output has, so the program is not run; where the output is known to be older
than the program, that is said. With --orphans what goes is what the output does not have: the
program is run first, as for `deploy`.

Exit codes:
  0    it is gone
  1    something is still there: the report says what keeps it
  2    nothing was begun: no terminal and no --yes, another name typed, usage
  130  interrupted: what was begun goes on in AWS";

/// What stands below the help of `status`.
pub const STATUS_HELP: &str = "\
Examples:
  meshsynth status shop --env staging           the states in AWS, and the last deployment from here
  meshsynth status shop --env staging --json    the same for programs

Exit codes:
  0    told, whatever the states are
  2    it cannot be told: usage, credentials, permissions";

/// What stands below the help of `drift`.
pub const DRIFT_HELP: &str = "\
Examples:
  meshsynth drift shop --env staging
  meshsynth drift shop --env staging --json
  meshsynth drift shop --env staging --stacks-only      without a look at the clusters

Objects are compared by a dry run of the API server, which changes nothing. Values are never told.

Exit codes:
  0    everything is as it was deployed
  1    something was changed by hand
  2    it cannot be compared: usage, credentials, permissions";

/// What stands below the help of `render`.
pub const RENDER_HELP: &str = "\
Examples:
  meshsynth render shop --env staging --output rendered
  meshsynth render shop --outputs outputs.json             with given outputs, without AWS
  meshsynth render shop --delivery argocd --repository https://git.example.com/shop.git

The program is run first, as for `deploy`: a stale output is refused, and --no-synth takes it.";

/// What stands below the help of `bootstrap`.
pub const BOOTSTRAP_HELP: &str = "\
Examples:
  meshsynth bootstrap --region eu-west-1,eu-central-1
  meshsynth bootstrap --print-policy             what a deployment needs, as an IAM policy
  meshsynth bootstrap --print-policy reader      what `status` and `drift` need";

/// Which app is meant, and how AWS is reached.
#[derive(Args, Debug)]
pub struct Where {
    /// The environment; not needed where there is only one.
    #[arg(long, value_name = "ENV")]
    pub env: Option<String>,
    /// Another folder with the assembly, instead of the output; it is taken as it is.
    #[arg(long, value_name = "FOLDER")]
    pub assembly: Option<PathBuf>,
    /// The role that is assumed; `{account}` stands for the account of a stack.
    #[arg(long, value_name = "ARN")]
    pub role: Option<String>,
    /// What happens, as JSON lines on stdout.
    #[arg(long)]
    pub json: bool,
}

/// How clusters are reached.
#[derive(Args, Debug)]
pub struct Reach {
    /// A kubeconfig for the clusters, instead of tokens of EKS.
    #[arg(long, value_name = "FILE")]
    pub kubeconfig: Option<PathBuf>,
    /// The context of the kubeconfig.
    #[arg(long, value_name = "NAME")]
    pub context: Option<String>,
}

impl Reach {
    /// As the deployment wants it; files are named from a folder.
    pub fn ways(&self, here: &Path) -> Ways {
        let kubeconfig = self.kubeconfig.as_ref().map(|path| here.join(path));
        Ways { kubeconfig, context: self.context.clone(), ..Ways::default() }
    }
}

#[derive(Args, Debug)]
pub struct Deploy {
    /// The app, or a plan that `--plan` wrote; not needed where there is only one app.
    #[arg(value_name = "APP|PLAN.json")]
    pub app: Option<String>,
    #[command(flatten)]
    pub at: Where,
    /// Writes what would be done to a file, and does nothing.
    #[arg(long, value_name = "FILE")]
    pub plan: Option<PathBuf>,
    /// When somebody is asked before a stack is changed.
    #[arg(long, value_enum, value_name = "WHEN", default_value_t = RequireApproval::Access)]
    pub require_approval: RequireApproval,
    #[command(flatten)]
    pub reach: Reach,
    /// The Helm to use, instead of that on the path.
    #[arg(long, value_name = "FILE")]
    pub helm: Option<PathBuf>,
    /// Takes the output as it is written, such as an artifact of CI: the program is not run.
    #[arg(long)]
    pub no_synth: bool,
    /// Leaves the clusters as they are.
    #[arg(long)]
    pub stacks_only: bool,
    /// Takes over fields of objects that others manage, and takes away what they added by hand.
    #[arg(long)]
    pub force_conflicts: bool,
    /// The bucket for templates of more than 51200 bytes, instead of that of `meshsynth bootstrap`.
    #[arg(long, value_name = "NAME")]
    pub bucket: Option<String>,
    /// A JSON file with values of template parameters: {"<stack>": {"<name>": "<value>"}}.
    #[arg(long, value_name = "FILE")]
    pub parameters: Option<PathBuf>,
    /// Names of stacks that another tool made and that become ours.
    #[arg(long, value_name = "STACK", value_delimiter = ',')]
    pub adopt: Vec<String>,
    /// Logical ids that a stuck rollback leaves as they are.
    #[arg(long, value_name = "ID", value_delimiter = ',')]
    pub skip: Vec<String>,
    /// Logical ids that a failed deletion leaves in AWS.
    #[arg(long, value_name = "ID", value_delimiter = ',')]
    pub retain: Vec<String>,
    /// Takes the lock from whoever holds it: for a run that is known to be gone.
    #[arg(long)]
    pub break_lock: bool,
}

#[derive(Args, Debug)]
pub struct Destroy {
    /// The app; not needed where there is only one.
    #[arg(value_name = "APP")]
    pub app: Option<String>,
    #[command(flatten)]
    pub at: Where,
    #[command(flatten)]
    pub reach: Reach,
    /// The Helm to use, instead of that on the path.
    #[arg(long, value_name = "FILE")]
    pub helm: Option<PathBuf>,
    /// Only the stacks of earlier outputs, which the output no longer has.
    #[arg(long)]
    pub orphans: bool,
    /// With --orphans: takes the output as it is written; the program is not run.
    #[arg(long)]
    pub no_synth: bool,
    /// Without asking for the name of the app.
    #[arg(long)]
    pub yes: bool,
    /// Logical ids that a failed deletion leaves in AWS.
    #[arg(long, value_name = "ID", value_delimiter = ',')]
    pub retain: Vec<String>,
    /// Takes the lock from whoever holds it: for a run that is known to be gone.
    #[arg(long)]
    pub break_lock: bool,
}

#[derive(Args, Debug)]
pub struct Render {
    /// The app; not needed where there is only one.
    #[arg(value_name = "APP")]
    pub app: Option<String>,
    #[command(flatten)]
    pub at: Where,
    /// Takes the output as it is written, such as an artifact of CI: the program is not run.
    #[arg(long)]
    pub no_synth: bool,
    /// A JSON file with outputs of stacks, {"<stack>": {"<output>": "<value>"}}, instead of those in AWS.
    #[arg(long, value_name = "FILE")]
    pub outputs: Option<PathBuf>,
    /// Where it goes: a folder that is empty or was rendered before.
    #[arg(long, value_name = "FOLDER", default_value = "rendered")]
    pub output: PathBuf,
    /// Writes objects by which Argo CD or Flux applies it as well.
    #[arg(long, value_enum, value_name = "TOOL", requires = "repository")]
    pub delivery: Option<Delivery>,
    /// The address of the repository that the folder is committed to.
    #[arg(long, value_name = "URL")]
    pub repository: Option<String>,
    /// The branch that is applied.
    #[arg(long, value_name = "BRANCH", default_value = "main")]
    pub revision: String,
}

#[derive(Args, Debug)]
pub struct Status {
    /// The app; not needed where there is only one.
    #[arg(value_name = "APP")]
    pub app: Option<String>,
    #[command(flatten)]
    pub at: Where,
}

#[derive(Args, Debug)]
pub struct Drift {
    /// The app; not needed where there is only one.
    #[arg(value_name = "APP")]
    pub app: Option<String>,
    #[command(flatten)]
    pub at: Where,
    #[command(flatten)]
    pub reach: Reach,
    /// Compares the stacks alone.
    #[arg(long)]
    pub stacks_only: bool,
}

#[derive(Args, Debug)]
pub struct Bootstrap {
    /// The regions.
    #[arg(long, value_name = "REGION", value_delimiter = ',', required_unless_present = "print_policy")]
    pub region: Vec<String>,
    /// Prints the IAM policy that a deployment needs, or one that only reads, and does nothing.
    #[arg(long, value_enum, value_name = "WHOSE", num_args = 0..=1, default_missing_value = "deployer")]
    pub print_policy: Option<Whose>,
    /// The role that CloudFormation acts in, which a deployer must be allowed to hand over.
    #[arg(long, value_name = "ARN", requires = "print_policy")]
    pub service_role: Option<String>,
    /// What happens, as JSON lines on stdout.
    #[arg(long)]
    pub json: bool,
}

/// When somebody is asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum RequireApproval {
    /// Never.
    Never,
    /// When access changes, or data are at risk.
    Access,
    /// When data are at risk.
    DataLoss,
    /// Before every change.
    Always,
}

/// Who applies what is rendered.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Delivery {
    /// Argo CD.
    Argocd,
    /// Flux.
    Flux,
}

/// Whose policy it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Whose {
    /// Who deploys.
    Deployer,
    /// Who only looks.
    Reader,
}
