//! What becomes of something, and what decides.

use crate::world::{At, Resource};

/// What becomes of something where something else is lost, from the best to the worst.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Outcome {
    /// It goes on.
    Left,
    /// It goes on by a fail-over that nobody has to start.
    FailsOver,
    /// Only the deployment tells.
    Unknown,
    /// It goes on once somebody has done something.
    ByHand,
    /// It is gone until what was lost is back, or is made again.
    Lost,
}

impl Outcome {
    /// Every outcome, from the best to the worst.
    pub const ALL: [Self; 5] = [Self::Left, Self::FailsOver, Self::Unknown, Self::ByHand, Self::Lost];

    /// What both together come to, one behind the other.
    #[must_use]
    pub fn and(self, other: Self) -> Self {
        self.max(other)
    }

    /// What both together come to, side by side: one of them is enough.
    #[must_use]
    pub fn or(self, other: Self) -> Self {
        self.min(other)
    }

    /// In a word or two.
    pub fn word(self) -> &'static str {
        match self {
            Self::Left => "left",
            Self::FailsOver => "fails over",
            Self::Unknown => "unknown",
            Self::ByHand => "by hand",
            Self::Lost => "lost",
        }
    }
}

/// What decides, and where it is written.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Cause {
    /// Why, in one sentence.
    pub why: String,
    /// The resource or the object that decides; empty where nothing speaks.
    pub what: String,
    /// The field that decides; empty where none does.
    pub field: String,
    /// Where it is written.
    pub at: Option<At>,
}

impl Cause {
    /// A cause that nothing written decides.
    pub fn new(why: impl Into<String>) -> Self {
        Self { why: why.into(), ..Self::default() }
    }

    /// What decides, and where it is written.
    #[must_use]
    pub fn by(mut self, what: impl Into<String>, field: impl Into<String>, at: &At) -> Self {
        self.what = what.into();
        self.field = field.into();
        self.at = Some(at.clone());
        self
    }

    /// A cause that a field of a resource decides.
    pub fn field(resource: &Resource, field: impl Into<String>, why: impl Into<String>) -> Self {
        Self::new(why).by(resource.title(), field, &resource.at)
    }
}

/// When a step is taken: what holds data comes first, and clients are led there last.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Stage {
    /// Databases, caches, brokers and files.
    Data,
    /// Keys, secrets and images.
    Means,
    /// Nodes, pods and routes of packets.
    Capacity,
    /// The mesh: who is called in place of what is lost.
    Calls,
    /// Names and load balancers: where clients go.
    Entries,
}

impl Stage {
    /// In a few words.
    pub fn words(self) -> &'static str {
        match self {
            Self::Data => "data",
            Self::Means => "keys, secrets and images",
            Self::Capacity => "nodes and network",
            Self::Calls => "calls",
            Self::Entries => "entries",
        }
    }
}

/// Something that somebody has to do.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Step {
    /// When.
    pub stage: Stage,
    /// What, in one sentence.
    pub text: String,
    /// The command that does it; empty where there is none.
    pub command: String,
}

impl Step {
    /// A step with its command.
    pub fn new(stage: Stage, text: impl Into<String>, command: impl Into<String>) -> Self {
        Self { stage, text: text.into(), command: command.into() }
    }
}

/// What becomes of one thing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Judgement {
    /// What becomes of it.
    pub outcome: Outcome,
    /// What decides.
    pub causes: Vec<Cause>,
    /// What somebody has to do.
    pub steps: Vec<Step>,
    /// Whether it is lost because whoever makes use of it is.
    pub is_with_caller: bool,
}

impl Judgement {
    /// A judgement with what decides.
    pub fn new(outcome: Outcome, cause: Cause) -> Self {
        Self { outcome, causes: vec![cause], steps: Vec::new(), is_with_caller: false }
    }

    /// Something that nothing happens to.
    pub fn untouched() -> Self {
        Self { outcome: Outcome::Left, causes: Vec::new(), steps: Vec::new(), is_with_caller: false }
    }

    /// With something that somebody has to do.
    #[must_use]
    pub fn step(mut self, step: Step) -> Self {
        self.steps.push(step);
        self
    }

    /// With something more that decides.
    #[must_use]
    pub fn cause(mut self, cause: Cause) -> Self {
        self.causes.push(cause);
        self
    }

    /// What both together come to, one behind the other.
    #[must_use]
    pub fn and(mut self, other: Self) -> Self {
        if other.outcome > self.outcome {
            self.causes = other.causes;
            self.outcome = other.outcome;
        }
        self.steps.extend(other.steps);
        self
    }
}

/// What is asked about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Kind {
    /// Where clients come in: names, load balancers, gateways.
    Entry,
    /// A call between two services, or of a service to a store.
    Call,
    /// What holds data.
    Store,
    /// What makes pods.
    Workload,
    /// Nodes and pods against what is asked for.
    Capacity,
    /// Ways of packets: NAT gateways, endpoints.
    Network,
    /// What others need: keys, secrets, images, certificates, backups.
    Means,
}

impl Kind {
    /// Every kind, in the order in which they are told.
    pub const ALL: [Self; 7] =
        [Self::Entry, Self::Call, Self::Store, Self::Workload, Self::Capacity, Self::Network, Self::Means];

    /// The word of rules and of JSON.
    pub fn word(self) -> &'static str {
        match self {
            Self::Entry => "entries",
            Self::Call => "calls",
            Self::Store => "stores",
            Self::Workload => "workloads",
            Self::Capacity => "capacity",
            Self::Network => "network",
            Self::Means => "means",
        }
    }

    /// The heading.
    pub fn heading(self) -> &'static str {
        match self {
            Self::Means => "keys, secrets, images",
            other => other.word(),
        }
    }
}

/// What becomes of something that has a name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// What it is.
    pub kind: Kind,
    /// What people call it.
    pub name: String,
    /// What becomes of it.
    pub judgement: Judgement,
}

impl Finding {
    /// What becomes of something.
    pub fn new(kind: Kind, name: impl Into<String>, judgement: Judgement) -> Self {
        Self { kind, name: name.into(), judgement }
    }

    /// What becomes of it.
    pub fn outcome(&self) -> Outcome {
        self.judgement.outcome
    }
}
