//! Templates of nested stacks. A template of the program defines them, and their parent stack deploys them.

use std::collections::BTreeSet;
use std::path::{Component, Path, PathBuf};

use meshsynth::val::{Bag, Data};
use meshsynth_adopt::{Refusal, Template};
use meshsynth_assembly::deployed::Deployed;

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
    let mut links: Vec<(usize, String, String)> = Vec::new();
    let mut refusals = Vec::new();
    for (at, child) in templates.iter().enumerate() {
        let found = deployments(templates, at, &deployed);
        let best = found.iter().map(|it| it.n_segments).max().unwrap_or_default();
        let best: Vec<&Deployment> = found.iter().filter(|it| it.n_segments == best).collect();
        let is_stack = !best.is_empty() && best.iter().all(|it| it.is_stack);
        match best.first() {
            Some(_) if is_stack => {
                let of_child = best.iter().map(|it| (it.parent, it.resource.clone(), child.file.clone()));
                links.extend(of_child);
            }
            Some(of) => {
                let parent = Path::new(&templates[of.parent].file).file_name().unwrap_or_default().to_string_lossy();
                let why = format!(
                    "it is the template of the nested application `{}` of `{parent}`, which AWS SAM deploys",
                    of.resource
                );
                refusals.push(Refusal { file: child.file.clone(), line: 0, why });
            }
            None if is_of_cdk(&child.file) => {
                let why = "it is the template of a nested stack, but no template among the sources deploys it";
                refusals.push(Refusal { file: child.file.clone(), line: 0, why: why.to_owned() });
            }
            None => {}
        }
    }
    for (parent, resource, file) in links {
        if let Some(child) = templates.iter_mut().find(|it| it.file == file) {
            child.is_nested = true;
        }
        templates[parent].nested.insert(resource, file);
    }
    refusals.extend(without_root(templates));
    templates.retain(|it| !refusals.iter().any(|refusal| refusal.file == it.file));
    refusals
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

/// Returns refusals for nested templates that no stack of the program deploys, because they only contain each other.
fn without_root(templates: &[Template]) -> Vec<Refusal> {
    let mut reached: BTreeSet<&str> = BTreeSet::new();
    let mut open: Vec<&Template> = templates.iter().filter(|it| !it.is_nested).collect();
    while let Some(template) = open.pop() {
        if reached.insert(&template.file) {
            let children = template.nested.values().filter_map(|file| templates.iter().find(|it| it.file == *file));
            open.extend(children);
        }
    }
    let why = || "it is the template of a nested stack, but no stack among the sources deploys it".to_owned();
    let others = templates.iter().filter(|it| !reached.contains(it.file.as_str()));
    others.map(|it| Refusal { file: it.file.clone(), line: 0, why: why() }).collect()
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
