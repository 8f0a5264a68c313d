//! Policies that are attached: to identities as what they allow or as their boundary, to resources, to keys.

use super::document::Document;
use super::managed;
use super::truth::Truth;

/// A policy, and where it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Policy<W> {
    /// What it says.
    pub body: Body,
    /// Where it is written: whatever the caller wants back with a decision.
    pub at: W,
}

/// What a policy says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Body {
    /// Its document is known.
    Known(Document),
    /// Only its ARN is.
    Named(String),
    /// It is there, and cannot be read.
    Unread,
}

impl Body {
    /// The document; also that of a policy of AWS which is known.
    pub fn document(&self) -> Option<&Document> {
        match self {
            Self::Known(document) => Some(document),
            Self::Named(arn) => managed::document(arn),
            Self::Unread => None,
        }
    }

    /// Whether a policy whose document is not known may be about an action.
    pub fn may_be_about(&self, action: &str) -> Truth {
        match self {
            Self::Known(_) => Truth::No,
            Self::Named(arn) if managed::document(arn).is_some() => Truth::No,
            Self::Named(arn) => managed::may_be_about(arn, action),
            Self::Unread => Truth::Unknown,
        }
    }
}

/// A grant of a key.
///
/// Source: <https://docs.aws.amazon.com/kms/latest/developerguide/grants.html>.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Grant<W> {
    /// The ARN of the principal that has it.
    pub grantee: String,
    /// The operations, such as `Decrypt`.
    pub operations: Vec<String>,
    /// Whether it holds only with some encryption context.
    pub is_constrained: bool,
    /// Where it is written.
    pub at: W,
}
