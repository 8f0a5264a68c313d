//! Names of the resources of a template.

use std::collections::BTreeMap;

use meshsynth_model::val::Data;

use super::sections::entries_of;
use crate::names;

/// The last path segments of the main resource in a CDK construct.
const MAIN: [&str; 2] = ["Default", "Resource"];

/// The name of a resource and its preferred group.
pub(super) struct ResourceName {
    /// Its name, in words of the source.
    pub name: String,
    /// Its group: the CDK construct that contains it, or its service.
    pub group: String,
}

/// Returns the names of resources by logical ID. CDK paths are preferred, because CDK logical IDs omit the separators
/// between words.
pub(super) fn resource_names(template: &Data) -> BTreeMap<&str, ResourceName> {
    let resources = || entries_of(template, "Resources");
    let paths: BTreeMap<&str, Vec<&str>> = resources().filter_map(|(id, body)| Some((id, path(body)?))).collect();
    let n_common = n_common(paths.values());
    resources()
        .map(|(id, body)| {
            let service = || {
                let type_name = body.at("Type").and_then(Data::as_str).unwrap_or_default();
                type_name.split("::").nth(1).unwrap_or("other").to_lowercase()
            };
            let name = match paths.get(id).map(|path| &path[n_common..]) {
                Some([group, rest @ ..]) => {
                    let rest = match rest {
                        [rest @ .., last] if MAIN.contains(last) => rest,
                        rest => rest,
                    };
                    let words: Vec<&str> = std::iter::once(group).chain(rest).map(|it| names::readable(it)).collect();
                    ResourceName { name: words.join("-"), group: names::snake(group) }
                }
                _ => ResourceName { name: names::readable(id).to_owned(), group: service() },
            };
            (id, name)
        })
        .collect()
}

/// Returns the CDK path of a resource.
fn path(body: &Data) -> Option<Vec<&str>> {
    let metadata = body.at("Metadata")?.as_map()?;
    Some(metadata.get("aws:cdk:path")?.as_str()?.split('/').collect())
}

/// Returns the length of the common prefix of all paths, excluding their last segments.
fn n_common<'a>(paths: impl Iterator<Item = &'a Vec<&'a str>>) -> usize {
    let mut common: Option<&[&str]> = None;
    for path in paths {
        let whole = &path[..path.len().saturating_sub(1)];
        let before = common.unwrap_or(whole);
        let n_same = before.iter().zip(whole).take_while(|(one, other)| one == other).count();
        common = Some(&before[..n_same]);
    }
    common.map_or(0, <[&str]>::len)
}
