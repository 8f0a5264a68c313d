//! The output of `sam build`: a template in a hidden folder. Each function has a folder with its assets, and each
//! nested application has a folder with its own template.
//!
//! Source: <https://docs.aws.amazon.com/serverless-application-model/latest/developerguide/sam-cli-command-reference-sam-build.html>.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use meshsynth::Env;
use meshsynth::name::{ANY_REGION, is_region};
use toml::de::{DeTable, DeValue};

use super::cdk::Found;
use super::source::{Source, StackOf, source};
use crate::yaml;

/// The output folder of `sam build` in the project.
const BUILD: &str = ".aws-sam/build";

/// The configuration file of `sam deploy` in the project.
const CONFIG: &str = "samconfig.toml";

/// The resource types with a nested template, and the property with its path or URL.
const NESTED: [(&str, &str); 2] =
    [("AWS::Serverless::Application", "Location"), ("AWS::CloudFormation::Stack", "TemplateURL")];

/// Whether a folder is the output of `sam build` or is inside it.
pub fn is_built(folder: &Path) -> bool {
    folder.ancestors().any(|it| it.ends_with(BUILD))
}

/// Returns the template that was built in a folder or project, with its nested templates. Returns `None` without a
/// build.
pub fn templates(folder: &Path) -> Option<Vec<Found>> {
    let template = template(folder)?;
    let stack = project(&template).and_then(|project| stack(&project));
    let (mut found, mut open, mut seen) = (Vec::new(), vec![(template, stack)], BTreeSet::new());
    while let Some((path, stack)) = open.pop() {
        if !seen.insert(path.clone()) {
            continue;
        }
        let template = source(&path).map(|source| Source { stack, ..source });
        if let Ok(source) = &template {
            open.extend(nested(&path, &source.text).into_iter().map(|path| (path, None)));
        }
        found.push(template.map_err(|error| (path, error)));
    }
    found.sort_by_key(path_of);
    Some(found)
}

fn path_of(found: &Found) -> PathBuf {
    match found {
        Ok(source) => PathBuf::from(&source.name),
        Err((path, _)) => path.clone(),
    }
}

/// Returns the local files of nested stacks that a template refers to, without uploaded ones.
fn nested(template: &Path, text: &str) -> Vec<PathBuf> {
    let folder = template.parent().unwrap_or(Path::new(""));
    let (documents, _) = yaml::documents(text);
    let resources = documents.iter().filter_map(|it| it.get("Resources")).flat_map(|all| all.entries());
    let named = resources.filter_map(|(_, body)| {
        let (_, key) = NESTED.iter().find(|(name, _)| body.text("Type") == Some(*name))?;
        body.get("Properties")?.text(key).filter(|path| !path.contains("://"))
    });
    named.map(|path| folder.join(path)).collect()
}

fn template(folder: &Path) -> Option<PathBuf> {
    let names = ["template.yaml", "template.yml", "template.json"];
    let is_build = folder.ends_with(BUILD);
    let build = if is_build { folder.to_owned() } else { folder.join(BUILD) };
    names.into_iter().map(|name| build.join(name)).find(|file| file.is_file())
}

/// Returns the project folder of a built template.
fn project(template: &Path) -> Option<PathBuf> {
    Some(template.parent()?.parent()?.parent()?.to_owned())
}

/// Returns the stack in the default environment of `samconfig.toml`.
///
/// Source: <https://docs.aws.amazon.com/serverless-application-model/latest/developerguide/serverless-sam-cli-config.html>.
fn stack(project: &Path) -> Option<StackOf> {
    let config = Some(project.join(CONFIG)).filter(|config| config.is_file())?;
    let text = fs::read_to_string(config).ok()?;
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
