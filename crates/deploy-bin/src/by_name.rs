//! Reads deployed stacks and clusters by name.

use std::path::PathBuf;

use anyhow::{Context, Result};
use meshsynth_assembly::deployed::{Deployed, Wanted};
use meshsynth_cli::config;
use meshsynth_cli::deployer::Reach;
use meshsynth_cli::deployment::{Deployment, absolute};
use meshsynth_cli::shell::Shell;
use meshsynth_deploy::by_name;
use meshsynth_deploy::clusters::ClusterAccess;
use meshsynth_deploy::stack::Settings;

use crate::follow::Follow;
use crate::options;
use crate::report::not_begun;

/// Reads the requested stacks and clusters.
pub fn read(shell: &Shell, wanted: &Wanted, reach: &Reach) -> Result<Deployed> {
    let here = std::env::current_dir().context("cannot determine the current folder")?;
    let follow = Follow::new(shell, false);
    // The request is not about an app or its output.
    let nothing = Deployment {
        name: String::new(),
        folder: PathBuf::new(),
        output: PathBuf::new(),
        config: config::Deploy::default(),
    };
    let mut options = options::of(&nothing, reach.role.as_deref(), Settings::default(), &follow);
    let kubeconfig = absolute(reach.kubeconfig.as_ref(), &here);
    options.clusters = ClusterAccess { kubeconfig, ..ClusterAccess::default() };
    by_name::read(&options, wanted).map_err(not_begun)
}
