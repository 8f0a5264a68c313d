//! Effects of a change on data. [`Fate`]'s `Display` describes them.

use std::fmt;

use meshsynth_model::words;
use serde_json::Value;

/// The effect on the data of one store.
#[derive(Clone, Debug, PartialEq)]
pub enum Fate {
    /// The store leaves its stack without a successor.
    Removed(Remains),
    /// A new, empty store replaces it.
    Replaced(Remains),
    /// The store leaves its stack while another of its type, `by`, is created. Clients will use the other one.
    Succeeded {
        /// The other store.
        by: String,
        /// The remains of this store.
        old: Remains,
    },
    /// The store gets another logical ID or stack. Unless a stack refactor moves it, a new one starts empty.
    Renamed(Remains),
    /// The store remains, but a changed property deletes content.
    Expires {
        /// The description of the deleted content.
        what: &'static str,
        /// The property.
        property: String,
        /// Its old value.
        before: Option<Value>,
        /// Its new value.
        after: Option<Value>,
    },
    /// A replica remains, but no longer receives data from its source.
    Detached {
        /// The property that named the source.
        property: String,
        /// Whether it names another source now.
        has_other: bool,
    },
    /// The store remains, but an attribute no longer protects its data on deletion.
    Unprotected {
        /// The attribute, such as `DeletionPolicy`.
        attribute: String,
    },
    /// A namespace is deleted with its content.
    NamespaceRemoved,
    /// A custom resource definition is deleted with every object of its kind.
    KindRemoved,
    /// A StatefulSet is deleted. Its claims remain.
    ClaimsLeft,
    /// A StatefulSet has fewer pods, and its retention policy deletes the claims of the removed pods.
    ClaimsScaledAway {
        /// The old number of pods.
        before: u64,
        /// The new number of pods.
        after: u64,
    },
    /// A StatefulSet is deleted, and its retention policy deletes its claims.
    ClaimsRemoved,
    /// A claim is deleted. Its storage class determines whether the volume is deleted.
    ClaimRemoved,
    /// A claim is deleted and created again. The new one starts empty.
    ClaimReplaced,
}

/// The remains of a deleted store.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Remains {
    /// No remains.
    Nothing,
    /// A snapshot.
    Snapshot,
    /// The store itself, outside of the stack.
    Store,
}

impl Fate {
    /// Whether data without another copy is deleted.
    pub fn is_loss(&self) -> bool {
        match self {
            Fate::Removed(old) | Fate::Replaced(old) => *old == Remains::Nothing,
            Fate::Succeeded { old, .. } => *old == Remains::Nothing,
            Fate::Expires { .. }
            | Fate::NamespaceRemoved
            | Fate::KindRemoved
            | Fate::ClaimsScaledAway { .. }
            | Fate::ClaimsRemoved
            | Fate::ClaimRemoved
            | Fate::ClaimReplaced => true,
            Fate::Renamed(_) | Fate::Detached { .. } | Fate::Unprotected { .. } | Fate::ClaimsLeft => false,
        }
    }

    /// Whether the user must review it first. Only a removed store that is kept, or has a snapshot, needs no review.
    pub fn is_at_risk(&self) -> bool {
        !matches!(self, Fate::Removed(Remains::Store | Remains::Snapshot))
    }

    /// Keeps the smaller remains, if two evaluations of the same store differ.
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

    /// Whether clients of the store find an empty one.
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
            | Fate::ClaimsScaledAway { .. }
            | Fate::ClaimsRemoved
            | Fate::ClaimRemoved => false,
        }
    }
}

impl Remains {
    /// Describes the remains of a replaced store.
    fn of_the_old_one(self) -> &'static str {
        match self {
            Remains::Store => "the old one is retained outside the stack",
            Remains::Snapshot => "the old one is deleted after a snapshot",
            Remains::Nothing => "the old one is deleted with its data",
        }
    }

    /// Describes the remains of a store that leaves its stack.
    fn alone(self) -> &'static str {
        match self {
            Remains::Store => "retained in AWS, outside the stack",
            Remains::Snapshot => "deleted after a snapshot",
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
                write!(out, "`{by}` may replace it, and starts empty; the old one: {}", old.alone())
            }
            Fate::Renamed(old) => {
                write!(out, "without a stack refactor, the new one starts empty; the old one: {}", old.alone())
            }
            Fate::Expires { what, property, before, after } => {
                let shown = |value: &Option<Value>| value.as_ref().map_or("unset".to_owned(), Value::to_string);
                write!(out, "{what} (`{property}` {} → {})", shown(before), shown(after))
            }
            Fate::Detached { property, has_other: false } => {
                write!(out, "it becomes a standalone instance: replication from its source ends (`{property}`)")
            }
            Fate::Detached { property, has_other: true } => {
                write!(out, "it replicates from a different source (`{property}`)")
            }
            Fate::Unprotected { attribute } => {
                write!(out, "kept by this change, but `{attribute}` no longer protects it")
            }
            Fate::NamespaceRemoved => out.write_str(
                "all objects in the namespace are deleted with it, including \
                 volume claims",
            ),
            Fate::KindRemoved => out.write_str("all objects of the kind are deleted with it"),
            Fate::ClaimsLeft => out.write_str("its volume claims are kept"),
            Fate::ClaimsScaledAway { before, after } => write!(
                out,
                "the volume claims of {} are deleted, because `persistentVolumeClaimRetentionPolicy.whenScaled` is \
                 `Delete` ({before} → {after} replicas)",
                words::count(usize::try_from(before - after).unwrap_or_default(), "pod")
            ),
            Fate::ClaimsRemoved => out.write_str(
                "its volume claims are deleted with it, because `persistentVolumeClaimRetentionPolicy.whenDeleted` is \
                 `Delete`",
            ),
            Fate::ClaimRemoved => out.write_str(
                "its volume is deleted with it if the reclaim policy of the storage class is `Delete`, the default",
            ),
            Fate::ClaimReplaced => out.write_str("the new claim starts empty"),
        }
    }
}

/// Describes all effects on a store.
pub fn words(fates: &[Fate]) -> String {
    fates.iter().map(Fate::to_string).collect::<Vec<_>>().join("; ")
}
