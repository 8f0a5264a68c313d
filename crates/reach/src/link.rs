//! Links of a chain: the decision of one layer, its reason, and the edits that change it.

use crate::edit::Edit;
use crate::world::At;

/// The verdict about a connection or a request.
///
/// The order is that of a chain: a chain with a denied link is denied. Otherwise, a chain with an unknown link is
/// unknown.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Verdict {
    /// The target is reachable.
    Allowed,
    /// Only a deployment or an external document determines the result.
    Unknown,
    /// The connection or request is denied.
    Denied,
}

impl Verdict {
    /// Combines the verdicts of consecutive links.
    #[must_use]
    pub fn and(self, other: Self) -> Self {
        self.max(other)
    }

    /// Combines the verdicts of alternative paths, of which one is sufficient.
    #[must_use]
    pub fn or(self, other: Self) -> Self {
        self.min(other)
    }

    /// Returns the name.
    pub fn word(self) -> &'static str {
        match self {
            Self::Allowed => "allowed",
            Self::Unknown => "unknown",
            Self::Denied => "denied",
        }
    }
}

/// The layer of a decision. The order is from the outside in.
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
    /// Mutual TLS: peer authentication, and the egress of sidecars.
    MutualTls,
    /// Authorization policies and request authentication.
    Authorization,
    /// The identity of a workload: service accounts, trust policies, role chains.
    Trust,
    /// The permissions of a principal: identity and resource policies, boundaries.
    Permission,
    /// Key policies and grants.
    Key,
    /// Logins to a store: its users, topics and groups.
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

    /// Returns the name in words.
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

/// One layer of a chain, with its decision.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Link {
    /// The layer.
    pub layer: Layer,
    /// The resource or object that decides, such as `SecurityGroup data/OrdersDb`; empty if there is none.
    pub what: String,
    /// The field that decides, such as `spec.ingress[0]`; empty if there is none.
    pub field: String,
    /// The source location.
    pub at: Option<At>,
    /// The verdict of this layer.
    pub verdict: Verdict,
    /// The reason, in one sentence.
    pub why: String,
    /// The edits that together change the verdict; empty if they are unknown.
    pub edits: Vec<Edit>,
}

impl Link {
    /// Creates a link without a deciding resource or object.
    pub fn new(layer: Layer, verdict: Verdict, why: impl Into<String>) -> Self {
        Self { layer, what: String::new(), field: String::new(), at: None, verdict, why: why.into(), edits: Vec::new() }
    }

    /// Sets the edits that change the verdict.
    #[must_use]
    pub fn edited(mut self, edits: Vec<Edit>) -> Self {
        self.edits = edits;
        self
    }

    /// Sets the deciding resource or object, its field, and its source location.
    #[must_use]
    pub fn by(mut self, what: impl Into<String>, field: impl Into<String>, at: &At) -> Self {
        self.what = what.into();
        self.field = field.into();
        self.at = Some(at.clone());
        self
    }
}

/// A change that opens a denied connection or closes an allowed one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fix {
    /// The layer that it changes.
    pub layer: Layer,
    /// The resource or the object.
    pub what: String,
    /// The field; empty for a new resource or object.
    pub field: String,
    /// The source location.
    pub at: Option<At>,
    /// The change, in one sentence.
    pub change: String,
    /// The edit, or `None` if only the location is known.
    pub edit: Option<Edit>,
}
