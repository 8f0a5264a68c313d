//! `meshsynth doctor`: finds problems of the machine and the project.

use std::path::{Path, PathBuf};

use anyhow::Result;
use clap::ArgGroup;
use serde_json::{Value, json};

use super::context::Outcome;
use crate::config::Config;
use crate::deployer::{Deployer, Reach, required};
use crate::doctor::finding::{Finding, State};
use crate::doctor::{machine, project};
use crate::interrupt;
use crate::shell::{Shell, count};

/// Notes and examples at the end of the help.
pub const HELP: &str = "\
Checks, in this order: the configuration, the toolchain, git, the library, each program (built and
run into a temporary folder) and its last output, and Helm if a release needs it. Nothing is
changed. Only cargo uses the network, except with these options:

--aws       your identity and its expiry in each region, whether CloudFormation responds, and the
            bucket for templates that are too large for a call
--clusters  whether each cluster can be reached, its version, and your permissions to apply the
            objects of the platform

Examples:
  meshsynth doctor                                  the machine and the project
  meshsynth doctor --no-run                         without building and running the programs
  meshsynth doctor shop --env staging --aws         also AWS, with the identity of `deploy`
  meshsynth doctor --clusters --context kind-shop   also a cluster of your kubeconfig
  meshsynth doctor --json                           findings as JSON

Exit codes:
  0    no problems; there may be warnings
  1    problems were found; each is reported with a fix
  2    cannot check: usage, an unknown app
  130  interrupted";

#[derive(clap::Args, Debug)]
#[command(group(ArgGroup::new("asks").multiple(true)))]
pub struct Args {
    /// The apps to check; all by default.
    #[arg(value_name = "APP")]
    pub apps: Vec<String>,
    /// The environment to check; all by default.
    #[arg(long, value_name = "ENV")]
    pub env: Option<String>,
    /// Check credentials and CloudFormation in every region.
    #[arg(long, group = "asks")]
    pub aws: bool,
    /// Check access to every cluster, and permissions to apply objects.
    #[arg(long, group = "asks")]
    pub clusters: bool,
    /// The IAM role to assume; `{account}` is replaced by the account of each stack.
    #[arg(long, value_name = "ARN", requires = "asks")]
    pub role: Option<String>,
    /// A kubeconfig for the clusters, instead of EKS tokens.
    #[arg(long, value_name = "FILE", requires = "clusters")]
    pub kubeconfig: Option<PathBuf>,
    /// The context in the kubeconfig.
    #[arg(long, value_name = "NAME", requires = "clusters")]
    pub context: Option<String>,
    /// Do not build and run the programs.
    #[arg(long)]
    pub no_run: bool,
    /// Print the findings as JSON to stdout.
    #[arg(long)]
    pub json: bool,
}

/// Runs the command.
pub fn run(shell: &Shell, config: Option<&Path>, deployer: Option<&dyn Deployer>, args: &Args) -> Result<Outcome> {
    let deployer = if args.aws || args.clusters { Some(required(deployer)?) } else { None };
    if deployer.is_some() {
        interrupt::end_at_once_when_repeated();
    }
    let findings = look(shell, config, deployer, args)?;
    interrupt::check()?;
    let n = |state: State| findings.iter().filter(|finding| finding.state == state).count();
    let (n_wrong, n_doubtful) = (n(State::Wrong), n(State::Doubtful));
    if args.json {
        let rows: Vec<Value> = findings.iter().map(Finding::to_json).collect();
        shell.json(&json!({ "fine": n_wrong == 0, "findings": rows }))?;
    } else {
        let width = findings.iter().map(|finding| finding.about.len()).max().unwrap_or_default();
        let text: String = findings.iter().map(|finding| line(finding, width)).collect();
        shell.data(&text)?;
    }
    if n_wrong > 0 {
        shell.failed(&format!("{} found, {} to check", count(n_wrong, "problem"), n_doubtful));
        return Ok(Outcome::Mistakes);
    }
    match n_doubtful {
        0 => shell.done("fine", "no problems found"),
        _ => shell.done("fine", &format!("no problems found, {} to check", count(n_doubtful, "warning"))),
    }
    Ok(Outcome::Fine)
}

/// Runs all selected checks.
fn look(shell: &Shell, path: Option<&Path>, deployer: Option<&dyn Deployer>, args: &Args) -> Result<Vec<Finding>> {
    let runs = !args.no_run;
    let mut findings = Vec::new();
    let config = match Config::find(path) {
        Ok(config) => {
            findings.push(project::configuration(&config));
            Some(config)
        }
        Err(error) => {
            findings.push(Finding::of_error("configuration", &error));
            None
        }
    };
    let here = config.as_ref().map_or(Path::new("."), |config| &config.folder);
    findings.extend(machine::toolchain(here, config.as_ref()));
    findings.push(machine::git(here));
    let Some(config) = config else { return Ok(findings) };
    findings.extend(project::library(&config));
    let mut needs_helm = Vec::new();
    let targets = config.targets(&args.apps, args.env.as_deref())?;
    for &target in &targets {
        project::target(shell, &config, target, runs, &mut findings, &mut needs_helm);
    }
    findings.extend(machine::helm(&needs_helm));
    if let Some(deployer) = deployer {
        let reach = Reach {
            aws: args.aws,
            clusters: args.clusters,
            role: args.role.clone(),
            kubeconfig: args.kubeconfig.clone(),
            context: args.context.clone(),
            helm: None,
        };
        for &target in &targets {
            findings.extend(deployer.preflight(shell, &config, target, &reach));
        }
    }
    Ok(findings)
}

fn line(finding: &Finding, width: usize) -> String {
    let sign = match finding.state {
        State::Good => "ok   ",
        State::Doubtful => "look ",
        State::Wrong => "wrong",
    };
    let mut text = format!("{sign} {:width$}  {}\n", finding.about, finding.text.replace('\n', "\n      "));
    if let Some(help) = &finding.help {
        text += &format!("      {:width$}  = help: {}\n", "", help.trim_end().replace('\n', "\n      "));
    }
    text
}
