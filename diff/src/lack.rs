//! What a store has not: backups, deletion protection, retention.

use std::fmt;

/// What a store has not.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Lack {
    /// Nothing makes backups of it.
    Backup,
    /// It can be deleted at once.
    DeletionProtection,
    /// Nothing is left of it when it leaves its stack or its cluster.
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
