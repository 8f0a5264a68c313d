//! Nested stacks: matches a template that another template refers to with the stack whose name AWS generated.

use std::collections::BTreeMap;
use std::path::{Component, Path, PathBuf};

use meshsynth_assembly::deployed::Deployed;
use serde_json::Value;

use super::super::platform::Platform;

/// A template that is deployed by a resource of another template.
pub struct Child {
    /// The template with the resource.
    pub parent: usize,
    /// The logical ID of the resource.
    pub resource: String,
    /// The template that the resource deploys.
    pub template: usize,
}

/// The resource types that deploy a template, and the property with its path or URL.
const NESTING: [(&str, &str); 2] =
    [("AWS::CloudFormation::Stack", "TemplateURL"), ("AWS::Serverless::Application", "Location")];

/// Returns the nested templates of a platform.
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

/// Resolves a path relative to the file that contains it.
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

/// Gives nested stacks the IDs of their templates, and removes those without a template. Returns the index of each old
/// stack by its ID.
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
    // Parents come before their nested stacks.
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
            // If the resource is deleted, the nested stack is reported with it.
            let is_kept = of_parent.is_some_and(|at| !head.templates[*at].document["Resources"][resource].is_null());
            if is_kept {
                notes.push(format!(
                    "not compared: the nested stack `{resource}` of `{parent}`, because no file contains its template"
                ));
            }
            continue;
        };
        let own = match used.contains(&child.template) {
            // Several nested stacks may use one template.
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

/// Whether a value is a local file path.
pub(super) fn is_file(value: &Value) -> bool {
    value.as_str().is_some_and(|text| !text.contains("://") && !text.starts_with("arn:"))
}
