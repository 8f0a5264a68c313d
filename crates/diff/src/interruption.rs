//! Interruptions of serving resources, which delay requests or work.

use std::fmt;

/// The interruption of a serving resource.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Interruption {
    /// It restarts or fails over.
    Restart,
    /// It is replaced, or deleted and created again.
    Replaced,
    /// The replacement depends on facts that only AWS has.
    MayBeReplaced,
    /// It is removed without a successor.
    Removed,
    /// It has another logical ID or stack, so a deployment without a stack refactor creates a new one.
    Renamed,
    /// A property disables it, so it handles no more requests or work.
    Disabled,
    /// It has no pods after the change.
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
            Interruption::Renamed => "without a stack refactor, a new resource replaces it",
            Interruption::Disabled => "it is disabled",
            Interruption::ScaledToZero => "it is scaled to zero",
            Interruption::AllPods => "all its pods stop before new ones start",
            Interruption::PodsOfNodes => "on each node, its pod stops before the new one starts",
        })
    }
}
