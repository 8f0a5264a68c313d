//! Outcomes of a loss, and their causes.

use crate::world::{At, Resource};

/// The effect of a loss, from best to worst.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Outcome {
    /// It continues to work.
    Left,
    /// It continues to work after an automatic failover.
    FailsOver,
    /// Only the deployment determines the outcome.
    Unknown,
    /// It works again after an operator takes steps.
    ByHand,
    /// It does not work until the lost part is restored or created again.
    Lost,
}

impl Outcome {
    /// Every outcome, from the best to the worst.
    pub const ALL: [Self; 5] = [Self::Left, Self::FailsOver, Self::Unknown, Self::ByHand, Self::Lost];

    /// Combines the outcomes of parts that are all required.
    #[must_use]
    pub fn and(self, other: Self) -> Self {
        self.max(other)
    }

    /// Combines the outcomes of alternatives, of which one is sufficient.
    #[must_use]
    pub fn or(self, other: Self) -> Self {
        self.min(other)
    }

    /// Returns the name.
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

/// The cause of an outcome, and its source location.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Cause {
    /// The reason, in one sentence.
    pub why: String,
    /// The resource or object that decides; empty if there is none.
    pub what: String,
    /// The field that decides; empty if there is none.
    pub field: String,
    /// The source location.
    pub at: Option<At>,
}

impl Cause {
    /// Creates a cause without a deciding resource or object.
    pub fn new(why: impl Into<String>) -> Self {
        Self { why: why.into(), ..Self::default() }
    }

    /// Sets the deciding resource or object, its field, and its source location.
    #[must_use]
    pub fn by(mut self, what: impl Into<String>, field: impl Into<String>, at: &At) -> Self {
        self.what = what.into();
        self.field = field.into();
        self.at = Some(at.clone());
        self
    }

    /// Creates a cause from a field of a resource.
    pub fn field(resource: &Resource, field: impl Into<String>, why: impl Into<String>) -> Self {
        Self::new(why).by(resource.title(), field, &resource.at)
    }
}

/// The stage of a step. Data is restored first; clients are redirected last.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Stage {
    /// Databases, caches, brokers and files.
    Data,
    /// Keys, secrets and images.
    Means,
    /// Nodes, pods and network routes.
    Capacity,
    /// The mesh: calls are redirected to other workloads.
    Calls,
    /// Names and load balancers: clients are redirected.
    Entries,
}

impl Stage {
    /// Returns the name.
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

/// A step for an operator.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Step {
    /// The stage.
    pub stage: Stage,
    /// The action, in one sentence.
    pub text: String,
    /// The command; empty if there is none.
    pub command: String,
}

impl Step {
    /// Creates a step with its command.
    pub fn new(stage: Stage, text: impl Into<String>, command: impl Into<String>) -> Self {
        Self { stage, text: text.into(), command: command.into() }
    }
}

/// The evaluated effect on a part of the platform.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Judgement {
    /// The outcome.
    pub outcome: Outcome,
    /// The causes.
    pub causes: Vec<Cause>,
    /// The steps for an operator.
    pub steps: Vec<Step>,
    /// Whether it is lost only because its caller is lost.
    pub is_with_caller: bool,
}

impl Judgement {
    /// Creates a judgement with a cause.
    pub fn new(outcome: Outcome, cause: Cause) -> Self {
        Self { outcome, causes: vec![cause], steps: Vec::new(), is_with_caller: false }
    }

    /// Creates a judgement for an unaffected part.
    pub fn untouched() -> Self {
        Self { outcome: Outcome::Left, causes: Vec::new(), steps: Vec::new(), is_with_caller: false }
    }

    /// Adds a step for an operator.
    #[must_use]
    pub fn step(mut self, step: Step) -> Self {
        self.steps.push(step);
        self
    }

    /// Adds a cause.
    #[must_use]
    pub fn cause(mut self, cause: Cause) -> Self {
        self.causes.push(cause);
        self
    }

    /// Combines the judgements of parts that are all required.
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

/// The kind of a finding.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Kind {
    /// A client entry: names, load balancers, gateways.
    Entry,
    /// A call between two services, or from a service to a store.
    Call,
    /// A data store.
    Store,
    /// A workload.
    Workload,
    /// The capacity of nodes compared with the requests of pods.
    Capacity,
    /// Network routes: NAT gateways, endpoints.
    Network,
    /// A supporting resource: keys, secrets, images, certificates, backups.
    Means,
}

impl Kind {
    /// Every kind, in report order.
    pub const ALL: [Self; 7] =
        [Self::Entry, Self::Call, Self::Store, Self::Workload, Self::Capacity, Self::Network, Self::Means];

    /// Returns the name in rules and in JSON.
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

    /// Returns the heading in reports.
    pub fn heading(self) -> &'static str {
        match self {
            Self::Means => "keys, secrets, images",
            other => other.word(),
        }
    }
}

/// The effect of a loss on a named part of the platform.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// The kind.
    pub kind: Kind,
    /// The name.
    pub name: String,
    /// The judgement.
    pub judgement: Judgement,
}

impl Finding {
    /// Creates a finding.
    pub fn new(kind: Kind, name: impl Into<String>, judgement: Judgement) -> Self {
        Self { kind, name: name.into(), judgement }
    }

    /// Returns the outcome.
    pub fn outcome(&self) -> Outcome {
        self.judgement.outcome
    }
}
