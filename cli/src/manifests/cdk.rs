//! The output of the AWS CDK: a cloud assembly, whose `manifest.json` names the templates.
//!
//! Source: <https://github.com/aws/aws-cdk-cli/tree/main/packages/%40aws-cdk/cloud-assembly-schema>

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use meshsynth::Env;
use meshsynth::name::{ANY_REGION, is_region};
use serde_json::Value;

use super::files::{self, Given, Source, StackOf};

const STACK: &str = "aws:cloudformation:stack";
const ASSEMBLY: &str = "cdk:cloud-assembly";

/// Nested stacks are files of their own, which their parents refer to by what is uploaded.
const NESTED: &str = ".nested.template.json";

/// The templates of a cloud assembly, those of nested assemblies and stacks included; none where the folder is not one.
pub fn sources(given: &Given) -> Result<Option<Vec<Source>>> {
    let Given::Path(folder) = given else { return Ok(None) };
    let mut found = Vec::new();
    Ok(read(folder, &mut found)?.then_some(found))
}

fn read(folder: &Path, found: &mut Vec<Source>) -> Result<bool> {
    let Ok(text) = fs::read_to_string(folder.join("manifest.json")) else { return Ok(false) };
    let Ok(manifest) = serde_json::from_str::<Value>(&text) else { return Ok(false) };
    let Some(artifacts) = manifest["artifacts"].as_object() else { return Ok(false) };
    let known = [STACK, ASSEMBLY];
    if !artifacts.values().any(|it| it["type"].as_str().is_some_and(|name| known.contains(&name))) {
        return Ok(false);
    }
    for (id, artifact) in artifacts {
        let properties = &artifact["properties"];
        match (artifact["type"].as_str(), properties["templateFile"].as_str(), properties["directoryName"].as_str()) {
            (Some(STACK), Some(file), _) => {
                let mut source = files::source(&folder.join(file))?;
                let env = env(artifact["environment"].as_str().unwrap_or_default());
                let name = properties["stackName"].as_str().unwrap_or(id).to_owned();
                source.stack = Some(StackOf { name, env });
                found.push(source);
            }
            (Some(ASSEMBLY), _, Some(name)) => {
                read(&folder.join(name), found)?;
            }
            _ => {}
        }
    }
    let entries = fs::read_dir(folder).with_context(|| format!("cannot read the folder `{}`", folder.display()))?;
    let paths = entries.flatten().map(|entry| entry.path());
    let mut nested: Vec<PathBuf> = paths.filter(|path| path.to_string_lossy().ends_with(NESTED)).collect();
    nested.sort();
    for path in nested {
        found.push(files::source(&path)?);
    }
    Ok(true)
}

/// The account and the region of `aws://123456789012/eu-west-1`, where they are known.
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
    fn an_environment_may_be_unknown() {
        assert_eq!(env("aws://123456789012/eu-west-1"), Env::new("123456789012", "eu-west-1"));
        assert_eq!(env("aws://unknown-account/unknown-region"), Env::region(ANY_REGION));
    }
}
