//! What objects cost after a while.

/// A cheaper class that objects move to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Transition {
    /// The days after which an object moves, counted from its creation.
    pub after_days: u16,
    /// The class in the terms of S3, such as `GLACIER_IR`, `DEEP_ARCHIVE` or `INTELLIGENT_TIERING`.
    pub class: String,
}

impl Transition {
    /// Moves objects to a class after so many days.
    pub fn to(class: &str, after_days: u16) -> Self {
        Self { after_days, class: class.to_owned() }
    }
}
