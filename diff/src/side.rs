//! One side of a comparison: an assembly in memory, its documents read as they are asked for.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use std::sync::{Arc, Mutex, OnceLock};
use std::{fmt, thread};

use anyhow::{Context, Result, bail};
use meshsynth::diag::Diagnostic;
use meshsynth_assembly::problem::Problem;
use meshsynth_assembly::{Manifest, Stack};
use serde_json::{Value, json};

use crate::resolve;
use crate::text::Text;
use crate::texts::{BINDINGS, Texts};

/// An assembly in memory.
#[derive(Debug)]
pub struct Side {
    /// What it is, for people.
    pub label: String,
    /// What `manifest.json` says.
    pub manifest: Manifest,
    /// Placeholders, and the outputs that fill them.
    pub bindings: Value,
    /// Who calls, reads and writes whom, as it is written; empty where nothing tells.
    pub graph: Text,
    /// What synthesis recorded of findings; none where nothing did.
    pub findings: Option<Vec<Diagnostic>>,
    /// What somebody should know about it.
    pub notes: Vec<String>,
    /// What of it could not be read, and is compared with nothing.
    pub unread: Vec<String>,
    files: BTreeMap<String, Document>,
    exports: Exports,
}

/// The places of stacks, by who asks and the name of an export; none where nobody exports it.
type Exports = Mutex<HashMap<(String, String), Option<usize>>>;

/// A file, and what it says once somebody asked.
#[derive(Debug)]
struct Document {
    text: Text,
    value: OnceLock<Value>,
    /// A template with its parameters, mappings and conditions resolved; none where it has none.
    resolved: OnceLock<Option<Value>>,
    /// How the text is read; none for JSON and YAML as they are.
    read: Option<Read>,
}

/// What a text of another tool says, once somebody asks.
#[derive(Clone)]
pub struct Read(pub Arc<dyn Fn(&str) -> Value + Send + Sync>);

impl fmt::Debug for Read {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("Read")
    }
}

impl Document {
    fn new(text: Text, value: OnceLock<Value>) -> Self {
        Self { text, value, resolved: OnceLock::new(), read: None }
    }

    fn parse(&self, path: &str) -> Result<Value> {
        match &self.read {
            Some(read) => Ok((read.0)(&self.text)),
            None => parse(path, &self.text),
        }
    }
}

impl Side {
    /// Reads what the texts of an assembly say, as far as everybody asks.
    pub fn new(texts: Texts) -> Result<Self> {
        let findings = texts.findings();
        let Texts { label, manifest, bindings, graph, files, .. } = texts;
        let manifest = meshsynth_assembly::parse_manifest(&manifest)?;
        let bindings = parse(BINDINGS, &bindings)?;
        let files = files.into_iter().map(|(path, text)| (path, Document::new(text, OnceLock::new())));
        let (notes, unread, files) = (Vec::new(), Vec::new(), files.collect());
        Ok(Self { label, manifest, bindings, graph, findings, notes, unread, files, exports: Exports::default() })
    }

    /// A platform that is not there yet: everything of the other side is new.
    pub fn empty(label: String, app: &str) -> Self {
        let manifest = Manifest { app: app.to_owned(), ..Manifest::default() };
        let (notes, unread, files) = (Vec::new(), Vec::new(), BTreeMap::new());
        Self {
            label,
            manifest,
            bindings: json!({}),
            graph: Text::default(),
            findings: Some(Vec::new()),
            notes,
            unread,
            files,
            exports: Exports::default(),
        }
    }

    /// Adds a file that is read already.
    pub fn add(&mut self, path: &str, text: String, value: Value) {
        self.files.insert(path.to_owned(), Document::new(text.into(), OnceLock::from(value)));
    }

    /// Adds a file that is parsed once somebody asks.
    pub fn add_text(&mut self, path: &str, text: String) {
        self.files.insert(path.to_owned(), Document::new(text.into(), OnceLock::new()));
    }

    /// Adds a file that is read in a way of its own once somebody asks.
    pub fn add_unread(&mut self, path: &str, text: String, read: Read) {
        let document = Document { read: Some(read), ..Document::new(text.into(), OnceLock::new()) };
        self.files.insert(path.to_owned(), document);
    }

    /// Says what a file comes to where it is applied; its text stays.
    pub fn fill(&mut self, path: &str, value: Value) {
        if let Some(document) = self.files.get_mut(path) {
            *document = Document::new(document.text.clone(), OnceLock::from(value));
        }
    }

    /// A template, a manifest or the values of a release.
    pub fn document(&self, path: &str) -> &Value {
        static NOTHING: Value = Value::Null;
        let Some(document) = self.files.get(path) else { return &NOTHING };
        // What cannot be parsed is told by `Pair::new`, or is the same on both sides.
        document.value.get_or_init(|| document.parse(path).unwrap_or_default())
    }

    /// A file as it is written.
    pub fn text(&self, path: &str) -> &str {
        self.files.get(path).map_or("", |document| &*document.text)
    }

    /// The template of a stack, as it is resolved with the defaults of its parameters.
    pub fn template(&self, stack: &Stack) -> &Value {
        let raw = self.document(&stack.template);
        let Some(document) = self.files.get(&stack.template) else { return raw };
        document.resolved.get_or_init(|| resolve::template(raw, stack)).as_ref().unwrap_or(raw)
    }

    /// The stack at a path in the program.
    pub fn stack(&self, id: &str) -> Option<&Stack> {
        self.manifest.stacks.iter().find(|stack| stack.id == id)
    }

    /// The stack whose output `Fn::GetStackOutput` reads: known by account, region and name.
    pub fn read_by(&self, from: &Stack, reference: &StackOutput) -> Option<&Stack> {
        let region = reference.region.as_deref().unwrap_or(&from.region);
        let account = reference.account.as_deref().or(from.account.as_deref());
        let is_it = |stack: &&Stack| {
            stack.name == reference.stack && stack.region == region && stack.account.as_deref() == account
        };
        self.manifest.stacks.iter().find(is_it)
    }

    /// The resources of a stack by logical id.
    pub fn resources_of<'a>(&'a self, stack: &'a Stack) -> impl Iterator<Item = (&'a Stack, &'a String, &'a Value)> {
        let resources = self.template(stack)["Resources"].as_object();
        resources.into_iter().flatten().map(move |(id, resource)| (stack, id, resource))
    }

    /// The stack and output behind the name of an export, the stacks that `from` needs first.
    pub fn export(&self, from: &Stack, name: &str) -> Option<(&Stack, &str, &Value)> {
        // A template names the same exports again and again.
        let key = (from.id.clone(), name.to_owned());
        let known = self.exports.lock().ok().and_then(|known| known.get(&key).copied());
        let at = known.unwrap_or_else(|| {
            let at = self.find_export(from, name);
            if let Ok(mut known) = self.exports.lock() {
                known.insert(key, at);
            }
            at
        })?;
        let stack = &self.manifest.stacks[at];
        let outputs = self.template(stack)["Outputs"].as_object()?;
        let (output, value) = outputs.iter().find(|(_, output)| output["Export"]["Name"] == name)?;
        Some((stack, output.as_str(), &value["Value"]))
    }

    /// The place of the stack with an export: texts are searched before anything is parsed.
    fn find_export(&self, from: &Stack, name: &str) -> Option<usize> {
        let quoted = [format!("\"{name}\""), format!(" {name}\n")];
        let stacks = &self.manifest.stacks;
        // Exports are known in their account and region only.
        let are_near = |at: &usize| is_same_place(&stacks[*at], from);
        let (near, far): (Vec<usize>, Vec<usize>) =
            (0..stacks.len()).filter(are_near).partition(|at| from.needs.contains(&stacks[*at].id));
        near.into_iter().chain(far).find(|at| {
            let text = self.text(&stacks[*at].template);
            quoted.iter().any(|name| text.contains(name.as_str()))
                && self.template(&stacks[*at])["Outputs"]
                    .as_object()
                    .is_some_and(|outputs| outputs.values().any(|output| output["Export"]["Name"] == name))
        })
    }

    /// The role of each file that is parsed; all others are text.
    fn roles(&self) -> HashMap<&str, Role> {
        let templates = self.manifest.stacks.iter().map(|stack| (stack.template.as_str(), Role::Template));
        let clusters = || self.manifest.clusters.iter();
        let objects = clusters().flat_map(|it| &it.objects).map(|object| (object.path.as_str(), Role::Object));
        let values = clusters().flat_map(|it| &it.releases).map(|release| (release.values.as_str(), Role::Values));
        templates.chain(objects).chain(values).collect()
    }

    /// The files that nothing parses, such as smoke tests.
    pub fn plain_files(&self) -> impl Iterator<Item = (&str, &str)> {
        let roles = self.roles();
        let files = self.files.iter().map(|(path, document)| (path.as_str(), &*document.text));
        files.filter(move |(path, _)| !roles.contains_key(path))
    }

    /// Takes over the files that only the other side can know.
    pub fn take_plain_files(&mut self, other: &Self) {
        for (path, text) in other.plain_files() {
            self.files.insert(path.to_owned(), Document::new(text.to_owned().into(), OnceLock::new()));
        }
    }

    fn check(&self, path: &str, role: Role) -> Result<()> {
        let document = &self.files[path];
        if document.value.get().is_none() {
            let _ = document.value.set(document.parse(path)?);
        }
        let value = self.document(path);
        if role == Role::Template && !value["Resources"].is_object() {
            bail!("`{path}` has no `Resources`");
        }
        if role == Role::Object && (!value["kind"].is_string() || !value["metadata"]["name"].is_string()) {
            bail!("`{path}` is not a Kubernetes object");
        }
        Ok(())
    }

    /// The paths of all files.
    pub fn paths(&self) -> impl Iterator<Item = &str> {
        self.files.keys().map(String::as_str)
    }
}

/// What a file that is parsed holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Role {
    Template,
    Object,
    Values,
}

/// Two sides, and which files are the same on both.
pub struct Pair<'a> {
    /// The old one.
    pub base: &'a Side,
    /// The new one.
    pub head: &'a Side,
    same: HashSet<&'a str>,
    quiet: BTreeSet<&'a str>,
}

impl<'a> Pair<'a> {
    /// Compares all files; whatever differs must be whole.
    pub fn new(base: &'a Side, head: &'a Side) -> Result<Self> {
        let is_same = |(path, document): &(&String, &Document)| {
            let same = |other: &Document| other.text.is_one_with(&document.text) || *other.text == *document.text;
            head.files.get(*path).is_some_and(same)
        };
        let same: HashSet<&str> = base.files.iter().filter(is_same).map(|(path, _)| path.as_str()).collect();
        let check = |side: &Side| -> Result<()> {
            let roles = side.roles();
            let changed = side.files.keys().filter(|path| !same.contains(path.as_str()));
            let parsed = changed.filter_map(|path| Some((path, *roles.get(path.as_str())?)));
            let check = |(path, role): (&String, Role)| side.check(path, role);
            parsed.map(check).find(Result::is_err).unwrap_or(Ok(())).map_err(|error| unreadable(&side.label, &error))
        };
        thread::scope(|scope| {
            let other = scope.spawn(|| check(base));
            check(head)?;
            other.join().expect("reading documents never panics")
        })?;
        let is_quiet = |stack: &&Stack| {
            let Some(other) = head.stack(&stack.id) else { return false };
            is_same_stack(stack, other)
                && stack.tags == other.tags
                && stack.needs == other.needs
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

/// Whether two stacks see the same exports.
pub fn is_same_place(a: &Stack, b: &Stack) -> bool {
    (&a.region, &a.account) == (&b.region, &b.account)
}

/// What `Fn::GetStackOutput` names.
///
/// Source: <https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/intrinsic-function-reference-getstackoutput.html>.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct StackOutput {
    /// The stack's name.
    pub stack: String,
    /// The output's name.
    pub output: String,
    /// Its region; none for that of the stack that reads.
    pub region: Option<String>,
    /// Its account, from the role that reads; none for that of the stack that reads.
    pub account: Option<String>,
}

impl StackOutput {
    /// Reads the argument of the function; none where only a deployment knows it.
    pub fn of(argument: &Value) -> Option<Self> {
        let region = match &argument["Region"] {
            Value::Null => None,
            value if value["Ref"] == "AWS::Region" => None,
            value => Some(value.as_str()?.to_owned()),
        };
        let role = argument["RoleArn"].as_str().or_else(|| argument["RoleArn"]["Fn::Sub"].as_str());
        let account = role.and_then(|role| role.replace("AWS::", "").split(':').nth(4).map(str::to_owned));
        let account = account.filter(|account| account != "${AccountId}");
        let text = |key: &str| Some(argument[key].as_str()?.to_owned());
        Some(Self { stack: text("StackName")?, output: text("OutputName")?, region, account })
    }
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

fn parse(path: &str, text: &str) -> Result<Value> {
    if path.ends_with(".json") {
        serde_json::from_str(text).with_context(|| format!("`{path}` is not valid JSON"))
    } else {
        serde_yaml::from_str(text).with_context(|| format!("`{path}` is not valid YAML"))
    }
}
