//! Transitions to cheaper storage classes.

/// A transition of objects to a cheaper storage class.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Transition {
    /// The number of days from the creation of an object to its transition.
    pub after_days: u16,
    /// The S3 storage class, such as `GLACIER_IR`, `DEEP_ARCHIVE` or `INTELLIGENT_TIERING`.
    pub class: String,
}

impl Transition {
    /// Moves objects to a storage class after a number of days.
    pub fn to(class: &str, after_days: u16) -> Self {
        Self { after_days, class: class.to_owned() }
    }
}
