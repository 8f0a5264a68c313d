//! The binary `meshsynth-deploy`: the `meshsynth` commands that access AWS and clusters.
//!
//! `meshsynth` passes such a command to this binary with unchanged arguments. Each file runs one command. The crate
//! `meshsynth-cli` defines its arguments and help. [`deployed`] is the base of `diff`. [`by_name`] reads stacks and
//! clusters that any tool deployed. [`preflight`] is a part of `doctor`. The crate `meshsynth-deploy` performs the
//! deployments.

mod bootstrap;
mod by_name;
mod deploy;
mod deployed;
mod destroy;
mod drift;
mod follow;
mod gates;
mod options;
mod preflight;
mod render;
mod report;
mod status;

use std::path::Path;
use std::process::ExitCode;

use anyhow::Result;
use meshsynth_assembly::deployed::{Deployed, Wanted};
use meshsynth_cli::commands;
use meshsynth_cli::commands::context::Outcome;
use meshsynth_cli::config::{Config, Target};
use meshsynth_cli::deployer::{Deployer, Reach};
use meshsynth_cli::deployment::Deployment;
use meshsynth_cli::doctor::finding::Finding;
use meshsynth_cli::shell::Shell;
use meshsynth_diff::side::Side;

fn main() -> ExitCode {
    meshsynth_cli::main(Some(&Live))
}

/// The deployer that accesses AWS and clusters.
struct Live;

impl Deployer for Live {
    fn bootstrap(&self, shell: &Shell, args: &commands::bootstrap::Args) -> Result<Outcome> {
        bootstrap::run(shell, args)
    }

    fn deploy(&self, shell: &Shell, config: Option<&Path>, args: &commands::deploy::Args) -> Result<Outcome> {
        deploy::run(shell, config, args)
    }

    fn destroy(&self, shell: &Shell, config: Option<&Path>, args: &commands::destroy::Args) -> Result<Outcome> {
        destroy::run(shell, config, args)
    }

    fn drift(&self, shell: &Shell, config: Option<&Path>, args: &commands::drift::Args) -> Result<Outcome> {
        drift::run(shell, config, args)
    }

    fn render(&self, shell: &Shell, config: Option<&Path>, args: &commands::render::Args) -> Result<Outcome> {
        render::run(shell, config, args)
    }

    fn status(&self, shell: &Shell, config: Option<&Path>, args: &commands::status::Args) -> Result<Outcome> {
        status::run(shell, config, args)
    }

    fn preflight(&self, shell: &Shell, config: &Config, target: Target<'_>, reach: &Reach) -> Vec<Finding> {
        preflight::check(shell, config, target, reach)
    }

    fn deployed(&self, shell: &Shell, deployment: &Deployment, reach: &Reach, head: &mut Side) -> Result<Side> {
        deployed::read(shell, deployment, reach, head)
    }

    fn by_name(&self, shell: &Shell, wanted: &Wanted, reach: &Reach) -> Result<Deployed> {
        by_name::read(shell, wanted, reach)
    }
}
