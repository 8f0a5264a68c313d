//! The object of a lock: who holds it, and under which key.

use serde::{Deserialize, Serialize};

use crate::cloud::BucketObject;

/// Who holds a lock.
#[derive(Clone, Debug, Default, Deserialize, PartialEq, Serialize)]
pub struct Holder {
    /// Such as `ann@laptop (process 7)`.
    pub who: String,
    /// Since when.
    pub since: String,
    /// What tells the run from every other.
    pub token: String,
    /// Whether it was released.
    #[serde(default)]
    pub is_over: bool,
}

/// The key of the object.
pub fn key(app: &str) -> String {
    format!("meshsynth/{app}/lock.json")
}

/// The holder that an object names; none where it was released.
pub fn holder(object: &BucketObject) -> Option<Holder> {
    Some(parsed(object)).filter(|holder| !holder.is_over)
}

/// What an object says of its holder.
pub(super) fn parsed(object: &BucketObject) -> Holder {
    serde_json::from_str(&object.text).unwrap_or_default()
}
