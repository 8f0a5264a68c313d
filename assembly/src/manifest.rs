//! `manifest.json`: what a platform consists of, and in which file each part is.

use std::collections::BTreeMap;

use serde::Deserialize;

/// `manifest.json`, format 1. Fields that a later format adds are passed over.
#[derive(Clone, Debug, Default, Deserialize)]
pub struct Manifest {
    /// The version of the format.
    #[serde(default)]
    pub format_version: Option<u64>,
    /// The name of the app, its environment included.
    pub app: String,
    /// The CloudFormation stacks, in the order of deployment.
    pub stacks: Vec<Stack>,
    /// The Kubernetes clusters.
    pub clusters: Vec<Cluster>,
    /// Templates, manifests and values, by their paths below the folder.
    pub files: Vec<String>,
    /// What the program lets pass.
    #[serde(default)]
    pub exceptions: Vec<Exception>,
    /// The rules that the program adds to the built-in ones.
    #[serde(default)]
    pub rules: Vec<Rule>,
    /// Who must reach what, and who must not.
    #[serde(default)]
    pub reach: Vec<ReachRule>,
}

/// A rule about who reaches what.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
pub struct ReachRule {
    /// `never`, `only` or `always`.
    pub holds: String,
    /// Who asks, by the names that `meshsynth reach` takes.
    pub from: Vec<String>,
    /// What is asked for.
    pub to: String,
    /// The action of an API, where one is meant.
    #[serde(default)]
    pub action: Option<String>,
    /// The user's line.
    pub source: String,
}

/// What a program lets pass.
#[derive(Clone, Debug, Deserialize)]
pub struct Exception {
    /// The code of the finding, the check or the gate.
    pub code: String,
    /// The construct, for which it is with all that is below; empty for the whole platform.
    pub what: String,
    /// Why it passes.
    pub reason: String,
    /// The last day on which it passes, `YYYY-MM-DD`.
    pub until: String,
    /// Who decided it.
    pub who: Option<String>,
    /// The user's line.
    pub source: String,
    /// Whether synthesis found something that needs it.
    pub used: bool,
}

/// A rule of a company.
#[derive(Clone, Debug, Deserialize)]
pub struct Rule {
    /// Its code, such as `ACME001`.
    pub code: String,
    /// What it wants, in one line.
    pub summary: String,
    /// Its manual, in Markdown; may be empty.
    #[serde(default)]
    pub manual: String,
    /// How bad its findings are, unless the platform says otherwise.
    pub severity: String,
}

/// A CloudFormation stack.
#[derive(Clone, Debug, Deserialize)]
pub struct Stack {
    /// Its path in the program.
    pub id: String,
    /// Its name in AWS.
    pub name: String,
    /// Its account; none for the account of whoever deploys.
    pub account: Option<String>,
    /// Its region.
    pub region: String,
    /// The path of its template.
    pub template: String,
    /// The tags of the stack itself.
    #[serde(default)]
    pub tags: BTreeMap<String, String>,
    /// The stacks that go before it.
    #[serde(default)]
    pub needs: Vec<String>,
    /// Its resources by logical id.
    pub resources: BTreeMap<String, Resource>,
}

/// A resource, and where it comes from.
#[derive(Clone, Debug, Default, Deserialize)]
pub struct Resource {
    /// Whether it holds data.
    #[serde(default)]
    pub stateful: bool,
    /// Its path in the program.
    #[serde(default)]
    pub construct: String,
    /// The user's line.
    #[serde(default)]
    pub source: String,
}

/// What is deployed to a Kubernetes cluster.
#[derive(Clone, Debug, Deserialize)]
pub struct Cluster {
    /// Its folder's name.
    pub id: String,
    /// Its name in AWS; a placeholder where only a deployment tells.
    pub name: String,
    /// Its account; none for the account of whoever deploys.
    #[serde(default)]
    pub account: Option<String>,
    /// Its region; none for a cluster outside of AWS.
    pub region: Option<String>,
    /// Its version of Kubernetes, such as `1.36`; empty where an older assembly does not tell.
    #[serde(default)]
    pub version: String,
    /// The ids of the stacks that go before it.
    #[serde(default)]
    pub needs: Vec<String>,
    /// The manifests.
    pub objects: Vec<Object>,
    /// The Helm releases.
    pub releases: Vec<Release>,
}

impl Cluster {
    /// A cluster of which nothing is known but what it is called.
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
    /// Its path below the folder.
    pub path: String,
    /// Its kind; empty where an older assembly does not tell.
    #[serde(default)]
    pub kind: String,
    /// Its path in the program.
    #[serde(default)]
    pub construct: String,
    /// The user's line.
    #[serde(default)]
    pub source: String,
}

/// A Helm release.
#[derive(Clone, Debug, Deserialize)]
pub struct Release {
    /// Its name.
    pub name: String,
    /// The path of its values.
    pub values: String,
    /// The chart.
    #[serde(default)]
    pub chart: String,
    /// The version of the chart.
    #[serde(default)]
    pub version: String,
    /// Where the chart comes from.
    #[serde(default)]
    pub repository: String,
    /// The releases that go before it.
    #[serde(default)]
    pub after: Vec<String>,
    /// Its namespace.
    #[serde(default)]
    pub namespace: String,
    /// Its path in the program.
    #[serde(default)]
    pub construct: String,
    /// The user's line.
    #[serde(default)]
    pub source: String,
}

impl Manifest {
    /// The resources of all stacks.
    pub fn resources(&self) -> usize {
        self.stacks.iter().map(|stack| stack.resources.len()).sum()
    }

    /// The objects of all clusters.
    pub fn objects(&self) -> usize {
        self.clusters.iter().map(|cluster| cluster.objects.len()).sum()
    }

    /// The Helm releases of all clusters.
    pub fn releases(&self) -> usize {
        self.clusters.iter().map(|cluster| cluster.releases.len()).sum()
    }

    /// The files that stacks, objects and releases are made of.
    pub fn named_files(&self) -> impl Iterator<Item = &str> {
        let templates = self.stacks.iter().map(|stack| &stack.template);
        let objects = self.clusters.iter().flat_map(|cluster| &cluster.objects).map(|object| &object.path);
        let values = self.clusters.iter().flat_map(|cluster| &cluster.releases).map(|release| &release.values);
        templates.chain(objects).chain(values).map(String::as_str)
    }
}
