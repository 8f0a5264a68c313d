//! Values that may not be known until deployment.
//!
//! A [`Val<T>`] is either a known `T` or a [`Deferred`] value: an attribute of another node, a text that contains
//! values, or a document as JSON text. A deferred value identifies a node and its attribute, but not the form of the
//! reference in the output. The link pass selects the form for each reader.
//!
//! [`Val`] deliberately implements neither `Display` nor `Deref`, so that a deferred value in `format!` is a compile
//! error. Use [`text!`](crate::text) instead.

mod attr_name;
mod attrs;
mod data;
mod deferred;
mod exported;
mod into;
mod json;
mod key;
mod list;
mod secret;
mod verbatim;

pub use attr_name::{AttrName, Lookup};
pub use data::{Bag, Data};
pub use deferred::{Attr, Deferred, Part, Verbatim};
pub use into::{IntoPart, IntoVal};
pub use key::Key;
pub use list::{Json, List, Map};
pub use secret::Secret;
#[doc(hidden)]
pub use verbatim::as_data;

/// A value of type `T` that is known now, or deferred until deployment.
#[derive(Clone, Debug, PartialEq)]
pub enum Val<T> {
    /// Known at synthesis.
    Known(T),
    /// Known only after AWS creates the resource. The link pass resolves it.
    Deferred(Deferred),
}

/// A property value, which can be converted to [`Data`].
pub trait Value: Sized {
    /// Whether the value is a list. A list is valid only for list properties and cannot be part of a text.
    const IS_LIST: bool = false;

    /// Converts the value to the data model.
    fn into_data(self) -> Data;
}

impl<T> Val<T> {
    /// Returns the value, if it is known.
    pub fn known(&self) -> Option<&T> {
        match self {
            Val::Known(value) => Some(value),
            Val::Deferred(_) => None,
        }
    }
}

impl<T: Value> Val<T> {
    /// Converts the value to plain text without its type.
    pub fn into_text(self) -> Val<String> {
        const { assert!(!T::IS_LIST, "a list is not a text: join it, such as with `list.join(\",\")`") };
        match self {
            Val::Deferred(deferred) => Val::Deferred(deferred),
            Val::Known(value) => Val::Known(value.into_data().to_text()),
        }
    }
}

impl Val<String> {
    /// Splits this text at `separator`, and returns the piece at `index`.
    ///
    /// ```
    /// # use meshsynth::Val;
    /// let issuer: Val<String> = Val::from("https://issuer.example/id").piece("//", 1);
    /// assert_eq!(issuer, Val::from("issuer.example/id"));
    /// ```
    pub fn piece(self, separator: &'static str, index: usize) -> Val<String> {
        match self {
            Val::Known(text) => Val::Known(text.split(separator).nth(index).unwrap_or_default().to_owned()),
            Val::Deferred(of) => Val::Deferred(Deferred::Piece { of: Box::new(of), separator, index }),
        }
    }
}

impl<T: Value> Value for Val<T> {
    const IS_LIST: bool = T::IS_LIST;

    fn into_data(self) -> Data {
        match self {
            Val::Known(value) => value.into_data(),
            Val::Deferred(Deferred::Verbatim(data)) => verbatim::as_data(*data),
            Val::Deferred(deferred) => Data::Deferred(Box::new(deferred)),
        }
    }
}

impl<T> From<T> for Val<T> {
    fn from(value: T) -> Self {
        Val::Known(value)
    }
}

impl From<&str> for Val<String> {
    fn from(text: &str) -> Self {
        Val::Known(text.to_owned())
    }
}

impl From<&String> for Val<String> {
    fn from(text: &String) -> Self {
        Val::Known(text.clone())
    }
}

impl<T: Clone> From<&Val<T>> for Val<T> {
    fn from(value: &Val<T>) -> Self {
        value.clone()
    }
}

macro_rules! widen {
    ($($from:ty => $to:ty),+ $(,)?) => {$(
        impl From<$from> for Val<$to> {
            fn from(value: $from) -> Self { Val::Known(value.into()) }
        }
    )+};
}
widen!(i32 => i64, u8 => i64, u16 => i64, u32 => i64, i32 => f64, u32 => f64);

/// Defines identifier types. AWS treats the identifiers as text. With separate types, the compiler
/// rejects a subnet id in place of a VPC id.
#[macro_export]
#[doc(hidden)]
macro_rules! typed_ids {
    ($($(#[$doc:meta])* $name:ident),+ $(,)?) => {$(
        $(#[$doc])*
        #[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(String);

        impl $name {
            /// Creates an identifier of an existing resource, for imports.
            pub fn new(id: impl Into<String>) -> Self {
                Self(id.into())
            }

            /// Returns the identifier as text.
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl $crate::val::Value for $name {
            fn into_data(self) -> $crate::val::Data {
                $crate::val::Data::from(self.0)
            }
        }

        impl From<$crate::Val<$name>> for $crate::Val<String> {
            fn from(value: $crate::Val<$name>) -> Self {
                value.into_text()
            }
        }

        impl From<$name> for $crate::Val<String> {
            fn from(value: $name) -> Self {
                $crate::Val::Known(value.0)
            }
        }
    )+};
}
