//! What one layer says: a verdict, what decides it, and what would make it another.

use crate::edit::Edit;
use crate::world::At;

/// Whether something gets through.
///
/// The order is that of a chain: what is denied anywhere is denied, and what is unknown anywhere else is unknown.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Verdict {
    /// It gets through.
    Allowed,
    /// Only a deployment, or somebody else's document, tells.
    Unknown,
    /// It is stopped.
    Denied,
}

impl Verdict {
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

    /// In one word.
    pub fn word(self) -> &'static str {
        match self {
            Self::Allowed => "allowed",
            Self::Unknown => "unknown",
            Self::Denied => "denied",
        }
    }
}

/// What decides, from the outside in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Layer {
    /// Subnets, route tables, gateways, peerings.
    Route,
    /// Network access control lists.
    NetworkAcl,
    /// Security groups.
    SecurityGroup,
    /// VPC endpoints and their policies.
    Endpoint,
    /// Load balancers, distributions, Services, Ingresses, Gateways with their listeners and routes.
    Entry,
    /// Network policies of Kubernetes.
    NetworkPolicy,
    /// Mutual TLS: peer authentication, and what sidecars may send.
    MutualTls,
    /// Authorization policies and request authentication.
    Authorization,
    /// Who a workload is: service accounts, trust policies, role chains.
    Trust,
    /// What a principal may do: identity and resource policies, boundaries.
    Permission,
    /// Key policies and grants.
    Key,
    /// What a login to a store means: its users, topics and groups.
    Login,
}

impl Layer {
    /// Every layer, from the outside in.
    pub const ALL: [Self; 12] = [
        Self::Route,
        Self::NetworkAcl,
        Self::SecurityGroup,
        Self::Endpoint,
        Self::Entry,
        Self::NetworkPolicy,
        Self::MutualTls,
        Self::Authorization,
        Self::Trust,
        Self::Permission,
        Self::Key,
        Self::Login,
    ];

    /// In a few words.
    pub fn words(self) -> &'static str {
        match self {
            Self::Route => "route",
            Self::NetworkAcl => "network ACL",
            Self::SecurityGroup => "security group",
            Self::Endpoint => "VPC endpoint",
            Self::Entry => "entry",
            Self::NetworkPolicy => "network policy",
            Self::MutualTls => "mutual TLS",
            Self::Authorization => "authorization",
            Self::Trust => "trust",
            Self::Permission => "permission",
            Self::Key => "key",
            Self::Login => "login",
        }
    }
}

/// One layer of a chain: what lets the request pass there, or stops it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Link {
    /// The layer.
    pub layer: Layer,
    /// The resource or the object that decides, such as `SecurityGroup data/OrdersDb`; empty where nothing speaks.
    pub what: String,
    /// The field that decides, such as `spec.ingress[0]`; empty where none does.
    pub field: String,
    /// Where it is written.
    pub at: Option<At>,
    /// Whether it passes there.
    pub verdict: Verdict,
    /// Why, in one sentence.
    pub why: String,
    /// What makes it decide otherwise, all of them together; empty where nobody can say it.
    pub edits: Vec<Edit>,
}

impl Link {
    /// A link that nothing written decides.
    pub fn new(layer: Layer, verdict: Verdict, why: impl Into<String>) -> Self {
        Self { layer, what: String::new(), field: String::new(), at: None, verdict, why: why.into(), edits: Vec::new() }
    }

    /// What makes it decide otherwise.
    #[must_use]
    pub fn edited(mut self, edits: Vec<Edit>) -> Self {
        self.edits = edits;
        self
    }

    /// What decides, and where it is written.
    #[must_use]
    pub fn by(mut self, what: impl Into<String>, field: impl Into<String>, at: &At) -> Self {
        self.what = what.into();
        self.field = field.into();
        self.at = Some(at.clone());
        self
    }
}

/// A change that would open what is closed, or close what is open.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fix {
    /// The layer that it changes.
    pub layer: Layer,
    /// The resource or the object.
    pub what: String,
    /// The field; empty where something is added.
    pub field: String,
    /// Where it is written.
    pub at: Option<At>,
    /// What to do, in one sentence.
    pub change: String,
    /// What to write; none where only the place can be said.
    pub edit: Option<Edit>,
}
