//! Templates of nested stacks. A template of the program defines them, and their parent stack deploys them.

use std::collections::BTreeMap;
use std::path::{Component, Path, PathBuf};

use meshsynth::val::{Bag, Data};
use meshsynth_adopt::{Refusal, Template};
use meshsynth_assembly::deployed::Deployed;

use super::interface;

/// The resource types that deploy a template, and the property with its path or URL.
const NESTING: [(&str, &str); 2] = [(STACK, "TemplateURL"), ("AWS::Serverless::Application", "Location")];

/// The resource type whose template can be a part of the program.
const STACK: &str = "AWS::CloudFormation::Stack";

/// A part of the file names that the AWS CDK gives to nested templates.
const OF_CDK: &str = ".nested.template.";

/// A resource that deploys a template: the index of its template, its logical ID, and the number of path segments that
/// specify the file. Several folders may contain files with the same name, so the longest match is used.
struct Deployment {
    parent: usize,
    resource: String,
    is_stack: bool,
    n_segments: usize,
}

/// Links nested stacks with their templates. Removes templates whose nested stack is unknown, and returns a reason for
/// each.
pub fn link(templates: &mut Vec<Template>, sources: &[PathBuf]) -> Vec<Refusal> {
    let deployed = deployed_parents(templates, sources);
    let mut candidates: BTreeMap<(usize, String), Vec<(usize, Deployment)>> = BTreeMap::new();
    for child in 0..templates.len() {
        for deployment in deployments(templates, child, &deployed) {
            let resource = (deployment.parent, deployment.resource.clone());
            candidates.entry(resource).or_default().push((child, deployment));
        }
    }
    let mut refusals: BTreeMap<usize, String> = BTreeMap::new();
    for ((parent, resource), found) in candidates {
        let children = best(templates, parent, &resource, &found);
        let is_stack = found.iter().all(|(_, it)| it.is_stack);
        let file = Path::new(&templates[parent].file).file_name().unwrap_or_default().to_string_lossy().into_owned();
        match children.as_slice() {
            [child] if is_stack => {
                let file = templates[*child].file.clone();
                templates[*child].is_nested = true;
                templates[parent].nested.insert(resource, file);
            }
            [child] => {
                let why = format!(
                    "it is the template of the nested application `{resource}` of `{file}`, which AWS SAM deploys"
                );
                refusals.insert(*child, why);
            }
            several => refusals.extend(several.iter().map(|child| {
                let why = format!("several templates may belong to the nested stack `{resource}` of `{file}`");
                (*child, why)
            })),
        }
    }
    let mut refusals: Vec<Refusal> = refusals
        .into_iter()
        .filter(|(child, _)| !templates[*child].is_nested)
        .map(|(child, why)| Refusal { file: templates[child].file.clone(), line: 0, why })
        .collect();
    let lost = templates.iter().filter(|it| is_of_cdk(&it.file) && !it.is_nested);
    refusals.extend(lost.map(|it| Refusal { file: it.file.clone(), line: 0, why: WITHOUT_PARENT.to_owned() }));
    templates.retain(|it| !refusals.iter().any(|refusal| refusal.file == it.file));
    refusals
}

/// The reason for a nested template without a parent.
const WITHOUT_PARENT: &str = "it is the template of a nested stack, but no template among the sources deploys it";

/// Returns the templates that a resource most likely deploys. If several files have the same name, the template must
/// define the parameters and outputs that the parent uses.
fn best(templates: &[Template], parent: usize, resource: &str, found: &[(usize, Deployment)]) -> Vec<usize> {
    let is_only = found.len() == 1;
    let fits = |child: usize| is_only || interface::fits(&templates[parent], resource, &templates[child]);
    let fitting: Vec<&(usize, Deployment)> = found.iter().filter(|(child, _)| fits(*child)).collect();
    let longest = fitting.iter().map(|(_, it)| it.n_segments).max();
    fitting.iter().filter(|(_, it)| Some(it.n_segments) == longest).map(|(child, _)| *child).collect()
}

/// Returns the parents of deployed nested stacks: the file of the child, the file of the parent, and the resource.
fn deployed_parents(templates: &[Template], sources: &[PathBuf]) -> Vec<(String, String, String)> {
    let mut found = Vec::new();
    for source in sources {
        let stacks = Deployed::read(source).ok().flatten().map(|it| it.stacks).unwrap_or_default();
        let file = |template: &str| source.join(template).display().to_string();
        for child in &stacks {
            let Some((parent, resource)) = &child.parent else { continue };
            let parent = stacks.iter().find(|it| it.name == *parent && it.region == child.region);
            let parent = parent.map(|it| file(&it.template)).filter(|it| templates.iter().any(|of| of.file == *it));
            found.extend(parent.map(|parent| (file(&child.template), parent, resource.clone())));
        }
    }
    found
}

/// Returns the resources that may deploy a template.
fn deployments(templates: &[Template], child: usize, deployed: &[(String, String, String)]) -> Vec<Deployment> {
    let file = &templates[child].file;
    let mut found = Vec::new();
    for (parent, template) in templates.iter().enumerate().filter(|(at, _)| *at != child) {
        let known = deployed.iter().find(|(of, by, _)| of == file && *by == template.file);
        if let Some((.., resource)) = known {
            found.push(Deployment { parent, resource: resource.clone(), is_stack: true, n_segments: usize::MAX });
            continue;
        }
        found.extend(resources_of(template, file).map(|(resource, is_stack, n_segments)| Deployment {
            parent,
            resource: resource.to_owned(),
            is_stack,
            n_segments,
        }));
    }
    found
}

fn is_of_cdk(file: &str) -> bool {
    Path::new(file).file_name().is_some_and(|it| it.to_string_lossy().contains(OF_CDK))
}

/// Returns the resources of a template that may deploy a file, whether each is a stack, and the number of matching path
/// segments.
fn resources_of<'a>(parent: &'a Template, file: &'a str) -> impl Iterator<Item = (&'a str, bool, usize)> {
    let resources = parent.data.at("Resources").and_then(Data::as_map).into_iter().flat_map(Bag::iter);
    let nesting = resources.filter_map(|(id, body)| {
        let type_name = body.at("Type").and_then(Data::as_str)?;
        let (_, property) = NESTING.iter().find(|(name, _)| *name == type_name)?;
        let url = body.at("Properties").and_then(Data::as_map)?.get(property)?;
        Some((id, type_name == STACK, parts_named(parent, body, url, file)))
    });
    nesting.filter(|(.., n_segments)| *n_segments > 0)
}

/// Returns the number of path segments of a file that a resource specifies. For an asset or a relative
/// path, these are all segments. For a URL, these are the segments of the matching suffix.
fn parts_named(parent: &Template, body: &Data, url: &Data, file: &str) -> usize {
    let all = Path::new(file).components().count();
    let metadata = body.at("Metadata").and_then(Data::as_map);
    let asset = metadata.and_then(|it| it.get("aws:asset:path")).and_then(Data::as_str);
    if asset.is_some_and(|asset| relative_to(&parent.file, asset) == Path::new(file)) {
        return all;
    }
    match url {
        Data::Text(text) if !text.contains("://") => {
            if relative_to(&parent.file, text) == Path::new(file) {
                all
            } else {
                0
            }
        }
        _ => {
            // A URL does not specify local folders, but a nested template is in the folder of its parent or below it.
            let is_below = Path::new(&parent.file).parent().is_some_and(|it| Path::new(file).starts_with(it));
            let text = last_text(url).filter(|_| is_below).unwrap_or_default();
            let parts = Path::new(file).components().rev().map(Component::as_os_str);
            text.rsplit('/').zip(parts).take_while(|(named, part)| part.to_str() == Some(named)).count()
        }
    }
}

/// Returns the last literal text of a value, inside intrinsic functions too.
fn last_text(value: &Data) -> Option<String> {
    match value {
        Data::Text(text) => Some(text.to_string()),
        // The arguments of `Fn::Sub` are a text and variables. Those of `Fn::Join` end with the last item.
        Data::List(items) => match items.as_slice() {
            [Data::Text(text), Data::Map(_)] => Some(text.to_string()),
            items => items.last().and_then(last_text),
        },
        Data::Map(bag) if bag.len() == 1 => {
            let (name, argument) = bag.iter().next()?;
            ["Fn::Sub", "Fn::Join"].contains(&name).then(|| last_text(argument)).flatten()
        }
        _ => None,
    }
}

/// Resolves a path relative to the file that contains it.
fn relative_to(file: &str, path: &str) -> PathBuf {
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
