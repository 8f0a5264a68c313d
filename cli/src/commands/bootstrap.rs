//! `meshsynth bootstrap`: makes what an account needs before large platforms come.

use clap::ValueEnum;

/// What stands below the help.
pub const HELP: &str = "\
Examples:
  meshsynth bootstrap --region eu-west-1,eu-central-1
  meshsynth bootstrap --print-policy             the IAM policy for deploying
  meshsynth bootstrap --print-policy reader      the IAM policy for `status` and `drift`";

#[derive(clap::Args, Debug)]
pub struct Args {
    /// The regions to bootstrap.
    #[arg(long, value_name = "REGION", value_delimiter = ',', required_unless_present = "print_policy")]
    pub region: Vec<String>,
    /// Print an IAM policy for deploying or for reading, and do nothing else.
    #[arg(long, value_enum, value_name = "WHOSE", num_args = 0..=1, default_missing_value = "deployer")]
    pub print_policy: Option<Policy>,
    /// The CloudFormation service role, which the deployer must be allowed to pass.
    #[arg(long, value_name = "ARN", requires = "print_policy")]
    pub service_role: Option<String>,
    /// Print events as JSON lines to stdout.
    #[arg(long)]
    pub json: bool,
}

/// An IAM policy that is printed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Policy {
    /// Who deploys.
    Deployer,
    /// Who only looks.
    Reader,
}
