//! Rules about network access and permissions that a program declares.

use crate::tree::{At, Construct, NodeId};

/// Any client on the internet, from any public address and without a login.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Internet;

/// The source or the target of a reach rule: a construct, a port of a construct, or the internet.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum End {
    /// Any client on the internet.
    Internet,
    /// A construct and, optionally, the name or number of its port.
    Construct(NodeId, Option<String>),
}

/// Selects a port of a workload or a store by its name or number.
///
/// ```
/// # let app = meshsynth::App::new("shop");
/// # let payments = meshsynth::testing::workload(&app);
/// use meshsynth::reach::{Internet, port};
///
/// app.never(Internet, port(&payments, "http"));
/// ```
pub fn port(of: &impl Construct, port: impl ToString) -> End {
    End::Construct(of.scope().node(), Some(port.to_string()))
}

impl From<Internet> for End {
    fn from(_: Internet) -> Self {
        Self::Internet
    }
}

impl<T: Construct> From<&T> for End {
    fn from(construct: &T) -> Self {
        Self::Construct(construct.scope().node(), None)
    }
}

/// The requirement of a rule.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Holds {
    /// The sources must not reach the target.
    Never,
    /// Only the sources may reach the target.
    Only,
    /// Every source must be able to reach the target.
    Always,
}

impl Holds {
    /// Returns the name in `manifest.json` and in `meshsynth.toml`.
    pub fn word(self) -> &'static str {
        match self {
            Self::Never => "never",
            Self::Only => "only",
            Self::Always => "always",
        }
    }

    /// Parses a name.
    pub fn parse(word: &str) -> Option<Self> {
        [Self::Never, Self::Only, Self::Always].into_iter().find(|it| it.word() == word)
    }
}

/// A reach rule and its source location.
#[doc(hidden)]
#[derive(Clone, Debug)]
pub struct ReachRule {
    /// The requirement.
    pub holds: Holds,
    /// The sources.
    pub from: Vec<End>,
    /// The target.
    pub to: End,
    /// The line in the user's code.
    pub at: At,
}
