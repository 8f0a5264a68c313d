//! What a role, a user or a group may do.

use super::document::Document;
use crate::sets::{Cube, Dimension, Region, Set};

/// A policy that is attached.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Managed {
    /// Its document is known.
    Known(Document),
    /// Only its name is: what it allows is unknown, and stays the same.
    Named(String),
}

/// All policies of one identity.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Identity {
    /// Inline and attached.
    pub policies: Vec<Managed>,
    /// What it has at most.
    pub boundary: Option<Managed>,
}

impl Identity {
    /// What the identity may do. A request that a policy of the resource allows is admitted, too, unless it is denied.
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

/// What another policy allows.
pub(super) fn elsewhere() -> Region {
    Cube::new().with(Dimension::Elsewhere, Set::literal("yes")).into()
}

/// AWS's policy for everything.
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
