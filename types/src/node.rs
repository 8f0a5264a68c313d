//! What a node of the tree can be.

use std::borrow::Cow;

use crate::diagram::DiagramNode;
use crate::name::hash8;
use crate::smoke_test::SmokeCheck;
use crate::tree::{At, NodeId};
use crate::val::{Bag, Data, Key};

/// One node of the construct tree.
pub struct Node {
    /// Unique among its siblings.
    pub id: Box<str>,
    /// Its id as the user wrote it, where another one stands in for it.
    pub written_id: Option<Box<str>>,
    /// The node that has its id already, where there is one.
    pub twin_of: Option<NodeId>,
    /// The node that it was defined in; none for the app.
    pub parent: Option<NodeId>,
    /// The user's line that defined it.
    pub at: At,
    /// What it is.
    pub kind: Kind,
    /// The Kubernetes cluster that objects below it go to, where that changes here.
    pub target: Option<NodeId>,
    /// The namespace of objects below it, where that changes here.
    pub namespace: Option<Box<str>>,
    /// What must be ready before the objects below it are applied.
    pub after: Vec<NodeId>,
    /// What the objects below it need beside them, wherever that lies: it is applied no later.
    pub needs: Vec<NodeId>,
    /// Items for lists of the body, folded when the tree is frozen.
    pub additions: Vec<(&'static str, Data)>,
    /// The user's lines that set keys of maps in the body: path, key, line.
    pub puts: Vec<(&'static str, Key, At)>,
    /// What it is in a picture of the platform, where it says so.
    pub diagram: Option<Box<DiagramNode>>,
    /// What must hold of it once it is deployed.
    pub smoke_checks: Vec<SmokeCheck>,
}

/// The kinds of nodes.
pub enum Kind {
    /// The root.
    App,
    /// A group: whatever a user or a construct puts together.
    Construct,
    /// A CloudFormation stack.
    Stack(Stack),
    /// A Kubernetes cluster to which manifests go.
    Target(Target),
    /// A CloudFormation resource.
    Resource(Box<Resource>),
    /// A Kubernetes object.
    Object(Box<Object>),
    /// A Helm release.
    Release(Box<Release>),
}

/// Where a stack is deployed.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Env {
    /// The account's 12 digits; left open, the deploying credentials decide.
    pub account: Option<String>,
    /// The region, such as `ap-northeast-1`.
    pub region: String,
}

impl Env {
    /// A region in the account of whoever deploys.
    pub fn region(region: &str) -> Self {
        Self { account: None, region: region.to_owned() }
    }

    /// A region in a known account (12 digits).
    pub fn new(account: &str, region: &str) -> Self {
        Self { account: Some(account.to_owned()), region: region.to_owned() }
    }
}

/// A CloudFormation stack.
#[derive(Default)]
pub struct Stack {
    /// Its name in AWS.
    pub name: String,
    /// Where it is deployed.
    pub env: Env,
    /// Whether nothing tells its region, and that of `env` is a stand-in: a template may be deployed anywhere.
    pub is_region_assumed: bool,
    /// What it says about itself.
    pub description: String,
    /// Outputs that the user asked for: name, value.
    pub outputs: Vec<(String, Data)>,
    /// Tags for everything in it.
    pub tags: Vec<(String, String)>,
    /// Stacks that must be deployed before.
    pub depends_on: Vec<NodeId>,
    /// Whether it was there before the program: nothing is added to its resources.
    pub is_adopted: bool,
    /// Logical ids that must be kept, by the paths of resources within it.
    pub logical_ids: Vec<LogicalId>,
    /// Entries of other sections of its template, as they are: section, logical id, value.
    pub entries: Vec<(&'static str, String, Data)>,
    /// Whole sections of its template, as they are: name, value.
    pub sections: Vec<(&'static str, Data)>,
}

/// A logical id that must be kept, from a stack that existed before.
pub struct LogicalId {
    /// The path of the resource within the stack, or that of the construct whose main resource it is.
    pub path: String,
    /// The logical id.
    pub id: String,
    /// Where it is said.
    pub at: At,
}

/// Transforms of AWS after which the properties of other resources are what the template says.
const KNOWN_TRANSFORMS: [&str; 4] =
    ["AWS::LanguageExtensions", "AWS::Serverless-", "AWS::CodeDeployBlueGreen", "AWS::SecretsManager-"];

impl Stack {
    /// Whether a macro, or a part of another file, may make something else of its resources.
    pub fn has_macro(&self) -> bool {
        let is_macro = |name: &Data| {
            let known = |name: &str| KNOWN_TRANSFORMS.iter().any(|known| name.starts_with(known));
            name.as_str().is_none_or(|name| !known(name))
        };
        let is_function = |name: &str| name == "Fn::Transform";
        self.entries.iter().any(|(_, id, _)| is_function(id))
            || self.sections.iter().any(|(name, value)| match (*name, value) {
                ("Transform", Data::List(names)) => names.iter().any(is_macro),
                ("Transform", name) => is_macro(name),
                (name, _) => is_function(name),
            })
    }
}

/// A Kubernetes cluster to which manifests go.
#[derive(Default)]
pub struct Target {
    /// Its name: known, or an attribute.
    pub name: Data,
    /// Its Kubernetes version, such as `1.36`.
    pub version: String,
    /// What somebody else installs there, such as `keda`.
    pub provided: Vec<&'static str>,
    /// Namespaces with objects that could not be read: what is not found there is not missing.
    pub known_in_part: Vec<String>,
    /// Objects that somebody else makes: kind, namespace, name.
    pub existing: Vec<(&'static str, String, String)>,
    /// Whether it is one of the platform only where objects or releases go to it: its resources were there before them.
    pub is_bare: bool,
}

/// A CloudFormation resource.
#[derive(Default)]
pub struct Resource {
    /// The type, such as `AWS::EC2::VPC`.
    pub type_name: Cow<'static, str>,
    /// Its properties.
    pub props: Bag,
    /// What happens to it when it leaves the stack or is replaced.
    pub on_delete: OnDelete,
    /// Resources of the same stack that must exist before, beside those it refers to.
    pub depends_on: Vec<NodeId>,
    /// A logical id that must be kept, from a stack that existed before.
    pub logical_id: Option<String>,
    /// Paths that a user patched past the typed properties.
    pub patches: Vec<String>,
    /// What other tools read: written as `Metadata`.
    pub metadata: Bag,
    /// Attributes beside its properties, as they are, such as `Condition` and `CreationPolicy`.
    pub attributes: Bag,
}

/// What happens to a resource when it leaves its stack or is replaced.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum OnDelete {
    /// Nothing was said: CloudFormation deletes it. For what holds data that is a warning.
    #[default]
    Unset,
    /// It is deleted, and that is meant.
    Delete,
    /// It is kept and no longer managed. What a failed first creation left behind is deleted (`RetainExceptOnCreate`).
    Retain,
    /// It is kept in every case, also after a failed first creation (`Retain`), as the CDK writes it.
    RetainAlways,
    /// It is deleted after a snapshot was taken.
    Snapshot,
}

/// A Kubernetes object.
pub struct Object {
    /// Its `apiVersion`.
    pub api_version: Cow<'static, str>,
    /// Its `kind`.
    pub kind: Cow<'static, str>,
    /// Its name.
    pub name: String,
    /// Its namespace, set on freezing from the scope where it is not given.
    pub namespace: Option<String>,
    /// Whether its kind lives in a namespace.
    pub namespaced: bool,
    /// When it is applied.
    pub wave: Wave,
    /// Whether its name ends with the hash of its `spec`: what cannot change is then made anew.
    pub is_named_by_content: bool,
    /// Everything beside `apiVersion`, `kind`, `metadata.name` and `metadata.namespace`.
    pub body: Bag,
}

/// The order in which objects are applied to a cluster.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Wave {
    /// Namespaces.
    Namespaces,
    /// Definitions of custom resources.
    Crds,
    /// Helm releases.
    Releases,
    /// What workloads need: configuration, identities, policies.
    Configuration,
    /// What runs ahead of the workloads, which wait for it: the number of its folder, 31 to 39.
    Before(u8),
    /// What runs.
    Workloads,
    /// How it is reached.
    Routes,
    /// What scales it.
    Scalers,
}

impl Wave {
    /// The folder of the wave, such as `40-workloads`.
    pub fn folder(self) -> &'static str {
        match self {
            Wave::Namespaces => "00-namespaces",
            Wave::Crds => "10-crds",
            Wave::Releases => "20-releases",
            Wave::Configuration => "30-configuration",
            Wave::Before(31) => "31-before-workloads",
            Wave::Before(32) => "32-before-workloads",
            Wave::Before(33) => "33-before-workloads",
            Wave::Before(34) => "34-before-workloads",
            Wave::Before(35) => "35-before-workloads",
            Wave::Before(36) => "36-before-workloads",
            Wave::Before(37) => "37-before-workloads",
            Wave::Before(38) => "38-before-workloads",
            Wave::Before(_) => "39-before-workloads",
            Wave::Workloads => "40-workloads",
            Wave::Routes => "50-routes",
            Wave::Scalers => "60-scalers",
        }
    }
}

/// A Helm release.
pub struct Release {
    /// Its name.
    pub name: String,
    /// Its namespace.
    pub namespace: String,
    /// The chart's repository: an https or oci URL.
    pub repository: String,
    /// The chart.
    pub chart: String,
    /// The chart's exact version.
    pub version: String,
    /// The values that differ from the chart's own.
    pub values: Bag,
    /// Releases and objects that must be ready before.
    pub depends_on: Vec<NodeId>,
}

/// An edge of the platform's graph.
#[derive(Clone, Debug)]
pub struct Edge {
    /// Who calls, reads or writes.
    pub from: NodeId,
    /// What is called, read or written.
    pub to: NodeId,
    /// What the edge is.
    pub kind: EdgeKind,
    /// The port it goes to, where it is network.
    pub port: Option<u16>,
    /// The user's line that declared it.
    pub at: At,
}

/// What an edge of the graph is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum EdgeKind {
    /// A workload calls another.
    Call,
    /// A workload connects to a data store.
    Data,
    /// A principal may act on a resource.
    Grant,
    /// Traffic from outside is led on.
    Entry,
    /// What is written here is copied there.
    Replication,
    /// A workload is deployed once another is ready.
    Order,
}

impl EdgeKind {
    /// The word for it in `graph.json`.
    pub fn word(self) -> &'static str {
        match self {
            EdgeKind::Call => "call",
            EdgeKind::Data => "data",
            EdgeKind::Grant => "grant",
            EdgeKind::Entry => "entry",
            EdgeKind::Replication => "replication",
            EdgeKind::Order => "order",
        }
    }
}

impl Node {
    pub(crate) fn new(id: &str, parent: Option<NodeId>, at: At, kind: Kind) -> Self {
        Self {
            id: id.into(),
            written_id: None,
            twin_of: None,
            parent,
            at,
            kind,
            target: None,
            namespace: None,
            after: Vec::new(),
            needs: Vec::new(),
            additions: Vec::new(),
            puts: Vec::new(),
            diagram: None,
            smoke_checks: Vec::new(),
        }
    }

    /// Its id as the user wrote it.
    pub fn shown(&self) -> &str {
        self.written_id.as_deref().unwrap_or(&self.id)
    }

    /// Replaces an id that is not valid or is taken by one of which every name can be made.
    pub(crate) fn stand_in(&mut self, number: NodeId) {
        let start: String = self.id.chars().filter(char::is_ascii_alphabetic).take(12).collect();
        let id = format!("{}-x{}", start.to_ascii_lowercase(), hash8(&format!("{} {}", number.idx(), self.id)));
        let id = id.trim_start_matches('-');
        self.written_id = Some(std::mem::replace(&mut self.id, id.into()));
    }
}

impl Kind {
    /// The properties of a resource, the body of an object, the values of a release.
    pub fn body(&self) -> Option<&Bag> {
        match self {
            Kind::Resource(resource) => Some(&resource.props),
            Kind::Object(object) => Some(&object.body),
            Kind::Release(release) => Some(&release.values),
            _ => None,
        }
    }

    /// The same, to be changed.
    pub fn body_mut(&mut self) -> Option<&mut Bag> {
        match self {
            Kind::Resource(resource) => Some(&mut resource.props),
            Kind::Object(object) => Some(&mut object.body),
            Kind::Release(release) => Some(&mut release.values),
            _ => None,
        }
    }
}
