//! Workflows that report in each pull request what a deployment would change.

use std::path::Path;

use anyhow::Result;
use clap::ValueEnum;
use meshsynth_model::problem::Problem;
use meshsynth_templates::ci;

use super::place::place;

/// The placeholders for this version in the workflows of GitHub and GitLab.
const ACTION: &str = "meshsynth/meshsynth@0000000000000000000000000000000000000000 # v0.0.0";
const VERSION: &str = "MESHSYNTH_VERSION: \"0.0.0\"";

/// The CI system of a workflow.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Ci {
    Github,
    Gitlab,
}

/// Writes the workflow into a project; returns its path there.
pub fn write(folder: &Path, ci: Ci) -> Result<&'static str> {
    if !folder.join("meshsynth.toml").is_file() {
        let text = format!("there is no `meshsynth.toml` in `{}`", folder.display());
        let help = "change to the folder of your project, or first create a project: `meshsynth init DIR`";
        return Err(Problem::setting(text).help(help).into());
    }
    let (path, text) = match ci {
        Ci::Github => {
            // The release workflow sets this variable.
            let commit = option_env!("MESHSYNTH_COMMIT").filter(|commit| !commit.is_empty());
            (".github/workflows/meshsynth.yml", github(env!("CARGO_PKG_VERSION"), commit))
        }
        Ci::Gitlab => (".gitlab/meshsynth.yml", gitlab(env!("CARGO_PKG_VERSION"))),
    };
    place(folder, &[(path, text)])?;
    Ok(path)
}

/// Returns the GitHub workflow with the action pinned to the commit of the version, because a tag can be moved. In an
/// unreleased build, the commit is unknown and the action is pinned to the tag.
fn github(version: &str, commit: Option<&str>) -> String {
    let action = match commit {
        Some(commit) => format!("meshsynth/meshsynth@{commit} # v{version}"),
        None => format!("meshsynth/meshsynth@v{version}"),
    };
    ci::GITHUB.replace(ACTION, &action)
}

fn gitlab(version: &str) -> String {
    ci::GITLAB.replace(VERSION, &format!("MESHSYNTH_VERSION: \"{version}\""))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn released_build_pins_action_to_commit() {
        let commit = "0123456789abcdef0123456789abcdef01234567";
        let text = github("1.2.3", Some(commit));
        assert_eq!(text.matches(&format!("uses: meshsynth/meshsynth@{commit} # v1.2.3\n")).count(), 1, "{text}");
        let text = github("1.2.3", None);
        assert_eq!(text.matches("uses: meshsynth/meshsynth@v1.2.3\n").count(), 1, "{text}");
        assert!(!text.contains("0.0.0"), "{text}");
    }

    #[test]
    fn gitlab_job_installs_version_of_this_build() {
        let text = gitlab("1.2.3");
        assert_eq!(text.matches("MESHSYNTH_VERSION: \"1.2.3\"\n").count(), 1, "{text}");
        assert!(!text.contains("0.0.0"), "{text}");
    }
}
