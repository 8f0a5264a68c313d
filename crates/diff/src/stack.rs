//! The effect of deploying one stack while the rest of the platform is unchanged.

use std::collections::BTreeMap;

use anyhow::{Context, Result, bail};
use meshsynth_assembly::{Manifest, Stack};
use serde_json::Value;

use crate::change::Was;
use crate::diff::Diff;
use crate::rest::Rest;
use crate::side::Side;
use crate::yaml;

/// Compares the stack `id` of a platform with its deployed template, or with `None` if it is not deployed.
///
/// Data loss is decided from the deployed template, because the new side no longer lists a store that left the program.
///
/// # Errors
///
/// If a template is neither JSON nor YAML, or has no resources.
pub fn compare(rest: Rest<'_>, id: &str, deployed: Option<&str>) -> Result<Diff> {
    let (mut base, head) = (rest.side(), rest.side());
    base.manifest.stacks.retain(|stack| stack.id != id || deployed.is_some());
    if let (Some(text), Some(stack)) = (deployed, head.stack(id)) {
        let old = parse(text).with_context(|| format!("the deployed template of stack `{}`", stack.name))?;
        // AWS may format the deployed template differently, so equal content counts as the same file.
        let is_same = *head.document(&stack.template) == old;
        let text = if is_same { head.text(&stack.template).to_owned() } else { text.to_owned() };
        base.add(&stack.template, text, old);
    }
    Diff::new(&base, &head)
}

/// A deployed stack that is no longer in the platform.
#[derive(Clone, Debug)]
pub struct Gone {
    /// Its name.
    pub name: String,
    /// Its account. `None` is the account of the caller.
    pub account: Option<String>,
    /// Its region.
    pub region: String,
    /// Its template.
    pub template: String,
}

/// Returns resources that moved between deployed stacks or got another logical ID. `deployed` contains the templates by
/// stack ID, and `gone` the stacks that left the platform.
///
/// # Errors
///
/// If a template is neither JSON nor YAML, or has no resources.
pub fn moves(
    manifest: &Manifest,
    files: &BTreeMap<String, String>,
    deployed: &BTreeMap<String, String>,
    gone: &[Gone],
) -> Result<Vec<Was>> {
    let (mut base, head) = (side(manifest, files), side(manifest, files));
    base.manifest.stacks.retain(|stack| deployed.contains_key(&stack.id));
    for (id, text) in deployed {
        if let Some(stack) = head.stack(id) {
            let old = parse(text).with_context(|| format!("the deployed template of stack `{}`", stack.name))?;
            base.add(&stack.template, text.clone(), old);
        }
    }
    for it in gone {
        // Paths in the program contain no spaces, so this ID is unique.
        let id = format!("stack {}", it.name);
        let template = format!("{id}.template.json");
        let old = parse(&it.template).with_context(|| format!("the deployed template of stack `{}`", it.name))?;
        base.add(&template, it.template.clone(), old);
        base.manifest.stacks.push(Stack {
            id,
            name: it.name.clone(),
            account: it.account.clone(),
            region: it.region.clone(),
            template,
            tags: BTreeMap::new(),
            needs: Vec::new(),
            resources: BTreeMap::new(),
        });
    }
    Ok(Diff::new(&base, &head)?.changes.into_iter().filter_map(|change| change.was).collect())
}

/// Returns the stacks of a platform without its clusters.
fn side(manifest: &Manifest, files: &BTreeMap<String, String>) -> Side {
    let mut side = Side::empty(String::new(), &manifest.app);
    side.manifest.stacks.clone_from(&manifest.stacks);
    for stack in &manifest.stacks {
        side.add_text(&stack.template, files.get(&stack.template).cloned().unwrap_or_default());
    }
    side
}

/// Parses a template in JSON or YAML.
///
/// # Errors
///
/// If it is neither.
pub fn parse(text: &str) -> Result<Value> {
    match text.trim_start().starts_with('{') {
        true => serde_json::from_str(text).context("not valid JSON"),
        // A plain YAML reader would drop the short tags, which are functions.
        false => match yaml::read(text) {
            Ok(documents) => Ok(documents.first().map(|it| yaml::json(&it.literal())).unwrap_or_default()),
            Err(wrong) => bail!("not valid YAML: {} in line {}", wrong.message, wrong.line),
        },
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::parse;

    #[test]
    fn reads_short_tags_as_functions() {
        let text = "Resources:\n  Bucket:\n    Type: AWS::S3::Bucket\n    Properties:\n      BucketName: !Sub '${AWS::StackName}-a'\n";
        let name = &parse(text).unwrap()["Resources"]["Bucket"]["Properties"]["BucketName"];
        assert_eq!(*name, json!({ "Fn::Sub": "${AWS::StackName}-a" }));
        assert!(parse("a: [1").unwrap_err().to_string().contains("in line"));
    }
}
