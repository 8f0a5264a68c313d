//! Assets: the files of code, images and nested templates, by the digests that templates contain.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use serde_json::Value;

use super::digest::digest;
use meshsynth_check::sources::sam::is_built;

/// Folders and files by the content digest in a template.
#[derive(Clone, Debug, Default)]
pub struct Assets(BTreeMap<String, PathBuf>);

/// The number of digest characters that are added to a SAM template, which refers to folders.
const SHORT: usize = 12;

/// The resource properties whose files a SAM build puts into separate folders.
const OF_SAM: [(&str, &str); 3] = [
    ("AWS::Serverless::Function", "CodeUri"),
    ("AWS::Serverless::LayerVersion", "ContentUri"),
    ("AWS::Lambda::Function", "Code"),
];

impl Assets {
    /// Adds the assets of a template file. A SAM build refers to a folder, independent of its content. Therefore the
    /// digest of the folder is added to the template, so that changed content is a change.
    pub fn add(&mut self, file: &Path, template: &mut Value) {
        let folder = file.parent().unwrap_or(Path::new(""));
        let stem = file.file_name().and_then(|name| name.to_str()).unwrap_or_default();
        if let Some(stem) = stem.strip_suffix(".template.json") {
            self.of_cdk(folder, &folder.join(format!("{stem}.assets.json")));
        }
        if is_built(folder) {
            self.of_sam(folder, template);
        }
    }

    /// Adds the assets of the AWS CDK.
    ///
    /// Source: <https://github.com/aws/aws-cdk-cli/blob/main/packages/%40aws-cdk/cloud-assembly-schema/lib/assets/schema.ts>.
    fn of_cdk(&mut self, folder: &Path, list: &Path) {
        let Some(list) = fs::read_to_string(list).ok().and_then(|text| serde_json::from_str::<Value>(&text).ok())
        else {
            return;
        };
        for section in ["files", "dockerImages"] {
            for (digest, asset) in list[section].as_object().into_iter().flatten() {
                let source = &asset["source"];
                let path = source["path"].as_str().or_else(|| source["directory"].as_str());
                self.0.extend(path.map(|path| (digest.clone(), folder.join(path))));
            }
        }
    }

    fn of_sam(&mut self, folder: &Path, template: &mut Value) {
        let Some(resources) = template.get_mut("Resources").and_then(Value::as_object_mut) else { return };
        for body in resources.values_mut() {
            let Some((_, property)) = OF_SAM.iter().find(|(name, _)| body["Type"] == *name) else { continue };
            let Some(value) = body.get_mut("Properties").and_then(|it| it.get_mut(*property)) else { continue };
            let Some(path) = value.as_str().map(|text| folder.join(text)).filter(|path| path.exists()) else {
                continue;
            };
            let content: String = files(&path).into_iter().map(|(name, digest)| format!("{name} {digest}\n")).collect();
            let name = format!("{} ({})", value.as_str().unwrap_or_default(), &digest(content.as_bytes())[..SHORT]);
            self.0.insert(name.clone(), path);
            *value = name.into();
        }
    }

    /// Returns the assets that a value refers to.
    fn in_value<'a>(&'a self, value: Option<&Value>) -> Vec<(&'a str, &'a Path)> {
        let Some(text) = value.map(Value::to_string) else { return Vec::new() };
        let named = self.0.iter().filter(|(name, _)| text.contains(name.as_str()));
        named.map(|(name, path)| (name.as_str(), path.as_path())).collect()
    }

    /// Returns the template that a value refers to.
    pub fn template(&self, value: &Value) -> Option<PathBuf> {
        let named = self.in_value(Some(value)).into_iter().map(|(_, path)| path);
        named.into_iter().find(|path| path.to_string_lossy().ends_with(".template.json")).map(Path::to_owned)
    }

    /// Describes the change between the assets of two values. Returns `None` if neither value refers to an asset.
    pub fn change(base: &Self, before: Option<&Value>, head: &Self, after: Option<&Value>) -> Option<String> {
        let (old, new) = (base.in_value(before), head.in_value(after));
        let ([(_, new)], old) = (new.as_slice(), old.first()) else { return None };
        let (is_template, is_there) = (new.to_string_lossy().ends_with(".template.json"), new.exists());
        if is_template {
            let name = new.file_name().unwrap_or_default().to_string_lossy().into_owned();
            return Some(format!("the nested template changes: `{name}` is compared as a stack"));
        }
        let old = old.map(|(_, path)| *path).filter(|path| path.exists());
        match old {
            Some(old) if is_there => {
                Some(format!("the files of its asset change: {}", listed(&files(old), &files(new))))
            }
            _ => Some("its asset changes, but the files are not in both folders".to_owned()),
        }
    }
}

/// The maximum number of listed files.
const MOST: usize = 6;

/// Returns the list of files that differ.
fn listed(old: &BTreeMap<String, String>, new: &BTreeMap<String, String>) -> String {
    let added = new.keys().filter(|name| !old.contains_key(*name)).map(|name| format!("`{name}` is added"));
    let gone = old.keys().filter(|name| !new.contains_key(*name)).map(|name| format!("`{name}` is deleted"));
    let changed = new.iter().filter(|(name, digest)| old.get(*name).is_some_and(|it| it != *digest));
    let changed = changed.map(|(name, _)| format!("`{name}`"));
    let mut all: Vec<String> = changed.chain(added).chain(gone).collect();
    if let Some(more @ 1..) = all.len().checked_sub(MOST) {
        all.truncate(MOST);
        all.push(format!("and {more} more files"));
    }
    if all.is_empty() { "build settings".to_owned() } else { all.join(", ") }
}

/// Returns the digests of all files below a folder, or the digest of a file.
fn files(path: &Path) -> BTreeMap<String, String> {
    let mut found = BTreeMap::new();
    walk(path, path, &mut found);
    found
}

fn walk(root: &Path, path: &Path, found: &mut BTreeMap<String, String>) {
    if path.is_dir() {
        let entries = fs::read_dir(path).into_iter().flatten().flatten();
        entries.for_each(|entry| walk(root, &entry.path(), found));
    } else if let Ok(bytes) = fs::read(path) {
        let name = path
            .strip_prefix(root)
            .ok()
            .filter(|rest| rest.as_os_str() != "")
            .unwrap_or_else(|| Path::new(path.file_name().unwrap_or_default()));
        // The name of a single file is its digest, which is not useful in a report.
        let is_own = path == root;
        let name = if is_own { "its file".to_owned() } else { name.display().to_string() };
        found.insert(name, digest(&bytes));
    }
}
