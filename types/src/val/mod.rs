//! Values that may not be known until something is deployed.
//!
//! A [`Val<T>`] is either a known `T` or [`Deferred`]: an attribute of another
//! node, text made of values, or a document as JSON text. It says *what* it
//! points at and never how that is written; the link pass picks the wire for
//! each reader.
//!
//! There is deliberately neither `Display` nor `Deref`: a value that is not
//! known yet cannot slip into `format!`. Use [`text!`](crate::text) instead.

mod attrs;
mod data;
mod deferred;
mod exported;
mod into;
mod json;
mod list;
mod secret;
mod verbatim;

pub use data::{Bag, Data};
pub use deferred::{Attr, Deferred, Key, Part, Verbatim};
#[doc(hidden)]
pub use exported::{EXPORT, PARAMETER};
pub use into::{IntoPart, IntoVal};
pub use list::{Json, List, Map};
pub use secret::Secret;
#[doc(hidden)]
pub use verbatim::as_data;

/// A value of type `T` that is known now, or deferred until it is deployed.
#[derive(Clone, Debug, PartialEq)]
pub enum Val<T> {
    /// Known while the program runs.
    Known(T),
    /// Known only to AWS; linked when the program is synthesized.
    Deferred(Deferred),
}

/// What can stand as a property: it knows how to become [`Data`].
pub trait Value: Sized {
    /// Whether it is a list, which stands where lists are wanted and has no place in a text.
    const IS_LIST: bool = false;

    /// Turns the value into the data model that is written out.
    fn into_data(self) -> Data;
}

impl<T> Val<T> {
    /// The value, where it is known already.
    pub fn known(&self) -> Option<&T> {
        match self {
            Val::Known(value) => Some(value),
            Val::Deferred(_) => None,
        }
    }
}

impl<T: Value> Val<T> {
    /// The same value as plain text, its type forgotten.
    pub fn into_text(self) -> Val<String> {
        const { assert!(!T::IS_LIST, "a list is not a text: `join` it, as in `list.join(\",\")`") };
        match self {
            Val::Deferred(deferred) => Val::Deferred(deferred),
            Val::Known(value) => Val::Known(value.into_data().to_text()),
        }
    }
}

impl Val<String> {
    /// The `index`-th piece of this text, split at `separator`.
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

/// Defines identifiers that are text to AWS and types to us, so that a subnet
/// id cannot stand where a VPC id is wanted.
#[macro_export]
#[doc(hidden)]
macro_rules! typed_ids {
    ($($(#[$doc:meta])* $name:ident),+ $(,)?) => {$(
        $(#[$doc])*
        #[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(String);

        impl $name {
            /// An identifier that exists already, for importing what another tool made.
            pub fn new(id: impl Into<String>) -> Self {
                Self(id.into())
            }

            /// The identifier as text.
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
