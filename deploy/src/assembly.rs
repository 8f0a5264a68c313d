//! What a deployment needs of an assembly on disk.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Component, Path, PathBuf};

use anyhow::{Context, Result, bail};
pub use meshsynth_assembly::{Cluster, Manifest, Object, Release, Resource, Stack};
use meshsynth_diff::Rest;
use serde::Deserialize;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

/// The format of `manifest.json` that is read.
const FORMAT_VERSION: u64 = 1;

/// A synthesized platform in a folder.
#[derive(Clone, Debug)]
pub struct Assembly {
    /// Where its files are.
    pub folder: PathBuf,
    /// What `manifest.json` says.
    pub manifest: Manifest,
    /// The text of each file that the manifest lists, by path.
    pub files: BTreeMap<String, String>,
    /// What fills the placeholders, by placeholder.
    pub bindings: BTreeMap<String, Binding>,
}

/// What fills a placeholder.
#[derive(Clone, Debug, Deserialize, PartialEq)]
pub struct Binding {
    /// The id of the stack.
    pub stack: String,
    /// Its output.
    pub output: String,
    /// What is asked with that output, where the output itself is not the value.
    pub lookup: Option<Lookup>,
}

/// A call for what CloudFormation does not tell.
#[derive(Clone, Debug, Deserialize, PartialEq, Eq, PartialOrd, Ord)]
pub struct Lookup {
    /// Such as `kafka:GetBootstrapBrokers`.
    pub call: String,
    /// The field of its answer.
    pub field: String,
}

impl Assembly {
    /// Reads the folder, with every file that its manifest lists.
    pub fn read(folder: &Path) -> Result<Self> {
        let text = read(folder, "manifest.json")?;
        let value: Value = serde_json::from_str(&text).context("`manifest.json` is not valid JSON")?;
        match value["format_version"].as_u64() {
            Some(FORMAT_VERSION) => {}
            Some(version) => {
                bail!("`manifest.json` is of format {version}, and this meshsynth supports format {FORMAT_VERSION}")
            }
            None => bail!("`manifest.json` says no `format_version`"),
        }
        let manifest: Manifest = serde_json::from_value(value).context("`manifest.json` is not of format 1")?;
        let mut files = BTreeMap::new();
        for path in &manifest.files {
            if !Path::new(path).components().all(|part| matches!(part, Component::Normal(_))) {
                bail!("`manifest.json` lists `{path}`, which is not below its folder");
            }
            files.insert(path.clone(), read(folder, path)?);
        }
        for path in manifest.named_files() {
            if !files.contains_key(path) {
                bail!("`manifest.json` names `{path}`, which is not in its list of files");
            }
        }
        let bindings =
            serde_json::from_str(&read(folder, "bindings.json")?).context("`bindings.json` is not readable")?;
        Ok(Self { folder: folder.to_owned(), manifest, files, bindings })
    }

    /// The template of a stack, as text.
    pub fn template(&self, stack: &Stack) -> &str {
        &self.files[&stack.template]
    }

    /// A document of the assembly: JSON or YAML, as its name ends.
    pub fn document(&self, path: &str) -> Result<Value> {
        let text = self.files.get(path).with_context(|| format!("there is no `{path}` in the assembly"))?;
        parse(path, text)
    }

    /// What fills the placeholders, as `bindings.json` says it.
    pub fn bindings_value(&self) -> Value {
        let row = |it: &Binding| json!({ "stack": it.stack, "output": it.output });
        self.bindings.iter().map(|(name, it)| (name.clone(), row(it))).collect()
    }

    /// The whole platform, for a judgement of one of its parts.
    pub fn rest<'a>(&'a self, bindings: &'a Value) -> Rest<'a> {
        Rest { manifest: &self.manifest, files: &self.files, bindings }
    }

    /// The stack with an id.
    pub fn stack(&self, id: &str) -> Option<&Stack> {
        self.manifest.stacks.iter().find(|stack| stack.id == id)
    }

    /// The digest of everything that is deployed.
    pub fn digest(&self) -> String {
        let mut hash = Sha256::new();
        for (path, text) in &self.files {
            hash.update(format!("{path}\n{}\n{text}", text.len()));
        }
        hash.update(format!("{:?}", self.bindings));
        hex(&hash.finalize())
    }
}

/// Reads a JSON or YAML text, as the name of its file ends.
pub fn parse(path: &str, text: &str) -> Result<Value> {
    if path.ends_with(".json") {
        serde_json::from_str(text).with_context(|| format!("`{path}` is not valid JSON"))
    } else {
        serde_yaml::from_str(text).with_context(|| format!("`{path}` is not valid YAML"))
    }
}

/// The SHA-256 of a text.
pub fn digest(text: &str) -> String {
    hex(&Sha256::digest(text.as_bytes()))
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

fn read(folder: &Path, path: &str) -> Result<String> {
    fs::read_to_string(folder.join(path)).with_context(|| format!("cannot read `{path}`"))
}
