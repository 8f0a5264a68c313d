//! The output of `sam build`: a template in a hidden folder, with a folder for what each function is made of.
//!
//! Source: <https://docs.aws.amazon.com/serverless-application-model/latest/developerguide/sam-cli-command-reference-sam-build.html>.

use std::fs;
use std::path::{Path, PathBuf};

use meshsynth::Env;
use meshsynth::name::{ANY_REGION, is_region};
use toml::de::{DeTable, DeValue};

use super::cdk::Found;
use super::source::{Source, StackOf, source};

/// Where `sam build` writes, below the folder of the project.
const BUILD: &str = ".aws-sam/build";

/// What `sam deploy` is given, in the folder of the project.
const CONFIG: &str = "samconfig.toml";

/// The template that was built in a folder, or in the project that it is; none where nothing was.
pub fn templates(folder: &Path) -> Option<Vec<Found>> {
    let template = template(folder)?;
    let stack = project(&template).and_then(|project| stack(&project));
    Some(vec![source(&template).map(|source| Source { stack, ..source }).map_err(|error| (template, error))])
}

fn template(folder: &Path) -> Option<PathBuf> {
    let names = ["template.yaml", "template.yml", "template.json"];
    let is_build = folder.ends_with(BUILD);
    let build = if is_build { folder.to_owned() } else { folder.join(BUILD) };
    names.into_iter().map(|name| build.join(name)).find(|file| file.is_file())
}

/// The folder of the project whose template was built.
fn project(template: &Path) -> Option<PathBuf> {
    Some(template.parent()?.parent()?.parent()?.to_owned())
}

/// The stack that `samconfig.toml` says for its default environment.
///
/// Source: <https://docs.aws.amazon.com/serverless-application-model/latest/developerguide/serverless-sam-cli-config.html>.
fn stack(project: &Path) -> Option<StackOf> {
    let text = fs::read_to_string(project.join(CONFIG)).ok()?;
    let table = DeTable::parse(&text).ok()?;
    let default = table.get_ref().get("default")?.get_ref().as_table()?;
    let text = |key: &str| {
        ["deploy", "global"].into_iter().find_map(|command| {
            let parameters = default.get(command)?.get_ref().as_table()?.get("parameters")?.get_ref().as_table()?;
            parameters.get(key).map(|it| it.get_ref()).and_then(DeValue::as_str).map(str::to_owned)
        })
    };
    let region = text("region").filter(|it| is_region(it));
    let is_region_known = region.is_some();
    let env = Env { account: None, region: region.unwrap_or_else(|| ANY_REGION.to_owned()) };
    Some(StackOf { name: text("stack_name")?, env, path: String::new(), is_region_known })
}
