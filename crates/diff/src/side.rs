//! One side of a comparison: an assembly in memory whose documents are parsed on demand.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use std::sync::{Arc, Mutex, OnceLock};
use std::{fmt, thread};

use anyhow::{Context, Result, bail};
use meshsynth_assembly::{Manifest, Stack};
use meshsynth_model::diag::Diagnostic;
use meshsynth_model::problem::Problem;
use serde_json::{Value, json};

use crate::resolve;
use crate::text::Text;
use crate::texts::{BINDINGS, Texts};

/// An assembly in memory.
#[derive(Debug)]
pub struct Side {
    /// Its name in reports.
    pub label: String,
    /// The content of `manifest.json`.
    pub manifest: Manifest,
    /// The placeholders with their outputs.
    pub bindings: Value,
    /// The unparsed graph of calls, reads and writes. Empty if there is none.
    pub graph: Text,
    /// The recorded rule findings, or `None` if synthesis recorded none.
    pub findings: Option<Vec<Diagnostic>>,
    /// Remarks for the user.
    pub notes: Vec<String>,
    /// The unreadable parts, which are not compared.
    pub unread: Vec<String>,
    files: BTreeMap<String, Arc<Document>>,
    exports: Exports,
}

/// The indices of stacks, by importing stack and export name. `None` if no stack has the export.
type Exports = Mutex<HashMap<(String, String), Option<usize>>>;

/// A file that is parsed on demand.
#[derive(Debug)]
struct Document {
    text: Text,
    value: OnceLock<Value>,
    /// The template with resolved parameters, mappings and conditions, or `None` if it has none.
    resolved: OnceLock<Option<Value>>,
    /// The parser for the text, or `None` for plain JSON and YAML.
    read: Option<Read>,
}

/// A parser for a file of another tool, which runs on demand.
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
    /// Creates a side from the texts of an assembly. Documents are parsed on demand.
    pub fn new(texts: Texts) -> Result<Self> {
        let findings = texts.findings();
        let Texts { label, manifest, bindings, graph, files, .. } = texts;
        let manifest = meshsynth_assembly::parse_manifest(&manifest)?;
        let bindings = parse(BINDINGS, &bindings)?;
        let files = files.into_iter().map(|(path, text)| (path, Arc::new(Document::new(text, OnceLock::new()))));
        let (notes, unread, files) = (Vec::new(), Vec::new(), files.collect());
        Ok(Self { label, manifest, bindings, graph, findings, notes, unread, files, exports: Exports::default() })
    }

    /// Creates an empty platform, so that everything on the other side is new.
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

    /// Returns a side with the same documents, which are shared.
    pub fn shared(&self) -> Self {
        Self {
            label: self.label.clone(),
            manifest: self.manifest.clone(),
            bindings: self.bindings.clone(),
            graph: self.graph.clone(),
            findings: self.findings.clone(),
            notes: self.notes.clone(),
            unread: self.unread.clone(),
            files: self.files.clone(),
            exports: Exports::default(),
        }
    }

    /// Adds a parsed file.
    pub fn add(&mut self, path: &str, text: String, value: Value) {
        self.files.insert(path.to_owned(), Arc::new(Document::new(text.into(), OnceLock::from(value))));
    }

    /// Adds a file that is parsed on demand.
    pub fn add_text(&mut self, path: &str, text: String) {
        self.files.insert(path.to_owned(), Arc::new(Document::new(text.into(), OnceLock::new())));
    }

    /// Adds a file with a custom parser that runs on demand.
    pub fn add_unread(&mut self, path: &str, text: String, read: Read) {
        let document = Document { read: Some(read), ..Document::new(text.into(), OnceLock::new()) };
        self.files.insert(path.to_owned(), Arc::new(document));
    }

    /// Sets the content of a file as it is applied. Its text is unchanged.
    pub fn fill(&mut self, path: &str, value: Value) {
        if let Some(document) = self.files.get_mut(path) {
            *document = Arc::new(Document::new(document.text.clone(), OnceLock::from(value)));
        }
    }

    /// Returns a template, a manifest or the values of a release.
    pub fn document(&self, path: &str) -> &Value {
        static NOTHING: Value = Value::Null;
        let Some(document) = self.files.get(path) else { return &NOTHING };
        // `Pair::new` reports unparseable files, unless they are the same on both sides.
        document.value.get_or_init(|| document.parse(path).unwrap_or_default())
    }

    /// Returns the text of a file.
    pub fn text(&self, path: &str) -> &str {
        self.files.get(path).map_or("", |document| &*document.text)
    }

    /// Returns the template of a stack, resolved with the defaults of its parameters.
    pub fn template(&self, stack: &Stack) -> &Value {
        let raw = self.document(&stack.template);
        let Some(document) = self.files.get(&stack.template) else { return raw };
        document.resolved.get_or_init(|| resolve::template(raw, stack)).as_ref().unwrap_or(raw)
    }

    /// Returns the stack at a path in the program.
    pub fn stack(&self, id: &str) -> Option<&Stack> {
        self.manifest.stacks.iter().find(|stack| stack.id == id)
    }

    /// Returns the stack whose output `Fn::GetStackOutput` reads, identified by account, region and name.
    pub fn read_by(&self, from: &Stack, reference: &StackOutput) -> Option<&Stack> {
        let region = reference.region.as_deref().unwrap_or(&from.region);
        let account = reference.account.as_deref().or(from.account.as_deref());
        let is_it = |stack: &&Stack| {
            stack.name == reference.stack && stack.region == region && stack.account.as_deref() == account
        };
        self.manifest.stacks.iter().find(is_it)
    }

    /// Returns the resources of a stack by logical ID.
    pub fn resources_of<'a>(&'a self, stack: &'a Stack) -> impl Iterator<Item = (&'a Stack, &'a String, &'a Value)> {
        let resources = self.template(stack)["Resources"].as_object();
        resources.into_iter().flatten().map(move |(id, resource)| (stack, id, resource))
    }

    /// Returns the stack and output of an export, preferring stacks that `from` needs.
    pub fn export(&self, from: &Stack, name: &str) -> Option<(&Stack, &str, &Value)> {
        // A template imports the same exports many times, so the results are cached.
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

    /// Returns the index of the stack with an export. Texts are searched before a document is parsed.
    fn find_export(&self, from: &Stack, name: &str) -> Option<usize> {
        let quoted = [format!("\"{name}\""), format!(" {name}\n")];
        let stacks = &self.manifest.stacks;
        // Exports are visible only in their account and region.
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

    /// Returns the role of each parsed file. All other files are text.
    fn roles(&self) -> HashMap<&str, Role> {
        let templates = self.manifest.stacks.iter().map(|stack| (stack.template.as_str(), Role::Template));
        let clusters = || self.manifest.clusters.iter();
        let objects = clusters().flat_map(|it| &it.objects).map(|object| (object.path.as_str(), Role::Object));
        let values = clusters().flat_map(|it| &it.releases).map(|release| (release.values.as_str(), Role::Values));
        templates.chain(objects).chain(values).collect()
    }

    /// Returns the files that are not parsed, such as smoke tests.
    pub fn plain_files(&self) -> impl Iterator<Item = (&str, &str)> {
        let roles = self.roles();
        let files = self.files.iter().map(|(path, document)| (path.as_str(), &*document.text));
        files.filter(move |(path, _)| !roles.contains_key(path))
    }

    /// Copies the plain files of the other side.
    pub fn take_plain_files(&mut self, other: &Self) {
        for (path, text) in other.plain_files() {
            self.files.insert(path.to_owned(), Arc::new(Document::new(text.to_owned().into(), OnceLock::new())));
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

    /// Returns the paths of all files.
    pub fn paths(&self) -> impl Iterator<Item = &str> {
        self.files.keys().map(String::as_str)
    }
}

/// The content of a parsed file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Role {
    Template,
    Object,
    Values,
}

/// Two sides, and the files that are the same on both.
pub struct Pair<'a> {
    /// The old side.
    pub base: &'a Side,
    /// The new side.
    pub head: &'a Side,
    same: HashSet<&'a str>,
    quiet: BTreeSet<&'a str>,
}

impl<'a> Pair<'a> {
    /// Compares all files. Files that differ must be valid.
    pub fn new(base: &'a Side, head: &'a Side) -> Result<Self> {
        let is_same = |(path, document): &(&String, &Arc<Document>)| {
            let same = |other: &Arc<Document>| other.text.is_one_with(&document.text) || *other.text == *document.text;
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

    /// Whether a file is identical on both sides.
    pub fn is_same(&self, path: &str) -> bool {
        self.same.contains(path)
    }

    /// Returns the changed stacks of a side.
    pub fn stacks<'s>(&'s self, side: &'s Side) -> impl Iterator<Item = &'s Stack> {
        side.manifest.stacks.iter().filter(|stack| !self.quiet.contains(stack.id.as_str()))
    }

    /// Returns the resources of the changed stacks.
    pub fn resources<'s>(&'s self, side: &'s Side) -> impl Iterator<Item = (&'s Stack, &'s String, &'s Value)> {
        self.stacks(side).flat_map(|stack| side.resources_of(stack))
    }
}

/// Whether CloudFormation treats both as one stack.
pub fn is_same_stack(a: &Stack, b: &Stack) -> bool {
    (&a.name, &a.region, &a.account) == (&b.name, &b.region, &b.account)
}

/// Whether two stacks are in the same account and region, and so share exports.
pub fn is_same_place(a: &Stack, b: &Stack) -> bool {
    (&a.region, &a.account) == (&b.region, &b.account)
}

/// The target of `Fn::GetStackOutput`.
///
/// Source: <https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/intrinsic-function-reference-getstackoutput.html>.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct StackOutput {
    /// The stack's name.
    pub stack: String,
    /// The output's name.
    pub output: String,
    /// Its region. `None` is the region of the reading stack.
    pub region: Option<String>,
    /// Its account, according to the role that reads. `None` is the account of the reading stack.
    pub account: Option<String>,
}

impl StackOutput {
    /// Parses the argument of the function. Returns `None` if it is known only at deployment.
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

/// Returns the error for an assembly that cannot be compared.
pub fn unreadable(label: &str, error: &anyhow::Error) -> anyhow::Error {
    let help = error.downcast_ref::<Problem>().and_then(|problem| problem.help.clone());
    let help = help.unwrap_or_else(|| "synthesize it again".to_owned());
    Problem::setting(format!("cannot read the assembly {label}: {error:#}")).help(help).into()
}

/// Returns the path of a resource in the program, or its logical ID if the path is unknown.
pub fn construct<'a>(stack: &'a Stack, id: &'a str) -> &'a str {
    match stack.resources.get(id) {
        // The main resource of a construct has the name of the construct.
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
