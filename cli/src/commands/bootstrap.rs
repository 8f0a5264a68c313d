//! `meshsynth bootstrap`: makes what an account needs before large platforms come.

use std::path::PathBuf;

use anyhow::Result;
use clap::ValueEnum;
use meshsynth_deploy::approval::Approval;
use meshsynth_deploy::aws::AwsAccess;
use meshsynth_deploy::clusters::ClusterAccess;
use meshsynth_deploy::session::Options;
use meshsynth_deploy::stack::Settings;
use meshsynth_deploy::{bootstrap, commands};

use super::context::Outcome;
use crate::deployment::{not_begun, report, run_id, user_and_host};
use crate::follow::Follow;
use crate::interrupt;
use crate::shell::Shell;

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

/// Runs the command.
pub fn run(shell: &Shell, args: &Args) -> Result<Outcome> {
    match args.print_policy {
        Some(Policy::Deployer) => {
            let policy = bootstrap::deployer_policy(args.service_role.as_deref());
            return shell.json(&policy).map(|()| Outcome::Fine);
        }
        Some(Policy::Reader) => return shell.json(&bootstrap::reader_policy()).map(|()| Outcome::Fine),
        None => {}
    }
    let follow = Follow::new(shell, args.json);
    interrupt::end_at_once_when_repeated();
    let options = Options {
        folder: PathBuf::new(),
        output: PathBuf::new(),
        settings: Settings { approval: Approval::Never, protect: Some(false), run: run_id(), ..Settings::default() },
        aws: AwsAccess::default(),
        bucket: None,
        clusters: ClusterAccess::default(),
        who: user_and_host(),
        breaks_lock: false,
        watch: &follow,
        is_interrupted: interrupt::happened,
    };
    let done = commands::bootstrap(&options, &args.region).map_err(not_begun)?;
    report(shell, &done, "bootstrapped", &args.region.join(", "), &follow);
    Ok(Outcome::of(&done))
}
