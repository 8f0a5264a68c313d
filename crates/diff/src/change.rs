//! Results of a diff: changes with their reasons, access differences and hazards.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use serde_json::Value;

use crate::effect::Verdict;
use crate::fate::Fate;
use crate::interruption::Interruption;
use crate::lack::Lack;

/// The place of a change. The order is that of the report.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Section {
    /// The path of a CloudFormation stack.
    Stack(String),
    /// A cluster and a namespace, which is empty for cluster-scoped objects.
    Namespace(String, String),
    /// The Helm releases of a cluster.
    Helm(String),
    /// Files that are not deployed, such as smoke tests.
    Files,
}

/// A resource, object or release that changes.
#[derive(Clone, Debug)]
pub struct Change {
    /// The place of the change.
    pub section: Section,
    /// The resource type or the kind.
    pub kind: String,
    /// Its path in the program, or its name in the cluster.
    pub name: String,
    /// Its path in the program, if known. The name of an object is its name in the cluster.
    pub construct: String,
    /// Its logical ID, if it has one.
    pub id: String,
    /// The line of the user's program.
    pub source: String,
    /// The effect of the change.
    pub verdict: Verdict,
    /// The reasons for the verdict.
    pub reasons: Vec<Reason>,
    /// The effect on its data, if it stores data.
    pub data: Vec<Fate>,
    /// The changed values.
    pub edits: Vec<Edit>,
    /// The resources that refer to it and change with it.
    pub affected: Vec<Affected>,
    /// Its previous place, if it was moved or renamed.
    pub was: Option<Was>,
    /// The services that call, read or write it, directly or indirectly.
    pub impact: Vec<String>,
    /// Whether it leaves its stack or cluster without being moved or renamed.
    pub gone: bool,
    /// The interruption, if it serves requests.
    pub interrupts: Option<Interruption>,
    /// The protections that a store loses with this change.
    pub lacks: Vec<Lack>,
}

/// A reason for a verdict, with the vendor's page.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reason {
    /// The text of the reason.
    pub text: String,
    /// The URL of the vendor's page.
    pub page: Option<String>,
}

/// A resource that refers to a replaced resource, and the effect on it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Affected {
    /// The name of the resource.
    pub name: String,
    /// The effect on the resource.
    pub verdict: Verdict,
}

/// The old and the new place, each as a stack name and a logical ID.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Was {
    /// The old place.
    pub from: (String, String),
    /// The new place.
    pub to: (String, String),
}

/// A changed value. `None` is a missing value.
#[derive(Clone, Debug, PartialEq)]
pub struct Edit {
    /// The path for readers: `Tags[team].Value`.
    pub path: String,
    /// The path for programs.
    pub trail: Vec<PathSegment>,
    /// The old value.
    pub before: Option<Value>,
    /// The new value.
    pub after: Option<Value>,
}

/// The fields that identify a list item together. A field that begins with `?` is optional.
pub type Names = &'static [&'static str];

/// A segment of the path to a value.
#[derive(Clone, Debug, PartialEq)]
pub enum PathSegment {
    /// A field.
    Key(String),
    /// An item, by its index in the old list.
    At(usize),
    /// A new item, by its index in the new list.
    Insert(usize),
    /// The order of items that these fields identify.
    Order(Names),
}

/// A policy statement, a route or an exposure that allows more or less than before.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Access {
    /// Whether it allows more than before.
    pub widened: bool,
    /// Whether it allows everyone, and no other layer is known to block everyone.
    pub public: bool,
    /// Whether the statement itself allows everyone, regardless of other layers.
    pub stranger: bool,
    /// Whether it depends on conditions, which the requests of the reach engine do not meet.
    pub conditional: bool,
    /// The effect together with all layers.
    pub standing: Standing,
    /// The part of the platform that it concerns, in terms of the reach engine.
    pub about: About,
    /// Whether it concerns only resources that the same change creates.
    pub fresh: bool,
    /// The description.
    pub text: String,
    /// The resource or object that contains the statement.
    pub at: String,
    /// All resources or objects that contribute to it, such as the rules of a security group.
    pub written: BTreeSet<String>,
    /// The subject of the statement.
    pub subject: String,
    /// The principal that gains or loses access. Empty if only the description names it.
    pub who: String,
}

/// The effect of a statement together with all layers.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum Standing {
    /// The reach engine does not model the statement, so only the comparison of sets applies.
    #[default]
    Alone,
    /// The statement contributes to a path that opens or closes.
    Way,
    /// The statement opens no path: it concerns no client, or another layer blocks every client.
    NoWay,
}

/// The part of the platform that a statement concerns.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum About {
    /// A part that the reach engine has no target for.
    #[default]
    Other,
    /// The resources in subnets with a network ACL.
    Acl,
    /// The clients that call services through a VPC endpoint.
    Endpoint,
    /// The workloads behind a load balancer of a cluster: a Service or a Gateway.
    Door {
        /// The namespace.
        namespace: String,
        /// The name.
        name: String,
    },
    /// The resources with a security group.
    Group,
    /// The destinations of pods or of resources with a security group.
    Outward,
    /// The permissions of a role, user or group.
    Permission,
    /// The trust policy of a role.
    Trust,
    /// A resource with a resource policy.
    Resource,
    /// A resource with an address.
    Address,
    /// The pods of a namespace with some labels.
    Pods {
        /// The namespace.
        namespace: String,
        /// The labels. An empty map selects all pods.
        labels: BTreeMap<String, String>,
    },
}

/// A reason why a deployment may fail or needs two steps.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Hazard {
    /// The description of the problem.
    pub text: String,
    /// The suggested action.
    pub help: String,
}

impl Access {
    /// Whether it allows more than before, unless the reach engine shows that no path opens.
    pub fn widens(&self) -> bool {
        self.widened && self.standing != Standing::NoWay
    }
}

impl Change {
    /// Creates a change with only a place, a kind, a name and a verdict.
    pub fn new(section: Section, kind: impl Into<String>, name: impl Into<String>, verdict: Verdict) -> Self {
        Self {
            section,
            kind: kind.into(),
            name: name.into(),
            construct: String::new(),
            id: String::new(),
            source: String::new(),
            verdict,
            reasons: Vec::new(),
            data: Vec::new(),
            edits: Vec::new(),
            affected: Vec::new(),
            was: None,
            impact: Vec::new(),
            gone: false,
            interrupts: None,
            lacks: Vec::new(),
        }
    }
}

impl Edit {
    /// Whether the edit only adds an output to a template. Such edits are frequent and change no resource.
    pub fn is_new_output(&self) -> bool {
        self.is_below(&["Outputs"]) && self.trail.len() == 2 && self.before.is_none()
    }

    /// Whether the changed value is a field of this name.
    pub fn names(&self, field: &str) -> bool {
        matches!(self.trail.last(), Some(PathSegment::Key(key)) if key == field)
    }

    /// Whether the edit is at a field or below it.
    pub fn is_below(&self, fields: &[&str]) -> bool {
        let is_step = |(step, field): (&PathSegment, &&str)| matches!(step, PathSegment::Key(key) if key == field);
        self.trail.len() >= fields.len() && self.trail.iter().zip(fields).all(is_step)
    }
}

impl<T: Into<String>> From<T> for Reason {
    fn from(text: T) -> Self {
        Self { text: text.into(), page: None }
    }
}

impl fmt::Display for Affected {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{} ({})", self.name, self.verdict.word())
    }
}
