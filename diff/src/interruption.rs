//! How a change interrupts what serves, so that requests or work wait.

use std::fmt;

/// How something that serves is interrupted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Interruption {
    /// It restarts or fails over.
    Restart,
    /// It is replaced, or deleted and made again.
    Replaced,
    /// Whether it is replaced depends on what only AWS knows.
    MayBeReplaced,
    /// It goes, and nothing takes its place.
    Removed,
    /// It has another logical id or stack, so that a plain deployment makes a new one.
    Renamed,
    /// It has no pods from now on.
    ScaledToZero,
    /// All its pods stop before new ones start.
    AllPods,
    /// On each node, its pod stops before the new one starts.
    PodsOfNodes,
}

impl fmt::Display for Interruption {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(match self {
            Interruption::Restart => "it restarts or fails over",
            Interruption::Replaced => "it is replaced",
            Interruption::MayBeReplaced => "it may be replaced",
            Interruption::Removed => "it is removed",
            Interruption::Renamed => "without a stack refactor a new one is made",
            Interruption::ScaledToZero => "it is scaled to zero",
            Interruption::AllPods => "all its pods stop before new ones start",
            Interruption::PodsOfNodes => "on each node its pod stops before the new one starts",
        })
    }
}
