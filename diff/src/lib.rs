//! Two assemblies in, one list of changes out: what each change does to resources, data and access, and why.
//!
//! This is the one place that judges. `diff` and its gates, the hazards and the approvals of `deploy` and `destroy` ask
//! it, and get typed facts; words are made of them last.

mod access;
mod cases;
pub mod cluster;
pub mod day;
pub mod fate;
pub mod gates;
mod hazard;
mod losses;
mod objects;
mod plain;
mod reach;
mod reader;
mod reading;
pub mod refactor;
mod refusal;
mod renames;
mod resolve;
mod resource;
mod resources;
pub mod side;
mod spread;
pub mod stack;
mod text;
pub mod texts;
mod tree;
pub mod verdict;

#[cfg(test)]
mod losing;
#[cfg(test)]
mod orders;
#[cfg(test)]
mod parameters;
#[cfg(test)]
mod perils;
#[cfg(test)]
mod scenes;
#[cfg(test)]
mod tests;

use std::fmt;
use std::thread;

use anyhow::Result;
use serde::Serialize;
use serde_json::Value;

use fate::Fate;
use meshsynth_assembly as assembly;
use meshsynth_assembly::graph::Graph;
pub use objects::pruned;
use side::{Pair, Side};
use texts::Texts;
pub use tree::Step;

/// What a deployment of the new side would do.
#[derive(Debug, Default)]
pub struct Diff {
    /// The name of the app, its environment included.
    pub app: String,
    /// What is compared, and with what.
    pub base: String,
    /// The new side.
    pub head: String,
    /// AWS by stack, Kubernetes by cluster and namespace, Helm by cluster.
    pub changes: Vec<Change>,
    /// Who may do more or less than before.
    pub access: Vec<Access>,
    /// What stops or endangers a deployment.
    pub hazards: Vec<Hazard>,
    /// What somebody should know about the sides.
    pub notes: Vec<String>,
    /// What could not be read, so that nothing is known about its changes.
    pub unread: Vec<String>,
    /// The services that feel the changes, and what lies between.
    pub picture: Graph,
}

/// Where something changes. The order is that of the report.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Place {
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
    pub place: Place,
    /// The resource type or the kind.
    pub kind: String,
    /// Its path in the program, or its name in the cluster.
    pub name: String,
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
    pub spread: Vec<Affected>,
    /// Where it was, if it is the same thing in another place.
    pub was: Option<Was>,
    /// The services that call, read or write it, directly or through others.
    pub reach: Vec<String>,
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
    pub trail: Vec<Step>,
    /// The old value.
    pub before: Option<Value>,
    /// The new value.
    pub after: Option<Value>,
}

/// What happens to a resource or an object, the gravest last.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Verdict {
    /// It is created.
    Create,
    /// It is changed where it is.
    InPlace,
    /// A release's values or chart: what its objects do is the chart's to say.
    Upgrade,
    /// Its pods are replaced by new ones.
    RolloutRestart,
    /// It is not available for a while.
    Interruption,
    /// It is the same under another logical id, or in another stack.
    Rename,
    /// It leaves the cluster.
    Prune,
    /// Leaves the stack, stays in AWS.
    DeleteRetained,
    /// It is deleted.
    Delete,
    /// The API server refuses the change: the object is deleted and made anew.
    KubernetesImmutable,
    /// Whether it is replaced depends on what only AWS knows.
    MayReplace,
    /// A new one takes its place.
    Replace,
    /// Data are deleted that nothing else holds.
    DataLoss,
}

/// A permission, route or exposure that comes or goes.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Access {
    /// Whether somebody may do more than before.
    pub widened: bool,
    /// Whether that somebody is everybody.
    pub public: bool,
    /// Whether it only concerns what the same changes create.
    pub fresh: bool,
    /// In words.
    pub text: String,
    /// The resource or object that says so.
    pub at: String,
    /// What it is about.
    pub subject: String,
    /// Who may do more or less; empty where the words alone say so.
    pub who: String,
}

/// A reason why a deployment may fail, or must go in two steps.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Hazard {
    /// What happens.
    pub text: String,
    /// What to do.
    pub help: String,
}

impl Edit {
    /// Whether a template only gains an output: many come at once, and none changes a resource.
    pub fn is_new_output(&self) -> bool {
        self.is_below(&["Outputs"]) && self.trail.len() == 2 && self.before.is_none()
    }

    /// Whether the value that differs is a field of this name.
    pub fn names(&self, field: &str) -> bool {
        matches!(self.trail.last(), Some(Step::Key(key)) if key == field)
    }

    /// Whether it is at a field or below it.
    pub fn is_below(&self, fields: &[&str]) -> bool {
        let is_step = |(step, field): (&Step, &&str)| matches!(step, Step::Key(key) if key == field);
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

impl Verdict {
    /// The word in reports.
    pub fn word(self) -> &'static str {
        match self {
            Verdict::Create => "create",
            Verdict::InPlace => "in place",
            Verdict::Upgrade => "upgrade",
            Verdict::RolloutRestart => "rollout restart",
            Verdict::Interruption => "interruption",
            Verdict::Rename => "rename",
            Verdict::Prune => "prune",
            Verdict::DeleteRetained => "delete, retained",
            Verdict::Delete => "delete",
            Verdict::KubernetesImmutable => "delete and create",
            Verdict::MayReplace => "may replace",
            Verdict::Replace => "replace",
            Verdict::DataLoss => "data loss",
        }
    }

    /// The sign beside the word.
    pub fn sign(self) -> &'static str {
        match self {
            Verdict::Create => "+",
            Verdict::InPlace | Verdict::Upgrade => "~",
            Verdict::RolloutRestart | Verdict::Interruption => "*",
            Verdict::Rename => ">",
            Verdict::Prune | Verdict::DeleteRetained | Verdict::Delete => "-",
            Verdict::KubernetesImmutable | Verdict::MayReplace | Verdict::Replace => "±",
            Verdict::DataLoss => "!",
        }
    }

    /// Whether a new thing takes the place of the old one.
    pub fn is_replacement(self) -> bool {
        matches!(self, Verdict::KubernetesImmutable | Verdict::MayReplace | Verdict::Replace)
    }
}

/// The old side, as far as it is read.
pub enum Old {
    /// Its files, as they are written.
    Texts(Texts),
    /// Its documents.
    Side(Side),
}

impl Diff {
    /// Compares an assembly with an old side. Nothing is parsed where they are the same, byte by byte.
    pub fn of(old: Old, head: Texts) -> Result<Self> {
        let read = |texts: Texts| {
            let label = texts.label.clone();
            Side::new(texts).map_err(|error| side::unreadable(&label, &error))
        };
        match old {
            Old::Texts(old) if old.is_like(&head) => Ok(Self::nothing(head.app, old.label, head.label)),
            Old::Texts(old) => {
                let (base, head) = thread::scope(|scope| {
                    let base = scope.spawn(|| read(old));
                    let head = read(head);
                    (base.join().expect("reading manifests never panics"), head)
                });
                Self::new(&base?, &head?)
            }
            Old::Side(base) => Self::new(&base, &read(head)?),
        }
    }

    /// What two assemblies that are the same come to.
    pub fn nothing(app: String, base: String, head: String) -> Self {
        Self { app, base, head, ..Self::default() }
    }

    /// Compares two platforms of one app.
    pub fn new(base: &Side, head: &Side) -> Result<Self> {
        let pair = Pair::new(base, head)?;
        let (mut changes, hazards, picture, mut access) = thread::scope(|scope| {
            let access = scope.spawn(|| access::compare(&pair));
            let mut changes = resources::compare(&pair);
            spread::follow(&pair, &mut changes);
            changes.extend(objects::compare(&pair));
            changes.extend(plain::compare(&pair));
            spread::into_manifests(head, &mut changes);
            let hazards = hazard::find(&pair, &changes);
            let picture = reach::follow(&head.graph, &mut changes);
            (changes, hazards, picture, access.join().expect("comparing access never panics"))
        });
        for change in &mut changes {
            change.spread.sort_by(|a, b| (b.verdict, &a.name).cmp(&(a.verdict, &b.name)));
        }
        access::mark(&mut access, &changes, &base.graph);
        changes.sort_by(|a, b| (&a.place, b.verdict, &a.kind, &a.name).cmp(&(&b.place, a.verdict, &b.kind, &b.name)));
        Ok(Self {
            app: head.manifest.app.clone(),
            base: base.label.clone(),
            head: head.label.clone(),
            changes,
            access,
            hazards,
            notes: base.notes.clone(),
            unread: base.unread.clone(),
            picture,
        })
    }

    /// Whether nothing would happen, as far as anybody can tell: what is unread may change.
    pub fn is_empty(&self) -> bool {
        self.is_quiet() && self.unread.is_empty()
    }

    /// Whether nothing of what was compared changes.
    pub fn is_quiet(&self) -> bool {
        self.changes.is_empty() && self.access.is_empty() && self.hazards.is_empty()
    }

    /// The changes with each verdict, the gravest first.
    pub fn counts(&self) -> Vec<(Verdict, usize)> {
        let mut counts = std::collections::BTreeMap::new();
        for change in &self.changes {
            *counts.entry(change.verdict).or_default() += 1;
        }
        counts.into_iter().rev().collect()
    }
}
