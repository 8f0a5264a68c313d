//! One side of a comparison: an assembly in memory, its documents read as they are asked for.

use std::collections::{BTreeMap, BTreeSet, HashSet};
use std::fmt::Display;
use std::path::Path;
use std::sync::OnceLock;
use std::sync::atomic::{AtomicU64, Ordering};
use std::thread;

use anyhow::{Context, Result, bail};
use serde_json::{Value, json};

use crate::assembly::{self, Manifest, Stack};
use crate::os;
use crate::problem::Problem;
use crate::shell::bytes;

/// More than this is no assembly that anybody deploys.
const MAX_BYTES: u64 = 1 << 30;
/// So many files are worth a thread.
const PER_THREAD: usize = 500;
const BINDINGS: &str = "bindings.json";
const GRAPH: &str = "graph.json";

/// An assembly in memory.
#[derive(Debug)]
pub struct Side {
    /// What it is, for people.
    pub label: String,
    pub manifest: Manifest,
    /// Placeholders, and the outputs that fill them.
    pub bindings: Value,
    /// Who calls, reads and writes whom, as it is written; empty where nothing tells.
    pub graph: String,
    files: BTreeMap<String, Document>,
}

/// A file, and what it says once somebody asked.
#[derive(Debug)]
struct Document {
    text: String,
    value: OnceLock<Value>,
}

impl Side {
    /// Reads an assembly with everything that its manifest names.
    pub fn read(folder: &Path, label: String) -> Result<Self> {
        let manifest = assembly::read_manifest(folder)?;
        let total = AtomicU64::new(0);
        let mut files = read_all(folder, &manifest.files, &total)?;
        let bindings = read_all(folder, &[BINDINGS.to_owned()], &total)?.remove(BINDINGS).unwrap_or_default();
        let bindings = parse(BINDINGS, &bindings)?;
        // An assembly without a picture still compares.
        let graph = read_all(folder, &[GRAPH.to_owned()], &total).ok().and_then(|mut files| files.remove(GRAPH));
        let files = manifest
            .files
            .iter()
            .map(|path| {
                let text = files.remove(path).unwrap_or_default();
                (path.clone(), Document { text, value: OnceLock::new() })
            })
            .collect();
        Ok(Self { label, manifest, bindings, graph: graph.unwrap_or_default(), files })
    }

    /// A platform that is not there yet: everything of the other side is new.
    pub fn empty(label: String, app: &str) -> Self {
        let manifest = Manifest { app: app.to_owned(), stacks: Vec::new(), clusters: Vec::new(), files: Vec::new() };
        Self { label, manifest, bindings: json!({}), graph: String::new(), files: BTreeMap::new() }
    }

    /// A template, a manifest or the values of a release.
    pub fn document(&self, path: &str) -> &Value {
        static NOTHING: Value = Value::Null;
        let Some(document) = self.files.get(path) else { return &NOTHING };
        // What cannot be parsed is told by `Pair::new`, or is the same on both sides.
        document.value.get_or_init(|| parse(path, &document.text).unwrap_or_default())
    }

    /// A file as it is written.
    pub fn text(&self, path: &str) -> &str {
        self.files.get(path).map_or("", |document| document.text.as_str())
    }

    /// The template of a stack.
    pub fn template(&self, stack: &Stack) -> &Value {
        self.document(&stack.template)
    }

    /// The stack at a path in the program.
    pub fn stack(&self, id: &str) -> Option<&Stack> {
        self.manifest.stacks.iter().find(|stack| stack.id == id)
    }

    /// The resources of a stack by logical id.
    pub fn resources_of<'a>(&'a self, stack: &'a Stack) -> impl Iterator<Item = (&'a Stack, &'a String, &'a Value)> {
        let resources = self.template(stack)["Resources"].as_object();
        resources.into_iter().flatten().map(move |(id, resource)| (stack, id, resource))
    }

    /// The stack and output behind the name of an export, the stacks that `from` needs first.
    pub fn export(&self, from: &Stack, name: &str) -> Option<(&Stack, &str, &Value)> {
        let quoted = [format!("\"{name}\""), format!(" {name}\n")];
        let is_near = |stack: &&Stack| from.needs.contains(&stack.id);
        let (near, far): (Vec<&Stack>, Vec<&Stack>) = self.manifest.stacks.iter().partition(is_near);
        near.into_iter().chain(far).find_map(|stack| {
            let text = self.text(&stack.template);
            if !quoted.iter().any(|name| text.contains(name.as_str())) {
                return None;
            }
            let outputs = self.template(stack)["Outputs"].as_object()?;
            let (output, value) = outputs.iter().find(|(_, output)| output["Export"]["Name"] == name)?;
            Some((stack, output.as_str(), &value["Value"]))
        })
    }

    fn check(&self, path: &str) -> Result<()> {
        let value = parse(path, self.text(path))?;
        let is_template = self.manifest.stacks.iter().any(|stack| stack.template == path);
        if is_template && !value["Resources"].is_object() {
            bail!("`{path}` has no `Resources`");
        }
        let is_object = self.manifest.clusters.iter().flat_map(|it| &it.objects).any(|object| object.path == path);
        if is_object && (!value["kind"].is_string() || !value["metadata"]["name"].is_string()) {
            bail!("`{path}` is no Kubernetes object");
        }
        let _ = self.files[path].value.set(value);
        Ok(())
    }

    #[cfg(test)]
    pub fn set(&mut self, path: &str, value: Value) {
        self.files.insert(path.to_owned(), Document { text: value.to_string(), value: OnceLock::from(value) });
    }

    #[cfg(test)]
    pub fn paths(&self) -> Vec<String> {
        self.files.keys().cloned().collect()
    }
}

/// Two sides, and which files are the same on both.
pub struct Pair<'a> {
    pub base: &'a Side,
    pub head: &'a Side,
    same: HashSet<&'a str>,
    quiet: BTreeSet<&'a str>,
}

impl<'a> Pair<'a> {
    /// Compares all files; whatever differs must be whole.
    pub fn new(base: &'a Side, head: &'a Side) -> Result<Self> {
        let is_same = |(path, document): &(&String, &Document)| {
            head.files.get(*path).is_some_and(|other| other.text == document.text)
        };
        let same: HashSet<&str> = base.files.iter().filter(is_same).map(|(path, _)| path.as_str()).collect();
        for side in [base, head] {
            let changed: Vec<&String> = side.files.keys().filter(|path| !same.contains(path.as_str())).collect();
            for path in changed {
                side.check(path).map_err(|error| unreadable(&side.label, &error))?;
            }
        }
        let is_quiet = |stack: &&Stack| {
            let Some(other) = head.stack(&stack.id) else { return false };
            is_same_stack(stack, other)
                && stack.tags == other.tags
                && stack.template == other.template
                && same.contains(stack.template.as_str())
        };
        let quiet = base.manifest.stacks.iter().filter(is_quiet).map(|stack| stack.id.as_str()).collect();
        Ok(Self { base, head, same, quiet })
    }

    /// Whether a file is the same on both sides, byte by byte.
    pub fn is_same(&self, path: &str) -> bool {
        self.same.contains(path)
    }

    /// The stacks of a side that differ in anything.
    pub fn stacks<'s>(&'s self, side: &'s Side) -> impl Iterator<Item = &'s Stack> {
        side.manifest.stacks.iter().filter(|stack| !self.quiet.contains(stack.id.as_str()))
    }

    /// Their resources.
    pub fn resources<'s>(&'s self, side: &'s Side) -> impl Iterator<Item = (&'s Stack, &'s String, &'s Value)> {
        self.stacks(side).flat_map(|stack| side.resources_of(stack))
    }
}

/// Whether CloudFormation sees one stack in both.
pub fn is_same_stack(a: &Stack, b: &Stack) -> bool {
    (&a.name, &a.region, &a.account) == (&b.name, &b.region, &b.account)
}

/// An assembly that cannot be compared.
pub fn unreadable(label: &str, error: &anyhow::Error) -> anyhow::Error {
    let help = error.downcast_ref::<Problem>().and_then(|problem| problem.help.clone());
    let help = help.unwrap_or_else(|| "synthesize it again".to_owned());
    Problem::setting(format!("cannot read the assembly {label}: {error:#}")).help(help).into()
}

/// The path of a resource in the program, its logical id where that is not told.
pub fn construct<'a>(stack: &'a Stack, id: &'a str) -> &'a str {
    match stack.resources.get(id) {
        // A construct's main resource goes by the name of the construct.
        Some(row) if !row.construct.is_empty() => row.construct.trim_end_matches("/resource"),
        _ => id,
    }
}

fn read_all(folder: &Path, paths: &[String], total: &AtomicU64) -> Result<BTreeMap<String, String>> {
    let some = |paths: &[String]| -> Result<Vec<(String, String)>> {
        let read = |path: &String| Ok((path.clone(), read(folder, path, total)?));
        paths.iter().map(read).collect()
    };
    let n_threads = thread::available_parallelism().map_or(1, usize::from).min(paths.len() / PER_THREAD).max(1);
    if n_threads == 1 {
        return Ok(some(paths)?.into_iter().collect());
    }
    let chunks = thread::scope(|scope| {
        let threads: Vec<_> =
            paths.chunks(paths.len().div_ceil(n_threads)).map(|paths| scope.spawn(move || some(paths))).collect();
        threads.into_iter().map(|thread| thread.join().expect("reading files never panics")).collect::<Vec<_>>()
    });
    let mut files = BTreeMap::new();
    for chunk in chunks {
        files.extend(chunk?);
    }
    Ok(files)
}

fn read(folder: &Path, path: &str, total: &AtomicU64) -> Result<String> {
    use std::io::Read;

    assembly::check_inside(path)?;
    let mut file = os::open_file(&folder.join(path)).map_err(|error| broken(path, &error))?;
    let metadata = file.metadata().map_err(|error| broken(path, &error))?;
    if !metadata.is_file() {
        bail!("`{path}` is no file");
    }
    let sum = total.fetch_add(metadata.len(), Ordering::Relaxed) + metadata.len();
    if sum > MAX_BYTES {
        let text = format!("it is larger than {}, too large for an assembly", bytes(MAX_BYTES));
        return Err(Problem::setting(text)
            .help("is it the right folder? A platform of 1000 services has 30 MB")
            .into());
    }
    // As long as it was said to be: thousands of files are worth a call less each.
    let mut bytes = vec![0; usize::try_from(metadata.len()).unwrap_or_default()];
    file.read_exact(&mut bytes).map_err(|error| broken(path, &error))?;
    String::from_utf8(bytes).map_err(|error| broken(path, &error))
}

fn broken(path: &str, error: &dyn Display) -> anyhow::Error {
    anyhow::anyhow!("cannot read `{path}`: {error}")
}

fn parse(path: &str, text: &str) -> Result<Value> {
    if path.ends_with(".json") {
        serde_json::from_str(text).with_context(|| format!("`{path}` is no JSON"))
    } else {
        serde_yaml::from_str(text).with_context(|| format!("`{path}` is no YAML"))
    }
}
