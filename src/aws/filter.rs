//! Conditions on the fields of a message or an event, in the syntax of SNS and EventBridge.

use crate::val::{Bag, Data};

/// A condition on a field.
///
/// Source: <https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-create-pattern-operators.html>
#[derive(Clone, Debug, PartialEq)]
pub enum Match {
    /// The field is this text.
    Is(String),
    /// The field is this number.
    IsNumber(f64),
    /// The field starts with this prefix.
    Prefix(String),
    /// The field ends with this suffix.
    Suffix(String),
    /// The field differs from all of these texts.
    AnythingBut(Vec<String>),
    /// The field is greater than this number.
    Above(f64),
    /// The field is less than this number.
    Below(f64),
    /// The field exists, or does not exist.
    Exists(bool),
}

impl Match {
    /// Matches texts with this prefix.
    pub fn prefix(text: &str) -> Self {
        Self::Prefix(text.to_owned())
    }

    pub(crate) fn data(&self) -> Data {
        let one = |key: &'static str, value: Data| Data::Map(Bag::default().with(key, value));
        match self {
            Self::Is(text) => text.as_str().into(),
            Self::IsNumber(number) => one("numeric", vec![Data::from("="), number_data(*number)].into()),
            Self::Prefix(text) => one("prefix", text.as_str().into()),
            Self::Suffix(text) => one("suffix", text.as_str().into()),
            Self::AnythingBut(texts) => one("anything-but", texts.clone().into()),
            Self::Above(number) => one("numeric", vec![Data::from(">"), number_data(*number)].into()),
            Self::Below(number) => one("numeric", vec![Data::from("<"), number_data(*number)].into()),
            Self::Exists(is_there) => one("exists", (*is_there).into()),
        }
    }
}

impl From<&str> for Match {
    fn from(text: &str) -> Self {
        Self::Is(text.to_owned())
    }
}

impl From<String> for Match {
    fn from(text: String) -> Self {
        Self::Is(text)
    }
}

/// Writes an integer without a fraction.
fn number_data(number: f64) -> Data {
    let is_whole = number.fract() == 0.0 && number.abs() < 1e15;
    if is_whole { Data::from(number as i64) } else { Data::from(number) }
}

/// Returns the conditions of one field. A value must match one of them.
pub(crate) fn any<M: Into<Match>>(matches: impl IntoIterator<Item = M>) -> Data {
    Data::List(matches.into_iter().map(|it| it.into().data()).collect())
}
