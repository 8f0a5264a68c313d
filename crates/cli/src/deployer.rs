//! The interface to AWS and clusters. The binary `meshsynth` contains no implementation. The binary `meshsynth-deploy`,
//! from a crate that depends on this one, is the same command with an implementation.

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

/// The systems to query, and the settings to connect to them.
#[derive(Clone, Debug, Default)]
pub struct Reach {
    /// Whether to query AWS.
    pub aws: bool,
    /// Whether to query clusters.
    pub clusters: bool,
    /// The IAM role to assume.
    pub role: Option<String>,
    /// The kubeconfig for the clusters. A relative path is resolved from the current folder.
    pub kubeconfig: Option<PathBuf>,
    /// The kubeconfig context.
    pub context: Option<String>,
    /// The Helm binary. A relative path is resolved from the current folder.
    pub helm: Option<PathBuf>,
}

/// Commands that connect to AWS and clusters. `config` is the value of `--config`.
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
    /// Checks for `meshsynth doctor` whether a deployment of an app can start.
    fn preflight(&self, shell: &Shell, config: &Config, target: Target<'_>, reach: &Reach) -> Vec<Finding>;
    /// Reads the deployed state as the old side of `meshsynth diff`. Adds the objects that would be applied to the new
    /// side, and removes clusters from it that cannot be read.
    fn deployed(&self, shell: &Shell, deployment: &Deployment, reach: &Reach, head: &mut Side) -> Result<Side>;
    /// Reads stacks and clusters by name, independent of the tool that deployed them.
    fn by_name(&self, shell: &Shell, wanted: &Wanted, reach: &Reach) -> Result<Deployed>;
}

/// Returns the deployer of this process. Without one, it hands the whole command over to `meshsynth-deploy` and returns
/// only if that fails. Callers call it before they write files.
///
/// # Errors
///
/// A machine problem, if a `meshsynth-deploy` of this version is missing.
pub fn required(deployer: Option<&dyn Deployer>) -> Result<&dyn Deployer> {
    match deployer {
        Some(deployer) => Ok(deployer),
        None => Err(companion::hand_over()),
    }
}
