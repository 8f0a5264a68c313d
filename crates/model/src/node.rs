//! The nodes of the construct tree.

use std::borrow::Cow;

use crate::diagram::DiagramNode;
use crate::name::hash8;
use crate::smoke_test::SmokeCheck;
use crate::tree::{At, NodeId};
use crate::val::{Bag, Data, Key};

/// One node of the construct tree.
pub struct Node {
    /// The id, unique among its siblings.
    pub id: Box<str>,
    /// The id that the user wrote, if it is invalid and `id` replaces it.
    pub written_id: Option<Box<str>>,
    /// The earlier node with this id, if this node is a duplicate.
    pub twin_of: Option<NodeId>,
    /// The parent, or `None` for the app.
    pub parent: Option<NodeId>,
    /// The line in the user's code that defined it.
    pub at: At,
    /// The kind and its data.
    pub kind: Kind,
    /// The Kubernetes cluster for objects below it, if it differs from the parent's.
    pub target: Option<NodeId>,
    /// The namespace of objects below it, if it differs from the parent's.
    pub namespace: Option<Box<str>>,
    /// Nodes that must be ready before the objects below this node are applied.
    pub after: Vec<NodeId>,
    /// Nodes that the objects below this node require. They are applied before these objects or at the same time.
    pub needs: Vec<NodeId>,
    /// Items that the freeze pass adds to lists in the body.
    pub additions: Vec<(&'static str, Data)>,
    /// The lines in the user's code that set keys of maps in the body: path, key, line.
    pub puts: Vec<(&'static str, Key, At)>,
    /// Its appearance in the platform diagram, if it has one.
    pub diagram: Option<Box<DiagramNode>>,
    /// The checks after deployment.
    pub smoke_checks: Vec<SmokeCheck>,
}

/// The kinds of nodes.
pub enum Kind {
    /// The root.
    App,
    /// A group that a user or a construct defines.
    Construct,
    /// A CloudFormation stack.
    Stack(Stack),
    /// A Kubernetes cluster that receives manifests.
    Target(Target),
    /// A CloudFormation resource.
    Resource(Box<Resource>),
    /// A Kubernetes object.
    Object(Box<Object>),
    /// A Helm release.
    Release(Box<Release>),
}

/// The deployment environment of a stack.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Env {
    /// The account ID with 12 digits. If it is not set, the deployment credentials determine the account.
    pub account: Option<String>,
    /// The region, such as `ap-northeast-1`.
    pub region: String,
}

impl Env {
    /// Creates an environment from a region. The deployment credentials determine the account.
    pub fn region(region: &str) -> Self {
        Self { account: None, region: region.to_owned() }
    }

    /// Creates an environment from an account ID (12 digits) and a region.
    pub fn new(account: &str, region: &str) -> Self {
        Self { account: Some(account.to_owned()), region: region.to_owned() }
    }
}

/// A CloudFormation stack.
#[derive(Default)]
pub struct Stack {
    /// The name in AWS.
    pub name: String,
    /// The account and the region.
    pub env: Env,
    /// Whether the region is unknown, so that `env` contains a placeholder. An example is a template that can be
    /// deployed in any region.
    pub is_region_assumed: bool,
    /// The description.
    pub description: String,
    /// Outputs that the user requests: name, value.
    pub outputs: Vec<(String, Data)>,
    /// Tags for all its resources.
    pub tags: Vec<(String, String)>,
    /// Stacks that must be deployed first.
    pub depends_on: Vec<NodeId>,
    /// The resource of its parent stack that deploys it, if it is a nested stack.
    pub nested_in: Option<NodeId>,
    /// Whether it existed before the program. Its resources then receive no additions.
    pub is_adopted: bool,
    /// Logical IDs to keep, by the path of the resource in the stack.
    pub logical_ids: Vec<LogicalId>,
    /// Verbatim entries of other template sections: section, logical ID, value.
    pub entries: Vec<(&'static str, String, Data)>,
    /// Verbatim template sections: name, value.
    pub sections: Vec<(&'static str, Data)>,
}

/// A logical ID that a resource keeps from an earlier template of its stack.
pub struct LogicalId {
    /// The path of the resource in the stack, or the path of the construct whose main resource it is.
    pub path: String,
    /// The logical ID.
    pub id: String,
    /// The line that specifies it.
    pub at: At,
}

/// The AWS transforms that do not change the properties of the program's resources.
const KNOWN_TRANSFORMS: [&str; 4] =
    ["AWS::LanguageExtensions", "AWS::Serverless-", "AWS::CodeDeployBlueGreen", "AWS::SecretsManager-"];

impl Stack {
    /// Whether a macro, or an included file, may change the resources of the stack.
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

/// A Kubernetes cluster that receives manifests.
#[derive(Default)]
pub struct Target {
    /// The name: a known text or an attribute.
    pub name: Data,
    /// The Kubernetes version, such as `1.36`.
    pub version: String,
    /// The account and the region of a cluster that is imported outside of stacks.
    pub place: Option<(Option<String>, String)>,
    /// Components that are installed outside of the program, such as `keda`.
    pub provided: Vec<&'static str>,
    /// Namespaces whose objects could not all be read. An object that was not found in such a namespace may still
    /// exist.
    pub known_in_part: Vec<String>,
    /// Objects that other tools create: kind, namespace, name.
    pub existing: Vec<(&'static str, String, String)>,
    /// Whether the cluster is a bare construct. A bare cluster is a deployment target only if objects or releases are
    /// defined in it.
    pub is_bare: bool,
}

/// A CloudFormation resource.
#[derive(Default)]
pub struct Resource {
    /// The type, such as `AWS::EC2::VPC`.
    pub type_name: Cow<'static, str>,
    /// The properties.
    pub props: Bag,
    /// The deletion and replacement policy.
    pub on_delete: OnDelete,
    /// Other resources of the same stack that must be created first, in addition to the resources that this resource
    /// references.
    pub depends_on: Vec<NodeId>,
    /// The logical ID that the resource keeps from an earlier template, if there is one.
    pub logical_id: Option<String>,
    /// Paths that the user set with untyped patches.
    pub patches: Vec<String>,
    /// Data for other tools, written as `Metadata`.
    pub metadata: Bag,
    /// Other resource attributes, such as `Condition` and `CreationPolicy`, verbatim.
    pub attributes: Bag,
}

/// The action if a resource is removed from its stack or replaced.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum OnDelete {
    /// Not specified: CloudFormation deletes the resource. For a stateful resource, a rule reports a warning.
    #[default]
    Unset,
    /// CloudFormation deletes the resource, as the program explicitly specifies.
    Delete,
    /// CloudFormation keeps the resource but no longer manages it. If the creation of the stack fails, CloudFormation
    /// deletes the resource (`RetainExceptOnCreate`).
    Retain,
    /// CloudFormation always keeps the resource, even if the creation of the stack fails (`Retain`). The AWS CDK uses
    /// this policy.
    RetainAlways,
    /// CloudFormation deletes the resource after it takes a snapshot.
    Snapshot,
}

/// A Kubernetes object.
pub struct Object {
    /// The `apiVersion`.
    pub api_version: Cow<'static, str>,
    /// The `kind`.
    pub kind: Cow<'static, str>,
    /// The name.
    pub name: String,
    /// The namespace. If it is not set, the freeze pass sets the namespace of the scope.
    pub namespace: Option<String>,
    /// Whether its kind is namespaced.
    pub namespaced: bool,
    /// The wave in which it is applied.
    pub wave: Wave,
    /// Whether its name ends with the hash of its `spec`. A change of an immutable field then creates a new object.
    pub is_named_by_content: bool,
    /// All fields except `apiVersion`, `kind`, `metadata.name` and `metadata.namespace`.
    pub body: Bag,
}

/// The order in which objects are applied to a cluster.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Wave {
    /// Namespaces.
    Namespaces,
    /// Custom resource definitions.
    Crds,
    /// Helm releases.
    Releases,
    /// Prerequisites of workloads: configuration, identities, policies.
    Configuration,
    /// Objects that must be ready before the workloads start. Contains the number of the folder, from 31 to 39.
    Before(u8),
    /// Workloads.
    Workloads,
    /// Routes to the workloads.
    Routes,
    /// Scalers of the workloads.
    Scalers,
}

impl Wave {
    /// Returns the folder of the wave, such as `40-workloads`.
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
    /// The name.
    pub name: String,
    /// The namespace.
    pub namespace: String,
    /// The chart repository: an `https` or `oci` URL.
    pub repository: String,
    /// The chart.
    pub chart: String,
    /// The exact chart version.
    pub version: String,
    /// The values that differ from the chart's defaults.
    pub values: Bag,
    /// Releases and objects that must be ready first.
    pub depends_on: Vec<NodeId>,
}

/// An edge of the platform graph.
#[derive(Clone, Debug)]
pub struct Edge {
    /// The construct that calls, reads or writes.
    pub from: NodeId,
    /// The construct that is called, read or written.
    pub to: NodeId,
    /// The kind of the edge.
    pub kind: EdgeKind,
    /// The destination port of a network edge.
    pub port: Option<u16>,
    /// The line in the user's code that declared it.
    pub at: At,
}

/// The kind of an edge.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum EdgeKind {
    /// A workload calls another workload.
    Call,
    /// A workload connects to a data store.
    Data,
    /// A principal may act on a resource.
    Grant,
    /// An entry forwards external traffic.
    Entry,
    /// Data is replicated from one resource to another.
    Replication,
    /// A workload is deployed after another workload is ready.
    Order,
}

impl EdgeKind {
    /// Returns the name of the kind in `graph.json`.
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

    /// Returns the id that the user wrote.
    pub fn shown(&self) -> &str {
        self.written_id.as_deref().unwrap_or(&self.id)
    }

    /// Replaces an invalid or duplicate id with a generated id that is valid in all derived names.
    pub(crate) fn stand_in(&mut self, number: NodeId) {
        let start: String = self.id.chars().filter(char::is_ascii_alphabetic).take(12).collect();
        let id = format!("{}-x{}", start.to_ascii_lowercase(), hash8(&format!("{} {}", number.idx(), self.id)));
        let id = id.trim_start_matches('-');
        self.written_id = Some(std::mem::replace(&mut self.id, id.into()));
    }
}

impl Kind {
    /// Returns the properties of a resource, the body of an object, or the values of a release.
    pub fn body(&self) -> Option<&Bag> {
        match self {
            Kind::Resource(resource) => Some(&resource.props),
            Kind::Object(object) => Some(&object.body),
            Kind::Release(release) => Some(&release.values),
            _ => None,
        }
    }

    /// Returns the properties, body or values for modification.
    pub fn body_mut(&mut self) -> Option<&mut Bag> {
        match self {
            Kind::Resource(resource) => Some(&mut resource.props),
            Kind::Object(object) => Some(&mut object.body),
            Kind::Release(release) => Some(&mut release.values),
            _ => None,
        }
    }
}
