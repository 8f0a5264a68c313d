//! Fields that take a number or text, such as a port or a share.

use crate::val::{Data, Val, Value};

/// A whole number or a text, such as a port number or a port name, or a count or a percentage.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum IntOrString {
    /// A whole number.
    Int(i64),
    /// Text, such as `25%` or `http`.
    Text(String),
}

impl Value for IntOrString {
    fn into_data(self) -> Data {
        match self {
            IntOrString::Int(value) => value.into(),
            IntOrString::Text(text) => text.into(),
        }
    }
}

macro_rules! numbers {
    ($($type:ty),+) => {$(
        impl From<$type> for IntOrString {
            fn from(value: $type) -> Self {
                IntOrString::Int(value.into())
            }
        }

        impl From<$type> for Val<IntOrString> {
            fn from(value: $type) -> Self {
                Val::Known(value.into())
            }
        }
    )+};
}
numbers!(u8, u16, u32, i32, i64);

impl From<&str> for IntOrString {
    fn from(text: &str) -> Self {
        IntOrString::Text(text.to_owned())
    }
}

impl From<&str> for Val<IntOrString> {
    fn from(text: &str) -> Self {
        Val::Known(text.into())
    }
}

impl From<String> for IntOrString {
    fn from(text: String) -> Self {
        IntOrString::Text(text)
    }
}

impl From<String> for Val<IntOrString> {
    fn from(text: String) -> Self {
        Val::Known(text.into())
    }
}

impl From<Val<i64>> for Val<IntOrString> {
    fn from(value: Val<i64>) -> Self {
        match value {
            Val::Known(value) => Val::Known(value.into()),
            Val::Deferred(deferred) => Val::Deferred(deferred),
        }
    }
}

impl From<Val<String>> for Val<IntOrString> {
    fn from(value: Val<String>) -> Self {
        match value {
            Val::Known(text) => Val::Known(text.into()),
            Val::Deferred(deferred) => Val::Deferred(deferred),
        }
    }
}
