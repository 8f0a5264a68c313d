//! `manifest.json`: the parts of a platform, and the file of each part.

use std::collections::BTreeMap;

use serde::Deserialize;

/// The contents of `manifest.json`, format 1. Fields of later formats are ignored.
#[derive(Clone, Debug, Default, Deserialize)]
pub struct Manifest {
    /// The version of the format.
    #[serde(default)]
    pub format_version: Option<u64>,
    /// The name of the app, including its environment.
    pub app: String,
    /// The CloudFormation stacks, in deployment order.
    pub stacks: Vec<Stack>,
    /// The nested stacks, if the reader separates them from the stacks that it deploys itself.
    #[serde(skip)]
    pub nested_stacks: Vec<NestedStack>,
    /// The Kubernetes clusters.
    pub clusters: Vec<Cluster>,
    /// Templates, manifests and values, by path relative to the folder.
    pub files: Vec<String>,
    /// The exceptions that the program allows.
    #[serde(default)]
    pub exceptions: Vec<Exception>,
    /// The rules that the program adds to the built-in rules.
    #[serde(default)]
    pub rules: Vec<Rule>,
    /// The required and forbidden access paths.
    #[serde(default)]
    pub reach: Vec<ReachRule>,
}

/// A rule that requires or forbids access.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
pub struct ReachRule {
    /// The condition: `never`, `only` or `always`.
    pub holds: String,
    /// The sources, in the notation of `meshsynth reach`.
    pub from: Vec<String>,
    /// The target.
    pub to: String,
    /// The API action, if the rule is about one.
    #[serde(default)]
    pub action: Option<String>,
    /// The line in the user's program.
    pub source: String,
}

/// An exception that a program allows.
#[derive(Clone, Debug, Deserialize)]
pub struct Exception {
    /// The code of the finding, the check or the gate.
    pub code: String,
    /// The construct path, empty for the whole platform. The exception includes all children of the construct.
    pub what: String,
    /// The reason for the exception.
    pub reason: String,
    /// The last day of the exception, `YYYY-MM-DD`.
    pub until: String,
    /// The person who approved the exception.
    pub who: Option<String>,
    /// The line in the user's program.
    pub source: String,
    /// Whether a finding of the synthesis needs the exception.
    pub used: bool,
}

/// A custom rule of a company.
#[derive(Clone, Debug, Deserialize)]
pub struct Rule {
    /// The code, such as `ACME001`.
    pub code: String,
    /// A summary of the requirement, in one line.
    pub summary: String,
    /// The manual in Markdown. It can be empty.
    #[serde(default)]
    pub manual: String,
    /// The severity of its findings, unless the platform overrides it.
    pub severity: String,
}

/// A CloudFormation stack.
#[derive(Clone, Debug, Deserialize)]
pub struct Stack {
    /// The path in the program.
    pub id: String,
    /// The name in AWS.
    pub name: String,
    /// The account. `None` means the account of the credentials.
    pub account: Option<String>,
    /// The region.
    pub region: String,
    /// The path of the template.
    pub template: String,
    /// The tags of the stack itself.
    #[serde(default)]
    pub tags: BTreeMap<String, String>,
    /// The stacks that are deployed before this one.
    #[serde(default)]
    pub needs: Vec<String>,
    /// The resources, by logical ID.
    pub resources: BTreeMap<String, Resource>,
}

/// A nested stack, which its parent stack deploys.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NestedStack {
    /// The path of the parent stack in the program.
    pub parent: String,
    /// The logical ID of the resource that deploys it.
    pub resource: String,
    /// The path of the template.
    pub template: String,
}

/// A resource and its source.
#[derive(Clone, Debug, Default, Deserialize)]
pub struct Resource {
    /// Whether the resource contains data.
    #[serde(default)]
    pub stateful: bool,
    /// The path in the program.
    #[serde(default)]
    pub construct: String,
    /// The line in the user's program.
    #[serde(default)]
    pub source: String,
}

/// The part of the platform that is deployed to a Kubernetes cluster.
#[derive(Clone, Debug, Deserialize)]
pub struct Cluster {
    /// The name of the folder.
    pub id: String,
    /// The name in AWS, or a placeholder if the name is known only after deployment.
    pub name: String,
    /// The account. `None` means the account of the credentials.
    #[serde(default)]
    pub account: Option<String>,
    /// The region. `None` for a cluster outside of AWS.
    pub region: Option<String>,
    /// The Kubernetes version, such as `1.36`. It is empty in older assemblies.
    #[serde(default)]
    pub version: String,
    /// The IDs of the stacks that are deployed before the cluster.
    #[serde(default)]
    pub needs: Vec<String>,
    /// The manifests.
    pub objects: Vec<Object>,
    /// The Helm releases.
    pub releases: Vec<Release>,
}

impl Cluster {
    /// Creates a cluster that is known only by its name.
    pub fn called(id: &str) -> Self {
        Self {
            id: id.to_owned(),
            name: id.to_owned(),
            account: None,
            region: None,
            version: String::new(),
            needs: Vec::new(),
            objects: Vec::new(),
            releases: Vec::new(),
        }
    }
}

/// A Kubernetes manifest.
#[derive(Clone, Debug, Default, Deserialize)]
pub struct Object {
    /// The path relative to the folder.
    pub path: String,
    /// The kind. It is empty in older assemblies.
    #[serde(default)]
    pub kind: String,
    /// The path in the program.
    #[serde(default)]
    pub construct: String,
    /// The line in the user's program.
    #[serde(default)]
    pub source: String,
}

/// A Helm release.
#[derive(Clone, Debug, Deserialize)]
pub struct Release {
    /// The name.
    pub name: String,
    /// The path of the values file.
    pub values: String,
    /// The chart.
    #[serde(default)]
    pub chart: String,
    /// The version of the chart.
    #[serde(default)]
    pub version: String,
    /// The chart repository.
    #[serde(default)]
    pub repository: String,
    /// The releases that are deployed before this one.
    #[serde(default)]
    pub after: Vec<String>,
    /// The namespace.
    #[serde(default)]
    pub namespace: String,
    /// The path in the program.
    #[serde(default)]
    pub construct: String,
    /// The line in the user's program.
    #[serde(default)]
    pub source: String,
}

impl Manifest {
    /// Returns the number of resources in all stacks.
    pub fn resources(&self) -> usize {
        self.stacks.iter().map(|stack| stack.resources.len()).sum()
    }

    /// Returns the number of objects in all clusters.
    pub fn objects(&self) -> usize {
        self.clusters.iter().map(|cluster| cluster.objects.len()).sum()
    }

    /// Returns the number of Helm releases in all clusters.
    pub fn releases(&self) -> usize {
        self.clusters.iter().map(|cluster| cluster.releases.len()).sum()
    }

    /// Returns the files of all stacks, objects and releases.
    pub fn named_files(&self) -> impl Iterator<Item = &str> {
        let templates = self.stacks.iter().map(|stack| &stack.template);
        let objects = self.clusters.iter().flat_map(|cluster| &cluster.objects).map(|object| &object.path);
        let values = self.clusters.iter().flat_map(|cluster| &cluster.releases).map(|release| &release.values);
        templates.chain(objects).chain(values).map(String::as_str)
    }
}
