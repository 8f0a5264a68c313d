//! What becomes of the data that a change touches: facts, which [`Fate`]'s `Display` puts into words.

use std::fmt;

use serde_json::Value;

/// What becomes of the data of one store.
#[derive(Clone, Debug, PartialEq)]
pub enum Fate {
    /// The store leaves its stack, and nothing takes its place.
    Removed(Remains),
    /// A new store takes its place, and starts empty.
    Replaced(Remains),
    /// The store leaves its stack while another of its type, `by`, is created: whoever used the one will use the other.
    Succeeded {
        /// The other one.
        by: String,
        /// What is left of this one.
        old: Remains,
    },
    /// The store gets another logical id or stack. Unless a stack refactor moves it, a new one starts empty.
    Renamed(Remains),
    /// The store stays, and what is in it is deleted by a property that changes.
    Expires {
        /// What is deleted, in words.
        what: &'static str,
        /// The property.
        property: String,
        /// Its old value.
        before: Option<Value>,
        /// Its new value.
        after: Option<Value>,
    },
    /// A copy stays as it is, and nothing more arrives from its source.
    Detached {
        /// The property that named the source.
        property: String,
        /// Whether it names another source now.
        has_other: bool,
    },
    /// The store stays, and the attribute that would keep it when it goes no longer does.
    Unprotected {
        /// Such as `DeletionPolicy`.
        attribute: String,
    },
    /// A namespace goes with everything in it.
    NamespaceRemoved,
    /// A custom resource definition goes with every object of its kind.
    KindRemoved,
    /// A StatefulSet goes; its claims stay unless its retention policy deletes them.
    ClaimsLeft,
    /// A claim goes; its storage class decides over the volume.
    ClaimRemoved,
    /// A claim is deleted and created, and the new one starts empty.
    ClaimReplaced,
}

/// What is left of a store that goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Remains {
    /// Nothing.
    Nothing,
    /// A snapshot.
    Snapshot,
    /// The store itself, outside of the stack.
    Store,
}

impl Fate {
    /// Whether data are deleted that nothing else holds.
    pub fn is_loss(&self) -> bool {
        match self {
            Fate::Removed(old) | Fate::Replaced(old) => *old == Remains::Nothing,
            Fate::Succeeded { old, .. } => *old == Remains::Nothing,
            Fate::Expires { .. }
            | Fate::NamespaceRemoved
            | Fate::KindRemoved
            | Fate::ClaimRemoved
            | Fate::ClaimReplaced => true,
            Fate::Renamed(_) | Fate::Detached { .. } | Fate::Unprotected { .. } | Fate::ClaimsLeft => false,
        }
    }

    /// Whether somebody must look before it happens: everything but a store that is removed and kept.
    pub fn is_at_risk(&self) -> bool {
        !matches!(self, Fate::Removed(Remains::Store | Remains::Snapshot))
    }

    /// Takes over what another judgement of the same store says, where less is left by it.
    pub fn worsen(&mut self, other: &Self) {
        let remains = |fate: &Self| match fate {
            Fate::Removed(old) | Fate::Replaced(old) | Fate::Renamed(old) | Fate::Succeeded { old, .. } => Some(*old),
            _ => None,
        };
        let Some(less) = remains(other) else { return };
        if let Fate::Removed(old) | Fate::Replaced(old) | Fate::Renamed(old) | Fate::Succeeded { old, .. } = self {
            *old = less.min(*old);
        }
    }

    /// Whether whoever uses the store finds an empty one.
    pub fn starts_empty(&self) -> bool {
        match self {
            Fate::Replaced(_) | Fate::Succeeded { .. } | Fate::Renamed(_) | Fate::ClaimReplaced => true,
            Fate::Removed(_)
            | Fate::Expires { .. }
            | Fate::Detached { .. }
            | Fate::Unprotected { .. }
            | Fate::NamespaceRemoved
            | Fate::KindRemoved
            | Fate::ClaimsLeft
            | Fate::ClaimRemoved => false,
        }
    }
}

impl Remains {
    /// The words for a store that is replaced.
    fn of_the_old_one(self) -> &'static str {
        match self {
            Remains::Store => "the old one stays, outside of the stack",
            Remains::Snapshot => "the old one is deleted, and a snapshot of it stays",
            Remains::Nothing => "the old one is deleted with its data",
        }
    }

    /// The words for a store that leaves its stack.
    fn alone(self) -> &'static str {
        match self {
            Remains::Store => "stays in AWS, outside of the stack",
            Remains::Snapshot => "deleted; a snapshot of it stays",
            Remains::Nothing => "deleted with its data",
        }
    }
}

impl fmt::Display for Fate {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Fate::Removed(old) => out.write_str(old.alone()),
            Fate::Replaced(old) => write!(out, "the new one starts empty; {}", old.of_the_old_one()),
            Fate::Succeeded { by, old } => {
                write!(out, "`{by}` may take its place, and starts empty; the old one: {}", old.alone())
            }
            Fate::Renamed(old) => {
                write!(out, "unless it is refactored, the new one starts empty; the old one: {}", old.alone())
            }
            Fate::Expires { what, property, before, after } => {
                let shown = |value: &Option<Value>| value.as_ref().map_or("unset".to_owned(), Value::to_string);
                write!(out, "{what} (`{property}` {} → {})", shown(before), shown(after))
            }
            Fate::Detached { property, has_other: false } => {
                write!(out, "it is promoted: replication from its source ends (`{property}`)")
            }
            Fate::Detached { property, has_other: true } => {
                write!(out, "it replicates from another source (`{property}`)")
            }
            Fate::Unprotected { attribute } => {
                write!(out, "kept as it is now, but no longer protected by `{attribute}`")
            }
            Fate::NamespaceRemoved => out.write_str("everything in the namespace goes with it, volume claims included"),
            Fate::KindRemoved => out.write_str("every object of the kind goes with it"),
            Fate::ClaimsLeft => out.write_str("its volume claims stay, unless its retention policy deletes them"),
            Fate::ClaimRemoved => out.write_str(
                "its volume goes with it where the storage class reclaims by `Delete`, which is the default",
            ),
            Fate::ClaimReplaced => out.write_str("the new claim starts empty"),
        }
    }
}

/// The words for all that becomes of a store.
pub fn words(fates: &[Fate]) -> String {
    fates.iter().map(Fate::to_string).collect::<Vec<_>>().join("; ")
}
