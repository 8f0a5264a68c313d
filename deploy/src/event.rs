//! What happens during a run, as data: shown to people, printed for programs, written to the journal.

use serde::Serialize;

use crate::failure::Failure;
use crate::judgement::{AccessRow, Row};
use crate::way_row::WayRow;

/// Something that happened, for people, for programs and for the journal. It holds no secret.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(tag = "event", rename_all = "kebab-case")]
pub enum Event {
    /// A stack or a cluster begins.
    Began {
        /// Its id.
        at: String,
    },
    /// What it does or waits for.
    Doing {
        /// The stack or the cluster.
        at: String,
        /// In words.
        text: String,
    },
    /// Something has been waited for, half a minute or longer.
    Waiting {
        /// The stack or the cluster.
        at: String,
        /// The resource or the object.
        name: String,
        /// What it waits for.
        reason: String,
        /// How long, in seconds.
        waited: u64,
    },
    /// What others made becomes ours, once what would change is approved.
    TakesOver {
        /// The stack or the cluster.
        at: String,
        /// The stack, the resource or the object.
        name: String,
        /// Who had it, as far as that is known.
        from: String,
        /// What stays as it is, what ends, and what to look after.
        #[serde(skip_serializing_if = "Vec::is_empty")]
        notes: Vec<String>,
        /// The command that brings it back; empty where nothing need be.
        #[serde(skip_serializing_if = "String::is_empty")]
        back: String,
    },
    /// What would change.
    Changes {
        /// The stack or the cluster.
        at: String,
        /// Each with its verdict.
        changes: Vec<Row>,
        /// What the change lets reach what, and what it cuts off.
        #[serde(skip_serializing_if = "Vec::is_empty")]
        ways: Vec<WayRow>,
        /// Who may do more or less than before, beside what ways tell.
        #[serde(skip_serializing_if = "Vec::is_empty")]
        access: Vec<AccessRow>,
    },
    /// A resource or an object reached a state.
    Reached {
        /// The stack or the cluster.
        at: String,
        /// The resource or the object.
        name: String,
        /// Such as `CREATE_COMPLETE`.
        state: String,
        /// Why, where something is wrong.
        #[serde(skip_serializing_if = "String::is_empty")]
        reason: String,
    },
    /// Somebody should know.
    Note {
        /// The stack or the cluster.
        at: String,
        /// In words.
        text: String,
    },
    /// A stack or a cluster is done.
    Done {
        /// Its id.
        at: String,
        /// In words.
        text: String,
    },
    /// A stack or a cluster failed.
    Failed {
        /// Its id.
        at: String,
        /// Why, and what to do.
        failure: Failure,
    },
    /// A stack or a cluster was not started.
    Skipped {
        /// Its id.
        at: String,
        /// What it waited for.
        because: String,
    },
}
