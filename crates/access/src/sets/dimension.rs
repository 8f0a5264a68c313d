//! The dimensions by which requests and connections differ.

use std::cmp::Ordering;

/// A property of a request that a policy can test.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Dimension {
    /// The caller.
    Principal,
    /// An AWS action or a Kubernetes verb.
    Action,
    /// The target: an ARN, or a Kubernetes resource.
    Resource,
    /// A context key of the request: an IAM condition key, or an Istio attribute.
    Key(Key),
    /// A condition that is compared only by its text, and that is true or false.
    Opaque(String),
    /// Whether a policy outside of the comparison allows the request.
    Elsewhere,
    /// The request kind, if the policy language has several, such as resource and URL requests in RBAC.
    Kind,
    /// The API group of a Kubernetes resource.
    ApiGroup,
    /// The name of a Kubernetes resource, if the request contains one.
    ResourceName,
    /// The namespace of a Kubernetes resource.
    Namespace,
    /// A non-resource path of the API server, or a path of a service.
    Path,
    /// Inbound or outbound.
    Direction,
    /// The protocol, such as TCP or UDP.
    Protocol,
    /// The port number or name.
    Port,
    /// The peer of a connection: an address, a security group, a prefix list.
    Peer,
    /// The origin of a connection: `internal`, or the internet.
    Network,
    /// A label of the peer's namespace.
    PeerNamespace(String),
    /// A label of the peer pod.
    PeerPod(String),
    /// The HTTP host.
    Host,
    /// The HTTP method.
    Method,
}

/// The name of a key. Names are case-insensitive.
#[derive(Clone, Debug)]
pub struct Key(String);

impl Key {
    /// Creates a key from its written name.
    pub fn new(name: &str) -> Self {
        Self(name.to_owned())
    }

    /// Returns the written name.
    pub fn name(&self) -> &str {
        &self.0
    }

    fn folded(&self) -> String {
        self.0.to_ascii_lowercase()
    }
}

impl PartialEq for Key {
    fn eq(&self, other: &Self) -> bool {
        self.0.eq_ignore_ascii_case(&other.0)
    }
}

impl Eq for Key {}

impl Ord for Key {
    fn cmp(&self, other: &Self) -> Ordering {
        self.folded().cmp(&other.folded())
    }
}

impl PartialOrd for Key {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

/// How a dimension distinguishes strangers, which are clients that no policy names.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Trait {
    /// A stranger has none of the named values.
    Identity,
    /// A stranger has no value.
    Absence,
    /// A stranger can have any address.
    Address,
    /// The dimension does not distinguish strangers.
    Common,
}

/// Context keys that only selected identities have.
///
/// Source: <https://docs.aws.amazon.com/AmazonS3/latest/userguide/access-control-block-public-access.html>, and of
/// Istio <https://istio.io/latest/docs/reference/config/security/conditions/>.
const IDENTITY: &[&str] = &[
    "aws:principalarn",
    "aws:principalaccount",
    "aws:principalorgid",
    "aws:principalorgpaths",
    "aws:principalservicename",
    "aws:principalservicenameslist",
    "aws:principalisawsservice",
    "aws:sourceaccount",
    "aws:sourcearn",
    "aws:sourceorgid",
    "aws:sourceorgpaths",
    "aws:sourceowner",
    "aws:sourcevpc",
    "aws:sourcevpce",
    "aws:sourcevpcarn",
    "aws:vpceaccount",
    "aws:vpceorgid",
    "aws:vpceorgpaths",
    "aws:userid",
    "aws:federatedprovider",
    "kms:calleraccount",
    "s3:dataaccesspointarn",
    "s3:dataaccesspointaccount",
    "elasticfilesystem:accesspointarn",
    "elasticfilesystem:accessedviamounttarget",
    "sns:endpoint",
    "lambda:eventsourcetoken",
];
const ADDRESSES: &[&str] = &["aws:sourceip", "aws:vpcsourceip", "source.ip", "remote.ip"];

impl Dimension {
    /// Whether a request may have no value.
    pub(super) fn may_be_absent(&self) -> bool {
        matches!(self, Self::Key(_) | Self::ResourceName | Self::Peer | Self::PeerNamespace(_) | Self::PeerPod(_))
    }

    /// Returns the range of valid numbers, both ends included.
    pub(super) fn numbers(&self) -> (u128, u128) {
        match self {
            Self::Port => (1, u16::MAX.into()),
            Self::Kind => (0, u16::MAX.into()),
            _ => (0, u128::MAX),
        }
    }

    /// Whether the summary omits exceptions for requests that are admitted anyway. Exceptions for conditions are kept.
    pub(super) fn is_plain(&self) -> bool {
        matches!(self, Self::Principal | Self::Action | Self::Resource | Self::Elsewhere | Self::Peer | Self::Path)
    }

    pub(super) fn of_strangers(&self) -> Trait {
        match self {
            Self::Principal | Self::Network | Self::PeerNamespace(_) | Self::PeerPod(_) => Trait::Identity,
            Self::Peer => Trait::Address,
            Self::Key(key) => {
                let name = key.folded();
                let is_issuer = [":aud", ":sub", ":amr", ":oaud"].iter().any(|end| name.ends_with(end));
                match name.as_str() {
                    it if IDENTITY.iter().any(|name| name.eq_ignore_ascii_case(it)) || is_issuer => Trait::Identity,
                    // A client with a mesh certificate or a token is not a stranger.
                    it if it.starts_with("source.principal") || it.starts_with("request.auth.") => Trait::Absence,
                    it if ADDRESSES.contains(&it) => Trait::Address,
                    _ => Trait::Common,
                }
            }
            _ => Trait::Common,
        }
    }
}
