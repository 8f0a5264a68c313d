//! Events of a run. They are displayed, printed as JSON, and written to the journal.

use serde::Serialize;

use crate::failure::Failure;
use crate::judgement::{AccessRow, Row};
use crate::way_row::WayRow;

/// An event of a run. It contains no secrets.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(tag = "event", rename_all = "kebab-case")]
pub enum Event {
    /// A stack or cluster starts.
    Began {
        /// The ID.
        at: String,
    },
    /// The current operation or wait.
    Doing {
        /// The stack or the cluster.
        at: String,
        /// A description.
        text: String,
    },
    /// A wait of half a minute or longer.
    Waiting {
        /// The stack or the cluster.
        at: String,
        /// The resource or the object.
        name: String,
        /// The reason for the wait.
        reason: String,
        /// The duration in seconds.
        waited: u64,
    },
    /// The deployment takes over a resource of another owner, after the user approves the changes.
    TakesOver {
        /// The stack or the cluster.
        at: String,
        /// The stack, the resource or the object.
        name: String,
        /// The previous owner, if it is known.
        from: String,
        /// Notes about parts that remain, parts that end, and parts that need attention.
        #[serde(skip_serializing_if = "Vec::is_empty")]
        notes: Vec<String>,
        /// The command that undoes the takeover. It is empty if no undo is needed.
        #[serde(skip_serializing_if = "String::is_empty")]
        back: String,
    },
    /// The expected changes.
    Changes {
        /// The stack or the cluster.
        at: String,
        /// The changes with their verdicts.
        changes: Vec<Row>,
        /// The access paths that the change opens or closes.
        #[serde(skip_serializing_if = "Vec::is_empty")]
        ways: Vec<WayRow>,
        /// The permissions that change, except for those in `ways`.
        #[serde(skip_serializing_if = "Vec::is_empty")]
        access: Vec<AccessRow>,
    },
    /// A resource or an object reached a state.
    Reached {
        /// The stack or the cluster.
        at: String,
        /// The resource or the object.
        name: String,
        /// The state, such as `CREATE_COMPLETE`.
        state: String,
        /// The reason, if there is a problem.
        #[serde(skip_serializing_if = "String::is_empty")]
        reason: String,
    },
    /// A note for the user.
    Note {
        /// The stack or the cluster.
        at: String,
        /// A description.
        text: String,
    },
    /// A stack or cluster is complete.
    Done {
        /// The ID.
        at: String,
        /// A description.
        text: String,
    },
    /// A stack or a cluster failed.
    Failed {
        /// The ID.
        at: String,
        /// The reason and the fix.
        failure: Failure,
    },
    /// A stack or a cluster was not started.
    Skipped {
        /// The ID.
        at: String,
        /// The dependency or failure that prevented the start.
        because: String,
    },
}
