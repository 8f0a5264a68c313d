//! The output of `sam build`: a template in a hidden folder, with a folder for what each function is made of.
//!
//! Source: <https://docs.aws.amazon.com/serverless-application-model/latest/developerguide/sam-cli-command-reference-sam-build.html>.

use std::path::{Path, PathBuf};

use super::cdk::Found;
use super::source::source;

/// Where `sam build` writes, below the folder of the project.
const BUILD: &str = ".aws-sam/build";

/// The template that was built in a folder, or in the project that it is; none where nothing was.
pub fn templates(folder: &Path) -> Option<Vec<Found>> {
    let template = template(folder)?;
    Some(vec![source(&template).map_err(|error| (template, error))])
}

fn template(folder: &Path) -> Option<PathBuf> {
    let names = ["template.yaml", "template.yml", "template.json"];
    let is_build = folder.ends_with(BUILD);
    let build = if is_build { folder.to_owned() } else { folder.join(BUILD) };
    names.into_iter().map(|name| build.join(name)).find(|file| file.is_file())
}
