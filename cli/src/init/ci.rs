//! The workflow that says in each pull request what a deployment would do.

use std::path::Path;

use anyhow::Result;
use clap::ValueEnum;
use meshsynth_assembly::problem::Problem;

use super::place::place;

const GITHUB: &str = include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/templates/ci/github.yml"));
const GITLAB: &str = include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/templates/ci/gitlab.yml"));

/// Where pull requests are.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Ci {
    Github,
    Gitlab,
}

/// Writes the workflow into a project; answers its path there.
pub fn write(folder: &Path, ci: Ci) -> Result<&'static str> {
    if !folder.join("meshsynth.toml").is_file() {
        let text = format!("there is no `meshsynth.toml` in `{}`", folder.display());
        let help = "go to the folder of your project, or make one first: `meshsynth init DIR`";
        return Err(Problem::setting(text).help(help).into());
    }
    let (path, text) = match ci {
        Ci::Github => (".github/workflows/meshsynth.yml", GITHUB),
        Ci::Gitlab => (".gitlab/meshsynth.yml", GITLAB),
    };
    place(folder, &[(path, text.to_owned())])?;
    Ok(path)
}
