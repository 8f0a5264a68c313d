//! What a program says of who reaches what.

use crate::tree::{At, Construct, NodeId};

/// Anybody, from any public address, without a login.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Internet;

/// One end of a rule about who reaches what: a construct, a port of it, or the internet.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum End {
    /// Anybody.
    Internet,
    /// A construct, and the name or the number of a port of it where one is meant.
    Construct(NodeId, Option<String>),
}

/// A port of a workload or a store, by its name or its number.
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

/// What must hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Holds {
    /// None of the sources reaches the target.
    Never,
    /// Nobody but the sources reaches the target.
    Only,
    /// Each of the sources reaches the target.
    Always,
}

impl Holds {
    /// The word in `manifest.json` and in `meshsynth.toml`.
    pub fn word(self) -> &'static str {
        match self {
            Self::Never => "never",
            Self::Only => "only",
            Self::Always => "always",
        }
    }

    /// The one of a word.
    pub fn parse(word: &str) -> Option<Self> {
        [Self::Never, Self::Only, Self::Always].into_iter().find(|it| it.word() == word)
    }
}

/// A rule about who reaches what, and where it is written.
#[doc(hidden)]
#[derive(Clone, Debug)]
pub struct ReachRule {
    /// What must hold.
    pub holds: Holds,
    /// Who asks.
    pub from: Vec<End>,
    /// What is asked for.
    pub to: End,
    /// The user's line.
    pub at: At,
}
