//! `meshsynth bootstrap`: creates the bucket that large deployments require in an account.

use clap::ValueEnum;

/// Notes and examples at the end of the help.
pub const HELP: &str = "\
Examples:
  meshsynth bootstrap --region eu-west-1,eu-central-1
  meshsynth bootstrap --print-policy --app shop  the IAM policy for deploying the output of `shop`
  meshsynth bootstrap --print-policy reader      the IAM policy for `status` and `drift`";

#[derive(clap::Args, Debug)]
pub struct Args {
    /// The regions to bootstrap.
    #[arg(long, value_name = "REGION", value_delimiter = ',', required_unless_present = "print_policy")]
    pub region: Vec<String>,
    /// Print an IAM policy for deploying or for reading, and do nothing else.
    #[arg(long, value_enum, value_name = "WHOSE", num_args = 0..=1, default_missing_value = "deployer")]
    pub print_policy: Option<Policy>,
    /// The app whose stacks, buckets and clusters the policy allows, including its environment. Without it, the policy
    /// contains the placeholder `APP`.
    #[arg(long, value_name = "APP", requires = "print_policy")]
    pub app: Option<String>,
    /// The CloudFormation service role, which the deployer must be allowed to pass.
    #[arg(long, value_name = "ARN", requires = "print_policy")]
    pub service_role: Option<String>,
    /// Print events as JSON lines to stdout.
    #[arg(long)]
    pub json: bool,
}

/// The IAM policies of `--print-policy`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Policy {
    /// For principals that deploy.
    Deployer,
    /// For principals that only read.
    Reader,
}
