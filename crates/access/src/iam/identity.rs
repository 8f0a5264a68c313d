//! The permissions of a role, a user or a group.

use super::document::Document;
use crate::sets::{Cube, Dimension, Region, Set};

/// An attached policy.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Managed {
    /// A policy with a known document.
    Known(Document),
    /// A policy that is known only by its name. Its permissions are unknown and treated as unchanged.
    Named(String),
}

/// All policies of one identity.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Identity {
    /// Inline and attached policies.
    pub policies: Vec<Managed>,
    /// The permissions boundary.
    pub boundary: Option<Managed>,
}

impl Identity {
    /// Returns the requests that the identity may make. This includes requests that a resource policy allows, unless
    /// they are denied.
    pub fn admits(&self) -> Region {
        let mut allowed: Region = self.policies.iter().map(Managed::allows).collect();
        let mut denied: Region = self.policies.iter().map(Managed::denies).collect();
        if let Some(boundary) = &self.boundary {
            allowed = allowed.and(boundary.allows());
            denied = denied.or(boundary.denies());
        }
        allowed.or(elsewhere()).without(denied)
    }
}

/// Returns the requests that another policy allows.
pub(super) fn elsewhere() -> Region {
    Cube::new().with(Dimension::Elsewhere, Set::literal("yes")).into()
}

/// The AWS managed policy that allows everything.
///
/// Source: <https://docs.aws.amazon.com/aws-managed-policy/latest/reference/AdministratorAccess.html>.
const EVERYTHING: &str = ":iam::aws:policy/AdministratorAccess";

impl Managed {
    fn allows(&self) -> Region {
        match self {
            Managed::Known(document) => document.effect(false),
            Managed::Named(name) if name.ends_with(EVERYTHING) => Region::all(),
            Managed::Named(name) => Cube::new().with(Dimension::Opaque(name.clone()), Set::literal("yes")).into(),
        }
    }

    fn denies(&self) -> Region {
        match self {
            Managed::Known(document) => document.effect(true),
            Managed::Named(_) => Region::none(),
        }
    }
}
