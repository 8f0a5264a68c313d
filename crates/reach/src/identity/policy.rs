//! Attached policies: of identities, as permissions or as a boundary, of resources, and of keys.

use super::document::Document;
use super::managed;
use super::truth::Truth;

/// A policy and its location.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Policy<W> {
    /// The content.
    pub body: Body,
    /// The location, of a type that the caller selects. A decision contains it.
    pub at: W,
}

/// The content of a policy.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Body {
    /// A known document.
    Known(Document),
    /// A policy that is known only by its ARN.
    Named(String),
    /// An unreadable document.
    Unread,
}

impl Body {
    /// Returns the document, including that of a known AWS managed policy.
    pub fn document(&self) -> Option<&Document> {
        match self {
            Self::Known(document) => Some(document),
            Self::Named(arn) => managed::document(arn),
            Self::Unread => None,
        }
    }

    /// Returns whether a policy with an unknown document may apply to an action.
    pub fn may_be_about(&self, action: &str) -> Truth {
        match self {
            Self::Known(_) => Truth::No,
            Self::Named(arn) if managed::document(arn).is_some() => Truth::No,
            Self::Named(arn) => managed::may_be_about(arn, action),
            Self::Unread => Truth::Unknown,
        }
    }
}

/// A key grant.
///
/// Source: <https://docs.aws.amazon.com/kms/latest/developerguide/grants.html>.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Grant<W> {
    /// The ARN of the grantee principal.
    pub grantee: String,
    /// The operations, such as `Decrypt`.
    pub operations: Vec<String>,
    /// Whether it requires an encryption context.
    pub is_constrained: bool,
    /// The source location.
    pub at: W,
}
