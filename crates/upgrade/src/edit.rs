//! The edits of a step.

use crate::component::Place;

/// A changed value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Edit {
    /// The place in the platform.
    pub place: Place,
    /// The id of the cluster whose charts change, or whose version changes.
    pub cluster: Option<String>,
    /// The line of the program or of the file.
    pub source: String,
    /// The name of the value.
    pub property: String,
    /// The old value.
    pub old: String,
    /// The new value.
    pub new: String,
}
