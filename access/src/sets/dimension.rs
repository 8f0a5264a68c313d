//! What requests and connections are told apart by.

use std::cmp::Ordering;

/// One thing that a policy can ask of a request.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Dimension {
    /// Who asks.
    Principal,
    /// What is done: an action of AWS, a verb of Kubernetes.
    Action,
    /// On what: an ARN, or a resource of Kubernetes.
    Resource,
    /// A key of the request's context: a condition key of IAM, an attribute of Istio.
    Key(Key),
    /// Something that only its text tells apart, and that holds or does not.
    Opaque(String),
    /// Whether another policy, which is not looked at, allows the request.
    Elsewhere,
    /// Which kind of request it is, where a language knows several.
    Kind,
    /// The group of a resource of Kubernetes.
    ApiGroup,
    /// The name of a resource of Kubernetes, if the request names one.
    ResourceName,
    /// The namespace of a resource of Kubernetes.
    Namespace,
    /// A path of the API server that is not a resource, or a path of a service.
    Path,
    /// In or out.
    Direction,
    /// tcp, udp and others.
    Protocol,
    /// A number, or a port's name.
    Port,
    /// The other end of a connection: an address, a security group, a prefix list.
    Peer,
    /// Where a connection comes from: `internal`, or the internet.
    Network,
    /// A label of the namespace of the other end.
    PeerNamespace(String),
    /// A label of the pod of the other end.
    PeerPod(String),
    /// An HTTP host.
    Host,
    /// An HTTP method.
    Method,
}

/// The name of a key. Upper and lower case are one.
#[derive(Clone, Debug)]
pub struct Key(String);

impl Key {
    /// As it is written.
    pub fn new(name: &str) -> Self {
        Self(name.to_owned())
    }

    /// As it is written.
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

/// How a dimension tells whether somebody is a stranger.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Trait {
    /// A stranger has none of the values that are named.
    Identity,
    /// A stranger has no value.
    Absence,
    /// A stranger comes from any address.
    Address,
    /// Strangers and others have it alike.
    Common,
}

/// Keys of a context that only those have whom somebody chose.
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
    "aws:username",
    "aws:userid",
    "aws:federatedprovider",
    "kms:calleraccount",
    "kms:viaservice",
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

    /// The numbers that there are, both ends included.
    pub(super) fn numbers(&self) -> (u128, u128) {
        match self {
            Self::Port => (1, u16::MAX.into()),
            Self::Kind => (0, u16::MAX.into()),
            _ => (0, u128::MAX),
        }
    }

    /// Whether an exception for what is admitted anyway is better left out of a sentence. That of a condition is not.
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
                    it if it.starts_with("aws:principaltag/") => Trait::Identity,
                    // Whoever has a certificate of the mesh, or a token, is known to somebody.
                    it if it.starts_with("source.principal") || it.starts_with("request.auth.") => Trait::Absence,
                    it if ADDRESSES.contains(&it) => Trait::Address,
                    _ => Trait::Common,
                }
            }
            _ => Trait::Common,
        }
    }
}
