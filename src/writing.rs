//! Common parts of the YAML and JSON writers.

use std::fmt;

/// A value that a writer does not support. The library then writes the whole document.
#[derive(Debug)]
pub(crate) struct Unusual;

impl serde::ser::Error for Unusual {
    fn custom<T: fmt::Display>(_: T) -> Self {
        Self
    }
}

impl fmt::Display for Unusual {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("the library writes it")
    }
}

impl std::error::Error for Unusual {}

/// Appends spaces.
pub(crate) fn indent(column: usize, out: &mut String) {
    const BLANKS: &str = "                                                                ";
    let mut left = column;
    while left > 0 {
        let some = left.min(BLANKS.len());
        out.push_str(&BLANKS[..some]);
        left -= some;
    }
}

/// Defines serializer methods that return [`Unusual`].
macro_rules! unusual {
    ($($name:ident($($type:ty),*) $(-> $out:ty)?;)+) => {$(
        fn $name(self, $(_: $type),*) -> Result<unusual!(@out $($out)?), Unusual> {
            Err(Unusual)
        }
    )+};
    (@out) => { () };
    (@out $out:ty) => { $out };
}

/// Defines generic serializer methods that return [`Unusual`].
macro_rules! unusual_variant {
    () => {
        fn serialize_newtype_variant<T: ?Sized + serde::Serialize>(
            self,
            _: &'static str,
            _: u32,
            _: &'static str,
            _: &T,
        ) -> Result<(), Unusual> {
            Err(Unusual)
        }
    };
}

pub(crate) use {unusual, unusual_variant};
