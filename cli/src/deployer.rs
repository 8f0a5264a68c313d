//! The border to what reaches AWS and clusters. The binary `meshsynth` has nothing that does; the binary
//! `meshsynth-deploy`, of a crate above this one, is the same command with it.

use std::path::{Path, PathBuf};

use anyhow::Result;
use meshsynth_assembly::deployed::{Deployed, Wanted};
use meshsynth_diff::side::Side;

use crate::commands::context::Outcome;
use crate::commands::{bootstrap, deploy, destroy, drift, render, status};
use crate::companion;
use crate::config::{Config, Target};
use crate::deployment::Deployment;
use crate::doctor::finding::Finding;
use crate::shell::Shell;

/// What is asked, and how it is reached.
#[derive(Clone, Debug, Default)]
pub struct Reach {
    /// Whether AWS is asked.
    pub aws: bool,
    /// Whether clusters are asked.
    pub clusters: bool,
    /// The role that is assumed.
    pub role: Option<String>,
    /// A kubeconfig for the clusters; a relative path is from the current folder.
    pub kubeconfig: Option<PathBuf>,
    /// A context of the kubeconfig.
    pub context: Option<String>,
    /// The Helm binary; a relative path is from the current folder.
    pub helm: Option<PathBuf>,
}

/// What reaches AWS and clusters; `config` is the file that the command line names.
pub trait Deployer {
    /// Runs `meshsynth bootstrap`.
    fn bootstrap(&self, shell: &Shell, args: &bootstrap::Args) -> Result<Outcome>;
    /// Runs `meshsynth deploy`.
    fn deploy(&self, shell: &Shell, config: Option<&Path>, args: &deploy::Args) -> Result<Outcome>;
    /// Runs `meshsynth destroy`.
    fn destroy(&self, shell: &Shell, config: Option<&Path>, args: &destroy::Args) -> Result<Outcome>;
    /// Runs `meshsynth drift`.
    fn drift(&self, shell: &Shell, config: Option<&Path>, args: &drift::Args) -> Result<Outcome>;
    /// Runs `meshsynth render`.
    fn render(&self, shell: &Shell, config: Option<&Path>, args: &render::Args) -> Result<Outcome>;
    /// Runs `meshsynth status`.
    fn status(&self, shell: &Shell, config: Option<&Path>, args: &status::Args) -> Result<Outcome>;
    /// Checks for `meshsynth doctor` whether a deployment of an app could begin.
    fn preflight(&self, shell: &Shell, config: &Config, target: Target<'_>, reach: &Reach) -> Vec<Finding>;
    /// Reads what is deployed, as the old side of `meshsynth diff`. The new side learns what would be applied, and loses
    /// the clusters that could not be read.
    fn deployed(&self, shell: &Shell, deployment: &Deployment, reach: &Reach, head: &mut Side) -> Result<Side>;
    /// Reads stacks and clusters by their names, whoever deployed them.
    fn by_name(&self, shell: &Shell, wanted: &Wanted, reach: &Reach) -> Result<Deployed>;
}

/// The deployer of this process. Where it has none, the whole command is handed to `meshsynth-deploy`, and this answers
/// only if that fails: so it is called before anything is written.
///
/// # Errors
///
/// A problem with the machine, where there is no `meshsynth-deploy` of this version.
pub fn required(deployer: Option<&dyn Deployer>) -> Result<&dyn Deployer> {
    match deployer {
        Some(deployer) => Ok(deployer),
        None => Err(companion::hand_over()),
    }
}
