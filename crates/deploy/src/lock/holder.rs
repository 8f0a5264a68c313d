//! The lock object: its owner and its key.

use serde::{Deserialize, Serialize};

use crate::cloud::BucketObject;

/// The owner of a lock.
#[derive(Clone, Debug, Default, Deserialize, PartialEq, Serialize)]
pub struct Holder {
    /// The user and process, such as `ann@laptop (process 7)`.
    pub who: String,
    /// The time of the acquisition.
    pub since: String,
    /// The unique token of the run.
    pub token: String,
    /// Whether the lock was released.
    #[serde(default)]
    pub is_over: bool,
}

/// Returns the key of the lock object.
pub fn key(app: &str) -> String {
    format!("meshsynth/{app}/lock.json")
}

/// Returns the owner of a lock object, or `None` if the lock was released.
pub fn holder(object: &BucketObject) -> Option<Holder> {
    Some(parsed(object)).filter(|holder| !holder.is_over)
}

/// Parses the owner of a lock object.
pub(super) fn parsed(object: &BucketObject) -> Holder {
    serde_json::from_str(&object.text).unwrap_or_default()
}
