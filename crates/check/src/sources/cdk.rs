//! The output of the AWS CDK: a cloud assembly, whose `manifest.json` lists the templates.
//!
//! Source: <https://github.com/aws/aws-cdk-cli/tree/main/packages/%40aws-cdk/cloud-assembly-schema>

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, anyhow, ensure};
use meshsynth::Env;
use meshsynth::name::{ANY_REGION, is_region};
use serde_json::Value;

use super::source::{Source, StackOf, source};

const STACK: &str = "aws:cloudformation:stack";
const ASSEMBLY: &str = "cdk:cloud-assembly";

/// The suffix of nested stack templates. They are separate files, to which their parents refer by asset.
const NESTED: &str = ".nested.template.json";

/// A template, or a file that cannot be read.
pub type Found = std::result::Result<Source, (PathBuf, anyhow::Error)>;

/// Whether a folder is a cloud assembly.
pub fn is_assembly(folder: &Path) -> bool {
    manifest(folder).is_some()
}

/// Returns the templates of a cloud assembly, including nested assemblies and stacks. Returns `None` for other folders.
pub fn templates(folder: &Path) -> Option<Vec<Found>> {
    let manifest = manifest(folder)?;
    let mut found = Vec::new();
    for (id, artifact) in manifest["artifacts"].as_object().into_iter().flatten() {
        let properties = &artifact["properties"];
        match (artifact["type"].as_str(), properties["templateFile"].as_str(), properties["directoryName"].as_str()) {
            (Some(STACK), Some(file), _) => {
                let env = env(artifact["environment"].as_str().unwrap_or_default());
                let name = properties["stackName"].as_str().unwrap_or(id).to_owned();
                let path = artifact["displayName"].as_str().unwrap_or(id).to_owned();
                let stack = StackOf { name, env, path, is_region_known: is_known(artifact) };
                let template = folder.join(file);
                found.push(match template.exists() {
                    true => read(&template).map(|source| Source { stack: Some(stack), ..source }),
                    false => {
                        Err((template, anyhow!("`manifest.json` refers to this template, but the file does not exist")))
                    }
                });
            }
            (Some(ASSEMBLY), _, Some(name)) => {
                let stage = folder.join(name);
                match (templates(&stage), read_manifest(&stage)) {
                    (Some(templates), _) => found.extend(templates),
                    // The stage contains no stack.
                    (None, Ok(_)) => {}
                    (None, Err(error)) => found.push(Err((stage, error))),
                }
            }
            _ => {}
        }
    }
    let entries = fs::read_dir(folder).into_iter().flatten().flatten().map(|entry| entry.path());
    let mut nested: Vec<PathBuf> = entries.filter(|path| path.to_string_lossy().ends_with(NESTED)).collect();
    nested.sort();
    found.extend(nested.iter().map(|path| read(path)));
    Some(found)
}

fn read_manifest(folder: &Path) -> Result<Value> {
    let path = folder.join("manifest.json");
    ensure!(path.is_file(), "`{}` is not a file", path.display());
    let text = fs::read_to_string(&path).with_context(|| format!("cannot read `{}`", path.display()))?;
    serde_json::from_str(&text).with_context(|| format!("`{}` is not valid JSON", path.display()))
}

fn manifest(folder: &Path) -> Option<Value> {
    let manifest = read_manifest(folder).ok()?;
    let known = [STACK, ASSEMBLY];
    let is_known = |it: &Value| it["type"].as_str().is_some_and(|name| known.contains(&name));
    manifest["artifacts"].as_object()?.values().any(is_known).then_some(manifest)
}

fn read(path: &Path) -> Found {
    source(path).map_err(|error| (path.to_owned(), error))
}

/// Whether the environment of a stack specifies its region.
fn is_known(artifact: &Value) -> bool {
    artifact["environment"].as_str().and_then(|it| it.rsplit('/').next()).is_some_and(is_region)
}

/// Returns the account and the region of `aws://123456789012/eu-west-1`, if they are known.
fn env(text: &str) -> Env {
    let mut parts = text.trim_start_matches("aws://").split('/');
    let account = parts.next().filter(|it| meshsynth::name::is_account(it)).map(str::to_owned);
    let region = parts.next().filter(|it| is_region(it)).unwrap_or(ANY_REGION).to_owned();
    Env { account, region }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_unknown_environment() {
        assert_eq!(env("aws://123456789012/eu-west-1"), Env::new("123456789012", "eu-west-1"));
        assert_eq!(env("aws://unknown-account/unknown-region"), Env::region(ANY_REGION));
    }
}
