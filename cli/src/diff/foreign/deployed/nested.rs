//! Nested stacks: a template that another one names by its file, and the stack that AWS named.

use std::collections::BTreeMap;
use std::path::{Component, Path, PathBuf};

use meshsynth_assembly::deployed::Deployed;
use serde_json::Value;

use super::super::platform::Platform;

/// A template that is the content of a resource of another one.
pub struct Child {
    /// The template that has the resource.
    pub parent: usize,
    /// Its logical id.
    pub resource: String,
    /// The template that it deploys.
    pub template: usize,
}

/// The resources that deploy a template, and the property that names it.
const NESTING: [(&str, &str); 2] =
    [("AWS::CloudFormation::Stack", "TemplateURL"), ("AWS::Serverless::Application", "Location")];

/// The nested templates of a platform.
pub fn children(platform: &Platform) -> Vec<Child> {
    let mut found = Vec::new();
    for (parent, template) in platform.templates.iter().enumerate() {
        for (resource, body) in template.document["Resources"].as_object().into_iter().flatten() {
            let Some((_, property)) = NESTING.iter().find(|(name, _)| body["Type"] == *name) else { continue };
            let value = &body["Properties"][*property];
            let by_path = value.as_str().map(|text| beside(&template.file, text));
            let file = by_path.or_else(|| platform.assets.template(value).and_then(|path| below(platform, &path)));
            let at = file.and_then(|file| platform.templates.iter().position(|it| Path::new(&it.file) == file));
            found.extend(at.filter(|at| *at != parent).map(|template| Child {
                parent,
                resource: resource.clone(),
                template,
            }));
        }
    }
    found
}

/// A path that a file names, from where the file lies.
fn beside(file: &str, path: &str) -> PathBuf {
    let mut out = Path::new(file).parent().map(Path::to_owned).unwrap_or_default();
    for part in Path::new(path).components() {
        match part {
            Component::ParentDir => drop(out.pop()),
            Component::Normal(name) => out.push(name),
            _ => {}
        }
    }
    out
}

fn below(platform: &Platform, path: &Path) -> Option<PathBuf> {
    path.strip_prefix(&platform.root).ok().map(Path::to_owned)
}

/// Gives nested stacks the ids of the templates that they were made of, and takes out those that no template is of. Answers
/// the place of each stack of the old side by its id.
pub fn pair(
    deployed: &Deployed,
    base: &mut Platform,
    head: &mut Platform,
    notes: &mut Vec<String>,
) -> BTreeMap<String, usize> {
    let children = children(head);
    let mut places: BTreeMap<String, usize> = BTreeMap::new();
    let mut gone = Vec::new();
    let mut used: Vec<usize> = Vec::new();
    // A parent comes before what is nested in it.
    let mut ids: BTreeMap<&str, usize> = BTreeMap::new();
    for (at, stack) in deployed.stacks.iter().enumerate() {
        let Some(template) = base.templates.iter_mut().find(|it| it.file == stack.template) else { continue };
        let Some((parent, resource)) = &stack.parent else {
            if let Some(own) = head.templates.iter().position(|it| is_it(it, stack)) {
                ids.insert(&stack.name, own);
                let own = &mut head.templates[own];
                (own.is_named, own.id, own.name) = (true, template.id.clone(), template.name.clone());
            }
            places.insert(template.id.clone(), at);
            continue;
        };
        let of_parent = ids.get(parent.as_str());
        let child = children.iter().find(|it| Some(&it.parent) == of_parent && it.resource == *resource);
        let Some(child) = child else {
            gone.push(template.id.clone());
            // What goes with its resource is told at that.
            let is_kept = of_parent.is_some_and(|at| !head.templates[*at].document["Resources"][resource].is_null());
            if is_kept {
                notes.push(format!(
                    "not compared: the nested stack `{resource}` of `{parent}`, whose template is in no file"
                ));
            }
            continue;
        };
        let own = match used.contains(&child.template) {
            // One template may be of several nested stacks.
            true => {
                let mut other = head.templates[child.template].clone();
                other.id = format!("{}.{resource}", other.id);
                head.templates.push(other);
                head.templates.len() - 1
            }
            false => child.template,
        };
        used.push(child.template);
        ids.insert(&stack.name, own);
        let own = &mut head.templates[own];
        own.is_named = true;
        (template.id, template.name) = (own.id.clone(), own.name.clone());
        places.insert(template.id.clone(), at);
    }
    base.templates.retain(|it| !gone.contains(&it.id));
    places
}

fn is_it(template: &super::super::template::Template, stack: &meshsynth_assembly::deployed::DeployedStack) -> bool {
    let is_same = |own: &Option<String>, other: &str| own.as_ref().is_none_or(|own| own == other);
    template.name == stack.name
        && is_same(&template.region, &stack.region)
        && (template.account.is_none() || template.account == stack.account)
}

/// Whether a value names a file.
pub(super) fn is_file(value: &Value) -> bool {
    value.as_str().is_some_and(|text| !text.contains("://") && !text.starts_with("arn:"))
}
