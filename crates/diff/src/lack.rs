//! Missing protections of a store: backups, deletion protection, retention.

use std::fmt;

/// A missing protection of a store.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Lack {
    /// No backups are configured.
    Backup,
    /// It can be deleted immediately.
    DeletionProtection,
    /// It is deleted completely when it leaves its stack or cluster.
    Retention,
}

impl fmt::Display for Lack {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(match self {
            Lack::Backup => "without backup",
            Lack::DeletionProtection => "without deletion protection",
            Lack::Retention => "without retention",
        })
    }
}
