//! Validates all names of an assembly. They become parts of file names, of API paths and of command lines, and they are
//! printed.

use std::collections::{BTreeMap, BTreeSet};

use anyhow::{Result, bail};

use crate::{MANIFEST, Manifest};

/// The maximum length of a name or a path in bytes.
const LONGEST: usize = 1024;

/// Checks every name and path of a manifest.
///
/// # Errors
///
/// If a name is empty, has a control character, leaves a folder, or starts like an option of a command, or if two parts
/// have the same ID.
pub fn check(manifest: &Manifest) -> Result<()> {
    check_name("app", &manifest.app)?;
    for stack in &manifest.stacks {
        check_path("stacks[].id", &stack.id)?;
        check_name("stacks[].name", &stack.name)?;
        check_place(stack.account.as_deref(), Some(&stack.region))?;
        stack.needs.iter().try_for_each(|need| check_path("stacks[].needs", need))?;
        check_path("stacks[].template", &stack.template)?;
        check_tags(&stack.tags)?;
        for (id, resource) in &stack.resources {
            check_name("stacks[].resources", id)?;
            check_shown("construct", &resource.construct)?;
            check_shown("source", &resource.source)?;
        }
    }
    for nested in &manifest.nested_stacks {
        check_path("stacks[].parent.stack", &nested.parent)?;
        check_name("stacks[].parent.resource", &nested.resource)?;
        check_path("stacks[].template", &nested.template)?;
        let parent = manifest.stacks.iter().find(|stack| stack.id == nested.parent);
        if parent.is_none_or(|stack| !stack.resources.contains_key(&nested.resource)) {
            bail!(
                "`{MANIFEST}` has no resource `{}` in a stack `{}` for a nested stack",
                nested.resource,
                nested.parent
            );
        }
    }
    for cluster in &manifest.clusters {
        check_name("clusters[].id", &cluster.id)?;
        check_shown("clusters[].name", &cluster.name)?;
        check_shown("clusters[].version", &cluster.version)?;
        check_place(cluster.account.as_deref(), cluster.region.as_deref())?;
        cluster.needs.iter().try_for_each(|need| check_path("clusters[].needs", need))?;
        for object in &cluster.objects {
            check_path("objects[].path", &object.path)?;
            [&object.kind, &object.construct, &object.source].iter().try_for_each(|it| check_shown("objects[]", it))?;
        }
        for release in &cluster.releases {
            check_name("releases[].name", &release.name)?;
            check_path("releases[].values", &release.values)?;
            if !release.namespace.is_empty() {
                check_name("releases[].namespace", &release.namespace)?;
            }
            for text in [&release.chart, &release.version, &release.repository] {
                check_argument("releases[]", text)?;
            }
            [&release.construct, &release.source].iter().try_for_each(|it| check_shown("releases[]", it))?;
            release.after.iter().try_for_each(|it| check_shown("releases[].after", it))?;
        }
    }
    manifest.files.iter().try_for_each(|path| check_path("files", path))?;
    for exception in &manifest.exceptions {
        for text in [&exception.code, &exception.what, &exception.until, &exception.source] {
            check_shown("exceptions[]", text)?;
        }
    }
    manifest.rules.iter().try_for_each(|rule| check_shown("rules[].code", &rule.code))?;
    check_distinct("stack", manifest.stacks.iter().map(|stack| stack.id.as_str()))?;
    check_distinct("cluster", manifest.clusters.iter().map(|cluster| cluster.id.as_str()))
}

/// Checks a name that becomes a part of a file name or of an API path.
///
/// # Errors
///
/// If it is empty, is `.` or `..`, or contains a separator or a control character, or starts with `-`.
pub fn check_name(what: &str, name: &str) -> Result<()> {
    let is_bad = |it: char| it == '/' || it == '\\' || it.is_control();
    if name.is_empty() || name.starts_with('.') || name.contains(is_bad) {
        bail!("`{MANIFEST}`: `{what}` is {name:?}, which is not a valid name");
    }
    check_argument(what, name)
}

/// Checks a relative path that stays below its folder.
fn check_path(what: &str, path: &str) -> Result<()> {
    let is_bad = |part: &str| part.is_empty() || part == "." || part == "..";
    if path.split('/').any(is_bad) || path.contains('\\') || crate::check_inside(path).is_err() {
        bail!("`{MANIFEST}`: `{what}` is {path:?}, which is outside its folder or is not a valid path");
    }
    check_argument(what, path)
}

/// Checks a text that becomes an argument of a command.
fn check_argument(what: &str, text: &str) -> Result<()> {
    if text.starts_with('-') {
        bail!("`{MANIFEST}`: `{what}` is {text:?}, which starts like an option");
    }
    check_shown(what, text)
}

/// Checks a text that is printed in one line.
fn check_shown(what: &str, text: &str) -> Result<()> {
    if text.len() > LONGEST {
        bail!("`{MANIFEST}`: `{what}` has {} bytes, but the limit is {LONGEST}", text.len());
    }
    if text.contains(char::is_control) {
        bail!("`{MANIFEST}`: `{what}` is {text:?}, which contains a control character");
    }
    Ok(())
}

fn check_place(account: Option<&str>, region: Option<&str>) -> Result<()> {
    let is_plain = |text: &str| !text.is_empty() && text.chars().all(|it| it.is_ascii_alphanumeric() || it == '-');
    for text in account.into_iter().chain(region) {
        if !is_plain(text) {
            bail!("`{MANIFEST}`: {text:?} is not a valid account or region");
        }
        check_argument("region", text)?;
    }
    Ok(())
}

fn check_tags(tags: &BTreeMap<String, String>) -> Result<()> {
    tags.iter().flat_map(|(key, value)| [key, value]).try_for_each(|it| check_shown("stacks[].tags", it))
}

fn check_distinct<'a>(what: &str, names: impl Iterator<Item = &'a str>) -> Result<()> {
    let mut seen = BTreeSet::new();
    for name in names {
        if !seen.insert(name) {
            bail!("`{MANIFEST}` contains two {what}s with the ID `{name}`");
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rejects_names_that_leave_a_folder_or_hide_text() {
        for name in ["", ".", "..", "../x", "a/b", "a\\b", "a\u{1b}[31m", "a\nb", "-rf", ".hidden"] {
            assert!(check_name("id", name).is_err(), "{name:?}");
        }
        for path in ["", "/etc/passwd", "../x", "a/../b", "a//b", "a/./b", "a\\b", "--values", "a\u{7f}"] {
            assert!(check_path("path", path).is_err(), "{path:?}");
        }
        check_name("id", "shop-data.v2_x").unwrap();
        check_path("path", "k8s/run/00-namespaces/namespace-shop.yaml").unwrap();
    }
}
