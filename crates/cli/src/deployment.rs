//! An app in one of its environments, with its output folder and its deployment settings.

use std::path::{Path, PathBuf};
use std::{env, fs};

use anyhow::{Context, Result};
use meshsynth_assembly::Assembly;
use meshsynth_model::problem::Problem;

use crate::config::{self, Config};
use crate::shell::shown;

/// An app in one of its environments.
pub struct Deployment {
    /// The name of the app, with its environment.
    pub name: String,
    /// The folder of its assembly.
    pub folder: PathBuf,
    /// The folder of all outputs.
    pub output: PathBuf,
    /// The deployment settings.
    pub config: config::Deploy,
}

impl Deployment {
    /// Creates the deployment of the app with this name. The folder must contain an assembly.
    pub fn new(config: &Config, name: &str, folder: PathBuf, help: &str) -> Result<Self> {
        let here = env::current_dir().context("cannot determine the current folder")?;
        if !folder.join("manifest.json").exists() {
            let problem = Problem::setting(format!("there is no assembly at `{}`", shown(&folder, &here)));
            return Err(problem.help(help).into());
        }
        let assembly = Assembly::read(&folder).with_context(|| format!("cannot read `{}`", shown(&folder, &here)))?;
        if assembly.manifest.app != name {
            let text = format!(
                "`{}` is the output of `{}`, but `{name}` is selected",
                shown(&folder, &here),
                assembly.manifest.app
            );
            return Err(Problem::setting(text).help("specify the folder of the assembly of this app").into());
        }
        Ok(Self::at(config, name, folder))
    }

    /// Creates the deployment of the app with this name, without a check of the folder.
    pub fn at(config: &Config, name: &str, folder: PathBuf) -> Self {
        let deploy = config.deploy.get(name).cloned().unwrap_or_default();
        Self { name: name.to_owned(), folder, output: config.output.clone(), config: deploy }
    }
}

/// Whether an app was ever deployed from this folder; `output` is the folder of all outputs.
pub fn was_deployed(output: &Path, app: &str) -> bool {
    fs::exists(output.join(".deploy").join(app).join("record.json")).unwrap_or_default()
}

/// Resolves a path of the command line from the current folder.
pub fn absolute(path: Option<&PathBuf>, here: &Path) -> Option<PathBuf> {
    path.map(|path| here.join(path))
}
