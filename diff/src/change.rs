//! What a diff says: changes with their reasons, access that comes or goes, hazards.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use meshsynth_assembly::verdict::Verdict;
use serde_json::Value;

use crate::fate::Fate;
use crate::interruption::Interruption;
use crate::lack::Lack;

/// Where something changes. The order is that of the report.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Section {
    /// A CloudFormation stack, by its path.
    Stack(String),
    /// A namespace of a cluster; empty for what has none.
    Namespace(String, String),
    /// The Helm releases of a cluster.
    Helm(String),
    /// Files that nothing is deployed from, such as smoke tests.
    Files,
}

/// One resource, object or release that changes.
#[derive(Clone, Debug)]
pub struct Change {
    /// Where it is.
    pub section: Section,
    /// The resource type or the kind.
    pub kind: String,
    /// Its path in the program, or its name in the cluster.
    pub name: String,
    /// Its path in the program, where that is known: an object's name is that in its cluster.
    pub construct: String,
    /// Its logical id, where it has one.
    pub id: String,
    /// The user's line.
    pub source: String,
    /// What happens to it.
    pub verdict: Verdict,
    /// Why the verdict is that.
    pub reasons: Vec<Reason>,
    /// What becomes of its data, where that is a question.
    pub data: Vec<Fate>,
    /// The values that differ.
    pub edits: Vec<Edit>,
    /// What refers to it and changes with it.
    pub affected: Vec<Affected>,
    /// Where it was, if it is the same thing in another place.
    pub was: Option<Was>,
    /// The services that call, read or write it, directly or through others.
    pub impact: Vec<String>,
    /// Whether it leaves its stack or its cluster, and is not the same thing in another place.
    pub gone: bool,
    /// How it is interrupted, where it serves.
    pub interrupts: Option<Interruption>,
    /// What a store lacks afterwards, and did not lack before.
    pub lacks: Vec<Lack>,
}

/// Why a verdict is what it is, with the vendor's page that says so.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reason {
    /// In words.
    pub text: String,
    /// The page.
    pub page: Option<String>,
}

/// What refers to a resource that is replaced, and what that does to it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Affected {
    /// How people call it.
    pub name: String,
    /// What happens to it.
    pub verdict: Verdict,
}

/// The names of stacks, and logical ids in them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Was {
    /// Where it was.
    pub from: (String, String),
    /// Where it is now.
    pub to: (String, String),
}

/// A value that differs. None stands for what is not there.
#[derive(Clone, Debug, PartialEq)]
pub struct Edit {
    /// For people: `Tags[team].Value`.
    pub path: String,
    /// For programs.
    pub trail: Vec<PathSegment>,
    /// The old value.
    pub before: Option<Value>,
    /// The new value.
    pub after: Option<Value>,
}

/// The fields that name an item together; one that begins with `?` may be missing.
pub type Names = &'static [&'static str];

/// A segment of the path to a value.
#[derive(Clone, Debug, PartialEq)]
pub enum PathSegment {
    /// A field.
    Key(String),
    /// An item, by its place in the old list.
    At(usize),
    /// An item that is new, by its place in the new list.
    Insert(usize),
    /// The order of items with these names.
    Order(Names),
}

/// A statement of a policy, a route or an exposure that admits more or less than before.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Access {
    /// Whether somebody may do more than before.
    pub widened: bool,
    /// Whether that somebody is everybody, and no other layer is known to stop everybody.
    pub public: bool,
    /// Whether the statement itself admits everybody, whatever other layers say.
    pub stranger: bool,
    /// What it comes to, with all layers together.
    pub standing: Standing,
    /// What of the platform it is about, as the engine of `reach` knows it.
    pub about: About,
    /// Whether it only concerns what the same changes create.
    pub fresh: bool,
    /// In words.
    pub text: String,
    /// The resource or object that says so.
    pub at: String,
    /// Every resource or object that says something of it: the rules of a group may be several.
    pub written: BTreeSet<String>,
    /// What it is about.
    pub subject: String,
    /// Who may do more or less; empty where the words alone say so.
    pub who: String,
}

/// What a statement comes to, with all layers together.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum Standing {
    /// The engine does not model it, or does not know: the comparison of sets stands alone.
    #[default]
    Alone,
    /// It is behind a way that opens or closes.
    Way,
    /// It opens no way: nobody is concerned, or another layer stops everybody.
    NoWay,
}

/// What of a platform a statement is about.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum About {
    /// Something that no target of the engine stands for.
    #[default]
    Other,
    /// Whatever is in subnets with a network access control list.
    Acl,
    /// Whoever calls services through a VPC endpoint.
    Endpoint,
    /// What is behind a load balancer of a cluster: a Service, or a Gateway.
    Door {
        /// The namespace.
        namespace: String,
        /// The name.
        name: String,
    },
    /// Whatever has a security group.
    Group,
    /// What pods, or whatever has a security group, may reach.
    Outward,
    /// What a role, a user or a group may do with something.
    Permission,
    /// Who may assume a role.
    Trust,
    /// A resource with a policy of its own.
    Resource,
    /// A resource with an address.
    Address,
    /// The pods of a namespace with some labels.
    Pods {
        /// The namespace.
        namespace: String,
        /// The labels; all pods without any.
        labels: BTreeMap<String, String>,
    },
}

/// A reason why a deployment may fail, or must go in two steps.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Hazard {
    /// What happens.
    pub text: String,
    /// What to do.
    pub help: String,
}

impl Access {
    /// Whether somebody may do more than before, as far as the engine of `reach` does not say that no way opens.
    pub fn widens(&self) -> bool {
        self.widened && self.standing != Standing::NoWay
    }
}

impl Change {
    /// A change of which only the place, the kind, the name and the verdict are known.
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
    /// Whether a template only gains an output: many come at once, and none changes a resource.
    pub fn is_new_output(&self) -> bool {
        self.is_below(&["Outputs"]) && self.trail.len() == 2 && self.before.is_none()
    }

    /// Whether the value that differs is a field of this name.
    pub fn names(&self, field: &str) -> bool {
        matches!(self.trail.last(), Some(PathSegment::Key(key)) if key == field)
    }

    /// Whether it is at a field or below it.
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
