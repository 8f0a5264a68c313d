//! Excludes templates of nested stacks. AWS generates the names of nested stacks, so they are not stacks of a program.

use std::path::{Component, Path, PathBuf};

use meshsynth::val::{Bag, Data};
use meshsynth_adopt::{Refusal, Template};
use meshsynth_assembly::deployed::Deployed;

/// The resource types that deploy a template, and the property with its path or URL.
const NESTING: [(&str, &str); 2] =
    [("AWS::CloudFormation::Stack", "TemplateURL"), ("AWS::Serverless::Application", "Location")];

/// A part of the file names that the AWS CDK gives to nested templates.
const OF_CDK: &str = ".nested.template.";

/// Removes the nested templates, and returns a reason for each.
pub fn without(templates: &mut Vec<Template>, sources: &[PathBuf]) -> Vec<Refusal> {
    let mut children: Vec<String> = Vec::new();
    for source in sources {
        let index = Deployed::read(source).ok().flatten();
        let stacks = index.into_iter().flat_map(|it| it.stacks).filter(|it| it.parent.is_some());
        children.extend(stacks.map(|it| source.join(&it.template).display().to_string()));
    }
    let why = |child: &Template| -> Option<String> {
        if children.contains(&child.file) {
            return Some("it is a nested stack, which its parent stack updates".to_owned());
        }
        let others = templates.iter().filter(|it| it.file != child.file);
        let named = others.filter_map(|parent| Some((parent, resource_of(parent, &child.file)?)));
        let parent =
            named.reduce(|best, it| if it.1.1 > best.1.1 { it } else { best }).map(|(parent, (resource, _))| {
                let name = Path::new(&parent.file).file_name().unwrap_or_default().to_string_lossy();
                format!("it is the template of the nested stack `{resource}` of `{name}`, which deploys it")
            });
        let is_of_cdk = || Path::new(&child.file).file_name().is_some_and(|it| it.to_string_lossy().contains(OF_CDK));
        parent.or_else(|| {
            is_of_cdk().then(|| "it is the template of a nested stack, which its parent stack deploys".to_owned())
        })
    };
    let found: Vec<Refusal> =
        templates.iter().filter_map(|it| Some(Refusal { file: it.file.clone(), line: 0, why: why(it)? })).collect();
    templates.retain(|it| !found.iter().any(|nested| nested.file == it.file));
    found
}

/// Returns the resource of a template that deploys a file, and the number of matching path segments. Several folders
/// may contain files with the same name, so callers choose the longest match.
fn resource_of<'a>(parent: &'a Template, file: &str) -> Option<(&'a str, usize)> {
    let resources = parent.data.at("Resources").and_then(Data::as_map).into_iter().flat_map(Bag::iter);
    let nesting = resources.filter_map(|(id, body)| {
        let type_name = body.at("Type").and_then(Data::as_str)?;
        let (_, property) = NESTING.iter().find(|(name, _)| *name == type_name)?;
        Some((id, body, body.at("Properties").and_then(Data::as_map)?.get(property)?))
    });
    let named =
        nesting.map(|(id, body, url)| (id, parts_named(parent, body, url, file))).filter(|(_, n_parts)| *n_parts > 0);
    named.reduce(|best, it| if it.1 > best.1 { it } else { best })
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
