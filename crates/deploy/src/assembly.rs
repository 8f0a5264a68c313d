//! The assembly on disk, as a deployment reads it.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};
pub use meshsynth_assembly::{Cluster, Manifest, NestedStack, Object, Release, Resource, Stack};
use meshsynth_diff::Rest;
use serde::Deserialize;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

/// The supported format of `manifest.json`.
const FORMAT_VERSION: u64 = 1;

/// A synthesized platform in a folder.
#[derive(Clone, Debug)]
pub struct Assembly {
    /// The folder of the files.
    pub folder: PathBuf,
    /// The contents of `manifest.json`.
    pub manifest: Manifest,
    /// The text of each file that the manifest lists, by path.
    pub files: BTreeMap<String, String>,
    /// The bindings, by placeholder.
    pub bindings: BTreeMap<String, Binding>,
}

/// The stack output that replaces a placeholder.
#[derive(Clone, Debug, Deserialize, PartialEq)]
pub struct Binding {
    /// The ID of the stack.
    pub stack: String,
    /// The name of the output.
    pub output: String,
    /// The call that turns the output into the value. `None` if the output is the value.
    pub lookup: Option<Lookup>,
}

/// An API call for a value that CloudFormation does not return.
#[derive(Clone, Debug, Deserialize, PartialEq, Eq, PartialOrd, Ord)]
pub struct Lookup {
    /// The action, such as `kafka:GetBootstrapBrokers`.
    pub call: String,
    /// The response field with the value.
    pub field: String,
}

impl Assembly {
    /// Reads the folder, including every file that its manifest lists.
    pub fn read(folder: &Path) -> Result<Self> {
        let text = read(folder, "manifest.json")?;
        let mut value: Value = serde_json::from_str(&text).context("`manifest.json` is not valid JSON")?;
        let nested_stacks = take_nested_stacks(&mut value);
        match value["format_version"].as_u64() {
            Some(FORMAT_VERSION) => {}
            Some(version) => {
                bail!(
                    "`manifest.json` has format {version}, but this meshsynth version supports format {FORMAT_VERSION}"
                )
            }
            None => bail!("`manifest.json` has no `format_version`"),
        }
        let manifest: Manifest = serde_json::from_value(value).context("`manifest.json` does not match format 1")?;
        let manifest = Manifest { nested_stacks, ..manifest };
        meshsynth_assembly::check(&manifest)?;
        let mut files = BTreeMap::new();
        for path in &manifest.files {
            files.insert(path.clone(), read(folder, path)?);
        }
        for path in manifest.named_files() {
            if !files.contains_key(path) {
                bail!("`manifest.json` refers to `{path}`, which is missing from its list of files");
            }
        }
        let bindings =
            serde_json::from_str(&read(folder, "bindings.json")?).context("`bindings.json` cannot be parsed")?;
        check_bindings(&bindings)?;
        Ok(Self { folder: folder.to_owned(), manifest, files, bindings })
    }

    /// Returns the template text of a stack.
    pub fn template(&self, stack: &Stack) -> &str {
        &self.files[&stack.template]
    }

    /// Parses a document of the assembly. The file extension selects JSON or YAML.
    pub fn document(&self, path: &str) -> Result<Value> {
        let text = self.files.get(path).with_context(|| format!("the assembly does not contain `{path}`"))?;
        parse(path, text)
    }

    /// Returns the bindings in the form of `bindings.json`.
    pub fn bindings_value(&self) -> Value {
        let row = |it: &Binding| json!({ "stack": it.stack, "output": it.output });
        self.bindings.iter().map(|(name, it)| (name.clone(), row(it))).collect()
    }

    /// Returns the whole platform as context for the evaluation of one part.
    pub fn rest<'a>(&'a self, bindings: &'a Value) -> Rest<'a> {
        Rest { manifest: &self.manifest, files: &self.files, bindings }
    }

    /// Returns the stack with an ID, or `None` if it does not exist.
    pub fn stack(&self, id: &str) -> Option<&Stack> {
        self.manifest.stacks.iter().find(|stack| stack.id == id)
    }

    /// Returns the digest of all deployed files.
    pub fn digest(&self) -> String {
        let mut hash = Sha256::new();
        for (path, text) in &self.files {
            hash.update(format!("{path}\n{}\n{text}", text.len()));
        }
        hash.update(format!("{:?}", self.bindings));
        hex(&hash.finalize())
    }
}

/// Removes the nested stacks from the stacks of a manifest, because their parent stacks deploy them.
fn take_nested_stacks(manifest: &mut Value) -> Vec<NestedStack> {
    let Some(stacks) = manifest.get_mut("stacks").and_then(Value::as_array_mut) else { return Vec::new() };
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let nested = stacks.iter().filter(|it| it["parent"].is_object()).map(|it| NestedStack {
        parent: text(&it["parent"]["stack"]),
        resource: text(&it["parent"]["resource"]),
        template: text(&it["template"]),
    });
    let nested = nested.collect();
    stacks.retain(|it| !it["parent"].is_object());
    nested
}

/// Parses JSON or YAML, according to the file extension.
pub fn parse(path: &str, text: &str) -> Result<Value> {
    if path.ends_with(".json") {
        serde_json::from_str(text).with_context(|| format!("`{path}` is not valid JSON"))
    } else {
        serde_yaml::from_str(text).with_context(|| format!("`{path}` is not valid YAML"))
    }
}

/// Returns the SHA-256 digest of a text.
pub fn digest(text: &str) -> String {
    hex(&Sha256::digest(text.as_bytes()))
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

fn read(folder: &Path, path: &str) -> Result<String> {
    meshsynth_assembly::read_text(folder, path)
}

/// Checks the names in the bindings, because they are printed.
fn check_bindings(bindings: &BTreeMap<String, Binding>) -> Result<()> {
    let lookups = bindings.values().filter_map(|it| it.lookup.as_ref()).flat_map(|it| [&it.call, &it.field]);
    let names = bindings.iter().flat_map(|(key, it)| [key, &it.stack, &it.output]);
    match names.chain(lookups).find(|text| text.is_empty() || text.contains(char::is_control)) {
        Some(text) => bail!("`bindings.json` contains {text:?}, which is empty or has a control character"),
        None => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::{NestedStack, take_nested_stacks};
    use serde_json::json;

    #[test]
    fn parent_stacks_deploy_nested_stacks() {
        let parent = json!({ "resource": "Mails", "stack": "shop" });
        let mut manifest = json!({ "stacks": [
            { "id": "shop", "template": "shop.template.json" },
            { "id": "shop/mails/template", "template": "shop-mails.nested.template.json", "parent": parent },
        ] });
        let nested = take_nested_stacks(&mut manifest);
        let (parent, resource) = ("shop".to_owned(), "Mails".to_owned());
        assert_eq!(nested, [NestedStack { parent, resource, template: "shop-mails.nested.template.json".to_owned() }]);
        assert_eq!(manifest["stacks"].as_array().unwrap().len(), 1);
    }
}
